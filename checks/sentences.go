package checks

import (
	"slices"
	"strings"

	"plimsoll/contracts"
)

// ChangeSentence says in Markdown what a change does: "removed `Order.sku` from
// responses". It begins with a small letter and has no full stop. A rule that it
// has never heard of reads well too: the words come from the rule's name, the
// kind of edge and the old and new value.
func ChangeSentence(c contracts.Change) string { return changeSentence(c, inCode) }

// PlainChangeSentence is ChangeSentence without Markdown, for titles, annotations
// and terminals.
func PlainChangeSentence(c contracts.Change) string { return changeSentence(c, inPlain) }

func changeSentence(c contracts.Change, p place) string {
	a := actOf(c)
	subject := subjectOf(c, p)
	if a.attribute != "" {
		subject = "the " + a.attribute + " of " + subject
	}
	var s string
	switch a.verb {
	case "removed":
		s = "removed " + subject + side(c, " from ")
	case "added":
		s = "added " + subject + side(c, " to ")
	case "required":
		s = "made " + subject + " required" + side(c, " in ")
	case "new-required":
		s = "added required " + subject + side(c, " to ")
	case "optional":
		s = "made " + subject + " optional" + side(c, " in ")
	case "nullable":
		s = "allowed null for " + subject + side(c, " in ")
	case "not-nullable":
		s = "no longer allows null for " + subject + side(c, " in ")
	default:
		s = a.verb + " " + subject + side(c, " in ")
	}
	return s + fromTo(c, a, p)
}

// act is what a rule's name says: a verb and what of the edge it is about.
type act struct{ verb, attribute string }

// What the last words of a rule's name say. Longer endings first.
var endings = []struct {
	ending string
	verb   string
}{
	{"became-not-nullable", "not-nullable"},
	{"became-non-nullable", "not-nullable"},
	{"not-nullable", "not-nullable"},
	{"became-nullable", "nullable"},
	{"nullable", "nullable"},
	{"became-required", "required"},
	{"required-added", "new-required"},
	{"added-required", "new-required"},
	{"required", "required"},
	{"became-optional", "optional"},
	{"optional", "optional"},
	{"removed-before-sunset", "removed"},
	{"removed", "removed"},
	{"dropped", "removed"},
	{"added", "added"},
	{"introduced", "added"},
	{"deprecated", "deprecated"},
	{"undeprecated", "no longer deprecates"},
	{"moved-earlier", "moved earlier"},
	{"tightened", "tightened"},
	{"loosened", "loosened"},
	{"narrowed", "narrowed"},
	{"widened", "widened"},
	{"renamed", "renamed"},
	{"moved", "moved"},
	{"set", "set"},
	{"changed", "changed"},
}

// Words of a rule's name that only say where the edge is, which the subject says.
var placeWords = []string{
	"request", "response", "property", "parameter", "param", "body", "item", "items", "map", "value", "schema", "operation",
	"header", "status", "media", "media-type", "branch", "enum", "enum-value", "server", "security", "became", "api", "endpoint",
	"path", "query", "cookie", "one", "any", "of", "success", "oneof", "anyof", "new",
}

func actOf(c contracts.Change) act {
	rule := strings.ToLower(c.Rule)
	if strings.Contains(rule, "new-required") {
		return act{verb: "new-required"}
	}
	a := act{verb: "changed"}
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(rule, e.ending); ok && (rest == "" || strings.HasSuffix(rest, "-")) {
			a.verb, rule = e.verb, strings.TrimSuffix(rest, "-")
			break
		}
	}
	words := strings.Split(rule, "-")
	if c.Edge.Kind == contracts.KindMediaType && slices.Contains(words, "type") {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "type" })
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" || slices.Contains(placeWords, w) })
	a.attribute = clean(strings.Join(words, " "))
	return a
}

// subjectOf names the edge.
func subjectOf(c contracts.Change, p place) string {
	owner, name := c.Edge.Schema, c.Edge.Name
	if name == "" {
		owner, name = "", owner
	}
	of := func(kind string) string {
		if owner == "" {
			return kind + " " + escape(name, p)
		}
		return kind + " " + escape(name, p) + " of " + escape(owner, p)
	}
	switch c.Edge.Kind {
	case contracts.KindOperation:
		return of("operation")
	case contracts.KindParameter:
		return of("parameter")
	case contracts.KindHeader:
		return of("header")
	case contracts.KindStatus:
		return of("status")
	case contracts.KindMediaType:
		return of("media type")
	case contracts.KindBody:
		return of("body")
	case contracts.KindEnumValue:
		return of("value")
	case contracts.KindBranch:
		return of("variant")
	case contracts.KindSecurity:
		return of("security")
	case contracts.KindServer:
		return of("server")
	case contracts.KindItem:
		return "the items of " + escape(strings.TrimSuffix(owner+joinName(owner, name), "[]"), p)
	case contracts.KindMapValue:
		return "the values of " + escape(strings.TrimSuffix(owner+joinName(owner, name), "{}"), p)
	default:
		return escape(owner+joinName(owner, name), p)
	}
}

func joinName(owner, name string) string {
	if owner == "" || strings.HasPrefix(name, "[") || strings.HasPrefix(name, "{") {
		return name
	}
	return "." + name
}

// side says in which direction, where the edge alone does not say it.
func side(c contracts.Change, preposition string) string {
	switch c.Edge.Kind {
	case contracts.KindOperation, contracts.KindParameter, contracts.KindSecurity, contracts.KindServer:
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

// fromTo gives the values, where they say more than the sentence does.
func fromTo(c contracts.Change, a act, p place) string {
	switch {
	case c.From != nil && c.To != nil && *c.From != *c.To:
		return ": " + escape(*c.From, p) + " → " + escape(*c.To, p)
	case c.From != nil && c.To == nil && a.verb != "removed" && a.verb != "optional" && a.verb != "nullable":
		return ": was " + escape(*c.From, p)
	case c.To != nil && c.From == nil && a.attribute != "":
		return ": " + escape(*c.To, p)
	}
	return ""
}
