package contracts

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
)

// nearest gives the names that are nearest to the place at which the pattern got lost.
// For a name that is written in quotes it gives the pattern with that name, as a list
// in YAML has it; and one that was written without them is the nearest.
func (e *explorer) nearest() []string {
	p := e.p
	if e.deepest >= len(p.segs) {
		return nearest(strings.TrimSpace(p.text), slices.Sorted(maps.Keys(e.names)))
	}
	way, lost, end := spelled(p.root, p.segs[:e.deepest], quoteName), p.segs[e.deepest:], ""
	if p.presence {
		end = ".^"
	}
	var out []string
	said := map[string]bool{}
	for name, rest := range unquoted(spelled(segment{}, lost, bare), maps.Keys(e.names)) {
		out = append(out, inYAML(join(way, quoteName(name)+rest+end)))
		said[name] = true
	}
	for _, name := range nearest(lost[0].name, slices.Sorted(maps.Keys(e.names))) {
		if said[name] {
			continue
		}
		if !e.names[name] && quoteName(name) != name {
			right := slices.Clone(lost)
			right[0].name = name
			name = inYAML(join(way, spelled(segment{}, right, quoteName)+end))
		}
		out = append(out, name)
	}
	return out[:min(len(out), 3)]
}

// unquotedIn is nearest for a text that is no pattern: "filter[status]", the name of a
// parameter, is one only in quotes.
func (v *view) unquotedIn(op *operation, dir Direction, text string) []string {
	names := map[string]bool{}
	for _, s := range v.slots(op, dir == Response) {
		if s.step.kind != stepStay {
			names[s.step.name] = true
			continue
		}
		for _, p := range v.decoded(v.schema(s.schema...)).props {
			names[p.name] = true
		}
	}
	var out []string
	for name, rest := range unquoted(strings.TrimSpace(text), maps.Keys(names)) {
		out = append(out, inYAML(quoteName(name)+rest))
	}
	return out[:min(len(out), 3)]
}

// unquoted gives the names with which a text begins that has them without the quotes
// they need, and what follows each. The longest comes first.
func unquoted(text string, names iter.Seq[string]) iter.Seq2[string, string] {
	var fits []string
	for name := range names {
		if name == "" || quoteName(name) == name {
			continue
		}
		if rest, ok := strings.CutPrefix(text, name); ok && (rest == "" || strings.Contains(".[{<?!", rest[:1])) {
			fits = append(fits, name)
		}
	}
	slices.SortFunc(fits, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return func(yield func(string, string) bool) {
		for _, name := range fits {
			if !yield(name, text[len(name):]) {
				return
			}
		}
	}
}

// inYAML puts a pattern that holds double quotes into single ones, so that YAML leaves
// them to the pattern.
func inYAML(pattern string) string {
	return "'" + strings.ReplaceAll(pattern, "'", "''") + "'"
}

func bare(name string) string { return name }

func join(way, next string) string {
	if way == "" || strings.HasPrefix(next, "[") || strings.HasPrefix(next, "{") {
		return way + next
	}
	return way + "." + next
}

// spelled writes segments as a pattern has them, each name as asked for.
func spelled(root segment, segs []segment, as func(string) string) string {
	text := root.marks()
	for _, s := range segs {
		step := ""
		switch s.kind {
		case segName:
			step = as(s.name)
		case segItem:
			step = "[" + s.index + "]"
		case segMap:
			step = "{}"
		case segAny:
			step = "*"
		case segDeep:
			step = "**"
		}
		text = join(text, step) + s.marks()
	}
	return text
}

// marks gives what stands behind a step: the variants of a union, ? and !.
func (s *segment) marks() string {
	text := ""
	if len(s.variants) > 0 {
		text = "<" + strings.Join(s.variants, "|") + ">"
	}
	if s.tolerant {
		text += "?"
	}
	if s.exhaustive {
		text += "!"
	}
	return text
}
