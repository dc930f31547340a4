package contracts

import (
	"path"
	"slices"
	"strings"
)

// match gives the operations that a selector names: "GET /orders/{id}" (the
// names of parameters do not matter), an operationId, or a glob such as
// "GET /admin/**". The method may be * or left out in a glob.
func matchSelector(ops []*operation, selector string) []*operation {
	selector = strings.TrimSpace(selector)
	var found []*operation
	method, rest, spaced := strings.Cut(selector, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case spaced && (strings.EqualFold(method, methodWebhook) || strings.EqualFold(method, methodCallback)):
		for _, op := range ops {
			if strings.EqualFold(op.method, method) && (op.path == rest || glob(rest, op.path)) {
				found = append(found, op)
			}
		}
		return found
	case !spaced && strings.HasPrefix(selector, "/"):
		method, rest = "*", selector
	case !spaced:
		for _, op := range ops {
			if op.id == selector {
				found = append(found, op)
			}
		}
		if len(found) == 0 && strings.Contains(selector, "*") {
			for _, op := range ops {
				if ok, _ := path.Match(selector, op.id); ok && op.id != "" {
					found = append(found, op)
				}
			}
		}
		return found
	}
	norm := normalPath(rest)
	for _, op := range ops {
		if op.provider || !(method == "*" || strings.EqualFold(op.method, method)) {
			continue
		}
		if op.norm == norm || strings.TrimSuffix(op.norm, "/") == strings.TrimSuffix(norm, "/") {
			found = append(found, op)
		}
	}
	if len(found) == 0 && strings.Contains(rest, "*") {
		for _, op := range ops {
			if !op.provider && (method == "*" || strings.EqualFold(op.method, method)) && glob(norm, op.norm) {
				found = append(found, op)
			}
		}
	}
	return found
}

// glob matches a path step by step: * is one step, ** any number of them.
func glob(pattern, name string) bool {
	return globSteps(strings.Split(strings.Trim(pattern, "/"), "/"), strings.Split(strings.Trim(name, "/"), "/"))
}

func globSteps(pattern, steps []string) bool {
	// positions in the pattern that are alive, as in any finite automaton
	alive := map[int]bool{0: true}
	closure := func(set map[int]bool) {
		for k := range len(pattern) {
			if set[k] && pattern[k] == "**" {
				set[k+1] = true
			}
		}
	}
	closure(alive)
	for _, s := range steps {
		next := map[int]bool{}
		for k := range alive {
			if k == len(pattern) {
				continue
			}
			if pattern[k] == "**" {
				next[k] = true
			} else if ok, err := path.Match(pattern[k], s); ok && err == nil || pattern[k] == "{}" || pattern[k] == s {
				next[k+1] = true
			}
		}
		closure(next)
		alive = next
	}
	return alive[len(pattern)]
}

// NearestNames gives up to three of the names that differ least from what was
// written, the nearest first.
func NearestNames(written string, names []string) []string { return nearest(written, names) }

// nearest gives up to three of the names that differ least from what was
// written.
func nearest(wrong string, names []string) []string {
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

// distance is the number of letters to change, up to a limit.
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
