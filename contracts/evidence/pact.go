package evidence

import (
	"path"
	"slices"
	"strings"

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
