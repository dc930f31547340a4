package soundnesstest

import "plimsoll/contracts/usage"

// project keeps of a document what a consumer lists that it sends; whole tells whether
// all of it is there.
func project(doc any, patterns []*usage.Pattern) (out any, whole bool) {
	p := projection{patterns: patterns, whole: true}
	out, keep := p.of(doc, start(patterns))
	if !keep {
		out = object{}
	}
	return out, p.whole
}

type projection struct {
	patterns []*usage.Pattern
	whole    bool
}

func (p *projection) of(doc any, at states) (any, bool) {
	for i, positions := range at {
		for _, pos := range positions {
			if pos == len(p.patterns[i].Segments) {
				rest := make(states, len(at)) // what else is listed below must be there too
				for k, others := range at {
					for _, other := range others {
						if other < len(p.patterns[k].Segments) {
							rest[k] = append(rest[k], other)
						}
					}
				}
				p.of(doc, rest)
				return doc, true
			}
		}
	}
	if !at.alive() {
		return nil, false
	}
	switch doc := doc.(type) {
	case []any:
		out := []any{}
		if !advance(p.patterns, at, usage.Step{Kind: usage.StepItem}).alive() {
			p.whole = false // what is listed below is no item
		}
		for _, item := range doc {
			if v, ok := p.of(item, advance(p.patterns, at, usage.Step{Kind: usage.StepItem})); ok {
				out = append(out, v)
			}
		}
		return out, true
	case object:
		return p.ofObject(doc, at), true
	}
	p.whole = false // what is listed below does not fit in here
	return nil, false
}

func (p *projection) ofObject(doc object, at states) object {
	out := object{}
	for i, positions := range at {
		for _, pos := range positions {
			if seg := p.patterns[i].Segments[pos]; seg.Kind == usage.SegName && doc[seg.Name] == nil {
				p.whole = false
			}
		}
	}
	for name, value := range doc {
		next := advance(p.patterns, at, usage.Step{Kind: usage.StepProperty, Name: name})
		if name == "k" { // the one name that is only ever a map's key
			r := reader{patterns: p.patterns}
			for i, more := range r.key(at, name) {
				next[i] = append(next[i], more...)
			}
		}
		if v, ok := p.of(value, next); ok {
			out[name] = v
		}
	}
	return out
}
