package usage

import (
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

func TestConcretePathsFitTemplates(t *testing.T) {
	var ops []*openapi.Operation
	for _, path := range []string{"/orders/{id}", "/orders/latest", "/orders/{id}/lines/{line}", "/files/{name}.json", "/{tenant}/orders"} {
		ops = append(ops, &openapi.Operation{Method: "GET", Path: path, Norm: openapi.NormalPath(path)})
	}
	tests := map[string]string{
		"GET /orders/4711":         "/orders/{id}",
		"GET /orders/latest":       "/orders/latest", // the literal one wins
		"GET /orders/4711/lines/1": "/orders/{id}/lines/{line}",
		"GET /files/a.json":        "/files/{name}.json",
		"GET /files/a.xml":         "",
		"GET /files/.json":         "",
		"GET /acme/orders":         "/{tenant}/orders",
		"POST /orders/4711":        "",
		"GET /orders":              "",
		"GET /orders/1/2":          "",
	}
	for selector, want := range tests {
		got := ""
		if found := matchConcrete(ops, selector); len(found) == 1 {
			got = found[0].Path
		} else if len(found) > 1 {
			got = "several"
		}
		if got != want {
			t.Errorf("%s belongs to %q, expected %q", selector, got, want)
		}
	}
}

func TestOnlyAPactsPathsAreConcrete(t *testing.T) {
	ops := []*openapi.Operation{{Method: "GET", Path: "/orders/{id}", Norm: "/orders/{}"}}
	for kind, want := range map[contracts.EvidenceKind]int{contracts.EvidencePact: 1, contracts.EvidenceDeclared: 0} {
		use := &contracts.OperationUse{Selector: "GET /orders/serach", Evidence: contracts.Evidence{Kind: kind}}
		if got := len(MatchUse(ops, use)); got != want {
			t.Errorf("%s: %d operations, expected %d", kind, got, want)
		}
	}
}
