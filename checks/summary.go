package checks

import (
	"fmt"
	"strings"

	"plimsoll/contracts"
)

// How much the summary lists; the text has the rest.
const (
	mostConsumers = 10 // consumers in the first lines
	mostChanges   = 25 // rows of the table of changes
	mostSafe      = 25 // compatible changes
	mostNames     = 5  // consumers in one cell
	mostProblems  = 20 // problems of one kind
)

// summary is what a person reads first: who is hit, then what to do, then what
// changed. The gravest first, so that a cut takes the least.
func (v *view) summary() string {
	sections := []string{v.hitSection(), v.brokenSection(), v.adviceSection(), v.caveats(), v.usesSection()}
	if len(v.entries) > 0 {
		sections = append(sections, v.changesSection(), v.safeSection())
	}
	sections = append(sections, v.registrationSection(), v.footer())
	return paragraphs(sections...)
}

func paragraphs(sections ...string) string {
	var kept []string
	for _, s := range sections {
		if s = strings.TrimRight(s, "\n"); s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "\n\n") + "\n"
}

func list(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "- " + strings.Join(lines, "\n- ")
}

func (v *view) hitSection() string {
	lines, left := v.consumerLines(mostConsumers)
	if left > 0 {
		lines = append(lines, count(left, "more consumer")+", below.")
	}
	return list(lines)
}

// brokenSection shows what this pull request leaves unusable.
func (v *view) brokenSection() string {
	var lines []string
	for i := range v.APIs {
		api := &v.APIs[i]
		if api.HeadProblem != nil {
			lines = append(lines, markBad+" The contract of "+code(api.API.Name)+" can't be read: "+v.problem(v.HeadSHA, *api.HeadProblem)+
				" Nobody can be told whether it still serves its consumers.")
		}
		if api.BaseProblem != nil && api.HeadProblem == nil {
			lines = append(lines, markWarn+" The contract of "+code(api.API.Name)+" could not be read before this change, so there is nothing to compare with: "+
				v.problem(v.BaseSHA, *api.BaseProblem))
		}
	}
	if len(v.FileProblems) > 0 {
		what := markWarn + " The repository file at the head has " + count(len(v.FileProblems), "problem") + ". It takes force when merged:"
		if v.FileBroken {
			what = markBad + " The repository file at the head can't be used. Merged like this, the last good version would go on counting:"
		}
		lines = append(lines, what+"\n"+indent(list(v.problems(v.HeadSHA, v.FileProblems))))
	}
	return list(lines)
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// problem is one fault of a file of this repository, with a link to its line.
func (v *view) problem(sha string, p contracts.Problem) string {
	where := p.Position
	text := v.web.link(code(where.String()), v.web.permalink(v.Repository, sha, where))
	if p.Path != "" {
		text += " (" + code(p.Path) + ")"
	}
	return text + ": " + problemWords(p, inProse)
}

// problemWords gives message and hint as sentences.
func problemWords(p contracts.Problem, place place) string {
	text := sentence(escape(p.Message, place))
	if p.Hint != "" {
		text += " " + upperFirst(sentence(escape(p.Hint, place)))
	}
	return text
}

// sentence ends with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

func (v *view) problems(sha string, problems []contracts.Problem) (lines []string) {
	for i, p := range problems {
		if i == mostProblems {
			return append(lines, count(len(problems)-i, "more problem")+".")
		}
		lines = append(lines, v.problem(sha, p))
	}
	return lines
}

// adviceSection says what to do about what breaks.
func (v *view) adviceSection() string {
	switch {
	case v.blocking > 0:
		return "**What to do:** keep what they use, add its replacement beside it and deploy that; let them move; then remove. " +
			"This check passes when the last of them has moved."
	case v.breaking > 0:
		return "This warns and does not block: " + v.whyNotBlocked() + " Tell the owners before it is merged."
	}
	return ""
}

func (v *view) whyNotBlocked() string {
	for _, e := range v.entries {
		if e.verdict == contracts.Breaks && e.api.OnBreak != "warn" {
			return "what breaks is not live in production."
		}
	}
	return "the API is set to " + code("on_break: warn") + "."
}

// caveats are the reasons why the answer may be less than the whole.
func (v *view) caveats() string {
	var lines []string
	if v.Registry.Scanning {
		line := "Still reading the repositories of this installation" + v.scanned() + "."
		if v.harmful > 0 {
			line += " Until that is done, that nobody uses something is not proved. Re-run this check then."
		}
		lines = append(lines, markWarn+" "+line)
	}
	if v.external > 0 {
		lines = append(lines, markWarn+" The API is marked "+code("external: true")+": consumers that Plimsoll cannot see are assumed to use all of it.")
	}
	return list(lines)
}

// usesSection is about what this repository itself declares to use.
func (v *view) usesSection() string {
	var lines []string
	for i := range v.Uses {
		use := &v.Uses[i]
		secret := !v.Repository.Private && use.Provider.Repository.Private
		if use.Unreadable != nil {
			line := markWarn + " What " + code(use.Component) + " uses of " + code(use.API) + " can't be compared: "
			if secret {
				line += "its contract can't be read."
			} else {
				line += problemWords(*use.Unreadable, inProse)
			}
			lines = append(lines, line)
		}
		for _, p := range use.Problems {
			if secret {
				p.Nearest = nil
				p.Problem.Hint = ""
			}
			lines = append(lines, markWarn+" "+code(use.Component)+" uses something that "+code(use.API)+" does not offer: "+
				v.problem(v.HeadSHA, p.Problem)+nearest(p.Nearest))
		}
	}
	if len(lines) > mostProblems {
		lines = append(lines[:mostProblems], count(len(lines)-mostProblems, "more declared use")+".")
	}
	return list(lines)
}

func nearest(names []string) string {
	if len(names) == 0 {
		return ""
	}
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, code(name))
	}
	return " Nearest: " + join(quoted, 3) + "."
}

