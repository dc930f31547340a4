package checks

import (
	"strings"

	"plimsoll/contracts"
)

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
		what := markWarn + " What the head declares has " + count(len(v.FileProblems), "problem") + "; it takes force when merged:"
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
