package diff

import (
	"slices"
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// compareOperations pairs the operations of both versions and compares those
// that may differ.
func (c *comparer) compareOperations() error {
	old, now := c.base.Contract.Operations(), c.head.Contract.Operations()
	c.oldOps, c.newOps = old, now
	byKey := make(map[string]*openapi.Operation, len(now))
	byName := make(map[string]*openapi.Operation, len(now))
	for _, op := range now {
		byName[op.Identity()] = op
		if key := op.Normal(); byKey[key] == nil {
			byKey[key] = op
		}
	}
	matched := make(map[*openapi.Operation]bool, len(now))
	for _, op := range old { // a path that is the same to the letter comes first
		if h := byName[op.Identity()]; h != nil {
			matched[h] = true
		}
	}
	rootSame := c.sameRoot()
	for k, op := range old {
		if k%64 == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		h := byName[op.Identity()]
		if h == nil {
			if h = byKey[op.Normal()]; h != nil && matched[h] {
				h = nil
			}
		}
		if h == nil {
			c.operationRemoved(op)
			continue
		}
		matched[h] = true
		if rootSame && op.Path == h.Path && c.dirty.Same(op.Node, h.Node) && c.sameItem(op.Item, h.Item) {
			continue
		}
		c.compareOperation(op, h, -1)
	}
	var added []*openapi.Operation
	for _, op := range now {
		if !matched[op] {
			c.operationAdded(op)
			added = append(added, op)
		}
	}
	if err := c.compareShadows(added, byName); err != nil {
		return err
	}
	c.reportGaps()
	return nil
}

// sameMessages tells whether what is sent and received is the same.
func (c *comparer) sameMessages(b, h *openapi.Operation) bool {
	for _, keyword := range []string{"parameters", "requestBody", "responses", "callbacks"} {
		if !c.dirty.Same(b.Node.Get(keyword), h.Node.Get(keyword)) {
			return false
		}
	}
	return c.sameItem(b.Item, h.Item)
}

func (c *comparer) sameDialect() bool {
	b, h := c.base.Contract.Root(), c.head.Contract.Root()
	return c.dirty.Same(b.Get("jsonSchemaDialect"), h.Get("jsonSchemaDialect"))
}

// sameRoot tells whether what every operation inherits is the same.
func (c *comparer) sameRoot() bool {
	b, h := c.base.Contract.Root(), c.head.Contract.Root()
	return c.sameDialect() && c.dirty.Same(b.Get("security"), h.Get("security")) && c.dirty.Same(b.Get("servers"), h.Get("servers")) && c.sameSchemes()
}

// sameItem tells whether what an operation inherits from its path is the same.
func (c *comparer) sameItem(b, h document.Node) bool {
	return c.dirty.Same(b.Get("parameters"), h.Get("parameters")) && c.dirty.Same(b.Get("servers"), h.Get("servers"))
}

func operationEdge(op *openapi.Operation) func() contracts.Edge {
	return func() contracts.Edge { return contracts.Edge{Name: op.Name(), Kind: contracts.KindOperation} }
}

func (c *comparer) newOperation(b, h *openapi.Operation, parent int32) (op, at int32) {
	p := pair{dir: contracts.Request}
	if b != nil {
		p.b = b.Node
	}
	if h != nil {
		p.h = h.Node
	}
	if b != nil && b.Provider || b == nil && h.Provider {
		p.dir = contracts.Response
	}
	at = int32(len(c.pairs))
	c.pairs = append(c.pairs, p)
	op = int32(len(c.ops))
	if b != nil {
		c.opPairs[b] = at
	}
	c.ops = append(c.ops, opPair{pair: at, base: b, head: h, parent: parent})
	return op, at
}

// direction of what is said of an operation as a whole is always Request.
func (c *comparer) reportOperation(at int32, ch change) {
	dir := c.pairs[at].dir
	c.pairs[at].dir = contracts.Request
	c.report(at, ch)
	c.pairs[at].dir = dir
}

func (c *comparer) operationRemoved(op *openapi.Operation) {
	_, at := c.newOperation(op, nil, -1)
	c.reportOperation(at, change{rule: "operation-removed", edge: operationEdge(op), b: op.Key, from: op.Name(), hasFrom: true})
}

func (c *comparer) operationAdded(op *openapi.Operation) {
	_, at := c.newOperation(nil, op, -1)
	c.reportOperation(at, change{rule: "operation-added", edge: operationEdge(op), h: op.Key, to: op.Name(), hasTo: true})
}

// compareShadows reports the operations whose calls a new, more concrete path takes over:
// "/orders/export" is no value of "/orders/{id}" any more (OpenAPI 3.1, Paths Object). If the
// path has no operation of that method, the calls are refused.
func (c *comparer) compareShadows(added []*openapi.Operation, now map[string]*openapi.Operation) error {
	var templates openapi.PathTree
	known := map[string]bool{} // the paths of the base
	for _, op := range c.oldOps {
		if op.Provider {
			continue
		}
		known[op.Norm] = true
		if now[op.Identity()] != nil {
			templates.Add(op)
		}
	}
	byPath := map[string]map[string]*openapi.Operation{}
	var paths []*openapi.Operation // the first one of each path
	for _, op := range added {
		if op.Provider {
			continue
		}
		if byPath[op.Norm] == nil {
			byPath[op.Norm] = map[string]*openapi.Operation{}
			paths = append(paths, op)
		}
		byPath[op.Norm][op.Method] = op
	}
	for k, path := range paths {
		if k%64 == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		for _, op := range templates.Templates(path.Norm) {
			by := byPath[path.Norm][op.Method]
			if by == nil && known[path.Norm] || !c.takes(op, path) {
				continue
			}
			c.shadowed(op, path, by, now)
		}
	}
	return nil
}

// shadowed reports that a path takes calls from a template, for an operation of its own or
// for none.
func (c *comparer) shadowed(op, path, by *openapi.Operation, now map[string]*openapi.Operation) {
	at, ok := c.opPairs[op]
	if !ok {
		_, at = c.newOperation(op, now[op.Identity()], -1)
	}
	key, to := path.Key, path.Path
	if by != nil {
		key, to = by.Key, by.Name()
	} else if line := path.Node.Ancestors(); len(line) > 0 && line[len(line)-1] == path.Item && path.Item.Doc() == c.head.Contract.Root().Doc() {
		key = path.Item.KeyNode()
	}
	c.reportOperation(at, change{rule: "operation-shadowed", edge: operationEdge(op), b: op.Key, h: key, to: to, hasTo: true, detail: to})
}

// takes tells whether the values in a path may be those of a template's parameters.
func (c *comparer) takes(op, path *openapi.Operation) bool {
	concrete := strings.Split(path.Norm, "/")
	parameters := openapi.PathParameters(op.Path)
	place := 0
	for i, segment := range strings.Split(op.Norm, "/") {
		here := place
		place += strings.Count(segment, "{}")
		if segment != concrete[i] && here < len(parameters) && !c.mayBe(op, parameters[here], concrete[i]) {
			return false
		}
	}
	return true
}

// mayBe tells whether a text may be the value of a path parameter.
func (c *comparer) mayBe(op *openapi.Operation, name, text string) bool {
	for _, p := range c.base.Contract.Parameters(op) {
		schema := p.Node.Get("schema")
		if p.In != "path" || p.Name != name || !schema.Valid() {
			continue
		}
		s := c.base.Decode(c.base.Schema(schema))
		_, err := strconv.ParseFloat(text, 64)
		isListed := func(v openapi.EnumValue) bool { return v.Text == text }
		switch {
		case s.Types&openapi.TypeString == 0 && (err != nil || s.Types&openapi.TypeNumber == 0), s.HasEnum && !slices.ContainsFunc(s.Enum, isListed),
			s.Keywords["format"].Text() == "uuid" && len(text) != len("00000000-0000-0000-0000-000000000000"):
			return false
		}
		for _, pattern := range s.Patterns {
			if is, known := c.base.Matches(pattern.Text(), text); known && !is {
				return false
			}
		}
	}
	return true
}

// compareOperation compares one operation in both versions.
func (c *comparer) compareOperation(b, h *openapi.Operation, parent int32) {
	op, at := c.newOperation(b, h, parent)
	sends := c.pairs[at].dir
	c.compareNames(at, b, h)
	c.compareLife(at, b, h)
	c.compareSecurity(at, b, h)
	c.compareServers(at, b, h)
	c.compareParameters(at, b, h, sends)
	c.compareRequestBody(at, b, h, sends)
	c.compareResponses(at, b, h, flip(sends))
	c.compareCallbacks(op, b, h)
}

func (c *comparer) compareNames(at int32, b, h *openapi.Operation) {
	if b.Path != h.Path && !b.Provider {
		old, now := openapi.PathParameters(b.Path), openapi.PathParameters(h.Path)
		for i := range min(len(old), len(now)) {
			if old[i] != now[i] {
				c.reportOperation(at, change{rule: "path-parameter-renamed", b: b.Item, h: h.Item, detail: old[i], from: old[i], to: now[i],
					hasFrom: true, hasTo: true, edge: func() contracts.Edge {
						return contracts.Edge{Schema: b.Path, Name: old[i], Kind: contracts.KindParameter}
					}})
			}
		}
	}
	if b.ID != h.ID && b.ID != "" {
		c.reportOperation(at, change{rule: "operation-id-changed", edge: operationEdge(b), b: document.FirstValid(b.Node.Key("operationId"), b.Key), h: document.FirstValid(h.Node.Key("operationId"), h.Key),
			from: b.ID, to: h.ID, hasFrom: true, hasTo: h.ID != "", fact: fact{old: b.ID, new: h.ID}})
	}
	if old, now := tags(b), tags(h); len(old) > 0 && !slices.Equal(old, now) {
		c.reportOperation(at, change{rule: "operation-tags-changed", edge: operationEdge(b), b: document.FirstValid(b.Node.Key("tags"), b.Key), h: document.FirstValid(h.Node.Key("tags"), h.Key),
			from: strings.Join(old, ", "), to: strings.Join(now, ", "), hasFrom: true, hasTo: true})
	}
}

func tags(op *openapi.Operation) []string {
	var names []string
	for _, item := range op.Node.Get("tags").Items() {
		names = append(names, item.Text())
	}
	slices.Sort(names)
	return names
}

// compareLife compares deprecation, sunset and stability.
func (c *comparer) compareLife(at int32, b, h *openapi.Operation) {
	was, is := b.Node.Get("deprecated"), h.Node.Get("deprecated")
	switch {
	case !was.True() && is.True():
		c.reportOperation(at, change{rule: "operation-deprecated", edge: operationEdge(b), b: b.Key, h: is})
	case was.True() && !is.True():
		c.reportOperation(at, change{rule: "operation-undeprecated", edge: operationEdge(b), b: was, h: h.Key})
	}
	old, now := b.Node.Get("x-sunset"), h.Node.Get("x-sunset")
	if from, to := old.Text(), now.Text(); from != to && !openapi.SameSunset(from, to) {
		rule := "operation-sunset-earlier"
		switch {
		case from == "":
			rule = "operation-sunset-set"
		case to == "" || openapi.SunsetAfter(to, from):
			rule = "operation-sunset-later"
		}
		c.reportOperation(at, change{rule: rule, edge: operationEdge(b), b: document.FirstValid(old, b.Key), h: document.FirstValid(now, h.Key), from: from, to: to, hasFrom: from != "", hasTo: to != ""})
	}
	before, after := stability(b), stability(h)
	if before != after {
		rule := "operation-stability-lowered"
		if stabilityRank[after] > stabilityRank[before] {
			rule = "operation-stability-raised"
		}
		c.reportOperation(at, change{rule: rule, edge: operationEdge(b), b: document.FirstValid(b.Node.Get("x-stability-level"), b.Key), h: document.FirstValid(h.Node.Get("x-stability-level"), h.Key),
			from: before, to: after, hasFrom: true, hasTo: true})
	}
}

var stabilityRank = map[string]int{"draft": 1, "alpha": 2, "beta": 3, "stable": 4}

// stability gives the operation's x-stability-level; what says nothing is stable.
func stability(op *openapi.Operation) string {
	level := strings.ToLower(op.Node.Get("x-stability-level").Text())
	if stabilityRank[level] == 0 {
		return "stable"
	}
	return level
}

// compareCallbacks compares the requests that the provider makes: there it is
// the consumer who reads the request and sends the response.
func (c *comparer) compareCallbacks(op int32, b, h *openapi.Operation) {
	old, now := c.base.Contract.Callbacks(b), c.head.Contract.Callbacks(h)
	for _, cb := range old {
		var match *openapi.Operation
		for _, other := range now {
			if other.Identity() == cb.Identity() {
				match = other
			}
		}
		if match == nil {
			_, gone := c.newOperation(cb, nil, op)
			c.reportOperation(gone, change{rule: "callback-removed", b: cb.Key, from: cb.Path, hasFrom: true, edge: operationEdge(cb)})
			continue
		}
		if !c.dirty.Same(cb.Node, match.Node) || !c.sameItem(cb.Item, match.Item) {
			c.compareOperation(cb, match, op)
		}
	}
	for _, cb := range now {
		if !slices.ContainsFunc(old, func(o *openapi.Operation) bool { return o.Identity() == cb.Identity() }) {
			_, fresh := c.newOperation(nil, cb, op)
			c.reportOperation(fresh, change{rule: "callback-added", h: cb.Key, to: cb.Path, hasTo: true, edge: operationEdge(cb)})
		}
	}
}

// renamed reports a shared schema that goes by another name: a generator names
// types after it.
func (c *comparer) renamed(at int32, b, h []document.Node) {
	if len(b) != 1 || len(h) != 1 {
		return
	}
	from, to := b[0].Get("$ref"), h[0].Get("$ref")
	if from.Kind() != document.String || to.Kind() != document.String {
		return
	}
	old, now := openapi.RefName(from.Text()), openapi.RefName(to.Text())
	if old == now {
		return
	}
	schemas := func(k *openapi.Contract) document.Node { return k.Root().Get("components").Get("schemas") }
	bn, hn := c.base.Canonical(b[0]), c.head.Canonical(h[0])
	if bn.Doc() != c.base.Contract.Root().Doc() || hn.Doc() != c.head.Contract.Root().Doc() || c.base.ComponentName(bn) != old || c.head.ComponentName(hn) != now || schemas(c.head.Contract).Get(old).Valid() || schemas(c.base.Contract).Get(now).Valid() {
		return
	}
	c.report(at, change{rule: "schema-renamed", b: bn, h: hn, from: old, to: now, hasFrom: true, hasTo: true,
		edge: func() contracts.Edge { return contracts.Edge{Schema: old, Kind: contracts.KindSchema} }, fact: fact{old: old, new: now}})
}
