package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
)

func newDiscoverCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "discover [DIR]",
		Short: "Draft a plimsoll.yml from the files of a repository",
		Long: `Find the APIs that a repository provides (OpenAPI documents) and consumes (Pact,
Kiota, API Manifest, openapi-generator, openapi-ts, Backstage). Print a draft of
.github/plimsoll.yml, with the evidence for each line as a comment. The command writes
no file and does not read an existing plimsoll.yml.

Exit status: 0 OK (also if nothing was found), 2 bad input or an error.`,
		Example: `  plimsoll discover
  plimsoll discover ../checkout > ../checkout/.github/plimsoll.yml`,
		Args: cobra.MaximumNArgs(1),
	}
	format, check := flags.Format(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := check(); err != nil {
			return err
		}
		dir := "."
		if len(args) > 0 {
			dir = args[0]
		}
		full, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		tree, err := evidence.Dir(dir)
		if err != nil {
			return err
		}
		defer tree.Close()
		draft, err := evidence.Discover(cmd.Context(), tree, evidence.Options{Repository: contracts.RepositoryRef{Name: filepath.Base(full)}})
		if err != nil {
			return err
		}
		for _, p := range draft.Problems {
			fmt.Fprintln(t.Stderr, "plimsoll: skipped: "+p.Error())
		}
		if *format == "json" {
			return t.WriteJSON(discovery{Schema: "plimsoll.discover/v1", Draft: draft.Text, Components: draft.Components, Problems: draft.Problems})
		}
		if _, err := os.Stat(filepath.Join(dir, ".github", "plimsoll.yml")); err == nil {
			fmt.Fprintln(t.Stderr, "plimsoll: .github/plimsoll.yml exists; this draft does not include it")
		}
		_, err = fmt.Fprint(t.Stdout, draft.Text)
		return err
	}
	return cmd
}

// discovery is what `plimsoll discover --format json` prints.
type discovery struct {
	Schema     string                `json:"schema"`
	Draft      string                `json:"draft"`
	Components []contracts.Component `json:"components"`
	Problems   []contracts.Problem   `json:"problems"`
}
