package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/registry"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/api"
)

func newWhoUsesCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "who-uses OWNER/REPO/API",
		Short: "Ask the server who uses an API",
		Long: `Ask the server who uses an API. Each version of a consumer that runs, and its default
branch, is listed with the operations that it uses and the line that declares the use.
To ask about one operation or field, use can-remove.

Set PLIMSOLL_TOKEN or GITHUB_TOKEN to a GitHub token with read access to the API's
repository. Consumers that the token can't read are counted but not named.

Exit status: 0 OK, 2 bad input or no answer from the server.`,
		Example: `  plimsoll who-uses acme/orders/orders
  plimsoll who-uses acme/orders/orders --format json`,
		Args: cobra.ExactArgs(1),
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	server := registry.ServerFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		parts := strings.Split(args[0], "/")
		if len(parts) != 3 || slices.ContainsFunc(parts, func(part string) bool { return part == "" || part == "." || part == ".." }) {
			return fmt.Errorf("%s: expected the full name of an API: owner/repo/api", args[0])
		}
		client, err := registry.New(t, *server)
		if err != nil {
			return err
		}
		at := []string{"apis"}
		for _, part := range parts {
			at = append(at, url.PathEscape(part))
		}
		raw, err := client.Get(cmd.Context(), strings.Join(append(at, "consumers"), "/"), url.Values{})
		if err != nil {
			return err
		}
		if *format == "json" {
			return registry.WriteRaw(t, raw)
		}
		var given api.ConsumersAnswer
		if err := json.Unmarshal(raw, &given); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		_, err = fmt.Fprint(t.Stdout, consumersText(t, given))
		return err
	}
	return cmd
}

// consumersText writes one line for each version of a consumer.
func consumersText(t *terminal.Terminal, given api.ConsumersAnswer) string {
	var b strings.Builder
	if len(given.Consumers)+given.Hidden == 0 {
		fmt.Fprintf(&b, "%s has no known consumers.\n", terminal.Shown(given.API))
	}
	for _, c := range given.Consumers {
		if c.AnswerVersion == nil {
			continue
		}
		uses := "uses it, operations not listed"
		if len(c.Operations) > 0 {
			uses = "uses " + strings.Join(c.Operations, ", ")
		}
		if c.Evidence != nil {
			uses += " (" + c.Evidence.Position.String() + ")"
		}
		name := registry.TargetName(cmp.Or(c.Component, c.Repository), c.Environment, c.Instance)
		switch {
		case c.Release != "":
			name += " in release " + c.Release
		case c.Environment == "":
			name += " on the default branch"
		}
		fmt.Fprintf(&b, "%s: %s %s\n", t.Paint("1", terminal.Shown(name)), terminal.Shown(c.Commit[:min(len(c.Commit), 7)]), terminal.Shown(uses))
	}
	if !given.Complete {
		b.WriteString("Not every repository of the account has been read: there may be more consumers.\n")
	}
	if given.Hidden > 0 {
		fmt.Fprintf(&b, "%d more %s that the token can't read\n", given.Hidden, terminal.Plural(given.Hidden, "consumer"))
	}
	return b.String()
}
