package openapi

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
)

// TestKindsInSchemas: a keyword of a schema with a value of the wrong kind is refused at its
// place, which says what was expected.
func TestKindsInSchemas(t *testing.T) {
	const inComponents = "openapi: 3.1.0\ninfo: {}\npaths: {}\ncomponents:\n  schemas:\n    S: {%s}\n"
	const inOperation = "openapi: 3.0.3\ninfo: {}\npaths:\n  /x:\n    get:\n      parameters:\n        - {name: q, in: query, schema: {%s}}\n"
	for schema, want := range map[string]string{
		"properties: []":             "expected an object with schemas, found an array",
		"properties: {a: text}":      "expected a schema, found a string",
		"required: name":             "expected a list of names, found a string",
		"items: 3":                   "expected a schema, found a number",
		"type: 5":                    "expected the name of a type, found a number",
		"type: {a: 1}":               "expected the name of a type, found an object",
		"allOf: {type: string}":      "expected a list of schemas, found an object",
		"oneOf: [{type: string}, 3]": "expected a schema, found a number",
		"enum: a":                    "expected a list, found a string",
		"additionalProperties: 'no'": "expected a schema, found a string",
		"maxLength: '3'":             "expected a number, found a string",
		"pattern: 3":                 "expected a string, found a number",
		"nullable: 'true'":           "expected a boolean, found a string",
		"not: []":                    "expected a schema, found an array",
		"patternProperties: {a: {properties: 3}}": "expected an object with schemas, found a number",
		"dependentRequired: [a]":                  "expected an object, found an array",
		"discriminator: [a]":                      "expected an object, found an array",
		"$ref: 3":                                 "expected a string, found a number",
	} {
		for text, line := range map[string]int{inComponents: 6, inOperation: 7} {
			_, err := Load(t.Context(), files{"c.yaml": fmt.Sprintf(text, schema)}, "c.yaml", LoadOptions{})
			problem, ok := errors.AsType[*contracts.Problem](err)
			if !ok || problem.Message != want || problem.Line != line || problem.Column == 0 || problem.Path == "" {
				t.Errorf("%s: got %v, want line %d: %s", schema, err, line, want)
			}
		}
	}
}

// TestKindsThatAreRead: what is not a schema, what real contracts write and what is empty is
// no fault.
func TestKindsThatAreRead(t *testing.T) {
	src := files{
		"c.yaml": `openapi: 3.1.0
info: {description: {$ref: "text.yaml#/introduction"}}
servers: [{url: "/{schema}/{schemas}", variables: {schema: {default: a, enum: [a]}, schemas: {default: a}}}]
paths:
  /x:
    get: {$ref: "get.yaml"}
    put:
      parameters: [{$ref: "parameters.yaml#/schema"}, {$ref: "#/components/parameters/schema"}]
      responses:
        "200": {description: ok, links: {l: {operationId: o, parameters: {schema: [1]}, requestBody: {schemas: {a: 1}}}}}
        "404": {description: none, content: {application/json: {schema: {$ref: "catalogue.yaml"}}}}
        default: {$ref: "responses.yaml#/failed"}
components:
  parameters: {schema: {name: s, in: query, required: true, schema: {type: string}}}
  headers: {schema: {required: true, schema: {type: [string, "null"], enum: [a]}}}
  examples: {schema: {value: {schema: {properties: 3}}}}
  schemas:
    A: {example: {schema: {required: 3}}, default: {properties: []}, x-a: {schema: {items: 3}}, properties: {b:, required: {type: string}, items: {$ref: "models.yaml#/M"}}, required: }
    B: {items: [{type: string}], additionalProperties: true, exclusiveMinimum: true, discriminator: kind}
`,
		"text.yaml": "introduction: hello\n", "get.yaml": "parameters: [{name: a, in: query, schema: {type: string}}]\n",
		"parameters.yaml": "schema: {name: t, in: query, required: true, schema: {type: string}}\n", "models.yaml": "M: {type: string}\n",
		"catalogue.yaml": "properties: {schemas: {type: array, items: {type: string}}, schema: {type: string}}\nconst: {schema: {type: 5}}\n",
		"responses.yaml": "failed: {description: failed, content: {application/json: {schema: {type: string}}}}\n",
	}
	c, err := Load(t.Context(), src, "c.yaml", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if ops := c.Operations(); len(ops) != 2 || len(c.Parameters(ops[0])) != 1 || len(c.Gaps()) != 0 {
		t.Errorf("%d operations, gaps %v", len(ops), c.Gaps())
	}
	for file, want := range map[string]string{"models.yaml": "models.yaml:1:11: expected the name", "responses.yaml": "responses.yaml:1:75: expected the name", "parameters.yaml": "parameters.yaml:1:61: expected the name"} {
		text := src[file]
		src[file] = strings.Replace(text, "type: string", "type: 3", 1)
		if _, err := Load(t.Context(), src, "c.yaml", LoadOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", file, err)
		}
		src[file] = text
	}
}
