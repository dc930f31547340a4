package checks

import (
	"slices"
	"strings"

	"plimsoll/contracts"
)

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
