package config

import (
	"slices"
	"strings"
	"unicode"
)

// Methods are the HTTP methods that an OpenAPI operation can have.
var Methods = []string{"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY"}

// otherMethods are the methods that only additionalOperations of a contract can have: those
// of the registry of HTTP methods, and PURGE. Others are selected by their operationId.
var otherMethods = []string{"ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY",
	"MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PROPFIND", "PROPPATCH", "PURGE", "REBIND", "REPORT", "SEARCH", "UNBIND",
	"UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL"}

// The words in front of what the provider sends to its consumers.
const (
	webhook  = "WEBHOOK"
	callback = "CALLBACK"
)

// Selector names operations: "GET /orders/{id}" (parameter names do not
// matter), an operationId, or a glob such as "GET /admin/**" or "* /admin/**".
// "WEBHOOK name" names a webhook, "CALLBACK POST /orders shipped" a callback.
type Selector struct {
	Text string
	At   Position
}

var operationID = newShape(`^[A-Za-z_][A-Za-z0-9_.:/#-]{0,199}$`)

func (Selector) form() form {
	return form{expects: "an operation", tags: onlyText, hint: `write GET /orders/{id}, an operationId, or GET /admin/**`,
		pattern: `^((` + anyMethod + `|\*) /\S*|WEBHOOK \S+|CALLBACK (` + anyMethod + `) /\S* \S+( \S.*)?|[A-Za-z_][A-Za-z0-9_.:/#-]*)$`, examples: []string{"GET /orders/{id}", "listOrders", "GET /admin/**"}}
}

// spaced reports whether a method and a path are written, and no operationId.
func (s Selector) spaced() bool { return strings.Contains(s.Text, " ") }

func (s *Selector) setPosition(at Position) { s.At = at }

func (s *Selector) parse(text string) *wrong {
	s.Text = text
	method, path, spaced := strings.Cut(text, " ")
	if !spaced {
		switch {
		case slices.Contains(Methods, strings.ToUpper(text)):
			return &wrong{"the operation " + quote(text) + " has no path", "write it after the method: " + strings.ToUpper(text) + " /orders"}
		case strings.HasPrefix(text, "/"):
			return &wrong{"the operation " + quote(text) + " has no method", "write it before the path: GET " + text + ", or * " + text + " for every method"}
		case !operationID.MatchString(text):
			return &wrong{message: "expected an operation, found " + quote(text)}
		}
		return nil
	}
	switch strings.ToUpper(method) {
	case webhook, callback:
		return parseSent(method, path)
	}
	if bad := parseMethod(method, path); bad != nil {
		return bad
	}
	return parsePath(method, path)
}

var (
	anyMethod    = strings.Join(slices.Concat(Methods, otherMethods), "|")
	webhookName  = newShape(`^\S{1,200}$`)
	callbackForm = newShape(`^\S+ /\S* \S+( \S.*)?$`)
)

// parseMethod takes the methods of HTTP.
func parseMethod(method, path string) *wrong {
	if method == "*" || slices.Contains(Methods, method) || slices.Contains(otherMethods, method) {
		return nil
	}
	upper := strings.ToUpper(method)
	if slices.Contains(Methods, upper) || slices.Contains(otherMethods, upper) {
		return &wrong{"the method " + quote(method) + " is not in capitals", "write " + upper + " " + path}
	}
	return &wrong{"unknown method " + quote(method), didYouMean(upper, Methods)}
}

// parseSent takes a webhook or a callback.
func parseSent(word, rest string) *wrong {
	upper := strings.ToUpper(word)
	switch {
	case word != upper:
		return &wrong{quote(word) + " is not in capitals", "write " + upper + " " + rest}
	case strings.ContainsFunc(rest, unicode.IsControl), len(rest) > 1024:
		return &wrong{message: "expected a name of at most 1,024 bytes on one line, found " + quote(rest)}
	case word == webhook && !webhookName.MatchString(rest):
		return &wrong{"expected the name of a webhook, found " + quote(rest), "write WEBHOOK orderShipped"}
	case word == callback && !callbackForm.MatchString(rest):
		return &wrong{"expected an operation and the name of its callback, found " + quote(rest), "write CALLBACK POST /orders shipped"}
	case word == callback:
		method, after, _ := strings.Cut(rest, " ")
		path, _, _ := strings.Cut(after, " ")
		if bad := parseMethod(method, path); bad != nil {
			return bad
		}
	}
	return nil
}

func parsePath(method, path string) *wrong {
	switch {
	case !strings.HasPrefix(path, "/"):
		return &wrong{"the path " + quote(path) + " does not begin with /", "write " + method + " /" + strings.TrimLeft(path, " ./")}
	case strings.ContainsFunc(path, unicode.IsSpace), strings.ContainsFunc(path, unicode.IsControl):
		return &wrong{"a blank in the path " + quote(path), "write one method, one blank and one path"}
	case strings.ContainsAny(path, "?#"):
		return &wrong{"a query in the path " + quote(path), "list query parameters under sends:"}
	case strings.Count(path, "{") != strings.Count(path, "}"):
		return &wrong{"a brace without its pair in " + quote(path), "write parameters as {id}"}
	case len(path) > 1024:
		return &wrong{"a path of more than 1,024 bytes", "use a shorter path"}
	}
	return nil
}

