package openapi

import (
	"slices"
	"strings"
	"time"

	"plimsoll/contracts/document"
)

// MethodWebhook and MethodCallback are the methods of webhooks and callbacks, for which
// the provider sends the request.
const (
	MethodWebhook  = "WEBHOOK"
	MethodCallback = "CALLBACK"
)

// Operation is one operation of a contract.
type Operation struct {
	Method string
	Path   string
	Norm   string        // the path without the names of parameters
	ID     string        // operationId
	Item   document.Node // the path item, resolved
	Key    document.Node // the key of the operation in its path item
	Node   document.Node
	// Provider is set where the provider sends the request (webhooks, callbacks).
	Provider bool
	Verb     string // the HTTP method, also of webhooks and callbacks
}

// Name gives "GET /orders/{id}".
func (o *Operation) Name() string { return o.Method + " " + o.Path }

// Identity is unique: a webhook or callback may have several HTTP methods, and then Name
// is not.
func (o *Operation) Identity() string { return o.Name() + " " + o.Verb }

// Normal is Identity without the names of path parameters.
func (o *Operation) Normal() string { return o.Method + " " + o.Norm + " " + o.Verb }

// methods are the members of a path item that are operations; query since 3.2.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

// additional is the member of a path item with the operations of other methods, since 3.2.
const additional = "additionalOperations"

func isMethod(name string) bool { return slices.Contains(methods, name) }

// Operations gives the operations of all paths in the order of the file, then those of
// all webhooks.
func (c *Contract) Operations() []*Operation {
	var ops []*Operation
	top := c.root.Root()
	for path, item := range top.Get("paths").Members() {
		if !strings.HasPrefix(path, "/") {
			continue
		}
		ops = c.appendItem(ops, path, item)
	}
	for name, item := range top.Get("webhooks").Members() {
		for _, op := range c.appendItem(nil, name, item) {
			op.Method, op.Provider, op.Norm = MethodWebhook, true, name
			ops = append(ops, op)
		}
	}
	return ops
}

func (c *Contract) appendItem(ops []*Operation, path string, item document.Node) []*Operation {
	target := c.Deref(item)
	norm := NormalPath(path)
	add := func(verb string, node document.Node) {
		op := c.Deref(node) // not allowed, and common where a contract is split into files
		ops = append(ops, &Operation{Method: verb, Verb: verb, Path: path, Norm: norm, ID: op.Get("operationId").Text(),
			Item: target, Key: node.KeyNode(), Node: op})
	}
	for member, node := range target.Members() {
		switch {
		case member == additional && c.version.since32():
			for method, other := range node.Members() { // as it is sent: methods have case
				if other.Kind() == document.Object {
					add(method, other)
				}
			}
		case isMethod(member) && (member != "query" || c.version.since32()):
			add(strings.ToUpper(member), node)
		}
	}
	return ops
}

// NormalPath drops the names of path parameters: "/orders/{id}" and "/orders/{orderId}"
// are the same path.
func NormalPath(path string) string {
	if !strings.Contains(path, "{") {
		return path
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(path, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(path[open:], '}')
		if end < 0 {
			break
		}
		b.WriteString(path[:open+1])
		b.WriteByte('}')
		path = path[open+end+1:]
	}
	b.WriteString(path)
	return b.String()
}

// Callbacks gives the operations of an operation's callbacks. Their path consists of the
// operation, the callback's name and the expression.
func (c *Contract) Callbacks(op *Operation) []*Operation {
	if op.Provider {
		return nil // a callback of a callback is not followed
	}
	var ops []*Operation
	for name, node := range op.Node.Get("callbacks").Members() {
		for expression, item := range c.Deref(node).Members() {
			if strings.HasPrefix(expression, "x-") {
				continue
			}
			for _, cb := range c.appendItem(nil, op.Name()+" "+name+" "+expression, item) {
				cb.Method, cb.Norm, cb.Provider = MethodCallback, cb.Path, true
				ops = append(ops, cb)
			}
		}
	}
	return ops
}

// Selectable gives everything that a selector may name: operations, webhooks and callbacks.
func (c *Contract) Selectable() []*Operation {
	ops := c.Operations()
	for _, op := range slices.Clone(ops) {
		ops = append(ops, c.Callbacks(op)...)
	}
	return ops
}

// Servers gives the servers of an operation: its own, its path's or the document's.
func (c *Contract) Servers(op *Operation) document.Node {
	return document.FirstValid(op.Node.Get("servers"), op.Item.Get("servers"), c.root.Root().Get("servers"))
}

// HasRange tells whether the operation describes the range of a status, such as 4XX.
func (o *Operation) HasRange(status string) bool {
	if len(status) != 3 {
		return false
	}
	responses := o.Node.Get("responses")
	return responses.Get(status[:1]+"XX").Valid() || responses.Get(status[:1]+"xx").Valid()
}

// SunsetAfter tells whether date a is later than date b. A date that cannot be parsed is
// not later than anything.
func SunsetAfter(a, b string) bool {
	x, okA := ParseSunset(a)
	y, okB := ParseSunset(b)
	return okA && okB && x.After(y)
}

// SameSunset tells whether two texts mean the same date.
func SameSunset(a, b string) bool {
	x, okA := ParseSunset(a)
	y, okB := ParseSunset(b)
	return okA && okB && x.Equal(y)
}

// ParseSunset parses a sunset date: RFC 3339, with or without the time, or an HTTP date
// (RFC 8594).
func ParseSunset(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.RFC1123, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// PathTree finds the path templates that stand for a path, segment by segment. The zero
// value is empty.
type PathTree struct {
	below map[string]*PathTree // by segment; "{}" for a parameter
	ops   []*Operation
}

// Add adds an operation.
func (t *PathTree) Add(op *Operation) {
	at := t
	for segment := range strings.SplitSeq(op.Norm, "/") {
		next := at.below[segment]
		if next == nil {
			if next = (&PathTree{}); at.below == nil {
				at.below = map[string]*PathTree{}
			}
			at.below[segment] = next
		}
		at = next
	}
	at.ops = append(at.ops, op)
}

// Templates gives the operations whose path has a parameter where the given one, without the
// names of its parameters, has a value, and is the same elsewhere.
func (t *PathTree) Templates(path string) []*Operation {
	return t.find(strings.Split(path, "/"), false, nil)
}

func (t *PathTree) find(segments []string, values bool, found []*Operation) []*Operation {
	switch {
	case t == nil:
		return found
	case len(segments) > 0:
		found = t.below[segments[0]].find(segments[1:], values, found)
		if !strings.Contains(segments[0], "{}") {
			found = t.below["{}"].find(segments[1:], true, found)
		}
		return found
	case values:
		return append(found, t.ops...)
	}
	return found
}
