package witness

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// search is the search for one example.
type search struct {
	m                    *maker
	left                 *int
	dir                  contracts.Direction
	places               []Place
	demand               Demand
	head                 bool // the head allows the example
	wide, narrow         *checker
	wideRoot, narrowRoot *openapi.Schema
	best                 Example
	// accepted: both contracts took a message with a value at the place.
	accepted bool
	// unclear: something could not be evaluated.
	unclear bool
}

// leaf is a value of the last place, and the steps from it to what changed.
type leaf struct {
	value any
	at    []string
	// first is set for values with which nothing but the change is wrong.
	first bool
	size  int // of the value as JSON, in bytes
}

// schemas gives the schemas of a place: of the contract that allows the example, and of the
// other.
func (s *search) schemas(i int) (wide, narrow *openapi.Schema) {
	if s.head {
		return s.m.view.Decode(s.places[i].Head), s.places[i].Base
	}
	return s.m.view.Decode(s.places[i].Base), s.places[i].Head
}

// leaves gives the values to try at the last place, the shortest first.
func (s *search) leaves() []leaf {
	list := s.unsorted()
	if value := s.places[len(s.places)-1].Value; value != "" {
		list = slices.DeleteFunc(list, func(l leaf) bool { return textOf(l.value) != value })
	}
	for i := range list {
		if text, err := json.Marshal(list[i].value); err == nil {
			list[i].size = len(text)
			*s.left -= len(text)
		}
	}
	slices.SortStableFunc(list, func(a, b leaf) int {
		if a.first != b.first {
			return map[bool]int{true: -1, false: 1}[a.first]
		}
		return a.size - b.size
	})
	return list
}

