package contracts

import (
	"strings"

	"plimsoll/contracts/document"
)

// boundsAndPatterns compares numeric limits, patterns and uniqueness.
func (w *schemaWork) boundsAndPatterns() {
	for _, k := range boundKeywords {
		switch k.keyword {
		case "pattern":
			w.patterns()
		case "uniqueItems":
			b, h := w.b.keywords[k.keyword], w.h.keywords[k.keyword]
			if h.Valid() && !b.Valid() {
				w.report(w.rule("unique-items-tightened"), b, h, "", "true")
			} else if b.Valid() && !h.Valid() {
				w.report(w.rule("unique-items-loosened"), b, h, "true", "")
			}
		default:
			w.bound(k.keyword, k.name)
		}
	}
}

// limit gives a bound that says something: a minimum length of 0 says nothing.
func (s *schema) limit(keyword string) (bound, bool) {
	b, ok := s.bounds[keyword]
	if ok && b.value == 0 && strings.HasPrefix(keyword, "min") && keyword != "minimum" {
		return bound{}, false
	}
	return b, ok
}

func (w *schemaWork) bound(keyword, name string) {
	b, hadB := w.b.limit(keyword)
	h, hasH := w.h.limit(keyword)
	from, to := "", ""
	if hadB {
		from = b.String()
	}
	if hasH {
		to = h.String()
	}
	switch {
	case from == to:
	case !hadB, hasH && tighter(keyword, h, b):
		w.report(w.rule(name+"-tightened"), b.node, h.node, from, to)
	case !hasH, tighter(keyword, b, h):
		w.report(w.rule(name+"-loosened"), b.node, h.node, from, to)
	default: // another multiple: some values are refused now, others are new
		w.report(w.pick(name+"-tightened", name+"-loosened"), b.node, h.node, from, to)
	}
}

func (w *schemaWork) patterns() {
	gone, fresh := without(w.b.patterns, w.h.patterns), without(w.h.patterns, w.b.patterns)
	if len(gone) == 0 && len(fresh) == 0 {
		return
	}
	rule := w.pick("pattern-tightened", "pattern-loosened")
	if len(fresh) == 0 {
		rule = w.rule("pattern-loosened")
	} else if len(gone) == 0 {
		rule = w.rule("pattern-tightened")
	}
	var b, h document.Node
	if len(gone) > 0 {
		b = gone[0]
	}
	if len(fresh) > 0 {
		h = fresh[0]
	}
	w.report(rule, b, h, shortened(b.Text()), shortened(h.Text()))
}

// without gives those of a whose text is not in b.
func without(a, b []document.Node) []document.Node {
	var rest []document.Node
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x.Text() == y.Text()
		}
		if !found {
			rest = append(rest, x)
		}
	}
	return rest
}
