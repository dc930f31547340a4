package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a file. Line and Column count from 1 (columns in
// characters); 0 means unknown.
type Position struct {
	File         string
	Line, Column int
}

// Error is one thing wrong with a file that a user wrote. It may be shown to
// users: it never holds a secret.
type Error struct {
	File string `json:"file"`
	// Line and Column count from 1; 0 means unknown or that the file as a whole is meant.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Path is the way inside the document, such as components[0].provides[1].api.
	Path string `json:"path,omitempty"`
	// Message says what was found and what was expected.
	Message string `json:"message"`
	// Hint says what to do: the nearest valid word, a form that works.
	Hint string `json:"hint,omitempty"`
	// plainHint is the hint for a file with secrets, where Hint quotes the file.
	plainHint string
}

// Error gives "file:line:column: path: message (hint)".
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&text, ":%d", e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&text, ":%d", e.Column)
		}
	}
	text.WriteString(": ")
	if e.Path != "" {
		text.WriteString(e.Path + ": ")
	}
	text.WriteString(e.Message)
	if e.Hint != "" {
		text.WriteString(" (" + e.Hint + ")")
	}
	return text.String()
}

// Errors is everything that is wrong with a file, in the order of its lines.
// At least one.
type Errors []*Error

// Error gives one line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, each := range e {
		lines[i] = each.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, each := range e {
		all[i] = each
	}
	return all
}

// MaxErrors bounds the errors that are listed for one file; a last one says how many
// more there are.
const MaxErrors = 200

// result gives the errors sorted and bounded, or nil (an untyped one) without any.
func (e Errors) result() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if more := len(e) - MaxErrors; more > 0 {
		e = append(e[:MaxErrors:MaxErrors], &Error{
			File:    e[0].File,
			Message: fmt.Sprintf("%d more errors are not shown", more),
			Hint:    "fix these first",
		})
	}
	return e
}
