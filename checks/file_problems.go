package checks

import "plimsoll/contracts"

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

// Headline says in a few words that the file can't be used; empty where it can.
func (f FileProblems) Headline() string { return upperFirst(f.brief()) }

func (f FileProblems) brief() string {
	if !f.Broken {
		return ""
	}
	return "the repository file can't be used: " + count(len(f.Problems), "problem")
}

// Section lists the problems; empty without any.
func (f FileProblems) Section() string { return list(f.lines()) }

func (f FileProblems) lines() []string {
	if len(f.Problems) == 0 {
		return nil
	}
	what := markWarn + " What the head declares has " + count(len(f.Problems), "problem") + "; it takes force when merged:"
	if f.Broken {
		what = markBad + " The repository file at the head can't be used. Merged like this, the last good version would go on counting:"
	}
	return []string{what + "\n" + indent(list(f.problems()))}
}

func (f FileProblems) problems() (lines []string) {
	for i, p := range f.Problems {
		if i == mostProblems {
			return append(lines, count(len(f.Problems)-i, "more problem")+".")
		}
		lines = append(lines, problemLine(web{base: f.WebURL}, f.Repository, f.HeadSHA, p))
	}
	return lines
}

// Annotations put each problem on its line of the file.
func (f FileProblems) Annotations() []Annotation {
	level, title := Warning, "Problem in a declaration"
	if f.Broken {
		level, title = Fail, "The repository file can't be used"
	}
	var all []Annotation
	for _, p := range f.Problems {
		all = append(all, ProblemAnnotation(p, level, title))
	}
	return all
}

// ProblemAnnotation puts a problem on its line.
func ProblemAnnotation(p contracts.Problem, level AnnotationLevel, title string) Annotation {
	line := max(p.Line, 1)
	return Annotation{
		Path: p.File, StartLine: line, EndLine: line, StartColumn: p.Column, EndColumn: p.Column,
		Level: level, Title: title, Message: problemWords(p, inPlain),
	}
}
