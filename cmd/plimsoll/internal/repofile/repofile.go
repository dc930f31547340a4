// Package repofile finds repository files on disk and says what is wrong with them.
package repofile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
)

// Validation is what `plimsoll validate --format json` prints.
type Validation struct {
	Schema string        `json:"schema"`
	Files  []string      `json:"files"`
	Errors config.Errors `json:"errors"`

	contents map[string][]byte // by file
}

// Validate reads the repository files that the arguments mean and gives everything that is
// wrong with them.
func Validate(args []string) (Validation, error) {
	result := Validation{Schema: "plimsoll.validate/v1", Files: []string{}, Errors: config.Errors{}, contents: map[string][]byte{}}
	for _, arg := range args {
		file, err := Find(arg, &result.Errors)
		if err != nil {
			return result, err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return result, err
		}
		result.Files, result.contents[file] = append(result.Files, file), data
		if _, err := config.ParseRepository(file, data); err != nil {
			errs, ok := errors.AsType[config.Errors](err)
			if !ok {
				return result, err
			}
			result.Errors = append(result.Errors, errs...)
		}
	}
	return result, nil
}

// Write writes the result in a format. The error is [terminal.Bad] where a file is wrong.
func (v Validation) Write(t *terminal.Terminal, format string) error {
	if format == "json" {
		if err := t.WriteJSON(v); err != nil {
			return err
		}
	} else {
		v.text(t)
	}
	if len(v.Errors) > 0 {
		return terminal.Bad
	}
	return nil
}

// Find gives the file that an argument means; notes about files that
// look like one go to errs.
func Find(arg string, errs *config.Errors) (string, error) {
	info, err := os.Stat(arg)
	if err != nil {
		if fault, ok := errors.AsType[*fs.PathError](err); ok {
			err = fault.Err
		}
		return "", fmt.Errorf("%s: %w", arg, err)
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
func (v Validation) text(t *terminal.Terminal) {
	for _, e := range v.Errors {
		position := e.File
		if e.Line > 0 {
			position = fmt.Sprintf("%s:%d:%d", e.File, e.Line, max(e.Column, 1))
		}
		message := e.Message
		if e.Path != "" {
			message = e.Path + ": " + message
		}
		fmt.Fprintf(t.Stdout, "%s: %s\n", t.Paint("1", position), t.Paint("31", message))
		if line, caret := quoteLine(v.contents[e.File], e.Line, e.Column); line != "" {
			fmt.Fprintf(t.Stdout, "    %s\n    %s\n", line, t.Paint("31", caret))
		}
		if e.Hint != "" {
			fmt.Fprintf(t.Stdout, "    %s\n", e.Hint)
		}
	}
	if len(v.Errors) == 0 {
		for _, file := range v.Files {
			fmt.Fprintf(t.Stdout, "%s: %s\n", file, t.Paint("32", "valid"))
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
