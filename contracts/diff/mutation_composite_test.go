package diff

import (
	"slices"
	"strconv"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// compositeKinds edit what holds together: maps, oneOf, anyOf, allOf, $refs.
func compositeKinds() []mutationKind {
	sole := func(s *site) bool { // no allOf has it as a part
		return s.isObject() && s.value["allOf"] == nil && s.alone()
	}
	extra := func(from, to any, request, response, backRequest, backResponse string) func(s *site) *mutation {
		return func(s *site) *mutation {
			if !sole(s) || s.value["additionalProperties"] != from || s.value["patternProperties"] != nil {
				return nil
			}
			return &mutation{path: s.path, edit: set("additionalProperties", to), expect: s.sided("{}", request, response), mirror: s.sided("{}", backRequest, backResponse)}
		}
	}
	union := func(keyword string, least int) func(s *site) []any {
		return func(s *site) []any {
			list := asList(s.value[keyword])
			if len(list) < least || s.value["discriminator"] != nil || s.value["properties"] != nil || s.value["allOf"] != nil || len(s.hosts()) > 1 && !s.onlyRefs() {
				return nil
			}
			for _, b := range list {
				if _, ok := rawObject(b)["$ref"]; !ok {
					return nil
				}
			}
			return list
		}
	}
	branchAdded := func(keyword string) func(s *site) *mutation {
		return func(s *site) *mutation {
			if union(keyword, 2)(s) == nil {
				return nil
			}
			return &mutation{path: s.path, edit: inside(keyword, listWith(schemaMap{"title": "PlimsollNew", "type": "object", "required": []any{"plimsollNew"}, "properties": schemaMap{"plimsollNew": schemaMap{"type": "string"}}})),
				expect: s.sided("PlimsollNew", "branch-added", "branch-added"), mirror: s.sided("PlimsollNew", "branch-removed", "branch-removed")}
		}
	}
	branchRemoved := func(keyword string) func(s *site) *mutation {
		return func(s *site) *mutation {
			list := union(keyword, 3)(s)
			if list == nil {
				return nil
			}
			name := openapi.RefName(rawObject(list[1])["$ref"].(string))
			return &mutation{path: s.path, edit: inside(keyword, listWithoutAt(1)), may: "request-branch-ambiguous", // of branches that are there already
				expect: s.sided(name, "branch-removed", "branch-removed"), mirror: s.sided(name, "branch-added", "branch-added")}
		}
	}
	anyToOne := func(s *site) *mutation {
		list := union("anyOf", 2)(s)
		if list == nil {
			return nil
		}
		return &mutation{path: s.path, edit: set("anyOf", nil, "oneOf", list), expect: s.sided("", "composition-changed", ""), mirror: s.sided("", "", "composition-changed")}
	}
	discriminator := func(s *site) *mutation {
		if rawObject(s.value["discriminator"])["propertyName"] == nil || s.value["oneOf"] == nil || len(s.hosts()) > 1 && !s.onlyRefs() {
			return nil
		}
		return &mutation{path: s.path, edit: inside("discriminator", set("propertyName", "plimsollKind")),
			expect: s.sided("", "discriminator-changed", "discriminator-changed"), mirror: s.sided("", "discriminator-changed", "discriminator-changed")}
	}
	return slices.Concat(
		schemaKind("additionalProperties closed", extra(nil, false, "additional-properties-closed", "additional-properties-closed", "additional-properties-opened", "additional-properties-opened")),
		schemaKind("additionalProperties opened", extra(false, nil, "additional-properties-opened", "additional-properties-opened", "additional-properties-closed", "additional-properties-closed")),
		schemaKind("additionalProperties constrained", extra(nil, schemaMap{"type": "string"}, "additional-properties-constrained", "additional-properties-constrained", "additional-properties-opened", "additional-properties-loosened")),
		schemaKind("oneOf branch added", branchAdded("oneOf")), schemaKind("oneOf branch removed", branchRemoved("oneOf")),
		schemaKind("anyOf branch added", branchAdded("anyOf")), schemaKind("anyOf branch removed", branchRemoved("anyOf")),
		[]mutationKind{{"anyOf became oneOf (request)", rawSchema, contracts.Request, anyToOne}, {"anyOf became oneOf (response)", rawSchema, contracts.Response, anyToOne}},
		schemaKind("discriminator's property changed", discriminator),
		schemaKind("allOf part added", allOfAdded),
		schemaKind("allOf part removed", allOfRemoved),
		schemaKind("wrapped in an allOf of one", func(s *site) *mutation {
			if s.value["type"] == nil || !s.alone() {
				return nil
			}
			return &mutation{path: s.path, edit: func(old any) any { return schemaMap{"allOf": []any{old}} }}
		}),
		schemaKind("$ref written out", func(s *site) *mutation {
			ref, ok := s.value["$ref"].(string)
			if !ok || len(s.value) > 1 || slices.ContainsFunc(s.up, func(l rawLink) bool { return l.how == "branch" || l.how == "allOf" }) {
				return nil
			}
			_, target := s.doc.target(ref)
			return &mutation{path: s.path, edit: func(any) any { return target }}
		}),
		schemaKind("description, example, title, extension", func(s *site) *mutation {
			if s.value["$ref"] != nil || slices.ContainsFunc(s.up, func(l rawLink) bool { return l.how == "branch" || l.how == "allOf" }) {
				return nil
			}
			return &mutation{path: s.path, edit: set("description", "other words", "example", "plimsoll", "x-plimsoll", schemaMap{"a": 1}, "externalDocs", schemaMap{"url": "https://acme.dev"})}
		}),
	)
}

// onlyRefs tells whether a schema is used by itself only, never as an allOf's part.
func (s *site) onlyRefs() bool {
	for _, host := range s.hosts() {
		for _, l := range host.up {
			if l.how == "allOf" {
				return false
			}
		}
	}
	return true
}

func allOfAdded(s *site) *mutation {
	if s.value["allOf"] == nil || !s.lone("plimsollNew") {
		return nil
	}
	for _, host := range s.hosts() {
		for _, part := range host.flattened() {
			if part.value["additionalProperties"] != nil || part.value["oneOf"] != nil || part.value["anyOf"] != nil || part.value["properties"] == nil && part.says() {
				return nil
			}
			// a cycle would merge the part into itself
		}
	}
	return &mutation{path: s.path, edit: inside("allOf", listWith(schemaMap{"properties": schemaMap{"plimsollNew": schemaMap{"type": "string"}}})),
		expect: s.sided("plimsollNew", "property-added-optional", "property-added"), mirror: s.sided("plimsollNew", "property-removed", "property-removed")}
}

// allOfRemoved takes away a part that has optional properties of its own.
func allOfRemoved(s *site) *mutation {
	list := asList(s.value["allOf"])
	if len(list) < 2 {
		return nil
	}
	for i, part := range list {
		p := rawObject(part)
		props := rawObject(p["properties"])
		if p["$ref"] != nil || p["required"] != nil || p["type"] != "object" || len(props) == 0 || len(p) > 2 {
			continue
		}
		var m mutation
		for _, name := range sortedKeys(props) {
			if !s.lone(name) {
				return nil
			}
			child := s.doc.nodes[pointer(with(s.path, "allOf", strconv.Itoa(i), "properties", name))]
			if child == nil {
				return nil
			}
			c := &site{child, map[contracts.Direction]reachedBy{contracts.Request: s.visible(child, contracts.Request), contracts.Response: s.visible(child, contracts.Response)}}
			m.expect = append(m.expect, c.sidedAs(s, name, "property-removed", "property-removed")...)
			m.mirror = append(m.mirror, c.sidedAs(s, name, "property-added-optional", "property-added")...)
		}
		others := 0
		for k, other := range list {
			if k != i && (rawObject(other)["type"] == "object" || rawObject(other)["$ref"] != nil) {
				others++
			}
		}
		if others == 0 {
			return nil
		}
		m.path, m.edit = s.path, inside("allOf", listWithoutAt(i))
		return &m
	}
	return nil
}
