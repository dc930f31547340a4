package answers

import (
	"testing"

	"plimsoll/contracts/impact"
)

func TestParseRemoval(t *testing.T) {
	for text, want := range map[string]impact.Removal{
		"getItem":                         {Operation: "getItem"},
		"GET /items/{id}":                 {Operation: "GET /items/{id}"},
		"get /items/{id} price":           {Operation: "get /items/{id}", Field: "price"},
		"`GET /items/{id}` `a b`":         {Operation: "GET /items/{id}", Field: "a b"},
		"\"GET /items/{id}\" items[].sku": {Operation: "GET /items/{id}", Field: "items[].sku"},
		"listItems limit --sends":         {Operation: "listItems", Field: "limit", Sends: true},
		"--sends GET /items page":         {Operation: "GET /items", Field: "page", Sends: true},
		"  /admin/**   ":                  {Operation: "/admin/**"},
		"WEBHOOK paid amount":             {Operation: "WEBHOOK paid", Field: "amount"},
		"'unclosed":                       {Operation: "'unclosed"},
	} {
		got, ok := parseRemoval(text)
		if !ok || got != want {
			t.Errorf("%q: %+v, %t, expected %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "   ", "--sends", "getItem --sends", "getItem price extra", "GET /items price extra", "\"\""} {
		if got, ok := parseRemoval(text); ok {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}