// textOf writes a value as reports name the values of an enum.
func textOf(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// unsorted gives the values to try at the last place, as the step from there asks.
func (s *search) unsorted() []leaf {
	last := len(s.places) - 1
	wide, narrow := s.schemas(last)
	var list []leaf
	switch step := s.places[last].Step; step.Kind {
	case usage.StepProperty:
		at := []string{step.Name}
		for _, o := range s.objects(wide) {
			list = append(list, leaf{value: without(o, step.Name), at: at})
			if s.demand == Absent {
				continue
			}
			list = append(list, leaf{value: s.allBut(wide, narrow, o, step.Name), at: at, first: true})
			if v, ok := s.m.property(wide, step.Name, 1); ok {
				list = append(list, leaf{value: with(o, step.Name, v), at: at})
			}
			if _, described := wide.Property(step.Name); !described {
				for _, v := range anyValues {
					list = append(list, leaf{value: with(o, step.Name, v), at: at})
				}
			}
		}
	case usage.StepMap:
		for _, key := range s.keys(wide, narrow) {
			for _, o := range s.objects(wide) {
				if v, ok := s.m.property(wide, key, 1); ok {
					list = append(list, leaf{value: with(o, key, v), at: []string{key}})
				}
				for _, v := range anyValues {
					list = append(list, leaf{value: with(o, key, v), at: []string{key}})
				}
			}
		}
	case usage.StepBranch:
		list = s.variants(wide, narrow, step)
	default:
		for _, v := range append(s.wires(), s.m.between(wide, narrow, s.narrow.schemas.view)...) {
			list = append(list, leaf{value: v})
		}
	}
	return list
}

// allBut adds to an object what else the other contract requires.
func (s *search) allBut(wide, narrow *openapi.Schema, o object, name string) object {
	out := without(o, name)
	for other := range narrow.Required {
		if _, described := wide.Property(other); !described || other == name {
			continue
		}
		if _, there := out[other]; there {
			continue
		}
		if v, ok := s.m.property(wide, other, 1); ok {
			out[other] = v
		}
	}
	return out
}

// wires gives the values of the discriminators on the way: the property of one may be what
// changed.
func (s *search) wires() []any {
	var list []any
	for i := range s.places {
		wide, _ := s.schemas(i)
		for _, w := range s.m.view.Wires(wide) {
			list = append(list, w.Value)
		}
	}
	return list
}

// anyValues are values of each type.
var anyValues = []any{nil, true, json.Number("1"), "x", object{}, []any{}}

// variants gives values of the branch that a step names, or of all where the contract that
// allows the example does not have it.
func (s *search) variants(wide, narrow *openapi.Schema, step usage.Step) []leaf {
	var list []leaf
	for i := range wide.Groups {
		for k, br := range wide.Groups[i].Branches {
			if step.Name == "" || br.Name != step.Name {
				continue
			}
			c := &candidates{m: s.m, seen: map[string]bool{}}
			if v, ok := s.m.branch(wide, i, k, openapi.TypeAny, 0); ok {
				c.add(v)
			}
			c.ofSchema(s.m.view.WithBranch(wide, &wide.Groups[i], br), 1)
			for _, v := range c.list {
				s.m.nameVariant(wide, br.Node, v)
				list = append(list, leaf{value: v})
			}
		}
	}
	if len(list) == 0 {
		for _, v := range s.m.between(wide, narrow, s.narrow.schemas.view) {
			list = append(list, leaf{value: v})
		}
	}
	return list
}

// objects gives the smallest objects of a schema, one for each branch of its unions.
func (s *search) objects(wide *openapi.Schema) []object {
	var list []object
	add := func(v any, ok bool) {
		if o, is := v.(object); is && ok {
			list = append(list, o)
		}
	}
	if len(wide.Groups) == 0 {
		add(s.m.value(wide, openapi.TypeObject, 0))
		return list
	}
	for i := range wide.Groups {
		for k := range wide.Groups[i].Branches {
			add(s.m.branch(wide, i, k, openapi.TypeObject, 0))
		}
	}
	return list
}

// keys gives names for what no property names.
func (s *search) keys(wide, narrow *openapi.Schema) []string {
	keys := []string{"key"}
	for _, schema := range []*openapi.Schema{wide, narrow} {
		for i := range schema.Mapped {
			keys = append(keys, textFor(schema.Mapped[i].Name, 0)...)
		}
	}
	return keys
}

// try makes an example of a value, and tells whether it is one.
func (s *search) try(c leaf) bool {
	doc, at := c.value, c.at
	for i := len(s.places) - 2; i >= 0; i-- {
		var ok bool
		if doc, at, ok = s.wrap(i, doc, at); !ok {
			return false
		}
	}
	text, err := json.Marshal(doc)
	if err != nil || *s.left <= 0 {
		return false
	}
	*s.left -= len(text)
	if a, known := s.wide.check(s.wideRoot, doc); !known || !a.valid {
		s.unclear = s.unclear || !known
		return false
	}
	example := Example{Document: text, At: path(at)}
	if s.demand == Absent || s.demand == Shown {
		example.Fails = strings.TrimSpace(example.At + " is missing")
		s.best = example
		return true
	}
	a, known := s.narrow.check(s.narrowRoot, doc)
	if !known || a.valid {
		s.accepted, s.unclear = s.accepted || known, s.unclear || !known
		return false
	}
	for i := range a.faults {
		if f := &a.faults[i]; f.concerns(at) {
			example.Fails = f.sentence(at)
			if s.demand == Ignored {
				example.Fails = strings.TrimSpace(example.At + " is not described any more")
			}
			s.best = example
			return true
		}
	}
	return false
}

// wrap puts a value into the smallest value of the place above.
func (s *search) wrap(i int, v any, at []string) (any, []string, bool) {
	wide, _ := s.schemas(i)
	next, _ := s.schemas(i + 1)
	switch step := s.places[i].Step; step.Kind {
	case usage.StepProperty:
		s.m.given, s.m.givenIn = step.Name, wide.Known
		defer func() { s.m.givenIn = 0 }()
		return s.inObject(wide, step.Name, v, at)
	case usage.StepMap:
		return s.inObject(wide, s.keyOf(i, wide, next), v, at)
	case usage.StepItem:
		place := len(wide.Prefix)
		if n, err := strconv.Atoi(step.Name); err == nil {
			place = n
		}
		count := place + 1
		if b, ok := wide.Limit("minItems"); ok && b.Value < 100 {
			count = max(count, int(b.Value))
		}
		list, ok := s.m.array(wide, count, 1)
		if !ok {
			return nil, nil, false
		}
		list.([]any)[place] = v
		return list, prepend(strconv.Itoa(place), at), true
	case usage.StepBranch:
		return s.complete(wide, next, v), at, true
	}
	return v, at, true
}

// inObject puts a value into the smallest object of a schema.
func (s *search) inObject(wide *openapi.Schema, name string, v any, at []string) (any, []string, bool) {
	objects := s.objects(wide)
	if len(objects) == 0 {
		return nil, nil, false
	}
	return with(objects[0], name, v), prepend(name, at), true
}

// keyOf gives the name under which a map holds a value of a schema.
func (s *search) keyOf(i int, wide, next *openapi.Schema) string {
	_, narrow := s.schemas(i)
	_, below := s.schemas(i + 1)
	for k := range narrow.Properties { // what is a key of the map in one version is a property in the other
		p := &narrow.Properties[k]
		if _, both := wide.Property(p.Name); !both && s.narrow.schemas.view.Schema(p.Nodes...) == below {
			return p.Name
		}
	}
	if len(wide.Extra) > 0 && s.m.view.Schema(wide.Extra...) == next {
		return "key"
	}
	for i := range wide.Mapped {
		if texts := textFor(wide.Mapped[i].Name, 0); len(texts) > 0 && s.m.view.Schema(wide.Mapped[i].Nodes...) == next {
			return texts[0]
		}
	}
	for i := range wide.Properties { // what was a key of the map has a description of its own now
		if s.m.view.Schema(wide.Properties[i].Nodes...) == next {
			return wide.Properties[i].Name
		}
	}
	return "key"
}

// complete adds to a value of a branch what the schema around the union requires.
func (s *search) complete(union, branch *openapi.Schema, v any) any {
	o, ok := v.(object)
	if !ok {
		return v
	}
	out := clone(o)
	for name := range union.Required {
		if _, there := out[name]; there {
			continue
		}
		if p, ok := union.Property(name); ok && isHidden(s.m.view, s.dir, p.Nodes...) {
			continue
		}
		if more, ok := s.m.property(union, name, 1); ok {
			out[name] = more
		}
	}
	s.m.nameVariant(union, branch.First(), out)
	for _, taken := range branch.Sole {
		s.m.nameVariant(union, taken.Node, out)
	}
	return out
}
