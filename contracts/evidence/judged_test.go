package evidence

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
)

// shopContract is a contract with the lines of one edit replaced.
func shopContract(old, new string) treetest.Map {
	text := `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: ok
          headers: {X-Trace: {schema: {type: string}}}
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: {type: string}
                  total: {type: integer}
                  note: {type: string}
                  odd.key: {type: string}
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              properties:
                currency: {type: string, enum: [EUR, USD]}
                gift: {type: string}
      responses: {"201": {description: made}}
  /carts:
    get:
      responses: {"200": {description: ok}}
`
	if !strings.Contains(text, old) {
		panic("no " + old)
	}
	return treetest.Map{"openapi.yaml": strings.Replace(text, old, new, 1)}
}

const judgedPact = `{"consumer": {"name": "web"}, "provider": {"name": "orders"}, "interactions": [
{"request": {"method": "GET", "path": "/orders/1"},
 "response": {"status": 200, "headers": {"X-Trace": "t"}, "body": {"total": 1, "odd.key": "x"}}},
{"request": {"method": "POST", "path": "/orders", "headers": {"Content-Type": "application/json"}, "body": {"currency": "EUR"}},
 "response": {"status": 201}},
{"request": {"method": "POST", "path": "/orders", "headers": {"Content-Type": "application/json"}, "body": {"currency": "EUR", "gift": "yes"}},
 "response": {"status": 201}}
]}`

// What evidence says must mean to the comparison what it means to people.
func TestEvidenceIsJudged(t *testing.T) {
	const imported = "version: 1\ncomponents: [{name: web, consumes: [{api: orders, import: [pacts/*.json]}]}]\n"
	cases := []struct{ name, file, old, new, want string }{
		{"imported: a field that is read", imported, "                  total: {type: integer}\n", "", "breaks"},
		{"imported: a field with a dot that is read", imported, "                  odd.key: {type: string}\n", "", "breaks"},
		{"imported: a field that is not read", imported, "                  note: {type: string}\n", "", "unaffected"},
		{"imported: a header that is read", imported, "          headers: {X-Trace: {schema: {type: string}}}\n", "", "breaks"},
		{"imported: a value that is sent", imported, "enum: [EUR, USD]", "enum: [USD]", "breaks"},
		{"imported: a value that is not sent", imported, "enum: [EUR, USD]", "enum: [EUR]", "unaffected"},
		{"imported: sent once and once not, now required", imported, "              additionalProperties: false\n", "              additionalProperties: false\n              required: [gift]\n", "breaks"},
		{"imported: an operation that is not used", imported, "  /carts:\n    get:\n      responses: {\"200\": {description: ok}}\n", "", "unaffected"},
		{"discovered: a field that is read", "", "                  total: {type: integer}\n", "", "breaks"},
		{"discovered: a field that is not read", "", "                  note: {type: string}\n", "", "may-break"},
		{"discovered: an operation that is not named", "", "  /carts:\n    get:\n      responses: {\"200\": {description: ok}}\n", "", "breaks may-break"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree := treetest.Map{"pacts/web-orders.json": judgedPact}
			if c.file != "" {
				tree["plimsoll.yml"] = c.file
			}
			r := collected(t, tree)
			usage := r.Components[0].Consumes[0].Usage
			got := judged(t, shopContract(c.old, c.old), shopContract(c.old, c.new), usage)
			if !strings.Contains(c.want, got) {
				t.Errorf("%s, expected %s. The use:\n%s", got, c.want, show(r))
			}
		})
	}
}

// judged gives the gravest verdict on a change for one consumer.
func judged(t *testing.T, base, head treetest.Map, usage contracts.Usage) string {
	t.Helper()
	var sides [2]*openapi.Contract
	for i, tree := range []treetest.Map{base, head} {
		contract, err := openapi.Load(t.Context(), tree, "openapi.yaml", openapi.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sides[i] = contract
	}
	comparison, err := diff.Compare(t.Context(), sides[0], sides[1], diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	findings, wrong, err := comparison.Judge(t.Context(), []contracts.Consumer{{Component: "web", Usage: usage}})
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) == 0 {
		t.Fatal("the edit changed nothing")
	}
	for _, w := range wrong {
		t.Errorf("a registration problem: %v", fmt.Sprint(w.Problem.Error(), w.Nearest))
	}
	worst := contracts.Unaffected
	for i := range findings {
		if v := findings[i].Verdict(); v.Rank() > worst.Rank() {
			worst = v
		}
	}
	return string(worst)
}
