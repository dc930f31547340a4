package checks

import (
	"slices"
	"strings"

	"plimsoll/contracts"
)

// annotations put what breaks on the contract's own lines, the gravest first.
// Annotations are plain text. Their paths are files of the head.
func (v *view) annotations() []Annotation {
	var all []Annotation
	for i := range v.APIs {
		if problem := v.APIs[i].HeadProblem; problem != nil {
			all = append(all, problemAnnotation(*problem, Fail, "The contract can't be read"))
		}
	}
	level, title := Warning, "Problem in a declaration"
	if v.FileBroken {
		level, title = Fail, "The repository file can't be used"
	}
	for _, p := range v.FileProblems {
		all = append(all, problemAnnotation(p, level, title))
	}
	for _, e := range v.entries {
		if len(e.hits) == 0 || e.since { // what is on the base branch is not of these lines
			continue
		}
		if a, ok := v.changeAnnotation(e); ok {
			all = append(all, a)
		}
	}
	return append(all, v.useAnnotations()...)
}

func problemAnnotation(p contracts.Problem, level AnnotationLevel, title string) Annotation {
	line := max(p.Line, 1)
	return Annotation{
		Path: p.File, StartLine: line, EndLine: line, StartColumn: p.Column, EndColumn: p.Column,
		Level: level, Title: title, Message: problemWords(p, inPlain),
	}
}

// changeAnnotation stands on the change's own line; what was removed has none, so
// it stands on the nearest line that is left, else at the top of a file of the
// contract, and says where it stood.
func (v *view) changeAnnotation(e *entry) (Annotation, bool) {
	place, stood := contracts.Position{}, ""
	if head := e.change.Source.Head; head != nil && head.File != "" {
		place = *head
	} else if e.api.HeadProblem != nil {
		return Annotation{}, false
	} else {
		place, stood = v.substitute(e)
	}
	if place.File == "" {
		return Annotation{}, false
	}
	level := Warning
	if e.blocks {
		level = Fail
	}
	message := []string{sentence(upperFirst(PlainChangeSentence(e.change)))}
	if stood != "" {
		message = append(message, stood)
	}
	message = append(message, sentence(upperFirst(v.outcome(e, inPlain, 20))))
	for _, h := range e.hits[:min(len(e.hits), 20)] {
		if !h.consumer.hidden {
			c := h.versions[0].Consumer
			message = append(message, escape(c.Component, inPlain)+": "+PlainReasonSentence(h.versions[0].Reason)+".")
		}
	}
	line := max(place.Line, 1)
	return Annotation{
		Path: place.File, StartLine: line, EndLine: line, StartColumn: place.Column, EndColumn: place.Column,
		Level: level, Title: upperFirst(e.counts()), Message: strings.Join(message, "\n"),
	}, true
}

// substitute finds a line of the head for what has none.
func (v *view) substitute(e *entry) (place contracts.Position, stood string) {
	if base := e.change.Source.Base; base != nil {
		stood = "It stood in " + escape(base.String(), inPlain) + "."
		if slices.Contains(v.ChangedFiles, base.File) {
			place = contracts.Position{File: base.File, Line: 1}
		}
	}
	if near, ok := e.api.Nearest[e.change.Fingerprint]; ok {
		return near, stood
	}
	if place.File == "" {
		place = contracts.Position{File: e.api.Spec, Line: 1}
	}
	return place, stood
}

// counts gives "breaks 2 consumers".
func (e *entry) counts() string {
	n := 0
	for _, h := range e.hits {
		if h.verdict == e.verdict {
			n++
		}
	}
	if e.verdict == contracts.Unknown {
		return "can't be judged for " + count(n, "consumer")
	}
	return verdictWord(e.verdict, false) + " " + count(n, "consumer")
}
