package readycheck

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/contracts"
)

// How much is shown on a terminal; --format json has all of it.
const (
	mostSnippetLines = 60 // of one snippet
	mostOldLines     = 20 // findings that were there before
)

// text writes the result for people: what blocks first, each with its line and what
// to put where, and at the end how each component stands.
func (j *Result) text(t *terminal.Terminal) string {
	var b strings.Builder
	together := map[readiness.Snippet]bool{}
	for _, e := range j.offered() {
		for _, s := range e.Of {
			together[s] = true
		}
	}
	for _, f := range j.report.Blocking() {
		j.textFinding(&b, t, f, together, t.Paint("31;1", "blocks"))
	}
	for _, f := range j.report.Added() {
		word := "new"
		if j.base == "" || j.report.Enrolling {
			word = "missing"
		}
		j.textFinding(&b, t, f, together, t.Paint("33;1", word))
	}
	for i, f := range j.report.Old() {
		if i == mostOldLines {
			fmt.Fprintln(&b, t.Paint("2", fmt.Sprintf("and %s (--format json lists them)", moreExisting(len(j.report.Old())-i))))
			break
		}
		fmt.Fprintln(&b, t.Paint("2", "existing "+findingLine(f.Finding)+" ("+positionOf(f.Position)+")"))
	}
	j.textNotes(&b, t)
	j.textEdits(&b, t)
	j.textComponents(&b, t)
	b.WriteString(j.lastLine(t) + "\n")
	return b.String()
}

// findingLine gives "RB001 orders: what was found".
func findingLine(f readiness.Finding) string {
	return f.Rule + " " + checks.Plain(f.Component) + ": " + checks.Plain(f.Message)
}

func positionOf(p config.Position) string {
	return checks.Plain(contracts.Position(p).String())
}

// textFinding shows a finding with its line and its reason, and those of its snippets
// that are not shown together with all others.
func (j *Result) textFinding(b *strings.Builder, t *terminal.Terminal, f readiness.Compared, together map[readiness.Snippet]bool, word string) {
	fmt.Fprintf(b, "%s %s\n", word, findingLine(f.Finding))
	if position := positionOf(f.Position); position != "" {
		if line := j.quotes.line(f.Position.File, f.Position.Line); line != "" {
			position += ": " + line
		}
		fmt.Fprintf(b, "  %s\n", t.Paint("2", position))
	}
	if rule, known := readiness.RuleOf(f.Rule); known {
		fmt.Fprintf(b, "  %s\n", rule.Why)
	}
	for _, s := range f.Fix {
		if !together[s] {
			j.textSnippet(b, t, s)
		}
	}
}

// textEdits shows everything that fixes what is new.
func (j *Result) textEdits(b *strings.Builder, t *terminal.Terminal) {
	if len(j.offered()) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", t.Paint("1", "All fixes (--fix applies them; by hand, work from the bottom of each file up):"))
	for _, e := range j.offered() {
		j.textSnippet(b, t, e.Snippet)
	}
}

// textSnippet shows where a snippet goes, with the numbers that its lines will have.
func (j *Result) textSnippet(b *strings.Builder, t *terminal.Terminal, s readiness.Snippet) {
	fmt.Fprintf(b, "  %s:\n", readinesstext.SnippetPosition(s))
	for i, line := range j.quotes.lines(s.File, s.After+1, s.Replaces) {
		fmt.Fprintf(b, "  %s\n", t.Paint("31", fmt.Sprintf("%5d - %s", s.After+1+i, checks.PlainBlock(line))))
	}
	lines := strings.Split(strings.TrimRight(checks.PlainBlock(s.Text), "\n"), "\n")
	for i, line := range lines {
		if i == mostSnippetLines {
			fmt.Fprintf(b, "        and %d more %s (--format json lists them)\n", len(lines)-i, terminal.Plural(len(lines)-i, "line"))
			break
		}
		number := "     " // of a line whose place is the reader's to find
		if !s.Loose {
			number = fmt.Sprintf("%5d", s.After+1+i)
		}
		fmt.Fprintf(b, "  %s\n", t.Paint("32", strings.TrimRight(number+" + "+line, " ")))
	}
}

