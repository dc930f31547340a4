package contracts

import (
	"slices"
	"strings"

	"plimsoll/contracts/document"
)

// Operation is one operation of a contract.
type Operation struct {
	// Method in capitals; WEBHOOK for webhooks.
	Method string
	// Path as the contract writes it; the name, for webhooks.
	Path string
	// ID is the operationId; may be empty.
	ID         string
	Deprecated bool
	Position   Position
}

// Operations gives every operation of the contract in the order of the file;
// webhooks come last, with the method WEBHOOK.
func (c *Contract) Operations() []Operation {
	ops := c.operations()
	out := make([]Operation, len(ops))
	for i, op := range ops {
		out[i] = Operation{Method: op.method, Path: op.path, ID: op.id, Deprecated: op.node.Get("deprecated").True(), Position: position(op.key)}
	}
	return out
}

// methodWebhook stands in the place of the method for webhooks, and
// methodCallback for callbacks: there the provider sends the request.
const (
	methodWebhook  = "WEBHOOK"
	methodCallback = "CALLBACK"
)

// operation is an operation with its nodes.
type operation struct {
	method string
	path   string
	norm   string        // the path with the names of parameters left out
	id     string        // operationId
	item   document.Node // the path item, resolved
	key    document.Node // where the operation's name stands
	node   document.Node
	// provider is set where the provider sends the request (webhooks, callbacks).
	provider bool
	verb     string // the HTTP method, also of webhooks and callbacks
}

// name gives "GET /orders/{id}".
func (o *operation) name() string { return o.method + " " + o.path }

// identity tells operations apart that share a name: a webhook or callback may be called
// with several HTTP methods.
func (o *operation) identity() string { return o.name() + " " + o.verb }

// normal is identity with the names of path parameters left out.
func (o *operation) normal() string { return o.method + " " + o.norm + " " + o.verb }

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func isMethod(name string) bool { return slices.Contains(methods, name) }

// operations lists paths and webhooks.
func (c *Contract) operations() []*operation {
	var ops []*operation
	top := c.root.Root()
	for path, item := range top.Get("paths").Members() {
		if !strings.HasPrefix(path, "/") {
			continue
		}
		ops = c.appendItem(ops, path, item)
	}
	for name, item := range top.Get("webhooks").Members() {
		for _, op := range c.appendItem(nil, name, item) {
			op.method, op.provider, op.norm = methodWebhook, true, name
			ops = append(ops, op)
		}
	}
	return ops
}

func (c *Contract) appendItem(ops []*operation, path string, item document.Node) []*operation {
	target := c.deref(item)
	norm := normalPath(path)
	for member, node := range target.Members() {
		if !isMethod(member) {
			continue
		}
		verb := strings.ToUpper(member)
		ops = append(ops, &operation{method: verb, verb: verb, path: path, norm: norm, id: node.Get("operationId").Text(),
			item: target, key: target.Key(member), node: node})
	}
	return ops
}

// maxRefChain bounds $refs that lead to $refs.
const maxRefChain = 64

// deref follows $refs to what they mean; a chain that does not end gives the
// zero Node.
func (c *Contract) deref(n document.Node) document.Node {
	for range maxRefChain {
		next, ok := c.follow(n)
		if !ok {
			return n
		}
		n = next
	}
	return document.Node{}
}

// follow takes one $ref.
func (c *Contract) follow(n document.Node) (document.Node, bool) {
	ref := n.Get("$ref")
	if ref.Kind() != document.String {
		return n, false
	}
	k, to := ref.RefsIn()
	if k >= to {
		return n, false
	}
	t := c.targets[n.Doc()]
	if t.of[k] < 0 {
		return document.Node{}, true
	}
	return t.nodes[t.of[k]], true
}

// normalPath leaves out the names of path parameters and a slash at the end:
// "/orders/{id}" and "/orders/{orderId}" are the same path.
func normalPath(path string) string {
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

// pathParameters gives the names of a path's parameters in order.
func pathParameters(path string) []string {
	var names []string
	for {
		open := strings.IndexByte(path, '{')
		if open < 0 {
			return names
		}
		end := strings.IndexByte(path[open:], '}')
		if end < 0 {
			return names
		}
		names = append(names, path[open+1:open+end])
		path = path[open+end+1:]
	}
}
