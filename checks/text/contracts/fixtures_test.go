package contracttext

import "plimsoll/contracts"

var (
	acme     = contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "orders", Private: true}
	checkout = contracts.RepositoryRef{ID: 2, Owner: "acme", Name: "checkout", Private: true}
	mobile   = contracts.RepositoryRef{ID: 3, Owner: "acme", Name: "mobile-app", Private: true}
	reports  = contracts.RepositoryRef{ID: 4, Owner: "acme", Name: "reports", Private: true}
)

const (
	baseSHA = "aaaaaaa1111111111111111111111111aaaaaaaa"
	headSHA = "bbbbbbb2222222222222222222222222bbbbbbbb"
)

func at(file string, line int) *contracts.Position {
	return &contracts.Position{File: file, Line: line, Column: 9}
}

func ptr[T any](v T) *T { return &v }

func skuRemoved() contracts.Change {
	return contracts.Change{
		Fingerprint: "9f1c02d4e6a8", Rule: "response-property-removed", Level: contracts.Breaking, Direction: contracts.Response,
		Edge: contracts.Edge{Schema: "Order", Name: "sku", Kind: contracts.KindProperty}, From: ptr("string"), Reached: 12,
		Operations: []contracts.OperationRef{
			{Method: "GET", Path: "/orders/{id}", Status: "200", MediaType: "application/json", Pointer: "items[].sku"},
			{Method: "GET", Path: "/orders", Status: "200", MediaType: "application/json", Pointer: "orders[].items[].sku"},
		},
		Source: contracts.ChangeSource{Base: at("api/schemas/order.yaml", 41)},
	}
}

func legacyRemoved() contracts.Change {
	return contracts.Change{
		Fingerprint: "77aa02d4e6a8", Rule: "response-property-removed", Level: contracts.Breaking, Direction: contracts.Response,
		Edge: contracts.Edge{Schema: "Order", Name: "legacyId", Kind: contracts.KindProperty}, From: ptr("integer"), Reached: 2,
		Operations: []contracts.OperationRef{{Method: "GET", Path: "/orders/{id}", Status: "200", Pointer: "legacyId"}},
		Source:     contracts.ChangeSource{Base: at("api/schemas/order.yaml", 48)},
	}
}

func noteAdded() contracts.Change {
	return contracts.Change{
		Fingerprint: "11aa02d4e6a8", Rule: "response-property-added", Level: contracts.Info, Direction: contracts.Response,
		Edge: contracts.Edge{Schema: "Order", Name: "note", Kind: contracts.KindProperty}, To: ptr("string"), Reached: 2,
		Operations: []contracts.OperationRef{{Method: "GET", Path: "/orders/{id}", Status: "200", Pointer: "note"}},
		Source:     contracts.ChangeSource{Head: at("api/schemas/order.yaml", 52)},
	}
}

func using(repo contracts.RepositoryRef, component, owner, environment, sha string) contracts.Consumer {
	return contracts.Consumer{
		Component: component, Owner: owner, Repository: repo, Commit: commit(sha), Environment: environment,
		Runs: environment != "", Production: environment == "production",
	}
}

func declared(kind contracts.EvidenceKind, file string, line int) contracts.Evidence {
	return contracts.Evidence{Kind: kind, Position: contracts.Position{File: file, Line: line, Column: 17}}
}
