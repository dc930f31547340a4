package soundnesstest

import (
	"slices"
	"testing"

	"plimsoll/contracts"
)

// keywordCases have, for each keyword of JSON Schema 2020-12 that restricts values, two
// schemas of which the second one is stricter by that keyword.
var keywordCases = []struct{ keyword, wide, narrow string }{
	{"type", `{}`, `{"type":"object"}`},
	{"enum", `{"type":"string"}`, `{"type":"string","enum":["x"]}`},
	{"const", `{"type":"string"}`, `{"type":"string","const":"x"}`},
	{"multipleOf", `{"type":"integer"}`, `{"type":"integer","multipleOf":2}`},
	{"maximum", `{"type":"integer"}`, `{"type":"integer","maximum":2}`},
	{"exclusiveMaximum", `{"type":"integer"}`, `{"type":"integer","exclusiveMaximum":2}`},
	{"minimum", `{"type":"integer"}`, `{"type":"integer","minimum":2}`},
	{"exclusiveMinimum", `{"type":"integer"}`, `{"type":"integer","exclusiveMinimum":2}`},
	{"maxLength", `{"type":"string"}`, `{"type":"string","maxLength":2}`},
	{"minLength", `{"type":"string"}`, `{"type":"string","minLength":2}`},
	{"pattern", `{"type":"string"}`, `{"type":"string","pattern":"^x"}`},
	{"maxItems", `{"type":"array"}`, `{"type":"array","maxItems":1}`},
	{"minItems", `{"type":"array"}`, `{"type":"array","minItems":1}`},
	{"uniqueItems", `{"type":"array"}`, `{"type":"array","uniqueItems":true}`},
	{"contains", `{"type":"array"}`, `{"type":"array","contains":{"type":"string"}}`},
	{"minContains", `{"type":"array","contains":{"type":"string"}}`, `{"type":"array","contains":{"type":"string"},"minContains":2}`},
	{"maxContains", `{"type":"array","contains":{"type":"string"}}`, `{"type":"array","contains":{"type":"string"},"maxContains":1}`},
	{"items", `{"type":"array"}`, `{"type":"array","items":{"type":"string"}}`},
	{"prefixItems", `{"type":"array"}`, `{"type":"array","prefixItems":[{"type":"string"}]}`},
	{"unevaluatedItems", `{"type":"array","prefixItems":[true]}`, `{"type":"array","prefixItems":[true],"unevaluatedItems":false}`},
	{"maxProperties", `{"type":"object","properties":{"a":{},"b":{}}}`, `{"type":"object","properties":{"a":{},"b":{}},"maxProperties":1}`},
	{"minProperties", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}},"minProperties":1}`},
	{"required", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}},"required":["a"]}`},
	{"dependentRequired", `{"type":"object","properties":{"a":{},"b":{}}}`, `{"type":"object","properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]}}`},
	{"dependentSchemas", `{"type":"object","properties":{"a":{},"b":{}}}`, `{"type":"object","properties":{"a":{},"b":{}},"dependentSchemas":{"a":{"required":["b"]}}}`},
	{"propertyNames", `{"type":"object","properties":{"ab":{},"b":{}}}`, `{"type":"object","properties":{"ab":{},"b":{}},"propertyNames":{"maxLength":1}}`},
	{"properties", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`},
	{"patternProperties", `{"type":"object","properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}},"patternProperties":{"^a":{"type":"string"}}}`},
	{"additionalProperties", `{"type":"object","additionalProperties":{"type":["string","integer"]}}`, `{"type":"object","additionalProperties":{"type":"string"}}`},
	{"unevaluatedProperties", `{"type":"object","additionalProperties":{"type":"string"},"unevaluatedProperties":false}`, `{"type":"object","unevaluatedProperties":false}`},
	{"allOf", `{"type":"string"}`, `{"type":"string","allOf":[{"enum":["x"]}]}`},
	{"anyOf", `{"type":["string","integer"]}`, `{"type":["string","integer"],"anyOf":[{"type":"string"},{"minimum":3}]}`},
	{"oneOf", `{"type":"integer"}`, `{"type":"integer","oneOf":[{"minimum":3},{"maximum":3}]}`},
	{"not", `{"type":"string"}`, `{"type":"string","not":{"enum":["x"]}}`},
	{"if", `{"type":["string","integer"]}`, `{"type":["string","integer"],"if":{"type":"string"},"then":{"const":"x"}}`},
	{"then", `{"type":"string","if":{"minLength":1}}`, `{"type":"string","if":{"minLength":1},"then":{"pattern":"^x"}}`},
	{"else", `{"type":"string","if":{"minLength":2}}`, `{"type":"string","if":{"minLength":2},"else":{"pattern":"^x"}}`},
	{"$ref", `{"type":"integer"}`, `{"type":"integer","$ref":"#/components/schemas/S0"}`},
}

// keywordContexts are places in which a keyword may stand; each wraps a schema.
var keywordContexts = []struct {
	name string
	wrap func(schema any) any
}{
	{"alone", func(s any) any { return s }},
	{"in a property", func(s any) any { return object{"type": "object", "properties": object{"p": s}} }},
	{"in an item", func(s any) any { return object{"type": "array", "items": s} }},
	{"in a map", func(s any) any { return object{"type": "object", "additionalProperties": s} }},
	{"in an allOf", func(s any) any { return object{"allOf": []any{s, object{"description": "more"}}} }},
	{"in a branch", func(s any) any {
		return object{"anyOf": []any{s, object{"type": "object", "required": []any{"z"}, "properties": object{"z": object{"type": "boolean"}}}}}
	}},
	{"in the only branch", func(s any) any { return object{"oneOf": []any{s}} }},
	{"beside null", func(s any) any { return object{"anyOf": []any{s, object{"type": "null"}}} }},
	{"in a branch of two objects", func(s any) any {
		return object{"type": "object", "properties": object{"p": object{"oneOf": []any{object{"type": "boolean"}, s}}}}
	}},
	{"beside properties", func(s any) any {
		return object{"type": "object", "properties": object{"p": object{"allOf": []any{s}}, "q": object{"type": "string"}}, "required": []any{"p"}}
	}},
}

// TestNoKeywordIsSilent makes a schema stricter by each keyword, in each context. For a
// request that is a change that somebody may feel, and so is the way back for a response.
func TestNoKeywordIsSilent(t *testing.T) {
	t.Parallel()
	found := 0
	for _, k := range keywordCases {
		for _, in := range keywordContexts {
			for _, dir := range []contracts.Direction{contracts.Request, contracts.Response} {
				shared := object{"type": "integer", "enum": []any{decode("1"), decode("2")}}
				side := func(schema string) object {
					return clone(object{"Root": in.wrap(decode(schema)), "S0": shared}).(object)
				}
				c := &soundnessCase{version: v31, dir: dir, seed: [2]uint64{1, 1}, base: side(k.wide), head: side(k.narrow)}
				if dir == contracts.Response {
					c.base, c.head = c.head, c.base
				}
				result, err := c.check(t.Context())
				switch {
				case err != nil:
					t.Errorf("%s %s: %v", k.keyword, in.name, err)
				case result.counter != "":
					t.Errorf("%s %s: %s\n%s", k.keyword, in.name, result.counter, c)
				case result.harmless && (dir == contracts.Request || !slices.Contains(limits, k.keyword)):
					t.Errorf("%s %s, %s: the change is called harmless\n%s", k.keyword, in.name, dir, c)
				default:
					found++
				}
			}
		}
	}
	if found < len(keywordCases)*len(keywordContexts) {
		t.Errorf("%d cases were judged, at least %d expected", found, len(keywordCases)*len(keywordContexts))
	}
}
