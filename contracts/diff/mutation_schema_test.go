package diff

import (
	"maps"
	"slices"

	"plimsoll/contracts"
)

// site is a node at which a mutation is tried, with what helps to say what the
// mutation must be reported as.
type site struct {
	*rawNode
	reached map[contracts.Direction]reachedBy
}

func (s *site) in(dir contracts.Direction) map[string]bool { return s.reached[dir].ops }

// sided gives a change for each direction in which the node is reached; an empty
// rule means none.
func (s *site) sided(name string, request, response string) []expected {
	var list []expected
	if request != "" && len(s.in(contracts.Request)) > 0 {
		list = append(list, expected{"request-" + request, contracts.Request, s.in(contracts.Request), name, s.owner()})
	}
	if response != "" && len(s.in(contracts.Response)) > 0 {
		list = append(list, expected{"response-" + response, contracts.Response, s.in(contracts.Response), name, s.owner()})
	}
	return list
}

// mutationKind is one kind of edit. try gives nil where it does not apply.
type mutationKind struct {
	name string
	at   rawKind
	side contracts.Direction // the node must be reached on this side; "" is any
	try  func(s *site) *mutation
}

// schemaKind makes a kind for each side.
func schemaKind(name string, try func(s *site) *mutation) []mutationKind {
	return []mutationKind{{name + " (request)", rawSchema, contracts.Request, try}, {name + " (response)", rawSchema, contracts.Response, try}}
}

// alone tells whether a schema is what it says, with nothing merged into it or
// beside it: then an edit has one reading.
func (s *site) alone() bool {
	if s.value["$ref"] != nil {
		return false
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf", "not", "if", "const", "x-extensible-enum"} {
		if s.value[keyword] != nil {
			return false
		}
	}
	for _, host := range s.hosts() {
		says := 0
		for _, part := range host.flattened() {
			if part.says() {
				says++
			}
		}
		if says > 1 {
			return false
		}
		for _, l := range host.up {
			if l.how == "branch" && host.path[len(host.path)-1] == l.node.path[len(l.node.path)-1] {
				return false
			}
			if l.how == "branch" && host.value["$ref"] == nil && len(host.path) == len(l.node.path)+2 {
				return false // an inline branch: it might as well be another branch
			}
			if (l.how == "prop" || l.how == "items" || l.how == "extra") && describedTwice(l) {
				return false
			}
		}
	}
	return true
}

// describedTwice tells whether another part of an allOf describes the same
// property, items or map values.
func describedTwice(l rawLink) bool {
	for _, host := range l.node.hosts() {
		count := 0
		for _, part := range host.flattened() {
			for _, d := range part.down {
				if d.how == l.how && (l.how != "prop" || d.name == l.name) {
					count++
				}
				if l.how == "prop" && d.how == "extra" && part != l.node {
					return true
				}
			}
		}
		if count > 1 {
			return true
		}
	}
	return false
}

// lone tells whether one part alone of every allOf speaks of a property.
func (s *site) lone(name string) bool {
	for _, host := range s.hosts() {
		count := 0
		for _, part := range host.flattened() {
			if rawObject(part.value["properties"])[name] != nil || hasName(part.value["required"], name) {
				count++
			}
			if part.value["additionalProperties"] != nil && part != s.rawNode {
				return false
			}
			if discriminates(part, name) {
				return false
			}
		}
		if count > 1 {
			return false
		}
		for _, l := range host.up {
			if l.how == "branch" && discriminates(l.node, name) || l.how == "branch" && len(host.path) == len(l.node.path)+2 {
				return false
			}
		}
	}
	return true
}

func discriminates(n *rawNode, name string) bool {
	return rawObject(n.value["discriminator"])["propertyName"] == name
}

// isObject tells a schema with properties that is no $ref.
func (s *site) isObject() bool {
	return s.value["$ref"] == nil && len(rawObject(s.value["properties"])) > 0
}

// named looks for a property with which a mutation works.
func (s *site) named(fit func(name string, child *site) bool) (string, *site) {
	if !s.isObject() {
		return "", nil
	}
	for _, l := range slices.SortedFunc(slices.Values(s.down), func(a, b rawLink) int { return compareText(a.name, b.name) }) {
		if l.how != "prop" || !s.lone(l.name) {
			continue
		}
		child := &site{l.node, map[contracts.Direction]reachedBy{contracts.Request: s.visible(l.node, contracts.Request), contracts.Response: s.visible(l.node, contracts.Response)}}
		if fit(l.name, child) {
			return l.name, child
		}
	}
	return "", nil
}

// visible is the node's reach where a property of it takes part, else nothing.
func (s *site) visible(child *rawNode, dir contracts.Direction) reachedBy {
	if child.hidden(dir) {
		return reachedBy{}
	}
	return s.reached[dir]
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *site) requires(name string) bool { return hasName(s.value["required"], name) }

