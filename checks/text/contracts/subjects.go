package contracttext

import (
	"regexp"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// What stands before the name of an edge.
var kindWords = map[contracts.EdgeKind]string{
	contracts.KindOperation: "operation",
	contracts.KindParameter: "parameter",
	contracts.KindMediaType: "media type",
	contracts.KindStatus:    "status",
	contracts.KindHeader:    "header",
	contracts.KindEnumValue: "value",
	contracts.KindBranch:    "variant",
	contracts.KindSecurity:  "security scheme",
	contracts.KindServer:    "server",
}

// subjectOf names the edge with its kind: "`Order.sku`", "parameter `limit` of
// `GET /orders`".
func subjectOf(c contracts.Change, p checks.RenderContext) string {
	e := c.Edge
	e = e.WithoutFile()
	word := kindWords[e.Kind]
	if link, ok := strings.CutPrefix(e.Name, "link "); ok && e.Kind == contracts.KindSchema {
		word, e.Name = "link", link
	}
	if e.Kind == contracts.KindOperation {
		for _, special := range []string{"CALLBACK", "WEBHOOK"} {
			if rest, ok := strings.CutPrefix(e.Schema+e.Name, special+" "); ok {
				return strings.ToLower(special) + " " + checks.Escape(rest, p)
			}
		}
	}
	switch {
	case e.Kind == contracts.KindBody:
		return bodyWords(c, p)
	case word == "":
		return locationOf(e, p)
	case e.Name == "" || e.Schema == "":
		return word + " " + checks.Escape(e.Schema+e.Name, p)
	}
	if in, ok := messageWords(e.Schema, p); ok {
		return word + " " + checks.Escape(e.Name, p) + " in " + in
	}
	return word + " " + checks.Escape(e.Name, p) + " of " + checks.Escape(e.Schema, p)
}

// locationOf names an edge that holds a value: a path into a named schema, or a
// place in an operation's message.
func locationOf(e contracts.Edge, p checks.RenderContext) string {
	e = e.WithoutFile()
	in, ok := messageWords(e.Schema, p)
	switch {
	case ok && e.Name == "":
		return in
	case ok:
		return checks.Escape(e.Name, p) + " in " + in
	case strings.Contains(e.Schema, " ") && e.Name != "":
		return checks.Escape(e.Name, p) + " of " + checks.Escape(e.Schema, p)
	default:
		return checks.Escape(e.String(), p)
	}
}

// inMessage is how a place without a named schema is called: the operation, the
// request or a status, the media type.
var inMessage = regexp.MustCompile(`^([A-Z]+ /\S*) (request|[1-5][0-9X]{2}|default)(?: (.+))?$`)

// messageWords gives "the request of `POST /orders` (`application/json`)".
func messageWords(owner string, p checks.RenderContext) (string, bool) {
	m := inMessage.FindStringSubmatch(owner)
	if m == nil {
		return "", false
	}
	words := "the request of "
	if m[2] != "request" {
		words = "the " + checks.Escape(m[2], p) + " response of "
	}
	words += checks.Escape(m[1], p)
	if m[3] != "" {
		words += " (" + checks.Escape(m[3], p) + ")"
	}
	return words, true
}

func bodyWords(c contracts.Change, p checks.RenderContext) string {
	owner := c.Edge.Schema + c.Edge.Name
	if m := inMessage.FindStringSubmatch(owner); m != nil {
		words, _ := messageWords(owner, p)
		return "the body of " + words
	}
	if c.Direction == contracts.Response {
		return "the response body of " + checks.Escape(owner, p)
	}
	return "the request body of " + checks.Escape(owner, p)
}

// ownerOf gives what an edge belongs to, or the whole API.
func ownerOf(e contracts.Edge, p checks.RenderContext) string {
	if e.Schema == "" {
		return "the whole API"
	}
	return checks.Escape(e.Schema, p)
}

// side says in which direction, where the edge does not say it already.
func side(c contracts.Change, preposition string) string {
	switch c.Edge.Kind {
	case contracts.KindOperation, contracts.KindParameter, contracts.KindBody, contracts.KindSecurity, contracts.KindServer:
		return ""
	}
	if inMessage.MatchString(c.Edge.Schema) {
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
func fromTo(c contracts.Change, p checks.RenderContext) string {
	switch {
	case c.From != nil && c.To != nil:
		return ": " + checks.Escape(*c.From, p) + " → " + checks.Escape(*c.To, p)
	case c.From != nil:
		return ": was " + checks.Escape(*c.From, p)
	case c.To != nil:
		return ": now " + checks.Escape(*c.To, p)
	}
	return ""
}
