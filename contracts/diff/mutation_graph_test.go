package diff

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// rawMethods are the members of a path item that are operations.
var rawMethods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func isRawMethod(name string) bool { return slices.Contains(rawMethods, name) }

// rawDoc is a contract as plain JSON values with a graph of its own, made by
// walking $refs. The mutation test works out from it which operations an edit
// reaches; nothing here uses the engine.
type rawDoc struct {
	name  string
	root  schemaMap
	v31   bool
	nodes map[string]*rawNode
	order []*rawNode // in the order of their pointers
}

// rawKind says what a node of the graph is.
type rawKind string

const (
	rawSchema    rawKind = "schema"
	rawOperation rawKind = "operation"
	rawParameter rawKind = "parameter"
	rawHeader    rawKind = "header"
	rawBody      rawKind = "body"
	rawResponse  rawKind = "response"
	rawMedia     rawKind = "media"
	rawDocument  rawKind = "document"
)

// rawNode is one object of the contract that operations reach.
type rawNode struct {
	doc    *rawDoc
	kind   rawKind
	path   []string
	value  schemaMap
	up     []rawLink // who leads here
	down   []rawLink
	op     *rawOp // operations
	status string
}

// rawLink leads from a node to another. how: ref, allOf, branch, items, extra,
// prop, opaque, or part for what is no schema.
type rawLink struct {
	node *rawNode
	how  string
	name string
	dir  contracts.Direction // set on links out of an operation
}

// rawOp is an operation, webhook or callback.
type rawOp struct {
	method, path string
	provider     bool
	item         schemaMap
	itemPath     []string
}

func (o *rawOp) key() string { return o.method + " " + o.path }

