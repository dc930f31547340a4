package usage

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// nearest gives the existing names that are nearest to where the pattern stopped matching.
// A name that needs quotes is given as a whole pattern, quoted for YAML. Names that were
// written without their quotes come first.
func (e *Explorer) nearest() []string {
	p := e.p
	if e.deepest >= len(p.Segments) {
		return NearestNames(strings.TrimSpace(p.Text), slices.Sorted(maps.Keys(e.names)))
	}
	way, lost, end := spelled(p.root, p.Segments[:e.deepest], QuoteName), p.Segments[e.deepest:], ""
	if p.Presence {
		end = ".^"
	}
	var out []string
	said := map[string]bool{}
	for name, rest := range unquoted(spelled(Segment{}, lost, bare), maps.Keys(e.names)) {
		out = append(out, inYAML(join(way, QuoteName(name)+rest+end)))
		said[name] = true
	}
	for _, name := range NearestNames(lost[0].Name, slices.Sorted(maps.Keys(e.names))) {
		if said[name] {
			continue
		}
		if !e.names[name] && QuoteName(name) != name {
			right := slices.Clone(lost)
			right[0].Name = name
			name = inYAML(join(way, spelled(Segment{}, right, QuoteName)+end))
		}
		out = append(out, name)
	}
	return out[:min(len(out), 3)]
}

// UnquotedIn gives suggestions for a text that is not a valid pattern because a name lacks
// its quotes, such as the parameter "filter[status]".
func UnquotedIn(v *openapi.View, op *openapi.Operation, dir contracts.Direction, text string) []string {
	names := map[string]bool{}
	for _, s := range SlotsOf(v, op, dir) {
		if s.Step.Kind != StepStay {
			names[s.Step.Name] = s.Step.Name != ""
			continue
		}
		for _, p := range v.Decode(v.Schema(s.Schema...)).Properties {
			names[p.Name] = true
		}
	}
	var out []string
	for name, rest := range unquoted(strings.TrimSpace(text), maps.Keys(names)) {
		out = append(out, inYAML(QuoteName(name)+rest))
	}
	return out[:min(len(out), 3)]
}

// unquoted gives the names that need quotes and with which a text begins without them, each
// with the rest of the text. The longest comes first.
func unquoted(text string, names iter.Seq[string]) iter.Seq2[string, string] {
	var fits []string
	for name := range names {
		if name == "" || QuoteName(name) == name {
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

// inYAML wraps a pattern that contains double quotes in single quotes, so that YAML keeps
// the double quotes.
func inYAML(pattern string) string {
	return "'" + strings.ReplaceAll(pattern, "'", "''") + "'"
}

func bare(name string) string { return name }

// NearestNames gives up to three of the names that differ least from the written one, the
// nearest first.
func NearestNames(wrong string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var list []candidate
	limit := max(2, len(wrong)/2)
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] || name == "" {
			continue
		}
		seen[name] = true
		if far := distance(strings.ToLower(wrong), strings.ToLower(name), limit); far <= limit {
			list = append(list, candidate{name, far})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.far - b.far })
	var out []string
	for _, c := range list[:min(3, len(list))] {
		out = append(out, c.name)
	}
	return out
}

// distance is the edit distance of two texts, up to a limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal, best := row[0], i+1
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
			best = min(best, row[j+1])
		}
		if best > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

// NearestOperations gives the names of the operations that are nearest to a selector.
func NearestOperations(ops []*openapi.Operation, selector string) []string {
	var names []string
	spaced := strings.Contains(selector, " ")
	for _, op := range ops {
		if spaced {
			names = append(names, op.Name())
		} else {
			names = append(names, op.ID)
		}
	}
	near := NearestNames(selector, names)
	if len(near) == 0 && spaced {
		// the path may be right and the method wrong
		_, path, _ := strings.Cut(selector, " ")
		for _, op := range ops {
			if op.Norm == openapi.NormalPath(path) {
				near = append(near, op.Name())
			}
		}
	}
	return slices.Compact(near)
}
