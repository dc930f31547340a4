package openapi

import (
	"errors"
	"strings"
	"testing"

	"plimsoll/contracts"
)

// TestReferencesByURI: a schema is found by its $id in whichever file it is, read before
// or after the reference, and a file with a URI for a name still refers to those beside it.
func TestReferencesByURI(t *testing.T) {
	t.Parallel()
	src := files{
		"api/c.yaml": `openapi: 3.1.0
paths: {}
components:
  schemas:
    A: {$ref: "https://acme.dev/schemas/order"}
    B: {$ref: models/order.yaml}
    C: {$ref: "https://acme.dev/schemas/order#total"}
    D: {$id: models/, properties: {x: {$ref: line.yaml}}}
    E: {example: {$ref: "https://acme.dev/none"}}
`,
		"api/models/order.yaml": "$id: https://acme.dev/schemas/order\nproperties:\n  total: {$anchor: total, type: number}\n  lines: {$ref: line.yaml}\n",
		"api/models/line.yaml":  "type: object\n",
	}
	c, err := Load(t.Context(), src, "api/c.yaml", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	schemas := c.Root().Get("components").Get("schemas")
	order := c.Document("api/models/order.yaml").Root()
	line := c.Document("api/models/line.yaml").Root()
	for name, got := range map[string]bool{
		"A":                  c.Deref(schemas.Get("A")) == order,
		"B":                  c.Deref(schemas.Get("B")) == order,
		"C":                  c.Deref(schemas.Get("C")) == order.Get("properties").Get("total"),
		"D":                  c.Deref(schemas.Get("D").Get("properties").Get("x")) == line,
		"a file with an $id": c.Deref(order.Get("properties").Get("lines")) == line,
	} {
		if !got {
			t.Errorf("%s leads elsewhere", name)
		}
	}
}

// TestReferencesStayInside: no reference leads above the source's root, however it is
// written.
func TestReferencesStayInside(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{$ref: "../../secret.yaml"}`:                                              "outside the repository",
		`{$ref: "%2e%2e/%2e%2e/secret.yaml"}`:                                      "outside the repository",
		`{$id: "x/", properties: {a: {$ref: "%2e%2e/%2e%2e/%2e%2e/secret.yaml"}}}`: "outside the repository",
		`{$id: "x/", properties: {a: {$ref: "..%2f..%2f..%2fsecret.yaml"}}}`:       "outside the repository",
		`{$ref: "file:///secret.yaml"}`:                                            "read from the repository only",
		`{$ref: "/secret.yaml"}`:                                                   "an absolute path",
		`{$id: "http://[", type: string}`:                                          "is not a URI reference",
	} {
		src := files{"api/c.yaml": "openapi: 3.1.0\npaths: {}\ncomponents: {schemas: {A: " + schema + "}}\n", "../secret.yaml": "{}", "../../secret.yaml": "{}"}
		_, err := Load(t.Context(), src, "api/c.yaml", LoadOptions{})
		problem, ok := errors.AsType[*contracts.Problem](err)
		if !ok || !strings.Contains(problem.Error(), want) || problem.Line != 3 {
			t.Errorf("%s: got %v, want %q", schema, err, want)
		}
	}
}
