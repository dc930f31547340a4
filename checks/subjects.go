package checks

import (
	"strings"

	"plimsoll/contracts"
)

// What stands before the name of an edge.
var kindWords = map[contracts.EdgeKind]string{
	contracts.KindOperation: "operation",
	contracts.KindParameter: "parameter",
	contracts.KindBody:      "request body",
	contracts.KindMediaType: "media type",
	contracts.KindStatus:    "status",
	contracts.KindHeader:    "header",
	contracts.KindEnumValue: "value",
	contracts.KindBranch:    "variant",
	contracts.KindSecurity:  "security",
	contracts.KindServer:    "server",
}

// subjectOf names the edge with its kind: "`Order.sku`", "parameter `limit` of
// `GET /orders`".
func subjectOf(c contracts.Change, p place) string {
	word, owner, name := kindWords[c.Edge.Kind], c.Edge.Schema, c.Edge.Name
	switch {
	case word == "":
		return escape(edgeName(c.Edge), p)
	case c.Edge.Kind == contracts.KindBody:
		if c.Direction == contracts.Response {
			word = "response body"
		}
		if owner == "" {
			owner = name
		}
		return word + " of " + escape(owner, p)
	case name == "" || owner == "":
		return word + " " + escape(owner+name, p)
	default:
		return word + " " + escape(name, p) + " of " + escape(owner, p)
	}
}

// edgeName gives the edge as a path: Order.sku, Order.items[], Order.labels{}.
func edgeName(e contracts.Edge) string {
	path := e.Schema
	switch {
	case path == "":
		path = e.Name
	case e.Name == "", strings.HasPrefix(e.Name, "["), strings.HasPrefix(e.Name, "{"):
		path += e.Name
	default:
		path += "." + e.Name
	}
	switch {
	case e.Kind == contracts.KindItem && !strings.HasSuffix(path, "]"):
		path += "[]"
	case e.Kind == contracts.KindMapValue && !strings.HasSuffix(path, "}"):
		path += "{}"
	}
	return path
}

// side says in which direction, where the edge alone does not say it.
func side(c contracts.Change, preposition string) string {
	switch c.Edge.Kind {
	case contracts.KindOperation, contracts.KindParameter, contracts.KindBody, contracts.KindSecurity, contracts.KindServer:
		return ""
	}
	switch c.Direction {
	case contracts.Request:
		return preposition + "requests"
	case contracts.Response:
		return preposition + "responses"
	}
	return ""
}

// fromTo gives the old and new value, where there are any.
func fromTo(c contracts.Change, p place) string {
	switch {
	case c.From != nil && c.To != nil:
		return ": " + escape(*c.From, p) + " → " + escape(*c.To, p)
	case c.From != nil:
		return ": was " + escape(*c.From, p)
	case c.To != nil:
		return ": now " + escape(*c.To, p)
	}
	return ""
}
