package usage

import (
	"path"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// Match gives the operations that a selector names: "GET /orders/{id}" (the names of
// parameters do not matter), an operationId, or a glob such as "GET /admin/**". In a glob
// the method may be * or omitted.
func Match(ops []*openapi.Operation, selector string) []*openapi.Operation {
	selector = strings.TrimSpace(selector)
	var found []*openapi.Operation
	method, rest, spaced := strings.Cut(selector, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case spaced && (strings.EqualFold(method, openapi.MethodWebhook) || strings.EqualFold(method, openapi.MethodCallback)):
		return matchSent(ops, strings.ToUpper(method), rest)
	case !spaced && strings.HasPrefix(selector, "/"):
		method, rest = "*", selector
	case !spaced:
		for _, op := range ops {
			if op.ID == selector {
				found = append(found, op)
			}
		}
		if len(found) == 0 && strings.Contains(selector, "*") {
			for _, op := range ops {
				if ok, _ := path.Match(selector, op.ID); ok && op.ID != "" {
					found = append(found, op)
				}
			}
		}
		return found
	}
	norm := openapi.NormalPath(rest)
	same := strings.TrimSuffix(norm, "/")
	for _, op := range ops {
		if strings.TrimSuffix(op.Norm, "/") != same || op.Provider { // nearly all: the paths come first
			continue
		}
		if method == "*" || strings.EqualFold(op.Method, method) {
			found = append(found, op)
		}
	}
	if len(found) == 0 && strings.Contains(rest, "*") {
		for _, op := range ops {
			if !op.Provider && (method == "*" || strings.EqualFold(op.Method, method)) && glob(norm, op.Norm) {
				found = append(found, op)
			}
		}
	}
	return found
}

// matchSent gives the webhooks or callbacks with a name. Of a callback the expression for
// its address may be left out: "CALLBACK POST /orders shipped".
func matchSent(ops []*openapi.Operation, method, name string) []*openapi.Operation {
	var exact, found []*openapi.Operation
	norm := openapi.NormalPath(name)
	for _, op := range ops {
		if !strings.EqualFold(op.Method, method) {
			continue
		}
		if op.Path == name {
			exact = append(exact, op)
		}
		if full := openapi.NormalPath(op.Path); full == norm || method == openapi.MethodCallback && strings.HasPrefix(full, norm+" ") || glob(name, op.Path) {
			found = append(found, op)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return found
}

// glob matches a path segment by segment: * is one segment, ** any number of them.
func glob(pattern, name string) bool {
	return globSteps(strings.Split(strings.Trim(pattern, "/"), "/"), strings.Split(strings.Trim(name, "/"), "/"))
}

func globSteps(pattern, steps []string) bool {
	// the positions in the pattern that are possible so far, as in a finite automaton
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

// MatchUse gives the operations that a use names. A Pact records real requests, so its
// paths are concrete ("/orders/4711") and match the template that fits best. A declaration
// is never matched in this way: there "/orders/serach" is a typo, not the id of an order.
func MatchUse(ops []*openapi.Operation, use *contracts.OperationUse) []*openapi.Operation {
	found := Match(ops, use.Selector)
	if len(found) > 0 || use.Evidence.Kind != contracts.EvidencePact {
		return found
	}
	return matchConcrete(ops, use.Selector)
}

// matchConcrete finds the template that a concrete path fits. If several fit, the one with
// the most literal segments wins, as OpenAPI demands of servers
// ("concrete, non-templated paths are matched before their templated
// counterparts", Paths Object).
func matchConcrete(ops []*openapi.Operation, selector string) []*openapi.Operation {
	method, path, ok := strings.Cut(strings.TrimSpace(selector), " ")
	if !ok {
		return nil
	}
	var found []*openapi.Operation
	best := -1
	for _, op := range ops {
		if op.Provider || !strings.EqualFold(op.Method, method) {
			continue
		}
		literal, fits := fitsTemplate(op.Norm, strings.TrimSpace(path))
		switch {
		case !fits || literal < best:
		case literal > best:
			best, found = literal, []*openapi.Operation{op}
		default:
			found = append(found, op)
		}
	}
	return found
}

// fitsTemplate tells whether a concrete path fits a template, and how many of its segments
// are literal. "{}" stands for one segment or a part of one.
func fitsTemplate(template, path string) (literal int, fits bool) {
	want, have := strings.Split(strings.Trim(template, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(want) != len(have) {
		return 0, false
	}
	for i, segment := range want {
		if segment == have[i] {
			literal++
			continue
		}
		if !fitsSegment(segment, have[i]) {
			return 0, false
		}
	}
	return literal, true
}

// fitsSegment matches one segment such as "{}", "{}.json" or "v{}".
func fitsSegment(template, text string) bool {
	parts := strings.Split(template, "{}")
	if len(parts) == 1 {
		return false
	}
	first, last := parts[0], parts[len(parts)-1]
	rest, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	if rest, ok = strings.CutSuffix(rest, last); !ok || rest == "" {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// HandlesStatus tells whether a use handles a status: the status or its range is listed,
// or no status is listed at all.
func HandlesStatus(listed []string, op *openapi.Operation, status string) bool {
	if len(listed) == 0 {
		return true
	}
	for _, s := range listed {
		if strings.EqualFold(s, status) {
			return true
		}
		if len(status) == 3 && len(s) == 3 && s[0] == status[0] && (strings.EqualFold(s[1:], "XX") || strings.EqualFold(status[1:], "XX")) {
			return true
		}
		if status == "default" && op != nil {
			// "default" describes every status that the contract does not list
			if found := op.Node.Get("responses").Get(s); !found.Valid() && !op.HasRange(s) {
				return true
			}
		}
	}
	return false
}
