package diff

import (
	"maps"
	"slices"
)

// typed tells a schema that stands alone, of one type, without enum; the
// keywords named must not be there.
func (s *site) typed(name string, without ...string) bool {
	if s.value["type"] != name || s.value["enum"] != nil || s.value["$ref"] != nil {
		return false
	}
	for _, keyword := range without {
		if s.value[keyword] != nil {
			return false
		}
	}
	return s.alone()
}

// valueKinds edit what a value may be.
func valueKinds() []mutationKind {
	limits := []string{"format", "default", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
	retyped := func(from string, to schemaMap, request, response, backRequest, backResponse string) func(s *site) *mutation {
		return func(s *site) *mutation {
			if !s.typed(from, append([]string{"nullable", "items", "properties"}, limits...)...) {
				return nil
			}
			return &mutation{path: s.path, edit: func(old any) any {
				out := maps.Clone(rawObject(old))
				maps.Copy(out, to)
				return out
			}, expect: s.sided("", request, response), mirror: s.sided("", backRequest, backResponse)}
		}
	}
	keyword := func(name string, value any, fit func(s *site) bool, request, response, backRequest, backResponse string) func(s *site) *mutation {
		return func(s *site) *mutation {
			if s.value[name] != nil && value != nil || s.value[name] == nil && value == nil || !s.alone() || !fit(s) {
				return nil
			}
			return &mutation{path: s.path, edit: set(name, value), expect: s.sided("", request, response), mirror: s.sided("", backRequest, backResponse)}
		}
	}
	of := func(types ...any) func(s *site) bool {
		return func(s *site) bool { return slices.Contains(types, s.value["type"]) && s.value["enum"] == nil }
	}
	free := func(s *site) bool { return s.typed("string", limits...) }
	var kinds []mutationKind
	for _, b := range []struct {
		keyword string
		value   any
		name    string
		types   []any
	}{
		{"minimum", 3, "minimum", []any{"integer", "number"}}, {"maximum", 99, "maximum", []any{"integer", "number"}},
		{"multipleOf", 5, "multiple-of", []any{"integer", "number"}}, {"minLength", 2, "min-length", []any{"string"}},
		{"maxLength", 7, "max-length", []any{"string"}}, {"pattern", "^[a-z]+$", "pattern", []any{"string"}},
		{"minItems", 1, "min-items", []any{"array"}}, {"maxItems", 9, "max-items", []any{"array"}},
		{"uniqueItems", true, "unique-items", []any{"array"}}, {"minProperties", 1, "min-properties", []any{"object"}},
		{"maxProperties", 20, "max-properties", []any{"object"}},
	} {
		unbounded := func(s *site) bool {
			return of(b.types...)(s) && s.value["exclusiveMinimum"] == nil && s.value["exclusiveMaximum"] == nil
		}
		kinds = append(kinds, schemaKind(b.keyword+" added", keyword(b.keyword, b.value, unbounded,
			b.name+"-tightened", b.name+"-tightened", b.name+"-loosened", b.name+"-loosened"))...)
	}
	moved := func(keyword string, by float64, name string) func(s *site) *mutation {
		return func(s *site) *mutation {
			was, ok := asNumber(s.value[keyword])
			if !ok || was+by <= 0 || s.value["enum"] != nil || !s.alone() || s.value["exclusiveM"+keyword[1:]] != nil {
				return nil
			}
			return &mutation{path: s.path, edit: set(keyword, was+by), expect: s.sided("", name+"-tightened", name+"-tightened"),
				mirror: s.sided("", name+"-loosened", name+"-loosened")}
		}
	}
	nullable := func(s *site) *mutation {
		if s.value["enum"] != nil || s.value["nullable"] != nil || !s.alone() {
			return nil
		}
		if slices.ContainsFunc(s.hosts(), func(h *rawNode) bool {
			return slices.ContainsFunc(h.up, func(l rawLink) bool { return l.how == "branch" })
		}) {
			return nil // null reaches the union as well, which is an edge of its own
		}
		name, ok := s.value["type"].(string)
		if !ok || name == "null" {
			return nil
		}
		edit := set("nullable", true)
		if s.doc.v31 {
			edit = set("type", []any{name, "null"})
		}
		return &mutation{path: s.path, edit: edit, expect: s.sided("", "became-nullable", "became-nullable"),
			mirror: s.sided("", "became-not-nullable", "became-not-nullable")}
	}
	return slices.Concat(kinds,
		schemaKind("maxLength lowered", moved("maxLength", -1, "max-length")),
		schemaKind("maximum lowered", moved("maximum", -1, "maximum")),
		schemaKind("maxItems lowered", moved("maxItems", -1, "max-items")),
		schemaKind("minimum raised", moved("minimum", 1, "minimum")),
		schemaKind("string became integer", retyped("string", schemaMap{"type": "integer"}, "type-changed", "type-changed", "type-changed", "type-changed")),
		schemaKind("boolean became string", retyped("boolean", schemaMap{"type": "string"}, "type-changed", "type-changed", "type-changed", "type-changed")),
		schemaKind("string became array", retyped("string", schemaMap{"type": "array", "items": schemaMap{"type": "string"}}, "type-changed", "type-changed", "type-changed", "type-changed")),
		schemaKind("integer became number", retyped("integer", schemaMap{"type": "number"}, "type-widened", "type-changed", "type-changed", "type-narrowed")),
		schemaKind("format added", keyword("format", "uuid", free, "format-changed", "format-narrowed", "format-widened", "format-changed")),
		schemaKind("format dropped", keyword("format", nil, of("string"), "format-widened", "format-changed", "format-changed", "format-narrowed")),
		schemaKind("format date-time became date", func(s *site) *mutation {
			if s.value["format"] != "date-time" || s.value["enum"] != nil || !s.alone() {
				return nil
			}
			return &mutation{path: s.path, edit: set("format", "date"), expect: s.sided("", "format-changed", "format-changed"), mirror: s.sided("", "format-changed", "format-changed")}
		}),
		schemaKind("format int64 became int32", func(s *site) *mutation {
			if s.value["format"] != "int64" || s.value["enum"] != nil || !s.alone() {
				return nil
			}
			return &mutation{path: s.path, edit: set("format", "int32"), expect: s.sided("", "format-changed", "format-narrowed"), mirror: s.sided("", "format-widened", "format-changed")}
		}),
		schemaKind("nullable added", nullable),
		schemaKind("default added", keyword("default", "plimsoll", of("string"), "default-changed", "default-changed", "default-changed", "default-changed")),
		schemaKind("default dropped", keyword("default", nil, of("string", "integer", "number", "boolean"), "default-changed", "default-changed", "default-changed", "default-changed")),
		schemaKind("constraint (not) added", keyword("not", schemaMap{"type": "string", "const": "x"}, func(s *site) bool { return s.typed("string") },
			"constraint-changed", "constraint-changed", "constraint-changed", "constraint-changed")),
		enumKinds(),
	)
}

func enumKinds() []mutationKind {
	listed := func(s *site, least int) []any {
		list := asList(s.value["enum"])
		for _, v := range list {
			if _, ok := v.(string); !ok {
				return nil
			}
		}
		if len(list) < least || !s.alone() {
			return nil
		}
		return list
	}
	return slices.Concat(
		schemaKind("enum value added", func(s *site) *mutation {
			if listed(s, 1) == nil {
				return nil
			}
			return &mutation{path: s.path, edit: inside("enum", listWith("plimsollNew")), expect: s.sided("plimsollNew", "enum-value-added", "enum-value-added"),
				mirror: s.sided("plimsollNew", "enum-value-removed", "enum-value-removed")}
		}),
		schemaKind("enum value removed", func(s *site) *mutation {
			list := listed(s, 3)
			if list == nil || s.value["default"] != nil {
				return nil
			}
			name := list[1].(string)
			return &mutation{path: s.path, edit: inside("enum", listWithout(name)), expect: s.sided(name, "enum-value-removed", "enum-value-removed"),
				mirror: s.sided(name, "enum-value-added", "enum-value-added")}
		}),
		schemaKind("enum introduced", func(s *site) *mutation {
			if !s.typed("string", "format", "nullable") {
				return nil
			}
			return &mutation{path: s.path, edit: set("enum", []any{"card", "cash"}), expect: s.sided("", "enum-introduced", "enum-introduced"),
				mirror: s.sided("", "enum-dropped", "enum-dropped")}
		}),
		schemaKind("enum order", func(s *site) *mutation {
			if listed(s, 2) == nil {
				return nil
			}
			return &mutation{path: s.path, edit: inside("enum", func(old any) any {
				out := slices.Clone(asList(old))
				slices.Reverse(out)
				return out
			})}
		}),
	)
}
