package openapi

import "strings"

// PathTree finds the path templates that stand for a path, segment by segment. The zero
// value is empty.
type PathTree struct {
	below map[string]*PathTree // by segment; "{}" for a parameter
	ops   []*Operation
}

// Add adds an operation.
func (t *PathTree) Add(op *Operation) {
	at := t
	for segment := range strings.SplitSeq(op.Norm, "/") {
		next := at.below[segment]
		if next == nil {
			if next = (&PathTree{}); at.below == nil {
				at.below = map[string]*PathTree{}
			}
			at.below[segment] = next
		}
		at = next
	}
	at.ops = append(at.ops, op)
}

// Templates gives the operations whose path has a parameter where the given one, without the
// names of its parameters, has a value, and is the same elsewhere.
func (t *PathTree) Templates(path string) []*Operation {
	return t.find(strings.Split(path, "/"), false, nil)
}

func (t *PathTree) find(segments []string, values bool, found []*Operation) []*Operation {
	switch {
	case t == nil:
		return found
	case len(segments) > 0:
		found = t.below[segments[0]].find(segments[1:], values, found)
		if !strings.Contains(segments[0], "{}") {
			found = t.below["{}"].find(segments[1:], true, found)
		}
		return found
	case values:
		return append(found, t.ops...)
	}
	return found
}
