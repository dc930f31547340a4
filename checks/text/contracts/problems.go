package contracttext

import (
	"plimsoll/checks"
	"plimsoll/contracts"
)

// brokenSection shows what this pull request leaves unusable.
func (v *view) brokenSection() string {
	var lines []string
	for i := range v.APIs {
		api := &v.APIs[i]
		if api.HeadProblem != nil {
			lines = append(lines, checks.MarkBad+" Can't read the contract of "+checks.Code(api.API.Name)+": "+v.problem(v.HeadSHA, *api.HeadProblem)+
				" The effect on its consumers is unknown.")
		}
		if api.BaseProblem != nil && api.HeadProblem == nil {
			lines = append(lines, checks.MarkWarn+" Could not read the contract of "+checks.Code(api.API.Name)+" before this change, so there is nothing to compare with: "+
				v.problem(v.BaseSHA, *api.BaseProblem))
		}
	}
	return checks.List(append(lines, v.file().lines()...))
}

// file is what is wrong with the repository file at the head.
func (v *view) file() FileProblems {
	return FileProblems{WebURL: v.WebURL, Repository: v.Repository, HeadSHA: v.HeadSHA, Problems: v.FileProblems, Broken: v.FileBroken}
}

// problem is one fault of a file of this repository, with a link to its line.
func (v *view) problem(sha string, p contracts.Problem) string {
	return problemLine(v.web, v.Repository, sha, p)
}

func problemLine(w checks.Web, repo contracts.RepositoryRef, sha string, p contracts.Problem) string {
	where := p.Position
	text := w.Link(checks.Code(where.String()), w.Permalink(repo, sha, where))
	if p.Path != "" {
		text += " (" + checks.Code(p.Path) + ")"
	}
	return text + ": " + problemWords(p, checks.InProse)
}

// problemWords gives message and hint as sentences.
func problemWords(p contracts.Problem, context checks.RenderContext) string {
	text := checks.Sentence(checks.Escape(p.Message, context))
	if p.Hint != "" {
		text += " " + checks.UpperFirst(checks.Sentence(checks.Escape(p.Hint, context)))
	}
	return text
}

func nearest(names []string) string {
	if len(names) == 0 {
		return ""
	}
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, checks.Code(name))
	}
	return " Similar: " + checks.Join(quoted, 3) + "."
}

// registrationSection names consumers whose declarations do not match the contract.
func (v *view) registrationSection() string {
	var lines []string
	for i, p := range v.registrations {
		if i == mostProblems {
			lines = append(lines, checks.Count(len(v.registrations)-i, "more declaration")+".")
			break
		}
		where := v.web.Line(p.Consumer.Repository, p.Consumer.Commit, p.Problem.Position, checks.InCode)
		lines = append(lines, checks.Code(p.Consumer.Component)+", "+where+": "+problemWords(p.Problem, checks.InProse)+nearest(p.Nearest))
	}
	if v.hiddenRegistrations > 0 {
		lines = append(lines, checks.UpperFirst(checks.Count(v.hiddenRegistrations, "private consumer"))+".")
	}
	if len(lines) == 0 {
		return ""
	}
	return checks.MarkWarn + " **Consumer declarations that do not match the contract.** Their impact can't be checked. The owners see this on their own pull requests.\n\n" + checks.List(lines)
}

// mostProblems is how many problems of one kind a section lists.
const mostProblems = 20

// FileProblems are what is wrong with the repository file at a head. Every report
// whose subject reads that file shows them in the same words.
type FileProblems struct {
	WebURL     string
	Repository contracts.RepositoryRef
	HeadSHA    string
	Problems   []contracts.Problem
	// Broken: the file could not be used at all.
	Broken bool
}

// Headline says in a few words that the file is invalid; empty where it is valid.
func (f FileProblems) Headline() string { return checks.UpperFirst(f.brief()) }

func (f FileProblems) brief() string {
	if !f.Broken {
		return ""
	}
	return "the repository file is invalid: " + checks.Count(len(f.Problems), "problem")
}

// Section lists the problems; empty without any.
func (f FileProblems) Section() string { return checks.List(f.lines()) }

func (f FileProblems) lines() []string {
	if len(f.Problems) == 0 {
		return nil
	}
	what := checks.MarkWarn + " The repository file at the head has " + checks.Count(len(f.Problems), "problem") + ":"
	if f.Broken {
		what = checks.MarkBad + " The repository file at the head is invalid. After a merge, its last valid version stays in effect:"
	}
	return []string{what + "\n" + checks.Indent(checks.List(f.problems()))}
}

func (f FileProblems) problems() (lines []string) {
	for i, p := range f.Problems {
		if i == mostProblems {
			return append(lines, checks.Count(len(f.Problems)-i, "more problem")+".")
		}
		lines = append(lines, problemLine(checks.Web{Base: f.WebURL}, f.Repository, f.HeadSHA, p))
	}
	return lines
}

// Annotations put each problem on its line of the file.
func (f FileProblems) Annotations() []checks.Annotation {
	level, title := checks.Warning, "Problem in the repository file"
	if f.Broken {
		level, title = checks.Fail, "The repository file is invalid"
	}
	var all []checks.Annotation
	for _, p := range f.Problems {
		all = append(all, ProblemAnnotation(p, level, title))
	}
	return all
}

// ProblemAnnotation puts a problem on its line.
func ProblemAnnotation(p contracts.Problem, level checks.AnnotationLevel, title string) checks.Annotation {
	line := max(p.Line, 1)
	return checks.Annotation{
		Path: p.File, StartLine: line, EndLine: line, StartColumn: p.Column, EndColumn: p.Column,
		Level: level, Title: title, Message: problemWords(p, checks.InPlain),
	}
}
