package witness

import (
	"bytes"
	"encoding/json"

	"plimsoll/contracts/document"
)

// hasHugeNumber tells whether a keyword's value holds a number that would fill the memory,
// such as 1e1000000000.
func hasHugeNumber(n document.Node, keyword string) bool {
	switch n.Kind() {
	case document.Number:
		_, ok := n.Exact()
		return !ok
	case document.Array, document.Object:
		if keyword != "enum" && keyword != "const" {
			return false
		}
	}
	for _, item := range n.Items() {
		if hasHugeNumber(item, keyword) {
			return true
		}
	}
	for _, member := range n.Members() {
		if hasHugeNumber(member, keyword) {
			return true
		}
	}
	return false
}

// literal gives a value of the contract as the validator takes it.
func literal(n document.Node) any {
	d := json.NewDecoder(bytes.NewReader(n.AppendJSON(nil)))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}