// Endpoint is one operation by method and path, such as GET /healthz.
type Endpoint struct{ Selector }

func (Endpoint) form() form {
	return form{expects: "a method and a path", tags: onlyText, hint: "write GET /healthz", pattern: `^(GET|HEAD) /\S*$`, examples: []string{"GET /healthz"}}
}

func (e *Endpoint) parse(text string) *wrong {
	if strings.HasPrefix(text, "/") {
		return &wrong{"the endpoint " + quote(text) + " has no method", "write GET " + text}
	}
	method, path, ok := strings.Cut(text, " ")
	if upper := strings.ToUpper(method); !ok || upper != "GET" && upper != "HEAD" {
		return &wrong{message: "expected GET or HEAD and a path, found " + quote(text)}
	}
	if strings.ContainsAny(path, "*") {
		return &wrong{message: "expected one endpoint, found the glob " + quote(text)}
	}
	return e.Selector.parse(text)
}

// Pattern is one usage pattern and where it stands. Grammar: a.b property,
// [] item, {} map value, * one step, ** any depth, x<Card> one variant,
// suffix ? tolerant, suffix ! exhaustive, x.^ presence only.
type Pattern struct {
	Text string
	At   Position
}

func (Pattern) form() form {
	return form{expects: "a field pattern", tags: onlyText, hint: `such as id, "lines[].sku", payer.email?, status!`, pattern: `^\S(.*\S)?$`, examples: []string{"id", "lines[].sku", "payer.email?", "status!"}}
}

func (p *Pattern) setPosition(at Position) { p.At = at }

// parse checks the form only; what the pattern matches is found against a contract.
func (p *Pattern) parse(text string) *wrong {
	p.Text = text
	switch {
	case strings.TrimSpace(text) == "":
		return &wrong{"an empty field pattern", "name a field, or write [] for no fields"}
	case strings.TrimSpace(text) != text:
		return &wrong{"a blank around the field pattern " + quote(text), "remove it"}
	case strings.ContainsFunc(text, unicode.IsControl):
		return &wrong{"a control character in the field pattern " + quote(text), "remove it"}
	case strings.HasPrefix(text, "$"), strings.HasPrefix(text, "/"):
		return &wrong{"the field pattern " + quote(text) + " looks like JSONPath or a JSON pointer", `write lines[].sku`}
	case len(text) > 512:
		return &wrong{"a field pattern of more than 512 bytes", "use a shorter one"}
	}
	for _, pair := range []string{"[]", "{}", "<>"} {
		if !strings.Contains(text, `"`) && strings.Count(text, pair[:1]) != strings.Count(text, pair[1:]) {
			return &wrong{pair[:1] + " and " + pair[1:] + " do not match in " + quote(text), "[] is an item, {} a map value, <Card> a variant"}
		}
	}
	return nil
}

// Status is a response status: 200, 2XX or default.
type Status string

var statusPattern = newShape(`^([1-5]\d\d|[1-5]XX|default)$`)

func (Status) form() form {
	return form{expects: "a status", tags: []string{"!!str", "!!int"}, hint: "write 200, 2XX or default", pattern: statusPattern.String(), least: 100, most: 599, examples: []string{"200", "2XX", "default"}}
}

func (s *Status) parse(text string) *wrong {
	if upper := strings.ToUpper(text); statusPattern.MatchString(upper) {
		text = upper
	}
	if !statusPattern.MatchString(text) {
		return &wrong{message: "expected a status, found " + quote(text)}
	}
	*s = Status(text)
	return nil
}

// Baseline is the contract that a declaration was written against: a commit of
// the provider's repository, or a copy of the contract in this one.
type Baseline string

var (
	commitPattern = newShape(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
	shortCommit   = newShape(`^[0-9a-f]{7,64}$`)
)

func (Baseline) form() form {
	return form{expects: "a full commit of the provider, or the path of a stored copy of its contract", tags: onlyText, examples: []string{"4f1c7a0e5d2b9c8e7f6a5b4c3d2e1f0a9b8c7d6e", "api/payments.yaml"}}
}

func (b *Baseline) parse(text string) *wrong {
	if b.set(text); b.Commit() != "" {
		return nil
	}
	if shortCommit.MatchString(text) {
		return &wrong{"an abbreviated commit: " + quote(text), "write all 40 digits"}
	}
	clean, bad := inside(text)
	b.set(clean)
	return bad
}

func (b *Baseline) set(text string) { *b = Baseline(text) }

// Commit gives the commit, or "".
func (b Baseline) Commit() string {
	if commitPattern.MatchString(string(b)) {
		return string(b)
	}
	return ""
}

// Path gives the path of the stored copy, or "".
func (b Baseline) Path() string {
	if b.Commit() != "" {
		return ""
	}
	return string(b)
}
