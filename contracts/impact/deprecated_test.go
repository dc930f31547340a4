package impact_test

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
)

const agingContract = `openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters:
        - {name: id, in: path, required: true, deprecated: true, schema: {type: string}}
        - {name: expand, in: query, deprecated: true, x-sunset: "2027-03-01", schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
      responses:
        "200":
          description: ok
          headers:
            X-Old: {deprecated: true, schema: {type: string}}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
        "404":
          description: none
          content:
            application/json:
              schema:
                type: object
                properties:
                  code: {type: string, deprecated: true}
    delete:
      operationId: dropOrder
      deprecated: true
      x-sunset: "Sun, 31 Jan 2027 23:59:59 GMT"
      responses: {"204": {description: gone}}
  /orders:
    post:
      x-sunset: soon
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Order"}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: array
                items: {$ref: "#/components/schemas/Order"}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: string}
        sku: {type: string, deprecated: true, x-sunset: "2027-01-31T00:00:00Z"}
        number: {type: string, deprecated: true, readOnly: true}
        parent: {$ref: "#/components/schemas/Order"}
        customer:
          type: object
          properties:
            name: {type: string}
            fax: {type: string, deprecated: true}
        payment:
          oneOf:
            - {$ref: "#/components/schemas/Card"}
            - {$ref: "#/components/schemas/Cash"}
        labels:
          type: object
          additionalProperties:
            type: object
            properties:
              color: {type: string, deprecated: true}
    Card:
      type: object
      properties:
        iin: {type: string, deprecated: true}
    Cash:
      type: object
      properties:
        coins: {type: string, deprecated: true}
`

// list makes patterns; each stands on a line of its own.
func list(texts ...string) *[]contracts.Pattern {
	patterns := []contracts.Pattern{}
	for i, text := range texts {
		patterns = append(patterns, contracts.Pattern{Text: text, Position: contracts.Position{File: "plimsoll.yml", Line: 10 + i}})
	}
	return &patterns
}

func operationUse(selector string, sends, reads *[]contracts.Pattern, status ...string) contracts.OperationUse {
	return contracts.OperationUse{Selector: selector, Sends: sends, Reads: reads, Status: status,
		Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: contracts.Position{File: "plimsoll.yml", Line: 5}}}
}

func TestDeprecations(t *testing.T) {
	contract, err := openapi.Load(t.Context(), treetest.Map{"openapi.yaml": agingContract}, "openapi.yaml", openapi.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name       string
		operations []contracts.OperationUse
		want       []string
	}{
		{"a property that is read", []contracts.OperationUse{operationUse("getOrder", list(), list("id", "sku"))},
			[]string{"property sku 2027-01-31 of GET /orders/{id} by sku at 11"}},
		{"one beside it is not", []contracts.OperationUse{operationUse("getOrder", list(), list("id", "customer.name"))}, nil},
		{"all below what is read", []contracts.OperationUse{operationUse("getOrder", list(), list("customer"))},
			[]string{"property fax of GET /orders/{id} by customer at 10"}},
		{"not below what only has to be there", []contracts.OperationUse{operationUse("getOrder", list(), list("customer.^", "sku.^"))},
			[]string{"property sku 2027-01-31 of GET /orders/{id} by sku.^ at 11"}},
		{"through a recursive schema", []contracts.OperationUse{operationUse("getOrder", list(), list("parent.parent.sku"))},
			[]string{"property sku 2027-01-31 of GET /orders/{id} by parent.parent.sku at 10"}},
		{"one variant", []contracts.OperationUse{operationUse("getOrder", list(), list("payment<Card>"))},
			[]string{"property iin of GET /orders/{id} by payment<Card> at 10"}},
		{"the values of a map", []contracts.OperationUse{operationUse("getOrder", list(), list("labels{}.color"))},
			[]string{"property color of GET /orders/{id} by labels{}.color at 10"}},
		{"a parameter", []contracts.OperationUse{operationUse("getOrder", list("expand", "page"), list())},
			[]string{"parameter expand 2027-03-01 of GET /orders/{id} by expand at 10"}},
		{"a header", []contracts.OperationUse{operationUse("getOrder", list(), list("x-old"))},
			[]string{"header X-Old of GET /orders/{id} by x-old at 10"}},
		{"an operation, by an HTTP date", []contracts.OperationUse{operationUse("DELETE /orders/{}", list(), list())},
			[]string{"operation 2027-01-31 of DELETE /orders/{id} at 5"}},
		{"a sunset that is no date", []contracts.OperationUse{operationUse("POST /orders", list(), list())},
			[]string{"operation soon of POST /orders at 5"}},
		{"a glob", []contracts.OperationUse{operationUse("* /orders/**", list(), list("sku"))},
			[]string{"operation 2027-01-31 of DELETE /orders/{id} at 5", "operation soon of POST /orders at 5", "property sku 2027-01-31 of GET /orders/{id} by sku at 10"}},
		{"only the statuses that are handled", []contracts.OperationUse{operationUse("getOrder", list(), list("**"), "404")},
			[]string{"property code of GET /orders/{id} by ** at 10"}},
		{"what is read only is not sent", []contracts.OperationUse{operationUse("POST /orders", list("number", "sku"), list())},
			[]string{"operation soon of POST /orders at 5", "property sku 2027-01-31 of POST /orders by sku at 11"}},
		{"what is listed goes before what is assumed", []contracts.OperationUse{
			operationUse("POST /orders", list(), nil), operationUse("getOrder", list(), list("sku"))},
			[]string{"operation soon of POST /orders at 5", "property sku 2027-01-31 of GET /orders/{id} by sku at 10",
				"property number of POST /orders assumed at 5", "property fax of POST /orders assumed at 5", "property color of POST /orders assumed at 5",
				"property iin of POST /orders assumed at 5", "property coins of POST /orders assumed at 5"}},
		{"a pattern that is none", []contracts.OperationUse{operationUse("getOrder", list(), list("sku[", ""))}, nil},
		{"the whole API", nil, []string{
			"parameter expand 2027-03-01 of GET /orders/{id} assumed at 3", "header X-Old of GET /orders/{id} assumed at 3",
			"property code of GET /orders/{id} assumed at 3", "operation 2027-01-31 of DELETE /orders/{id} assumed at 3",
			"operation soon of POST /orders assumed at 3", "property sku 2027-01-31 of GET /orders/{id} assumed at 3",
			"property number of GET /orders/{id} assumed at 3", "property fax of GET /orders/{id} assumed at 3",
			"property color of GET /orders/{id} assumed at 3", "property iin of GET /orders/{id} assumed at 3", "property coins of GET /orders/{id} assumed at 3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			usage := contracts.Usage{Operations: test.operations,
				Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: contracts.Position{File: "plimsoll.yml", Line: 3}}}
			found, err := impact.DeprecatedIn(contract).UsedBy(t.Context(), usage)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range found {
				text := strings.Join(strings.Fields(fmt.Sprintf("%s %s %s of %s", d.Kind, d.Name, d.Sunset, d.Operation)), " ")
				if d.Pattern != "" {
					text += " by " + d.Pattern
				}
				if d.Assumed {
					text += " assumed"
				}
				got = append(got, fmt.Sprintf("%s at %d", text, d.Evidence.Line))
				if line := contract.Line(d.Position.File, d.Position.Line); d.Name != "" && !strings.Contains(line, d.Name) {
					t.Errorf("%s is said to stand in %q", d.Name, line)
				}
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("found\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
