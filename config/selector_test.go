package config

import (
	"fmt"
	"testing"
)

// TestSelectors: every operation that a contract can have may be declared, and the schema
// and the decoder agree on it.
func TestSelectors(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for text, want := range map[string]bool{
		"GET /orders/{id}": true, "QUERY /t": true, "COPY /files/{name}": true, "VERSION-CONTROL /a": true, "* /admin/**": true, "listOrders": true,
		"WEBHOOK shipped": true, "WEBHOOK order/shipped": true,
		"CALLBACK POST /orders shipped": true, "CALLBACK POST /orders/{id} shipped {$request.body#/callback url}": true,
		"WEBHOOK":           true, // an operationId
		"WEBHOOK two words": false, "CALLBACK shipped": false, "CALLBACK POST /orders": false, "CALLBACK FETCH /orders shipped": false,
		"FETCH /orders": false, "QUERY t": false,
	} {
		file := fmt.Sprintf("version: 1\ncomponents: [{name: a, consumes: [{api: b, operations: [{op: '%s'}]}]}]\n", text)
		if _, err := ParseRepository("plimsoll.yml", []byte(file)); (err == nil) != want {
			t.Errorf("%s: the decoder says %v", text, err)
		}
		if err := schema.Validate(asJSON(t, []byte(file))); (err == nil) != want {
			t.Errorf("%s: the schema says %v", text, err)
		}
	}
}
