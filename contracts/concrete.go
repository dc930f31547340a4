package contracts

import "strings"

// matchUse gives the operations that a use names. A Pact records requests that
// were made, so its paths are concrete ("/orders/4711") and belong to the template
// that fits them best. What somebody declares by hand is never taken so: there
// "/orders/serach" is a slip of the pen, not an order's id.
func matchUse(ops []*operation, use *OperationUse) []*operation {
	found := matchSelector(ops, use.Selector)
	if len(found) > 0 || use.Evidence.Kind != EvidencePact {
		return found
	}
	return matchConcrete(ops, use.Selector)
}

// matchConcrete finds the templates that a concrete path fits. Where several do,
// the one whose path is literal for longer wins, as OpenAPI demands of servers
// ("concrete, non-templated paths are matched before their templated
// counterparts", Paths Object).
func matchConcrete(ops []*operation, selector string) []*operation {
	method, path, ok := strings.Cut(strings.TrimSpace(selector), " ")
	if !ok {
		return nil
	}
	var found []*operation
	best := -1
	for _, op := range ops {
		if op.provider || !strings.EqualFold(op.method, method) {
			continue
		}
		literal, fits := fitsTemplate(op.norm, strings.TrimSpace(path))
		switch {
		case !fits || literal < best:
		case literal > best:
			best, found = literal, []*operation{op}
		default:
			found = append(found, op)
		}
	}
	return found
}

// fitsTemplate tells whether a concrete path fits a template, and how many of its
// segments are literal there. "{}" stands for one segment, or a part of one.
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
