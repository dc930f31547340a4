package evidence

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// pactReads gives the leaf keys of the response's body and its headers; false where there is a
// body that has no keys to be read (text, binary, XML).
func pactReads(response node) (*fieldSet, bool) {
	set := &fieldSet{}
	body, state := pactBody(response)
	if state == bodyOpaque {
		return nil, false
	}
	if state == bodyJSON {
		set.collect(body, "", nil, bodyRules(response))
	}
	for key := range response.get("headers").fields() {
		if !slices.Contains(ignoredHeaders, strings.ToLower(key.Value)) {
			set.addParameter(key.Value, "", key, false)
		}
	}
	return set, true
}

// ignoredHeaders are no parameters of an OpenAPI operation, or are set by the
// HTTP client or server by themselves.
var ignoredHeaders = []string{
	"accept", "accept-charset", "accept-encoding", "accept-language", "authorization", "connection", "content-length",
	"content-type", "cookie", "date", "host", "server", "transfer-encoding", "user-agent", "vary",
}

// pactSends gives the leaf keys of the request's body, its query and its
// headers; false where the body has no keys to be read.
func pactSends(request node) (*fieldSet, bool) {
	set := &fieldSet{}
	rules := newRules(request.get("matchingRules"))
	query := request.get("query")
	if query.isText() {
		for _, pair := range strings.FieldsFunc(query.text(), func(r rune) bool { return r == '&' || r == ';' }) {
			name, value, _ := strings.Cut(pair, "=")
			set.addParameter(unescape(name), unescape(value), query, rules.exact([]string{"query", unescape(name)}))
		}
	}
	for key, values := range query.fields() {
		exact := rules.exact([]string{"query", key.Value})
		if !values.isList() {
			set.addParameter(key.Value, values.text(), key, exact)
		}
		for value := range values.items() {
			set.addParameter(key.Value, value.text(), key, exact)
		}
	}
	for key := range request.get("headers").fields() {
		if !slices.Contains(ignoredHeaders, strings.ToLower(key.Value)) {
			set.addParameter(key.Value, "", key, false)
		}
	}
	body, state := pactBody(request)
	switch {
	case state == bodyOpaque && isForm(request):
		for _, pair := range strings.Split(body.text(), "&") {
			if name, value, _ := strings.Cut(pair, "="); name != "" {
				set.addParameter(unescape(name), unescape(value), body, true)
			}
		}
	case state == bodyOpaque:
		return nil, false
	case state == bodyJSON:
		set.collect(body, "", nil, bodyRules(request))
	}
	return set, true
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

type bodyState int

const (
	bodyAbsent bodyState = iota
	bodyJSON
	bodyOpaque
)

// pactBody gives the body of a message and whether it has keys. Version 4 wraps
// it into content, contentType and encoded.
func pactBody(message node) (node, bodyState) {
	body := message.get("body")
	if !body.there() {
		return node{}, bodyAbsent
	}
	if encoded := body.get("encoded"); body.isMap() && body.get("contentType").there() && (encoded.there() || body.get("content").there()) {
		content := body.get("content")
		switch {
		case !content.there() || content.isText() && content.text() == "":
			return node{}, bodyAbsent
		case encoded.text() != "false" && encoded.text() != "" && !strings.EqualFold(encoded.text(), "json"):
			return content, bodyOpaque
		case content.isText() && strings.Contains(body.get("contentType").text(), "json"):
			return embeddedJSON(content)
		}
		body = content
	}
	if body.isText() {
		if body.text() == "" {
			return node{}, bodyAbsent
		}
		if strings.Contains(contentType(message), "json") {
			return body, bodyJSON // a JSON document that is one string
		}
		return body, bodyOpaque
	}
	return body, bodyJSON
}

// embeddedJSON reads a body that was written as text; all of it has the place of
// the text.
func embeddedJSON(content node) (node, bodyState) {
	tree, err := parseOne("body.json", []byte(content.text()))
	if err != nil || !tree.there() {
		return content, bodyOpaque
	}
	relocate(tree, content)
	return node{content.file, tree.Node}, bodyJSON
}

func relocate(tree, to node) {
	tree.Line, tree.Column = to.Line, to.Column
	for _, child := range tree.Content {
		relocate(node{tree.file, child}, to)
	}
}

func contentType(message node) string {
	if wrapped := message.get("body", "contentType").text(); wrapped != "" {
		return strings.ToLower(wrapped)
	}
	for key, value := range message.get("headers").fields() {
		if strings.EqualFold(key.Value, "content-type") {
			return strings.ToLower(value.text() + strings.Join(value.texts(), ","))
		}
	}
	return ""
}

func isForm(message node) bool {
	return strings.Contains(contentType(message), "application/x-www-form-urlencoded")
}

// quoteName writes a key so that a usage pattern can hold it: in quotes where
// it has signs that mean something there.
func quoteName(key string) string {
	if key == "" || strings.ContainsAny(key, ".[]{}<>?!*^\\\"' \t\r\n") || strings.ContainsFunc(key, unicode.IsControl) {
		return strconv.Quote(key)
	}
	return key
}