func pointer(path []string) string {
	var b strings.Builder
	for _, step := range path {
		b.WriteString("/" + strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

func newRawDoc(name string, root schemaMap) *rawDoc {
	d := &rawDoc{name: name, root: root, nodes: map[string]*rawNode{}}
	version, _ := root["openapi"].(string)
	d.v31 = strings.HasPrefix(version, "3.1")
	d.nodes[""] = &rawNode{doc: d, kind: rawDocument, value: root}
	for path, item := range rawObject(root["paths"]) {
		d.item([]string{"paths", path}, rawObject(item), func(verb string) *rawOp {
			return &rawOp{method: strings.ToUpper(verb), path: path}
		})
	}
	for name, item := range rawObject(root["webhooks"]) {
		d.item([]string{"webhooks", name}, rawObject(item), func(string) *rawOp {
			return &rawOp{method: "WEBHOOK", path: name, provider: true}
		})
	}
	for _, key := range slices.Sorted(maps.Keys(d.nodes)) {
		d.order = append(d.order, d.nodes[key])
	}
	return d
}

// follow gives where a $ref leads; refs to other files are not followed.
func (d *rawDoc) follow(path []string, v any) ([]string, any) {
	for range 32 {
		ref, ok := rawObject(v)["$ref"].(string)
		if !ok || !strings.HasPrefix(ref, "#/") {
			return path, v
		}
		path, v = d.target(ref)
	}
	return path, v
}

func (d *rawDoc) target(ref string) ([]string, any) {
	var path []string
	var at any = d.root
	for step := range strings.SplitSeq(ref[2:], "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		path = append(path, step)
		at = rawObject(at)[step]
	}
	return path, at
}

func (d *rawDoc) item(path []string, item schemaMap, named func(verb string) *rawOp) {
	path, value := d.follow(path, item)
	item = rawObject(value)
	for _, verb := range rawMethods {
		node := rawObject(item[verb])
		if node == nil {
			continue
		}
		op := named(verb)
		op.item, op.itemPath = item, path
		d.operation(with(path, verb), node, op)
	}
}

func with(path []string, more ...string) []string {
	return append(slices.Clone(path), more...)
}

func (d *rawDoc) operation(path []string, value schemaMap, op *rawOp) {
	n := &rawNode{doc: d, kind: rawOperation, path: path, value: value, op: op}
	d.nodes[pointer(path)+" "+op.key()] = n
	sends, gets := contracts.Request, contracts.Response
	if op.provider {
		sends, gets = contracts.Response, contracts.Request
	}
	for _, p := range d.parameters(n) {
		d.link(n, rawParameter, p.path, p.value, "part", "", sends)
	}
	if body := value["requestBody"]; body != nil {
		at, v := d.follow(with(path, "requestBody"), body)
		d.link(n, rawBody, at, rawObject(v), "part", "", sends)
	}
	for status, response := range rawObject(value["responses"]) {
		if strings.HasPrefix(status, "x-") {
			continue
		}
		at, v := d.follow(with(path, "responses", status), response)
		d.link(n, rawResponse, at, rawObject(v), "part", status, gets)
	}
	if op.provider {
		return
	}
	for name, callback := range rawObject(value["callbacks"]) {
		at, v := d.follow(with(path, "callbacks", name), callback)
		for expression, item := range rawObject(v) {
			d.item(with(at, expression), rawObject(item), func(string) *rawOp {
				return &rawOp{method: "CALLBACK", path: op.key() + " " + name + " " + expression, provider: true}
			})
		}
	}
}

// rawParam is a parameter as an operation has it.
type rawParam struct {
	path  []string // where its own text stands
	value schemaMap
	item  []string // where the operation or its path lists it
	own   bool     // listed by the operation
}

func (p rawParam) in() string   { s, _ := p.value["in"].(string); return s }
func (p rawParam) name() string { s, _ := p.value["name"].(string); return s }

// parameters gives those of the operation and of its path, but for the headers
// that OpenAPI describes elsewhere.
func (d *rawDoc) parameters(n *rawNode) []rawParam {
	var list []rawParam
	add := func(holder []string, items any, own bool) {
		for i, item := range asList(items) {
			p := rawParam{item: with(holder, "parameters", strconv.Itoa(i)), own: own}
			at, v := d.follow(p.item, item)
			p.path, p.value = at, rawObject(v)
			if p.in() == "header" && slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(p.name())) {
				continue
			}
			list = slices.DeleteFunc(list, func(o rawParam) bool { return o.in() == p.in() && o.name() == p.name() })
			list = append(list, p)
		}
	}
	add(n.op.itemPath, n.op.item["parameters"], false)
	add(n.path, n.value["parameters"], true)
	return list
}

// link connects a node with another, which is walked the first time.
func (d *rawDoc) link(from *rawNode, kind rawKind, path []string, value schemaMap, how, name string, dir contracts.Direction) {
	if value == nil {
		return
	}
	key := pointer(path)
	to, known := d.nodes[key]
	if !known {
		to = &rawNode{doc: d, kind: kind, path: path, value: value}
		d.nodes[key] = to
	}
	to.up = append(to.up, rawLink{from, how, name, dir})
	from.down = append(from.down, rawLink{to, how, name, dir})
	if known {
		return
	}
	switch kind {
	case rawParameter, rawHeader, rawMedia:
		d.link(to, rawSchema, with(path, "schema"), rawObject(value["schema"]), "part", "", "")
		d.content(to)
	case rawBody:
		d.content(to)
	case rawResponse:
		to.status = name
		d.content(to)
		for name, header := range rawObject(value["headers"]) {
			if strings.EqualFold(name, "content-type") {
				continue
			}
			at, v := d.follow(with(path, "headers", name), header)
			d.link(to, rawHeader, at, rawObject(v), "part", name, "")
		}
	case rawSchema:
		d.schema(to)
	}
}

func (d *rawDoc) content(n *rawNode) {
	for media, value := range rawObject(n.value["content"]) {
		d.link(n, rawMedia, with(n.path, "content", media), rawObject(value), "part", media, "")
	}
}

func (d *rawDoc) schema(n *rawNode) {
	v := n.value
	if ref, ok := v["$ref"].(string); ok && strings.HasPrefix(ref, "#/") {
		path, target := d.target(ref)
		d.link(n, rawSchema, path, rawObject(target), "ref", "", "")
		if !d.v31 {
			return // siblings of a $ref count from 3.1 on
		}
	}
	one := func(keyword, how string) {
		d.link(n, rawSchema, with(n.path, keyword), rawObject(v[keyword]), how, keyword, "")
	}
	many := func(keyword, how string) {
		for name, child := range rawObject(v[keyword]) {
			d.link(n, rawSchema, with(n.path, keyword, name), rawObject(child), how, name, "")
		}
		for i, child := range asList(v[keyword]) {
			d.link(n, rawSchema, with(n.path, keyword, strconv.Itoa(i)), rawObject(child), how, keyword, "")
		}
	}
	many("properties", "prop")
	many("patternProperties", "extra")
	one("additionalProperties", "extra")
	one("items", "items")
	many("prefixItems", "items")
	many("allOf", "allOf")
	many("oneOf", "branch")
	many("anyOf", "branch")
	for keyword := range openapi.OpaqueKeywords {
		one(keyword, "opaque")
	}
	many("dependentSchemas", "opaque")
}

// flattened gives a schema and what its $refs and allOf bring, itself first.
func (n *rawNode) flattened() []*rawNode {
	list := []*rawNode{n}
	for i := 0; i < len(list); i++ {
		for _, l := range list[i].down {
			if (l.how == "ref" || l.how == "allOf") && !slices.Contains(list, l.node) {
				list = append(list, l.node)
			}
		}
	}
	return list
}

// hosts gives every schema that has this one as a part, itself first.
func (n *rawNode) hosts() []*rawNode {
	list := []*rawNode{n}
	for i := 0; i < len(list); i++ {
		for _, l := range list[i].up {
			if (l.how == "ref" || l.how == "allOf") && !slices.Contains(list, l.node) {
				list = append(list, l.node)
			}
		}
	}
	return list
}

// says tells whether the node itself says something about values.
func (n *rawNode) says() bool {
	if n.value["$ref"] != nil && !n.doc.v31 {
		return false
	}
	for keyword := range n.value {
		if keyword != "$ref" && keyword != "allOf" && !openapi.IsAnnotation(keyword) {
			return true
		}
	}
	return false
}

// hidden tells a property that does not take part in a direction.
func (n *rawNode) hidden(dir contracts.Direction) bool {
	keyword := "readOnly"
	if dir == contracts.Response {
		keyword = "writeOnly"
	}
	for _, part := range n.flattened() {
		if part.value[keyword] == true && (part.value["$ref"] == nil || part.doc.v31) {
			return true
		}
	}
	return false
}

// reachedBy are the operations that reach a node in one direction.
type reachedBy struct {
	ops    map[string]bool
	opaque bool // by way of a keyword whose effect is not worked out
}

// reach climbs from a node to the operations.
func (n *rawNode) reach(dir contracts.Direction) reachedBy {
	r := reachedBy{ops: map[string]bool{}}
	seen := map[*rawNode]bool{n: true}
	queue := []*rawNode{n}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at.op != nil {
			r.ops[at.op.key()] = true
			continue
		}
		for _, l := range at.up {
			switch {
			case l.dir != "" && l.dir != dir:
				continue
			case l.how == "prop" && at.hidden(dir):
				continue
			case l.how == "opaque":
				r.opaque = true
			}
			if !seen[l.node] {
				seen[l.node] = true
				queue = append(queue, l.node)
			}
		}
	}
	return r
}

// owner gives how the edges in a node's text begin to be named.
func (n *rawNode) owner() string {
	p := n.path
	switch {
	case len(p) >= 3 && p[0] == "components":
		return p[2]
	case len(p) >= 3 && p[0] == "paths" && isRawMethod(p[2]):
		return strings.ToUpper(p[2]) + " " + p[1]
	case len(p) >= 2 && p[0] == "paths":
		return p[1]
	}
	return ""
}
