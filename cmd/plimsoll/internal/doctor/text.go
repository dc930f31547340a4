package doctor

import (
	"fmt"
	"io"
	"strings"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// indent is how far findings are from the state before them.
const indent = "             "

// Write writes a finding for people: the state, what was found, and what to do.
func (f Finding) Write(t *terminal.Terminal) error {
	colour := map[State]string{OK: "32", Problem: "31", NotChecked: "33"}[f.State]
	name := f.Check
	if f.Subject != "" {
		name += " " + f.Subject
	}
	state := t.Paint(colour, string(f.State)) + strings.Repeat(" ", len(indent)-len(f.State))
	text := fmt.Sprintf("%s%s: %s\n", state, terminal.Shown(name), terminal.Shown(f.Found))
	if f.Fix != "" {
		text += indent + terminal.Shown(f.Fix) + "\n"
	}
	_, err := io.WriteString(t.Stdout, text)
	return err
}

// Summary is the last line for people.
func (r Report) Summary() string {
	problems, open := r.Count(Problem), r.Count(NotChecked)
	text := "No problem found."
	if problems > 0 {
		text = fmt.Sprintf("%d %s found.", problems, terminal.Plural(problems, "problem"))
	}
	switch {
	case open == 1:
		text += " 1 check could not be made."
	case open > 1:
		text += fmt.Sprintf(" %d checks could not be made.", open)
	}
	return text
}
