package soundnesstest

import (
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plimsoll/contracts"
)

// strictness says how a schema is read.
type strictness string

const (
	strict strictness = "strict" // every keyword counts
	// lenient is a reader who copes with more than is promised, as docs/impact.md says:
	// limits and patterns, unknown properties, a value that fits two variants.
	lenient strictness = "lenient"
	// sent is strict, and nothing is there that the contract does not describe: a sender
	// does not know more than the contract says.
	sent strictness = "sent"
	// variants is strict, but a value may fit several branches of a oneOf.
	variants strictness = "variants"
)

// translation writes one version of a contract, in one direction, as a JSON Schema of
// draft 2020-12.
type translation struct {
	version version
	schemas object
	dir     contracts.Direction
	defs    object
}

func newTranslation(v version, schemas object, dir contracts.Direction) *translation {
	return &translation{version: v, schemas: schemas, dir: dir, defs: object{}}
}

// defined gives a reference to a shared schema, and writes its definition if it is the
// first one.
func (t *translation) defined(how strictness, name string) object {
	key := string(how) + "." + name
	if _, known := t.defs[key]; !known {
		t.defs[key] = true // ends cycles
		t.defs[key] = t.schema(t.schemas[name], how)
	}
	return object{"$ref": "#/$defs/" + key}
}

// compile gives the validator that starts at a definition.
func (t *translation) compile(start any) (*jsonschema.Schema, error) {
	t.defs["start"] = start
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("contract.json", clone(object{"$defs": t.defs, "$ref": "#/$defs/start"})); err != nil {
		return nil, err
	}
	return c.Compile("contract.json")
}

// limits are the keywords that a lenient reader does not rely on.
var limits = []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern", "minItems", "maxItems",
	"uniqueItems", "minProperties", "maxProperties", "multipleOf"}

// whole translates a schema that describes a value of its own, in contrast to a branch of
// a composition.
func (t *translation) whole(schema any, how strictness) any {
	s := t.schema(schema, how)
	if how == sent && s != false {
		s = object{"allOf": []any{s}, "unevaluatedProperties": false}
	}
	if t.nullableAsAWhole(schema) {
		s = object{"anyOf": []any{s, object{"type": "null"}}}
	}
	return s
}

// nullableAsAWhole tells whether "nullable" stands beside a composition in 3.0. OAS 3.0.4
// gives it no effect there, but it is meant: docs/impact.md.
func (t *translation) nullableAsAWhole(schema any) bool {
	for range 10 {
		s, ok := schema.(object)
		if !ok || t.version != v30 {
			return false
		}
		if ref, ok := s["$ref"].(string); ok {
			schema = t.schemas[refName(ref)]
			continue
		}
		return s["nullable"] == true && s["type"] == nil && (s["allOf"] != nil || s["oneOf"] != nil || s["anyOf"] != nil)
	}
	return false
}

// schema translates a schema. Below "not" and "if" a lenient reader would be a stricter
// one, so that they are taken as they are.
func (t *translation) schema(schema any, how strictness) any {
	s, ok := schema.(object)
	if !ok {
		return schema
	}
	if ref, ok := s["$ref"].(string); ok && t.version == v30 {
		return t.defined(how, refName(ref))
	}
	out := object{}
	for keyword, value := range s {
		if how == lenient && slices.Contains(limits, keyword) {
			continue
		}
		switch keyword {
		case "$ref":
			out[keyword] = t.defined(how, refName(value.(string)))["$ref"]
		case "properties":
			out[keyword] = t.properties(value.(object), how)
		case "required":
			if left := t.required(s); len(left) > 0 {
				out[keyword] = left
			}
		case "patternProperties":
			out[keyword] = t.names(value.(object), how, t.whole)
		case "dependentSchemas":
			out[keyword] = t.names(value.(object), how, t.schema)
		case "prefixItems":
			out[keyword] = t.list(value.([]any), how, t.whole)
		case "allOf", "anyOf", "oneOf":
			target := keyword
			if keyword == "oneOf" && (how == lenient || how == variants) {
				target = "anyOf"
			}
			list := t.list(value.([]any), how, t.schema)
			if other, taken := out[target]; taken { // anyOf beside oneOf
				out["allOf"] = append(asList(out["allOf"]), object{"anyOf": list}, object{"anyOf": other})
				delete(out, target)
				continue
			}
			if target == "allOf" {
				list = append(asList(out["allOf"]), list...)
			}
			out[target] = list
		case "additionalProperties":
			if how == lenient && value == false || how == sent && unconstrained(value) {
				continue
			}
			out[keyword] = t.whole(value, how)
		case "items":
			out[keyword] = t.whole(value, how)
		case "then", "else":
			out[keyword] = t.schema(value, how)
		case "unevaluatedProperties", "unevaluatedItems", "not", "if", "contains", "propertyNames":
			out[keyword] = t.schema(value, strict)
		case "type":
			out[keyword] = value
			if name, ok := value.(string); ok && t.version == v30 && s["nullable"] == true {
				out[keyword] = []any{name, "null"}
			}
		case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
			t.bound(out, s, keyword)
		case "nullable", "readOnly", "writeOnly", "discriminator":
		default:
			out[keyword] = value
		}
	}
	return out
}

