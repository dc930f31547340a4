package impact

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
)

// ordersFiles is a contract over two files, with a shared schema whose parts stand
// in several branches of an allOf.
var ordersFiles = rewrittenFiles{
	"api/openapi.yaml": []byte(`openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getOrder
      parameters:
        - {name: expand, in: query, schema: {type: string}}
      responses:
        "200":
          description: ok
          headers:
            X-Rate: {schema: {type: integer}}
          content:
            application/json:
              schema: {$ref: "schemas.yaml#/Order"}
    delete:
      operationId: cancelOrder
      responses: {"204": {description: gone}}
  /orders:
    post:
      operationId: addOrder
      requestBody:
        content:
          application/json:
            schema: {$ref: "schemas.yaml#/Order"}
      responses: {"201": {description: made}}
`),
	"api/schemas.yaml": []byte(`Order:
  allOf:
    - $ref: "#/Base"
    - type: object
      required: [items, note]
      properties:
        items:
          type: array
          items: {$ref: "#/Line"}
        note: {type: string}
Base:
  type: object
  required: [id]
  properties:
    id: {type: string}
    note: {type: string}
Line:
  type: object
  required: [sku, count]
  properties:
    sku: {type: string}
    count: {type: integer}
`),
}

func ordersContract(t *testing.T) *openapi.Contract {
	t.Helper()
	contract, err := openapi.Load(t.Context(), ordersFiles, "api/openapi.yaml", openapi.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return contract
}

// What is taken out is gone, all of it and nothing else: the changes are those of
// the removal, each at the line where it stood.
func TestWithout(t *testing.T) {
	for name, each := range map[string]struct {
		removal   Removal
		positions string
		changes   []string // rule, direction, edge, place in the base
	}{
		"an operation": {Removal{Operation: "DELETE /orders/{orderId}"}, "api/openapi.yaml:19",
			[]string{"operation-removed request  DELETE /orders/{id} api/openapi.yaml:19"}},
		"by its id": {Removal{Operation: "cancelOrder"}, "api/openapi.yaml:19",
			[]string{"operation-removed request  DELETE /orders/{id} api/openapi.yaml:19"}},
		"a property of a shared schema in another file": {Removal{Operation: "getOrder", Field: "items[].sku"}, "api/schemas.yaml:21", []string{
			"response-property-removed response schemas#Line sku api/schemas.yaml:21", "request-property-removed request schemas#Line sku api/schemas.yaml:21"}},
		"a property that several parts declare": {Removal{Operation: "addOrder", Field: "note", Sends: true}, "api/schemas.yaml:10 api/schemas.yaml:16", []string{
			"response-property-removed response schemas#Base note api/schemas.yaml:16", "request-property-removed request schemas#Base note api/schemas.yaml:16"}},
		"a parameter": {Removal{Operation: "getOrder", Field: "expand", Sends: true}, "api/openapi.yaml:10",
			[]string{"request-parameter-removed request GET /orders/{id} expand api/openapi.yaml:10"}},
		"a header": {Removal{Operation: "getOrder", Field: "X-Rate"}, "api/openapi.yaml:15",
			[]string{"response-header-removed response GET /orders/{id} 200 X-Rate api/openapi.yaml:15"}},
	} {
		t.Run(name, func(t *testing.T) {
			removed, err := Without(t.Context(), ordersContract(t), each.removal)
			if err != nil {
				t.Fatal(err)
			}
			var positions []string
			for _, p := range removed.Positions {
				p.Column = 0
				positions = append(positions, p.String())
			}
			if got := strings.Join(positions, " "); got != each.positions {
				t.Errorf("taken out at %s, expected %s", got, each.positions)
			}
			comparison, err := diff.Compare(t.Context(), removed.Base, removed.Head, diff.Options{API: "acme/orders/orders"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range comparison.Changes() {
				at := *change.Source.Base
				at.Column = 0
				got = append(got, strings.Join([]string{change.Rule, string(change.Direction), change.Edge.Schema, change.Edge.Name, at.String()}, " "))
			}
			slices.Sort(got)
			slices.Sort(each.changes)
			if !slices.Equal(got, each.changes) {
				t.Errorf("changes\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(each.changes, "\n"))
			}
			same, err := diff.Compare(t.Context(), ordersContract(t), removed.Base, diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if changes := same.Changes(); len(changes) > 0 {
				t.Errorf("written anew the contract is another: %v", changes)
			}
		})
	}
}

func TestWithoutWhatIsNotThere(t *testing.T) {
	for name, each := range map[string]struct {
		removal       Removal
		says, nearest string
	}{
		"an operation":               {Removal{Operation: "GET /order/{id}"}, "operation GET /order/{id} is not in the contract", "GET /orders/{id}"},
		"an id":                      {Removal{Operation: "getOrders"}, "operation getOrders is not in the contract", "getOrder"},
		"nothing":                    {Removal{}, "operation  is not in the contract", ""},
		"a field":                    {Removal{Operation: "getOrder", Field: "items[].skus"}, `"items[].skus" is not in the response of getOrder`, "sku"},
		"on the other side":          {Removal{Operation: "getOrder", Field: "note", Sends: true}, `"note" is not in the request of getOrder`, ""},
		"no field":                   {Removal{Operation: "getOrder", Field: "items[]"}, `field "items[]": name a property`, ""},
		"everything":                 {Removal{Operation: "getOrder", Field: "**"}, `field "**": name a property`, ""},
		"no pattern":                 {Removal{Operation: "getOrder", Field: "items[.sku"}, `field "items[.sku": `, ""},
		"a name that only begins so": {Removal{Operation: "getOrder", Field: "not"}, `"not" is not in the response`, "note"},
		"a very long operation":      {Removal{Operation: strings.Repeat("x", 1<<20)}, "longer than", ""},
		"a very long field":          {Removal{Operation: "getOrder", Field: strings.Repeat("x.", 1<<20)}, "longer than", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Without(t.Context(), ordersContract(t), each.removal)
			missing, ok := errors.AsType[*NotInContract](err)
			if !ok {
				t.Fatalf("%v is no NotInContract", err)
			}
			if len(missing.Message) > 200 || !strings.Contains(missing.Message, each.says) {
				t.Errorf("says %q, expected %q", missing.Message, each.says)
			}
			if each.nearest != "" && !slices.Contains(missing.Nearest, each.nearest) {
				t.Errorf("nearest %q, expected %q", missing.Nearest, each.nearest)
			}
		})
	}
}

// What another part of the contract refers to can't go by itself: that is told with
// its place.
func TestWithoutWhatIsReferredTo(t *testing.T) {
	files := rewrittenFiles{"api.json": []byte(`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{
"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}},
"/b":{"get":{"operationId":"b","responses":{"200":{"$ref":"#/paths/~1a/get/responses/200"}}}}}}`)}
	contract, err := openapi.Load(t.Context(), files, "api.json", openapi.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Without(t.Context(), contract, Removal{Operation: "a"})
	problem, ok := RefersTo(err)
	if !ok || !strings.Contains(problem.Message, "#/paths/~1a/get/responses/200") {
		t.Errorf("got %v", err)
	}
}
