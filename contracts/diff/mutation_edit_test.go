package diff

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"plimsoll/contracts"
)

// mutation is one edit of a contract with what it must be reported as, and what
// undoing it must be reported as.
type mutation struct {
	path   []string // where the edited object stands
	edit   func(old any) any
	expect []expected
	mirror []expected
	may    string // a rule that may be reported as well
}

// expected is one change that must be reported, and nothing beside it.
type expected struct {
	rule string
	dir  contracts.Direction
	ops  map[string]bool
	name string // of the edge; "" is not asked for
	own  string // how the edge's owner begins; "" is not asked for
}

// edited gives a copy of a document in which one place is replaced. What is not
// on the way there is shared with the original.
func edited(v any, path []string, edit func(old any) any) any {
	if len(path) == 0 {
		return edit(v)
	}
	switch v := v.(type) {
	case schemaMap:
		out := maps.Clone(v)
		if changed := edited(v[path[0]], path[1:], edit); changed == nil {
			delete(out, path[0])
		} else {
			out[path[0]] = changed
		}
		return out
	case []any:
		out := slices.Clone(v)
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(out) {
			panic("no such place: " + path[0])
		}
		out[i] = edited(v[i], path[1:], edit)
		return out
	}
	panic("no such place: " + path[0])
}

// set makes an edit that sets keywords of an object; nil takes them away.
func set(pairs ...any) func(any) any {
	return func(old any) any {
		out := maps.Clone(rawObject(old))
		if out == nil {
			out = schemaMap{}
		}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] == nil {
				delete(out, pairs[i].(string))
			} else {
				out[pairs[i].(string)] = pairs[i+1]
			}
		}
		return out
	}
}

// inside makes an edit of one member of an object.
func inside(member string, edit func(any) any) func(any) any {
	return func(old any) any {
		out := maps.Clone(rawObject(old))
		if out == nil {
			out = schemaMap{}
		}
		changed := edit(out[member])
		delete(out, member)
		if changed != nil {
			out[member] = changed
		}
		return out
	}
}

// both joins two edits of the same object.
func both(a, b func(any) any) func(any) any {
	return func(old any) any { return b(a(old)) }
}

// listWithout drops the named strings of a list; an empty list goes.
func listWithout(name string) func(any) any {
	return func(old any) any {
		if out := drop(old, name); len(out) > 0 {
			return out
		}
		return nil
	}
}

func listWith(item any) func(any) any {
	return func(old any) any { return append(slices.Clone(asList(old)), item) }
}

func listWithoutAt(i int) func(any) any {
	return func(old any) any { return slices.Delete(slices.Clone(asList(old)), i, i+1) }
}

// asNumber reads a number of a decoded document.
func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}

// hasName tells whether a list holds a string.
func hasName(list any, name string) bool { return slices.Contains(asList(list), any(name)) }

// rawObject gives a value as an object; nil where it is none.
func rawObject(v any) schemaMap {
	m, _ := v.(schemaMap)
	return m
}