// textNotes says what could not be checked, what is waived, and what is odd.
func (j *Result) textNotes(b *strings.Builder, t *terminal.Terminal) {
	note := func(color, word, text string) { fmt.Fprintf(b, "%s %s\n", t.Paint(color, word), text) }
	for _, c := range j.report.Components {
		for _, r := range c.Results {
			if r.State == readiness.Unknown {
				note("33", "unknown", r.Rule+" "+checks.Plain(c.Name)+": "+checks.Plain(r.Reason))
			}
		}
	}
	for _, name := range j.notAsked {
		note("2", "not checked", metricsRule+" "+checks.Plain(name)+": if the metrics of its alerts exist (use --metrics URL to ask a Prometheus)")
	}
	for _, u := range j.report.Unread {
		text := positionOf(u.Position) + ": " + checks.Plain(u.Message)
		if u.Hint != "" {
			text += " (" + checks.Plain(u.Hint) + ")"
		}
		note("33", "unread", text)
	}
	for _, c := range j.report.Components {
		for _, w := range c.Waivers {
			color := "2"
			if w.State == readiness.Ended || w.State == readiness.TooLong {
				color = "33"
			}
			note(color, "waiver", fmt.Sprintf("%s of %s until %s, %s: %s", w.Rule, checks.Plain(c.Name), w.Until.Format(time.DateOnly), w.State, checks.Plain(string(w.Reason))))
		}
		for _, f := range c.Fixed {
			note("32", "fixed", findingLine(f))
		}
	}
	for _, name := range j.kept {
		note("33", "kept", checks.Plain(name)+": the file no longer declares the component, its API, its production environment or its manifests, but the files still exist; the declaration of "+j.base+" counts")
	}
	for _, p := range j.problems {
		note("33", "note", checks.Plain(p.Error()))
	}
}

func (j *Result) textComponents(b *strings.Builder, t *terminal.Terminal) {
	width := 0
	for _, c := range j.report.Components {
		width = max(width, len([]rune(checks.Plain(c.Name))))
	}
	if b.Len() > 0 && width > 0 {
		b.WriteByte('\n')
	}
	for _, c := range j.report.Components {
		kept, apply := c.Count()
		line := fmt.Sprintf("%-*s  %d of %d in place", width, checks.Plain(c.Name), kept, apply)
		if gaps := readinesstext.GapCounts(c); gaps != "nothing" {
			line += ": " + gaps
		}
		color := "33"
		switch {
		case kept == apply:
			color = "32"
		case len(c.Findings) > 0 && c.Findings[0].Blocks: // what blocks stands first
			color = "31"
		}
		fmt.Fprintln(b, t.Paint(color, line))
	}
	for _, name := range j.report.Exempt {
		fmt.Fprintln(b, t.Paint("2", checks.Plain(name)+": not checked (it provides no API and has no production environment)"))
	}
}

// lastLine is the answer, and what to do next.
func (j *Result) lastLine(t *terminal.Terminal) string {
	blocking, added, old := len(j.report.Blocking()), len(j.report.Added()), len(j.report.Old())
	unknown := len(j.report.Unknown()) + len(j.report.Unread)
	gaps := func(n int) string { return fmt.Sprintf("%d %s", n, terminal.Plural(n, "gap")) }
	switch {
	case len(j.report.Components) == 0 && unknown == 0:
		return "Nothing to check: no component provides an API or has a production environment."
	case j.report.Enrolling:
		return fmt.Sprintf("%s. None blocks yet, because %s has no plimsoll.yml.", gaps(added), cmp.Or(j.base, "the base"))
	case blocking > 0:
		advice := " Apply the fixes above (--fix does), or"
		if len(j.offered()) == 0 {
			advice = " Fix it by hand, or"
		}
		return t.Paint("31;1", gaps(blocking)+" "+map[bool]string{true: "blocks", false: "block"}[blocking == 1]+".") + advice + " waive a rule until a date (health.waive)."
	case added > 0:
		return fmt.Sprintf("Nothing blocks. %s.", gaps(added))
	case unknown > 0:
		return t.Paint("33", fmt.Sprintf("Nothing blocks. %d %s could not be checked.", unknown, terminal.Plural(unknown, "rule")))
	case old > 0:
		return t.Paint("32", "No new gaps.")
	}
	return t.Paint("32", "No gaps.")
}

func moreExisting(n int) string {
	return fmt.Sprintf("%d more existing %s", n, terminal.Plural(n, "gap"))
}