// bound writes the boolean exclusive bounds of 3.0 as numbers.
func (t *translation) bound(out, s object, keyword string) {
	plain, exclusive := keyword, "exclusiveM"+strings.TrimPrefix(keyword, "m")
	if strings.HasPrefix(keyword, "exclusive") {
		plain, exclusive = "m"+strings.TrimPrefix(keyword, "exclusiveM"), keyword
	}
	switch {
	case t.version != v30:
		out[keyword] = s[keyword]
	case s[exclusive] == true && s[plain] != nil:
		out[exclusive] = s[plain]
	case s[plain] != nil:
		out[plain] = s[plain]
	}
}

func (t *translation) list(list []any, how strictness, one func(any, strictness) any) []any {
	var out []any
	for _, each := range list {
		out = append(out, one(each, how))
	}
	return out
}

func (t *translation) names(names object, how strictness, one func(any, strictness) any) object {
	out := object{}
	for name, each := range names {
		out[name] = one(each, how)
	}
	return out
}

// unconstrained tells whether a schema says nothing, as "true" or {}.
func unconstrained(schema any) bool {
	s, ok := schema.(object)
	return schema == true || ok && len(s) == 0
}

func (t *translation) properties(props object, how strictness) object {
	out := object{}
	for name, p := range props {
		if out[name] = true; !t.hidden(p) {
			out[name] = t.whole(p, how)
		}
	}
	return out
}

func (t *translation) required(s object) []any {
	props, _ := s["properties"].(object)
	var left []any
	for _, name := range asList(s["required"]) {
		if p, ok := props[name.(string)]; !ok || !t.hidden(p) {
			left = append(left, name)
		}
	}
	return left
}

// hidden tells whether a property is left out in the direction.
func (t *translation) hidden(schema any) bool {
	keyword := "readOnly"
	if t.dir == contracts.Response {
		keyword = "writeOnly"
	}
	for range 10 {
		s, ok := schema.(object)
		if !ok {
			return false
		}
		ref, isRef := s["$ref"].(string)
		if s[keyword] == true && (!isRef || t.version != v30) {
			return true
		}
		if !isRef {
			return false
		}
		schema = t.schemas[refName(ref)]
	}
	return false
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// TestTranslation keeps the translation of 3.0 exact: a wrong one would hide what it is
// there to find.
func TestTranslation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version      version
		schema       string
		valid, wrong []string
	}{
		{v30, `{"type":"string","nullable":true}`, []string{`null`, `"x"`}, []string{`1`}},
		{v30, `{"nullable":true,"enum":["x"]}`, []string{`"x"`}, []string{`null`}},
		{v30, `{"type":"string","nullable":true,"enum":["x"]}`, []string{`"x"`}, []string{`null`}},
		{v30, `{"type":"string","nullable":true,"enum":["x",null]}`, []string{`"x"`, `null`}, nil},
		{v30, `{"minimum":2,"exclusiveMinimum":true}`, []string{`3`, `"x"`}, []string{`2`}},
		{v30, `{"exclusiveMinimum":true}`, []string{`-1`}, nil},
		{v30, `{"$ref":"#/components/schemas/S0","type":"string"}`, []string{`1`}, []string{`"x"`}},
		{v31, `{"$ref":"#/components/schemas/S0","maximum":3}`, []string{`1`}, []string{`4`}},
		{v31, `{"type":"string","nullable":true}`, []string{`"x"`}, []string{`null`}},
	}
	for _, test := range tests {
		tr := newTranslation(test.version, object{"Root": decode(test.schema), "S0": object{"type": "integer"}}, contracts.Request)
		schema, err := tr.compile(tr.defined(strict, "Root"))
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range test.valid {
			if err := schema.Validate(decode(doc)); err != nil {
				t.Errorf("%s refuses %s", test.schema, doc)
			}
		}
		for _, doc := range test.wrong {
			if schema.Validate(decode(doc)) == nil {
				t.Errorf("%s accepts %s", test.schema, doc)
			}
		}
	}
}
