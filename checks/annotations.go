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
			all = append(all, ProblemAnnotation(*problem, Fail, "The contract can't be read"))
		}
	}
	all = append(all, v.file().Annotations()...)
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

// useAnnotations stand on the lines of this repository that declare a use.
func (v *view) useAnnotations() []Annotation {
	var all []Annotation
	for i := range v.Uses {
		u := &v.Uses[i]
		about := func(title string) string { return clip(title+" "+escape(u.API, inPlain), MaxAnnotationTitle) }
		add := func(at contracts.Position, level AnnotationLevel, title string, message ...string) {
			if v.secret(u) {
				message = []string{strings.TrimSpace(notShown)}
			}
			if at.File == "" {
				return
			}
			line := max(at.Line, 1)
			all = append(all, Annotation{Path: at.File, StartLine: line, EndLine: line, StartColumn: at.Column, EndColumn: at.Column,
				Level: level, Title: about(title), Message: strings.Join(message, "\n")})
		}
		for k := range u.Missing {
			m := u.Missing[k]
			level, title := Warning, "Not offered by"
			if v.forged(&m) {
				level = Fail
			}
			if len(m.Nearest) == 0 {
				m.Hint = mendUse
			}
			message := problemWords(m.Problem, inPlain)
			switch {
			case len(m.StillLive) > 0:
				title = "Gone from the default branch of"
				message = sentence(escape(m.Message, inPlain))
			case len(m.AddedBy) > 0:
				message = sentence(escape(m.Message, inPlain)) + " " + v.linkName(m.AddedBy[0], inPlain) + " adds it."
			}
			add(m.Position, level, title, message)
		}
		for k := range u.Environments {
			e := &u.Environments[k]
			for _, p := range e.Missing {
				add(p.Position, Warning, "Not yet live:", "In "+escape(e.Environment, inPlain)+": "+sentence(escape(p.Message, inPlain)))
			}
		}
		for k := range u.Since {
			for _, h := range u.Since[k].Hits {
				add(h.Evidence[0].Position, Warning, "Changed since it was written for:", sentence(upperFirst(PlainChangeSentence(u.Since[k].Change))))
			}
		}
		for _, p := range u.Baseline {
			add(p.Position, Warning, "The baseline does not fit:", sentence(escape(p.Message, inPlain)))
		}
		for k := range u.Deprecated {
			if d := &u.Deprecated[k]; !d.Assumed {
				add(d.Evidence.Position, Warning, "Deprecated by", sentence(upperFirst(deprecatedWords(d, inPlain))))
			}
		}
		switch {
		case u.nobody():
			add(u.Position, Warning, "Nobody is known to provide", nearestPlain(v.names(u.Candidates)))
		case u.Ambiguous:
			add(u.Position, Warning, "Several repositories provide", "Name it in full. "+nearestPlain(v.names(u.Candidates)))
		}
	}
	return slices.CompactFunc(all, func(a, b Annotation) bool { return a == b })
}

func nearestPlain(names []string) string {
	if len(names) == 0 {
		return "No repository that can be read provides it."
	}
	return "Candidates: " + escape(strings.Join(names, ", "), inPlain) + "."
}
