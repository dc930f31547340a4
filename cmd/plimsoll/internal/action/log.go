package action

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// mostOfLevel is how many annotations of one level GitHub keeps of a step.
const mostOfLevel = 10

// say writes a line to the log. The runner executes lines that look like its commands, so a
// text of the repository never begins a line, and "##[" stands in none.
func say(t *terminal.Terminal, text string) {
	fmt.Fprintln(t.Stdout, "plimsoll: "+inert(text))
}

func inert(text string) string {
	return strings.ReplaceAll(checks.Clean(text), "##[", "# #[")
}

func warn(t *terminal.Terminal, text string) {
	fmt.Fprintln(t.Stdout, "::warning title=Plimsoll::"+commandData(inert(text)))
}

// log writes both titles, and what belongs to lines of files as annotations.
func (o *outcome) log(t *terminal.Terminal) {
	say(t, "contracts: "+o.contracts.Title)
	annotations := o.contracts.Annotations
	if o.readiness != nil {
		say(t, "readiness: "+o.readiness.run.Title)
		annotations = append(annotations[:len(annotations):len(annotations)], o.readiness.run.Annotations...)
	}
	written := map[string]int{}
	for _, a := range annotations {
		level := map[checks.AnnotationLevel]string{checks.Fail: "error", checks.Warning: "warning"}[a.Level]
		if level == "" {
			level = "notice"
		}
		if written[level]++; written[level] > mostOfLevel {
			continue
		}
		fmt.Fprintf(t.Stdout, "::%s file=%s,line=%d,endLine=%d,title=%s::%s\n", level, commandProperty(a.Path), a.StartLine, a.EndLine,
			commandProperty(inert(a.Title)), commandData(inert(a.Message)))
	}
}

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// commandData and commandProperty write a value of one of the runner's commands.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func commandData(text string) string     { return dataEscapes.Replace(text) }
func commandProperty(text string) string { return propertyEscapes.Replace(text) }
