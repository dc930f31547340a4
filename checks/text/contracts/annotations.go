package contracttext

import (
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// annotations put what breaks on the contract's own lines, the most severe first.
// Annotations are plain text. Their paths are files of the head.
func (v *view) annotations() []checks.Annotation {
	var all []checks.Annotation
	for i := range v.APIs {
		if problem := v.APIs[i].HeadProblem; problem != nil {
			all = append(all, ProblemAnnotation(*problem, checks.Fail, "Can't read the contract"))
		}
	}
	all = append(all, v.file().Annotations()...)
	for _, e := range v.entries {
		if len(e.effects) == 0 && !e.demands() || e.since { // a change on the base branch has no line here
			continue
		}
		if a, ok := v.changeAnnotation(e); ok {
			all = append(all, a)
		}
	}
	return append(all, v.useAnnotations()...)
}

// changeAnnotation is on the change's own line. A removed line has none: then it is on the
// nearest line that is left, else at the top of a file of the contract, and names the
// earlier position.
func (v *view) changeAnnotation(e *entry) (checks.Annotation, bool) {
	position, stood := contracts.Position{}, ""
	if head := e.change.Source.Head; head != nil && head.File != "" {
		position = *head
	} else if e.api.HeadProblem != nil {
		return checks.Annotation{}, false
	} else {
		position, stood = v.substitute(e)
	}
	if position.File == "" {
		return checks.Annotation{}, false
	}
	level := checks.Warning
	if e.blocks || e.demands() {
		level = checks.Fail
	}
	message := []string{checks.Sentence(checks.UpperFirst(PlainChangeSentence(e.change)))}
	if stood != "" {
		message = append(message, stood)
	}
	message = append(message, checks.Sentence(checks.UpperFirst(v.outcome(e, checks.InPlain, 20))))
	for _, h := range e.effects[:min(len(e.effects), 20)] {
		if !h.consumer.hidden {
			c := h.versions[0].Consumer
			message = append(message, checks.Escape(c.Component, checks.InPlain)+": "+PlainReasonSentence(h.versions[0].Reason)+".")
		}
	}
	title := checks.UpperFirst(e.counts())
	if len(e.effects) == 0 {
		title = "Not allowed by a rule"
	}
	line := max(position.Line, 1)
	return checks.Annotation{
		Path: position.File, StartLine: line, EndLine: line, StartColumn: position.Column, EndColumn: position.Column,
		Level: level, Title: title, Message: strings.Join(message, "\n"),
	}, true
}

// substitute finds a line of the head for a change that has none.
func (v *view) substitute(e *entry) (position contracts.Position, stood string) {
	if base := e.change.Source.Base; base != nil {
		stood = "Before: " + checks.Escape(base.String(), checks.InPlain) + "."
		if slices.Contains(v.ChangedFiles, base.File) {
			position = contracts.Position{File: base.File, Line: 1}
		}
	}
	if near, ok := e.api.Nearest[e.change.Fingerprint]; ok {
		return near, stood
	}
	if position.File == "" {
		position = contracts.Position{File: e.api.Spec, Line: 1}
	}
	return position, stood
}

// counts gives "breaks 2 consumers".
func (e *entry) counts() string {
	n := 0
	for _, h := range e.effects {
		if h.verdict == e.verdict {
			n++
		}
	}
	if e.verdict == contracts.Unknown {
		return "unknown effect on " + checks.Count(n, "consumer")
	}
	return verdictWord(e.verdict, false) + " " + checks.Count(n, "consumer")
}

// useAnnotations are on the lines of this repository that declare a use.
func (v *view) useAnnotations() []checks.Annotation {
	var all []checks.Annotation
	for i := range v.Uses {
		u := &v.Uses[i]
		about := func(title string) string {
			return checks.Clip(title+" "+checks.Escape(u.API, checks.InPlain), checks.MaxAnnotationTitle)
		}
		add := func(at contracts.Position, level checks.AnnotationLevel, title string, message ...string) {
			if v.secret(u) {
				message = []string{strings.TrimSpace(notShown)}
			}
			if at.File == "" {
				return
			}
			line := max(at.Line, 1)
			all = append(all, checks.Annotation{Path: at.File, StartLine: line, EndLine: line, StartColumn: at.Column, EndColumn: at.Column,
				Level: level, Title: about(title), Message: strings.Join(message, "\n")})
		}
		for k := range u.Missing {
			m := u.Missing[k]
			level, title := checks.Warning, "Not offered by"
			if v.forged(&m) {
				level = checks.Fail
			}
			if len(m.Nearest) == 0 {
				m.Hint = fixUse
			}
			message := problemWords(m.Problem, checks.InPlain)
			switch {
			case len(m.StillLive) > 0:
				title = "Removed on the default branch of"
				message = checks.Sentence(checks.Escape(m.Message, checks.InPlain))
			case len(m.AddedBy) > 0:
				message = checks.Sentence(checks.Escape(m.Message, checks.InPlain)) + " " + v.linkName(m.AddedBy[0], checks.InPlain) + " adds it."
			}
			add(m.Position, level, title, message)
		}
		for k := range u.Environments {
			e := &u.Environments[k]
			for _, p := range e.Missing {
				add(p.Position, checks.Warning, "Not live yet:", "In "+checks.Escape(e.Environment, checks.InPlain)+": "+checks.Sentence(checks.Escape(p.Message, checks.InPlain)))
			}
		}
		for k := range u.Since {
			for _, h := range u.Since[k].Affected {
				add(h.Evidence[0].Position, checks.Warning, "Changed since this use was written:", checks.Sentence(checks.UpperFirst(PlainChangeSentence(u.Since[k].Change))))
			}
		}
		for _, p := range u.Baseline {
			add(p.Position, checks.Warning, "The baseline does not match:", checks.Sentence(checks.Escape(p.Message, checks.InPlain)))
		}
		for k := range u.Deprecated {
			if d := &u.Deprecated[k]; !d.Assumed {
				add(d.Evidence.Position, checks.Warning, "Deprecated by", checks.Sentence(checks.UpperFirst(deprecatedWords(d, checks.InPlain))))
			}
		}
		if u.nobody() {
			add(u.Position, checks.Warning, "No known provider of", nearestPlain(v.names(u.Candidates)))
		}
	}
	return slices.CompactFunc(all, func(a, b checks.Annotation) bool { return a == b })
}

func nearestPlain(names []string) string {
	if len(names) == 0 {
		return "No readable repository provides it."
	}
	return "Similar: " + checks.Escape(strings.Join(names, ", "), checks.InPlain) + "."
}
