package checks

import (
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
	return list(append(lines, v.file().lines()...))
}

// file is what is wrong with the repository file at the head.
func (v *view) file() FileProblems {
	return FileProblems{WebURL: v.WebURL, Repository: v.Repository, HeadSHA: v.HeadSHA, Problems: v.FileProblems, Broken: v.FileBroken}
}

// problem is one fault of a file of this repository, with a link to its line.
func (v *view) problem(sha string, p contracts.Problem) string {
	return problemLine(v.web, v.Repository, sha, p)
}

func problemLine(w web, repo contracts.RepositoryRef, sha string, p contracts.Problem) string {
	where := p.Position
	text := w.link(code(where.String()), w.permalink(repo, sha, where))
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
