package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"plimsoll/config"
)

func newValidateCommand(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate [PATH…]",
		Short: "Check repository files",
		Long: `Check repository files (.github/plimsoll.yml) and say everything that is wrong with
them. PATH is a file or a repository's folder; without one, the folder at hand.

Exit status: 0 every file is fine, 2 one of them is not.`,
		Example: `  plimsoll validate
  plimsoll validate services/orders .github/plimsoll.yml
  plimsoll validate --format json | jq '.errors[] | "\(.file):\(.line) \(.message)"'`,
	}
	format, check := formatFlag(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if err := check(); err != nil {
			return err
		}
		if len(args) == 0 {
			args = []string{"."}
		}
		result := validation{Schema: "plimsoll.validate/v1", Files: []string{}, Errors: config.Errors{}}
		contents := map[string][]byte{}
		for _, arg := range args {
			file, err := repositoryFile(arg, &result.Errors)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			result.Files, contents[file] = append(result.Files, file), data
			if _, err := config.ParseRepository(file, data); err != nil {
				errs, ok := errors.AsType[config.Errors](err)
				if !ok {
					return err
				}
				result.Errors = append(result.Errors, errs...)
			}
		}
		if *format == "json" {
			if err := writeJSON(t, result); err != nil {
				return err
			}
		} else {
			result.text(t, contents)
		}
		if len(result.Errors) > 0 {
			return answer(statusBad)
		}
		return nil
	}
	return cmd
}

// validation is what `plimsoll validate --format json` prints.
type validation struct {
	Schema string        `json:"schema"`
	Files  []string      `json:"files"`
	Errors config.Errors `json:"errors"`
}

// repositoryFile gives the file that an argument means; notes about files that
// look like one go to errs.
func repositoryFile(arg string, errs *config.Errors) (string, error) {
	info, err := os.Stat(arg)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return arg, nil
	}
	var found []string
	for _, folder := range []string{".github", "."} {
		entries, err := os.ReadDir(filepath.Join(arg, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		for _, entry := range entries {
			if entry.Type().IsRegular() {
				found = append(found, filepath.ToSlash(filepath.Join(folder, entry.Name())))
			}
		}
	}
	file, notes := config.Find(found)
	for _, note := range notes {
		note.File = filepath.Join(arg, filepath.FromSlash(note.File))
		*errs = append(*errs, note)
	}
	if file == "" {
		if len(notes) > 0 {
			return "", notes
		}
		return "", fmt.Errorf("%s: no %s (plimsoll discover %s drafts one)", arg, strings.Join(config.RepositoryFiles, " and no "), arg)
	}
	return filepath.Join(arg, filepath.FromSlash(file)), nil
}

// text prints each error with the line that it stands on.
func (v validation) text(t *terminal, contents map[string][]byte) {
	for _, e := range v.Errors {
		place := e.File
		if e.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", e.File, e.Line, max(e.Column, 1))
		}
		message := e.Message
		if e.Path != "" {
			message = e.Path + ": " + message
		}
		fmt.Fprintf(t.stdout, "%s: %s\n", t.paint("1", place), t.paint("31", message))
		if line, caret := quoteLine(contents[e.File], e.Line, e.Column); line != "" {
			fmt.Fprintf(t.stdout, "    %s\n    %s\n", line, t.paint("31", caret))
		}
		if e.Hint != "" {
			fmt.Fprintf(t.stdout, "    %s\n", e.Hint)
		}
	}
	if len(v.Errors) == 0 {
		for _, file := range v.Files {
			fmt.Fprintf(t.stdout, "%s: %s\n", file, t.paint("32", "fine"))
		}
	}
}

// widest is how much of a line is quoted.
const widest = 160

// quoteLine gives a line and a caret under its column; "" where there is none.
func quoteLine(data []byte, number, column int) (line, caret string) {
	if number < 1 || column < 1 {
		return "", ""
	}
	lines := bytes.Split(data, []byte("\n"))
	if number > len(lines) {
		return "", ""
	}
	runes := []rune(strings.TrimRight(string(lines[number-1]), "\r"))
	if len(strings.TrimSpace(string(runes))) == 0 || column > len(runes)+1 {
		return "", ""
	}
	begin := max(0, column-widest/2)
	runes = runes[begin:min(len(runes), begin+widest)]
	var pad strings.Builder
	for i, r := range runes {
		if unicode.IsControl(r) && r != '\t' {
			runes[i] = '·' // nothing from a file may steer the terminal
		}
		if i < column-1-begin {
			if r == '\t' {
				pad.WriteRune('\t')
			} else {
				pad.WriteRune(' ')
			}
		}
	}
	return string(runes), pad.String() + "^"
}

// writeJSON writes a value as indented JSON to standard output.
func writeJSON(t *terminal, value any) error {
	encoder := json.NewEncoder(t.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