// changesSection lists what may matter to somebody, once each.
func (v *view) changesSection() string {
	var b strings.Builder
	rows, left := 0, 0
	for _, e := range v.entries {
		if e.rank() == 0 {
			continue
		}
		if rows == mostChanges {
			left++
			continue
		}
		if rows == 0 {
			b.WriteString("| Change | Line | Consumers |\n|---|---|---|\n")
		}
		rows++
		what := v.mark(e) + " " + changeSentence(e.change, inCell)
		if len(v.APIs) > 1 {
			what += " (" + escape(e.api.API.Name, inCell) + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", what, v.changeLine(e, inCell), v.outcome(e, inCell, mostNames))
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n%s below.\n", count(left, "more change"))
	}
	return b.String()
}

// changeLine links the contract's line.
func (v *view) changeLine(e *entry, p place) string {
	switch {
	case e.change.Source.Head != nil:
		return v.web.line(v.Repository, v.HeadSHA, *e.change.Source.Head, p)
	case e.change.Source.Base != nil:
		return v.web.line(v.Repository, v.BaseSHA, *e.change.Source.Base, p)
	default:
		return escape(e.api.Spec, p)
	}
}

// safeSection folds what hurts nobody.
func (v *view) safeSection() string {
	var lines []string
	total := 0
	for _, e := range v.entries {
		if e.rank() > 0 {
			continue
		}
		total++
		if total <= mostSafe {
			lines = append(lines, changeSentence(e.change, inCode)+" ("+v.changeLine(e, inCode)+")")
		}
	}
	if total == 0 {
		return ""
	}
	if total > mostSafe {
		lines = append(lines, fmt.Sprintf("%d more", total-mostSafe))
	}
	return details(count(total, "compatible change"), list(lines))
}

// details folds Markdown away; the heading is our own text.
func details(heading, body string) string {
	return "<details><summary>" + heading + "</summary>\n\n" + body + "\n\n</details>"
}

// registrationSection names consumers whose declarations match nothing.
func (v *view) registrationSection() string {
	var lines []string
	for i, p := range v.registrations {
		if i == mostProblems {
			lines = append(lines, count(len(v.registrations)-i, "more declaration")+".")
			break
		}
		where := v.web.line(p.Consumer.Repository, p.Consumer.Commit, p.Problem.Position, inCode)
		lines = append(lines, code(p.Consumer.Component)+", "+where+": "+problemWords(p.Problem, inProse)+nearest(p.Nearest))
	}
	if v.hiddenRegistrations > 0 {
		lines = append(lines, upperFirst(count(v.hiddenRegistrations, "private consumer"))+".")
	}
	if len(lines) == 0 {
		return ""
	}
	return markWarn + " **Declarations that match nothing in the contract.** What is declared there can't be judged; their owners see this on their own pull requests.\n\n" + list(lines)
}

func (v *view) footer() string {
	text := "Compared " + v.web.commit(v.Repository, v.BaseSHA, inCode) + " with " + v.web.commit(v.Repository, v.HeadSHA, inCode) + "."
	consumers := 0
	for i := range v.APIs {
		consumers += v.APIs[i].Consumers
	}
	if consumers > 0 {
		text += " " + upperFirst(count(consumers, "consumer version")) + " judged."
	}
	if v.DetailsURL != "" {
		text += " [The whole report](" + v.DetailsURL + ")."
	}
	return text
}