func (s *site) sidedAs(owner *site, name, request, response string) []expected {
	list := s.sided(name, request, response)
	for i := range list {
		list[i].own = owner.owner()
	}
	return list
}

// propertyKinds edit what an object says of its properties.
func propertyKinds() []mutationKind {
	removed := func(required bool, added string) func(s *site) *mutation {
		return func(s *site) *mutation {
			name, child := s.named(func(name string, _ *site) bool {
				return s.requires(name) == required && s.value["additionalProperties"] == nil
			})
			if child == nil {
				return nil
			}
			return &mutation{path: s.path,
				edit:   both(inside("properties", set(name, nil)), inside("required", listWithout(name))),
				expect: child.sidedAs(s, name, "property-removed", "property-removed"),
				mirror: child.sidedAs(s, name, added, "property-added")}
		}
	}
	require := func(was bool) func(s *site) *mutation {
		return func(s *site) *mutation {
			name, child := s.named(func(name string, _ *site) bool { return s.requires(name) == was })
			if child == nil {
				return nil
			}
			became, back := "property-became-required", "property-became-optional"
			edit := inside("required", listWith(name))
			if was {
				became, back = back, became
				edit = inside("required", listWithout(name))
			}
			return &mutation{path: s.path, edit: edit,
				expect: child.sidedAs(s, name, became, became), mirror: child.sidedAs(s, name, back, back)}
		}
	}
	added := func(required bool, rule string) func(s *site) *mutation {
		return func(s *site) *mutation {
			if !s.isObject() || !s.lone("plimsollNew") || s.value["additionalProperties"] != nil {
				return nil
			}
			edit := inside("properties", set("plimsollNew", schemaMap{"type": "string"}))
			if required {
				edit = both(edit, inside("required", listWith("plimsollNew")))
			}
			return &mutation{path: s.path, edit: edit, expect: s.sided("plimsollNew", rule, "property-added"),
				mirror: s.sided("plimsollNew", "property-removed", "property-removed")}
		}
	}
	renamed := func(s *site) *mutation {
		name, child := s.named(func(name string, _ *site) bool {
			return !s.requires(name) && s.value["additionalProperties"] == nil && s.lone("plimsollNew")
		})
		if child == nil {
			return nil
		}
		return &mutation{path: s.path,
			edit: inside("properties", func(old any) any {
				out := maps.Clone(rawObject(old))
				out["plimsollNew"] = out[name]
				delete(out, name)
				return out
			}),
			expect: append(child.sidedAs(s, name, "property-removed", "property-removed"), child.sidedAs(s, "plimsollNew", "property-added-optional", "property-added")...),
			mirror: append(child.sidedAs(s, "plimsollNew", "property-removed", "property-removed"), child.sidedAs(s, name, "property-added-optional", "property-added")...)}
	}
	flagged := func(keyword, request, response string, back func(s, child *site, name string) []expected) func(s *site) *mutation {
		return func(s *site) *mutation {
			name, child := s.named(func(name string, child *site) bool {
				return len(child.flattened()) == 1 && child.alone() && child.value[keyword] == nil && len(child.hosts()) == 1 &&
					child.value["readOnly"] == nil && child.value["writeOnly"] == nil
			})
			if child == nil {
				return nil
			}
			return &mutation{path: child.path, edit: set(keyword, true),
				expect: child.sidedAs(s, name, request, response), mirror: back(s, child, name)}
		}
	}
	nothing := func(_, _ *site, _ string) []expected { return nil }
	return slices.Concat(
		schemaKind("optional property removed", removed(false, "property-added-optional")),
		schemaKind("required property removed", removed(true, "property-added-required")),
		schemaKind("optional property added", added(false, "property-added-optional")),
		schemaKind("required property added", added(true, "property-added-required")),
		schemaKind("property renamed", renamed),
		schemaKind("property became required", require(false)),
		schemaKind("property became optional", require(true)),
		schemaKind("property deprecated", flagged("deprecated", "property-deprecated", "property-deprecated", nothing)),
		[]mutationKind{
			{"property became read-only (request)", rawSchema, contracts.Request, flagged("readOnly", "property-removed", "", func(s, child *site, name string) []expected {
				if s.requires(name) {
					return child.sidedAs(s, name, "property-added-required", "")
				}
				return child.sidedAs(s, name, "property-added-optional", "")
			})},
			{"property became write-only (response)", rawSchema, contracts.Response, flagged("writeOnly", "", "property-removed", func(s, child *site, name string) []expected {
				return child.sidedAs(s, name, "", "property-added")
			})},
		},
	)
}
