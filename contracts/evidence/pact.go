package evidence

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"plimsoll/contracts"
)

// Pact files, specification versions 1 to 4
// (https://github.com/pact-foundation/pact-specification): each interaction
// says one exchange. Reads are the leaf keys of the response's body, sends those
// of the request's body, its query and its headers.
var pactImporter = importer{
	kind: contracts.EvidencePact,
	path: func(file string) bool {
		folder := path.Base(path.Dir(file))
		return strings.HasSuffix(file, ".pact.json") || strings.HasSuffix(file, ".json") && (folder == "pacts" || folder == "pact")
	},
	shape: func(root node) bool {
		return root.get("consumer").isMap() && root.get("provider").isMap() && root.first("interactions", "messages").isList()
	},
	read: readPact,
}

func readPact(file string, data []byte) ([]imported, error) {
	root, err := parseOne(file, data)
	if err != nil {
		return nil, err
	}
	provider := root.get("provider", "name")
	if provider.text() == "" || !root.get("interactions").isList() {
		return nil, nil // a message pact, or another JSON file among the pacts
	}
	uses := newPactUses()
	for interaction := range root.get("interactions").items() {
		kind := interaction.get("type").text()
		if kind != "" && kind != "Synchronous/HTTP" || !interaction.get("request").isMap() {
			continue
		}
		uses.add(interaction)
	}
	if len(uses.list) == 0 {
		return nil, nil
	}
	return []imported{{
		names:    []string{provider.text()},
		consumer: root.get("consumer", "name").text(),
		usage:    contracts.Usage{Operations: uses.operations(), Evidence: provider.evidence(contracts.EvidencePact)},
	}}, nil
}

// exchange is what the interactions of one operation with one set of sent names
// say together. Sets are kept apart: a consumer that once sends a name and once
// does not would be hit when the name becomes required.
type exchange struct {
	selector   string
	evidence   contracts.Evidence
	reads      *fieldSet // nil: not listed
	sends      *fieldSet
	statuses   []string
	unreadable bool // some response's body could not be read field by field
}

type pactUses struct {
	list  []*exchange
	byKey map[string]*exchange
}

func newPactUses() *pactUses { return &pactUses{byKey: map[string]*exchange{}} }

func (u *pactUses) add(interaction node) {
	request, response := interaction.get("request"), interaction.get("response")
	method, ok := isMethod(request.get("method").text())
	if request.get("method").text() == "" {
		method, ok = "GET", true // the specification's default
	}
	if !ok {
		return
	}
	sends, listed := pactSends(request)
	key := method + " " + pactPath(request.get("path").text())
	full := key + "\x00unlisted"
	if listed {
		full = key + "\x00" + strings.Join(sends.names(), "\x00")
	}
	e := u.byKey[full]
	if e == nil {
		at := request.first("path", "method")
		if !at.there() {
			at = request
		}
		e = &exchange{selector: key, evidence: at.evidence(contracts.EvidencePact), reads: &fieldSet{}}
		if listed {
			e.sends = &fieldSet{}
		}
		u.byKey[full] = e
		u.list = append(u.list, e)
	}
	if listed {
		e.sends.merge(sends)
	}
	if reads, ok := pactReads(response); ok {
		e.reads.merge(reads)
	} else {
		e.unreadable = true
	}
	for _, status := range pactStatuses(response) {
		if !slices.Contains(e.statuses, status) {
			e.statuses = append(e.statuses, status)
		}
	}
}

func (u *pactUses) operations() []contracts.OperationUse {
	var all []contracts.OperationUse
	for _, e := range u.list {
		use := contracts.OperationUse{Selector: e.selector, Status: e.statuses, Evidence: e.evidence}
		if !e.unreadable {
			use.Reads = e.reads.patterns()
		}
		if e.sends != nil {
			use.Sends = e.sends.patterns()
		}
		all = append(all, use)
	}
	return all
}

// pactPath keeps the literal path, without query, blanks and braces: the
// comparison finds the template that it belongs to.
func pactPath(text string) string {
	text, _, _ = strings.Cut(text, "?")
	text = "/" + strings.TrimLeft(text, "/")
	return strings.NewReplacer(" ", "%20", "\t", "%09", "\n", "%0A", "\r", "%0D", "{", "%7B", "}", "%7D", "*", "%2A", "#", "%23").Replace(text)
}

// statusClasses are the words of version 4's statusCode matcher.
var statusClasses = map[string][]string{
	"info": {"1XX"}, "success": {"2XX"}, "redirect": {"3XX"}, "clientError": {"4XX"}, "serverError": {"5XX"},
	"nonError": {"1XX", "2XX", "3XX"}, "error": {"4XX", "5XX"},
}

func pactStatuses(response node) []string {
	for matcher := range response.get("matchingRules", "status", "matchers").items() {
		if matcher.get("match").text() != "statusCode" {
			continue
		}
		if classes := statusClasses[matcher.get("status").text()]; classes != nil {
			return classes
		}
		if codes := matcher.get("status").texts(); len(codes) > 0 {
			return codes
		}
	}
	if status := response.get("status").text(); len(status) == 3 {
		return []string{status}
	}
	return nil
}

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
