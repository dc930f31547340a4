package soundnesstest

import "context"

// shrunk is a small case that is still wrong.
type shrunk struct {
	c       *soundnessCase
	counter string
}

// shrink takes away from both versions, and from the patterns, whatever is not needed for
// the counter-example.
func (c *soundnessCase) shrink(ctx context.Context) shrunk {
	result, err := c.check(ctx)
	best := shrunk{c, result.counter}
	if err != nil || result.counter == "" {
		return best
	}
	doc := result.doc
	wrong := func(c *soundnessCase) string {
		if endless(c.base) || endless(c.head) {
			return ""
		}
		harmless, err := c.judge(ctx)
		if err != nil || !harmless {
			return ""
		}
		p, err := c.proof()
		if err != nil {
			return ""
		}
		_, why := p.refutes(doc)
		return why
	}
	for progress := true; progress; {
		progress = false
		for _, smaller := range best.c.smaller() {
			if why := wrong(smaller); why != "" {
				best, progress = shrunk{smaller, why}, true
				break
			}
		}
		for _, less := range smallerDocs(doc) {
			before := doc
			if doc = less; wrong(best.c) == "" {
				doc = before
				continue
			}
			best.counter, progress = wrong(best.c), true
			break
		}
	}
	return best
}

// smaller gives the case with one thing less: in both versions, then in one.
func (c *soundnessCase) smaller() []*soundnessCase {
	var out []*soundnessCase
	add := func(base, head object) {
		if text(base) != text(c.base) || text(head) != text(c.head) {
			next := *c
			next.base, next.head = base, head
			out = append(out, &next)
		}
	}
	both := object{"base": c.base, "head": c.head}
	for _, way := range ways(c.base, nil) {
		add(without(both["base"], way).(object), without(both["head"], way).(object))
	}
	for _, way := range ways(c.base, nil) {
		add(without(c.base, way).(object), c.head)
	}
	for _, way := range ways(c.head, nil) {
		add(c.base, without(c.head, way).(object))
	}
	for i := range c.patterns {
		next := *c
		next.patterns = append(append([]string{}, c.patterns[:i]...), c.patterns[i+1:]...)
		out = append(out, &next)
	}
	return out
}

// ways lists the members and items of a value, the outer ones first.
func ways(v any, at []any) [][]any {
	var out [][]any
	step := func(key any, below any) {
		way := append(append([]any{}, at...), key)
		if name, _ := key.(string); len(at) > 0 || name != "Root" {
			out = append(out, way)
		}
		out = append(out, ways(below, way)...)
	}
	switch v := v.(type) {
	case object:
		for _, name := range sorted(v) {
			step(name, v[name])
		}
	case []any:
		for i := range v {
			step(i, v[i])
		}
	}
	return out
}

// without gives a copy of a value without what a way leads to.
func without(v any, way []any) any {
	out := clone(v)
	remove(out, way, func(any) {})
	return out
}

func remove(v any, way []any, set func(any)) {
	switch v := v.(type) {
	case object:
		name, ok := way[0].(string)
		if !ok || v[name] == nil && len(way) > 1 {
			return
		}
		if len(way) == 1 {
			delete(v, name)
			return
		}
		remove(v[name], way[1:], func(x any) { v[name] = x })
	case []any:
		i, ok := way[0].(int)
		if !ok || i >= len(v) {
			return
		}
		if len(way) == 1 {
			set(append(append([]any{}, v[:i]...), v[i+1:]...))
			return
		}
		remove(v[i], way[1:], func(x any) { v[i] = x })
	}
}

func smallerDocs(doc any) []any {
	var out []any
	for _, way := range ways(doc, []any{}) {
		out = append(out, without(doc, way))
	}
	return out
}
