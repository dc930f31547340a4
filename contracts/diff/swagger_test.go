package diff

import (
	"errors"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

const swaggerTop = "swagger: '2.0'\ninfo: {title: t, version: '1'}\nhost: a.dev\nbasePath: /v1\n"

const openapiTop = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\nservers: [{url: https://a.dev/v1}]\n"

// TestSwaggerMeans: a Swagger 2.0 contract means what the OpenAPI 3 contract beside it
// says, which is written by hand.
func TestSwaggerMeans(t *testing.T) {
	t.Parallel()
	parameters := func(list string) string {
		return "paths:\n  /x:\n    get:\n      parameters:\n" + list + "      responses: {'204': {description: none}}\n"
	}
	body := func(content string) string {
		return "paths:\n  /x:\n    post:\n      requestBody:\n" + content + "      responses: {'204': {description: none}}\n"
	}
	form := func(consumes, list string) string {
		return "paths:\n  /x:\n    post:\n" + consumes + "      parameters:\n" + list + "      responses: {'204': {description: none}}\n"
	}
	for name, pair := range map[string]struct{ swagger, openapi string }{
		"lists in the query": {parameters(`
        - {name: a, in: query, type: array, items: {type: string}}
        - {name: b, in: query, type: array, items: {type: string}, collectionFormat: csv}
        - {name: c, in: query, type: array, items: {type: string}, collectionFormat: ssv}
        - {name: d, in: query, type: array, items: {type: string}, collectionFormat: pipes}
        - {name: e, in: query, type: array, items: {type: string}, collectionFormat: multi}
`), parameters(`
        - {name: a, in: query, style: form, explode: false, schema: {type: array, items: {type: string}}}
        - {name: b, in: query, style: form, explode: false, schema: {type: array, items: {type: string}}}
        - {name: c, in: query, style: spaceDelimited, explode: false, schema: {type: array, items: {type: string}}}
        - {name: d, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
        - {name: e, in: query, schema: {type: array, items: {type: string}}}
`)},
		"lists elsewhere": {strings.ReplaceAll(parameters(`
        - {name: a, in: path, required: true, type: array, items: {type: integer}}
        - {name: b, in: header, type: array, items: {type: string}, collectionFormat: csv, minItems: 1}
        - {name: c, in: header, type: array, items: {type: string}, collectionFormat: multi}
`), "/x:", "/{a}:"), strings.ReplaceAll(parameters(`
        - {name: a, in: path, required: true, schema: {type: array, items: {type: integer}}}
        - {name: b, in: header, schema: {type: array, items: {type: string}, minItems: 1}}
        - {name: c, in: header, schema: {type: array, items: {type: string}}}
`), "/x:", "/{a}:")},
		"limits, defaults and what is allowed": {parameters(`
        - {name: a, in: query, type: integer, format: int32, default: 3, minimum: 1, exclusiveMinimum: true, maximum: 9, multipleOf: 2}
        - {name: b, in: query, type: string, enum: [x, y], default: x, allowEmptyValue: true, required: true}
        - {name: c, in: query, type: string, pattern: "^a", minLength: 2, maxLength: 4, x-nullable: true}
        - {name: d, in: query, type: array, items: {type: string, maxLength: 3}, uniqueItems: true, maxItems: 4}
`), parameters(`
        - {name: a, in: query, schema: {type: integer, format: int32, default: 3, minimum: 1, exclusiveMinimum: true, maximum: 9, multipleOf: 2}}
        - {name: b, in: query, schema: {type: string, enum: [x, y], default: x}, allowEmptyValue: true, required: true}
        - {name: c, in: query, schema: {type: string, pattern: "^a", minLength: 2, maxLength: 4, nullable: true}}
        - {name: d, in: query, explode: false, schema: {type: array, items: {type: string, maxLength: 3}, uniqueItems: true, maxItems: 4}}
`)},
		"a form": {form("", `
        - {name: a, in: formData, type: string, maxLength: 3}
        - {name: b, in: formData, type: integer, required: true, default: 3}
        - {name: c, in: formData, type: array, items: {type: string}}
        - {name: d, in: formData, type: array, items: {type: string}, collectionFormat: multi}
        - {name: e, in: formData, type: array, items: {type: string}, collectionFormat: pipes}
`), body(`
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [b]
              properties:
                a: {type: string, maxLength: 3}
                b: {type: integer, default: 3}
                c: {type: array, items: {type: string}}
                d: {type: array, items: {type: string}}
                e: {type: array, items: {type: string}}
            encoding:
              c: {style: form, explode: false}
              e: {style: pipeDelimited, explode: false}
`)},
		"a form in two media types": {form("      consumes: [multipart/form-data, application/x-www-form-urlencoded]\n", `
        - {name: a, in: formData, type: string}
`), body(`
        content:
          multipart/form-data: {schema: {type: object, properties: {a: {type: string}}}}
          application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string}}}}
`)},
		"a file": {form("", `
        - {name: a, in: formData, type: file, required: true}
        - {name: b, in: formData, type: string}
`), body(`
        required: true
        content:
          multipart/form-data: {schema: {type: object, required: [a], properties: {a: {type: string, format: binary}, b: {type: string}}}}
`)},
		"a body": {form("      consumes: [application/json, application/xml]\n", `
        - {name: o, in: body, required: true, schema: {$ref: "#/definitions/O"}}
        - {name: q, in: query, type: string}
`) + `
definitions:
  O: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}, n: {type: string, x-nullable: true}}}
`, strings.Replace(body(`
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/O"}}
          application/xml: {schema: {$ref: "#/components/schemas/O"}}
`), "    post:\n", "    post:\n      parameters: [{name: q, in: query, schema: {type: string}}]\n", 1) + `
components:
  schemas:
    O: {type: object, discriminator: {propertyName: kind}, required: [kind], properties: {kind: {type: string}, n: {type: string, nullable: true}}}
`},
		"a body without media types": {form("", `
        - {name: o, in: body, schema: {type: array, items: {type: string}}}
`), body(`
        content: {application/json: {schema: {type: array, items: {type: string}}}}
`)},
		"what a path and the document share": {`
consumes: [text/csv]
parameters:
  limit: {name: limit, in: query, type: integer, maximum: 10}
  order: {name: order, in: body, required: true, schema: {type: string}}
  token: {name: token, in: formData, type: string, required: true}
  O: {name: other, in: formData, type: string}
definitions:
  O: {type: integer}
paths:
  /x:
    parameters: [{$ref: "#/parameters/limit"}, {$ref: "#/parameters/order"}]
    get: {responses: {'204': {description: none}}}
    post:
      consumes: [text/plain]
      responses: {'204': {description: none}}
  /y:
    parameters: [{$ref: "#/parameters/token"}]
    put:
      parameters: [{$ref: "#/parameters/O"}]
      responses: {'204': {description: none}}
    post:
      parameters: [{name: token, in: formData, type: integer}]
      responses: {'204': {description: none}}
`, `
components:
  parameters:
    limit: {name: limit, in: query, schema: {type: integer, maximum: 10}}
  requestBodies:
    order: {required: true, content: {text/csv: {schema: {type: string}}}}
paths:
  /x:
    parameters: [{$ref: "#/components/parameters/limit"}]
    get:
      requestBody: {$ref: "#/components/requestBodies/order"}
      responses: {'204': {description: none}}
    post:
      requestBody: {required: true, content: {text/plain: {schema: {type: string}}}}
      responses: {'204': {description: none}}
  /y:
    put:
      requestBody: {required: true, content: {text/csv: {schema: {type: object, required: [token], properties: {token: {type: string}, other: {type: string}}}}}}
      responses: {'204': {description: none}}
    post:
      requestBody: {content: {text/csv: {schema: {type: object, properties: {token: {type: integer}}}}}}
      responses: {'204': {description: none}}
`},
		"responses": {`
produces: [application/json]
responses:
  Gone: {description: gone, schema: {$ref: "#/definitions/E"}}
definitions:
  E: {type: object, properties: {m: {type: string}}}
paths:
  /x:
    get:
      responses:
        '200':
          description: ok
          schema: {type: array, items: {$ref: "#/definitions/E"}}
          headers: {X-Tags: {type: array, items: {type: string}}, X-Tabs: {type: array, items: {type: string}, collectionFormat: csv}}
          examples: {text/plain: a}
        '204': {description: none, examples: {text/plain: a}}
        '410': {$ref: "#/responses/Gone"}
    put:
      produces: [text/csv]
      responses:
        '200': {description: ok, schema: {type: file}}
        '410': {$ref: "#/responses/Gone"}
`, `
components:
  schemas:
    E: {type: object, properties: {m: {type: string}}}
  responses:
    Gone: {description: gone, content: {application/json: {schema: {$ref: "#/components/schemas/E"}}}}
paths:
  /x:
    get:
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/E"}}}}
          headers: {X-Tags: {schema: {type: array, items: {type: string}}}, X-Tabs: {schema: {type: array, items: {type: string}}}}
        '204': {description: none}
        '410': {$ref: "#/components/responses/Gone"}
    put:
      responses:
        '200': {description: ok, content: {text/csv: {schema: {type: string, format: binary}}}}
        '410': {description: gone, content: {text/csv: {schema: {$ref: "#/components/schemas/E"}}}}
`},
		"security": {`
securityDefinitions:
  b: {type: basic}
  k: {type: apiKey, in: header, name: X-Key}
  i: {type: oauth2, flow: implicit, authorizationUrl: https://a.dev/auth, scopes: {r: read}}
  a: {type: oauth2, flow: accessCode, authorizationUrl: https://a.dev/auth, tokenUrl: https://a.dev/token, scopes: {r: read}}
  p: {type: oauth2, flow: application, tokenUrl: https://a.dev/token, scopes: {r: read}}
security: [{b: []}, {k: []}, {i: [r]}, {a: [r]}, {p: [r]}]
paths:
  /x:
    get: {responses: {'204': {description: none}}}
    put: {security: [], responses: {'204': {description: none}}}
`, `
components:
  securitySchemes:
    b: {type: http, scheme: basic}
    k: {type: apiKey, in: header, name: X-Key}
    i: {type: oauth2, flows: {implicit: {authorizationUrl: https://a.dev/auth, scopes: {r: read}}}}
    a: {type: oauth2, flows: {authorizationCode: {authorizationUrl: https://a.dev/auth, tokenUrl: https://a.dev/token, scopes: {r: read}}}}
    p: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://a.dev/token, scopes: {r: read}}}}
security: [{b: []}, {k: []}, {i: [r]}, {a: [r]}, {p: [r]}]
paths:
  /x:
    get: {responses: {'204': {description: none}}}
    put: {security: [], responses: {'204': {description: none}}}
`},
		"subtypes": {`
definitions:
  Pet: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}}}
  Cat: {allOf: [{$ref: "#/definitions/Pet"}, {type: object, properties: {lives: {type: integer}}}]}
paths:
  /x:
    get: {responses: {'200': {description: ok, schema: {$ref: "#/definitions/Pet"}}}}
`, `
components:
  schemas:
    Pet: {type: object, discriminator: {propertyName: kind}, required: [kind], properties: {kind: {type: string}}}
    Cat: {allOf: [{$ref: "#/components/schemas/Pet"}, {type: object, properties: {lives: {type: integer}}}]}
paths:
  /x:
    get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}}
`},
		"names that are keywords": {`
definitions:
  properties: {type: object, properties: {$ref: {type: string}, x-nullable: {type: boolean}, items: {type: array, items: {type: file}}, default: {type: string, default: {$ref: here}}}}
paths:
  /x:
    get: {responses: {'200': {description: ok, schema: {$ref: "#/definitions/properties"}}}}
`, `
components:
  schemas:
    properties: {type: object, properties: {$ref: {type: string}, x-nullable: {type: boolean}, items: {type: array, items: {type: string, format: binary}}, default: {type: string, default: {$ref: here}}}}
paths:
  /x:
    get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/properties"}}}}}}
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := memory{"s.yaml": swaggerTop + pair.swagger, "o.yaml": openapiTop + pair.openapi}
			swagger, other := mustLoad(t, src, "s.yaml"), mustLoad(t, src, "o.yaml")
			for _, c := range []*Comparison{mustCompare(t, swagger, other), mustCompare(t, other, swagger)} {
				for _, change := range c.Changes() {
					t.Errorf("%s at %s: %s → %s", change.Rule, edgeText(change.Edge), orDash(change.From), orDash(change.To))
				}
			}
		})
	}
}

// TestSwaggerProblems: what can't be converted is refused at its place.
func TestSwaggerProblems(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"c.yaml:7:58: the operation has another body parameter": "paths:\n  /x:\n    post: {parameters: [{name: a, in: body, schema: {}}, {name: b, in: formData, type: string}]}\n",
		"c.yaml:7:32: refers to #/parameters/no":                "paths:\n  /x:\n    post: {parameters: [{$ref: \"#/parameters/no\"}]}\n",
		"c.yaml:7:32: refers to other.yaml#/p":                  "paths:\n  /x:\n    post: {parameters: [{$ref: \"other.yaml#/p\"}]}\n",
		"c.yaml:6:13: refers to Order":                          "definitions:\n  O: {$ref: Order}\npaths: {}\n",
		"c.yaml:6:13: refers to #/definitions/No":               "definitions:\n  O: {$ref: \"#/definitions/No\"}\npaths: {}\n",
		"c.yaml:6:27: expected a flow":                          "securityDefinitions:\n  o: {type: oauth2, flow: no}\npaths: {}\n",
		"c.yaml:5:8: expected an object, found an array":        "paths: []\n",
		"c.yaml:7:11: expected an operation, found an array":    "paths:\n  /x:\n    post: []\n",
		"c.yaml:5:24: refers to itself":                         "parameters: {a: {$ref: \"#/parameters/a\"}}\npaths: {}\n",
	} {
		_, err := openapi.Load(t.Context(), memory{"c.yaml": swaggerTop + text}, "c.yaml", openapi.LoadOptions{})
		if _, ok := errors.AsType[*contracts.Problem](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestSwaggerGrowth: a conversion that makes much of a little ends with a problem.
func TestSwaggerGrowth(t *testing.T) {
	t.Parallel()
	text := `{"swagger":"2.0","produces":[` + many(300, `"a/b%d"`) + `],"paths":{` +
		many(300, `"/p%d":{"get":{"responses":{"200":{"description":"ok","schema":{"type":"string"}}}}}`) + `}}`
	_, err := openapi.Load(t.Context(), memory{"c.json": text}, "c.json", openapi.LoadOptions{Limits: openapi.Limits{TotalBytes: 1 << 20}})
	if problem, ok := errors.AsType[*contracts.Problem](err); !ok || !strings.Contains(problem.Message, "more than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
}
