package evidence

import (
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/treetest"
)

const ordersContract = `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema: {$ref: "schemas.yaml#/Order"}
`

const ordersSchemas = `Order:
  type: object
  properties:
    id: {type: string}
    total: {type: integer}
`

func collected(t *testing.T, tree treetest.Map) contracts.Registration {
	t.Helper()
	registration, err := Collect(t.Context(), tree, Options{Repository: contracts.RepositoryRef{Owner: "acme", Name: "shop"}, Commit: "c0ffee"})
	if err != nil {
		t.Fatal(err)
	}
	return registration
}

func TestCollectDeclared(t *testing.T) {
	r := collected(t, treetest.Map{
		".github/plimsoll.yml": `version: 1
components:
  - provides:
      - {api: orders, spec: api/openapi.yaml}
    consumes:
      - api: payments
        operations:
          - op: GET /payments/{id}
            reads: []
          - op: POST /payments
            sends: [amount]
`,
		"api/openapi.yaml": ordersContract,
		"api/schemas.yaml": ordersSchemas,
		"CODEOWNERS":       "* @acme/everybody\n.github/ @acme/platform @acme/others\n",
	})
	if !r.Enrolled || r.Broken || len(r.Problems) > 0 || len(r.Components) != 1 {
		t.Fatalf("registration: %+v", r)
	}
	c := r.Components[0]
	if c.Name != "shop" || c.Owner != "@acme/platform" || c.Release != "deployed" {
		t.Errorf("component: %+v", c)
	}
	if p := c.Provides[0]; p.Problem != nil || len(p.Files) != 2 || p.Files["api/schemas.yaml"] != treetest.BlobSHA([]byte(ordersSchemas)) || p.OnBreak != "block" {
		t.Errorf("provides: %+v", p)
	}
	get, post := c.Consumes[0].Usage.Operations[0], c.Consumes[0].Usage.Operations[1]
	if get.Reads == nil || len(*get.Reads) != 0 || get.Sends != nil || get.Evidence.Line != 8 {
		t.Errorf("GET: %+v", get)
	}
	if post.Reads != nil || (*post.Sends)[0].Text != "amount" || (*post.Sends)[0].Position.Line != 11 {
		t.Errorf("POST: %+v", post)
	}
}

func TestCollectBrokenAndAbsent(t *testing.T) {
	broken := collected(t, treetest.Map{"plimsoll.yml": "version: 1\ncomponent: []\n"})
	if !broken.Broken || !broken.Enrolled || len(broken.Problems) != 1 || broken.Problems[0].Line != 2 || len(broken.Components) > 0 {
		t.Errorf("broken: %+v", broken)
	}
	if absent := collected(t, treetest.Map{"README.md": "hello"}); absent.Enrolled || absent.Broken || len(absent.Problems) > 0 || len(absent.Components) > 0 {
		t.Errorf("absent: %+v", absent)
	}
	if near := collected(t, treetest.Map{"plimsoll.yaml": "version: 1"}); near.Enrolled || len(near.Problems) != 1 || near.Problems[0].File != "plimsoll.yaml" {
		t.Errorf("near miss: %+v", near)
	}
}
