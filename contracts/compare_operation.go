package contracts

import (
	"slices"
	"strings"

	"plimsoll/contracts/document"
)

// compareOperations pairs the operations of both versions and compares those
// that may differ.
func (c *comparer) compareOperations() error {
	old, now := c.base.contract.Operations(), c.head.contract.Operations()
	c.oldOps, c.newOps = old, now
	byKey := make(map[string]*Operation, len(now))
	byName := make(map[string]*Operation, len(now))
	for _, op := range now {
		byName[op.identity()] = op
		if key := op.normal(); byKey[key] == nil {
			byKey[key] = op
		}
	}
	matched := make(map[*Operation]bool, len(now))
	for _, op := range old { // a path that is the same to the letter comes first
		if h := byName[op.identity()]; h != nil {
			matched[h] = true
		}
	}
	rootSame := c.sameRoot()
	for k, op := range old {
		if k%64 == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		h := byName[op.identity()]
		if h == nil {
			if h = byKey[op.normal()]; h != nil && matched[h] {
				h = nil
			}
		}
		if h == nil {
			c.operationRemoved(op)
			continue
		}
		matched[h] = true
		if rootSame && op.Path == h.Path && c.dirty.same(op.Node, h.Node) && c.sameItem(op.Item, h.Item) {
			continue
		}
		c.compareOperation(op, h, -1)
	}
	for _, op := range now {
		if !matched[op] {
			c.operationAdded(op)
		}
	}
	return nil
}

// sameRoot tells whether what every operation inherits is the same.
func (c *comparer) sameRoot() bool {
	b, h := c.base.contract.Root(), c.head.contract.Root()
	return c.dirty.same(b.Get("security"), h.Get("security")) && c.dirty.same(b.Get("servers"), h.Get("servers")) &&
		c.dirty.same(b.Get("components").Get("securitySchemes"), h.Get("components").Get("securitySchemes"))
}

// sameItem tells whether what an operation inherits from its path is the same.
func (c *comparer) sameItem(b, h document.Node) bool {
	return c.dirty.same(b.Get("parameters"), h.Get("parameters")) && c.dirty.same(b.Get("servers"), h.Get("servers"))
}

func operationEdge(op *Operation) func() Edge {
	return func() Edge { return Edge{Name: op.Name(), Kind: KindOperation} }
}

func (c *comparer) newOperation(b, h *Operation, parent int32) (op, at int32) {
	p := pair{dir: Request}
	if b != nil {
		p.b = b.Node
	}
	if h != nil {
		p.h = h.Node
	}
	if b != nil && b.Provider || b == nil && h.Provider {
		p.dir = Response
	}
	at = int32(len(c.pairs))
	c.pairs = append(c.pairs, p)
	op = int32(len(c.ops))
	c.ops = append(c.ops, opPair{pair: at, base: b, head: h, parent: parent})
	return op, at
}

// direction of what is said of an operation as a whole is always Request.
func (c *comparer) reportOperation(at int32, ch change) {
	dir := c.pairs[at].dir
	c.pairs[at].dir = Request
	c.report(at, ch)
	c.pairs[at].dir = dir
}

func (c *comparer) operationRemoved(op *Operation) {
	_, at := c.newOperation(op, nil, -1)
	c.reportOperation(at, change{rule: "operation-removed", edge: operationEdge(op), b: op.Key, from: op.Name(), hasFrom: true})
}

func (c *comparer) operationAdded(op *Operation) {
	_, at := c.newOperation(nil, op, -1)
	c.reportOperation(at, change{rule: "operation-added", edge: operationEdge(op), h: op.Key, to: op.Name(), hasTo: true})
}

// compareOperation compares one operation in both versions.
func (c *comparer) compareOperation(b, h *Operation, parent int32) {
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

func (c *comparer) compareNames(at int32, b, h *Operation) {
	if b.Path != h.Path && !b.Provider {
		old, now := pathParameters(b.Path), pathParameters(h.Path)
		for i := range min(len(old), len(now)) {
			if old[i] != now[i] {
				c.reportOperation(at, change{rule: "path-parameter-renamed", b: b.Item, h: h.Item, detail: old[i], from: old[i], to: now[i],
					hasFrom: true, hasTo: true, edge: func() Edge { return Edge{Schema: b.Path, Name: old[i], Kind: KindParameter} }})
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

func tags(op *Operation) []string {
	var names []string
	for _, item := range op.Node.Get("tags").Items() {
		names = append(names, item.Text())
	}
	slices.Sort(names)
	return names
}

// compareLife compares deprecation, sunset and stability.
func (c *comparer) compareLife(at int32, b, h *Operation) {
	was, is := b.Node.Get("deprecated"), h.Node.Get("deprecated")
	switch {
	case !was.True() && is.True():
		c.reportOperation(at, change{rule: "operation-deprecated", edge: operationEdge(b), b: b.Key, h: is})
	case was.True() && !is.True():
		c.reportOperation(at, change{rule: "operation-undeprecated", edge: operationEdge(b), b: was, h: h.Key})
	}
	old, now := b.Node.Get("x-sunset"), h.Node.Get("x-sunset")
	if from, to := old.Text(), now.Text(); from != to && !sameSunset(from, to) {
		rule := "operation-sunset-earlier"
		switch {
		case from == "":
			rule = "operation-sunset-set"
		case to == "" || sunsetAfter(to, from):
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
func stability(op *Operation) string {
	level := strings.ToLower(op.Node.Get("x-stability-level").Text())
	if stabilityRank[level] == 0 {
		return "stable"
	}
	return level
}

// compareCallbacks compares the requests that the provider makes: there it is
// the consumer who reads the request and sends the response.
func (c *comparer) compareCallbacks(op int32, b, h *Operation) {
	old, now := c.base.contract.callbacks(b), c.head.contract.callbacks(h)
	for _, cb := range old {
		var match *Operation
		for _, other := range now {
			if other.identity() == cb.identity() {
				match = other
			}
		}
		if match == nil {
			_, gone := c.newOperation(cb, nil, op)
			c.reportOperation(gone, change{rule: "callback-removed", b: cb.Key, from: cb.Path, hasFrom: true, edge: operationEdge(cb)})
			continue
		}
		if !c.dirty.same(cb.Node, match.Node) || !c.sameItem(cb.Item, match.Item) {
			c.compareOperation(cb, match, op)
		}
	}
	for _, cb := range now {
		if !slices.ContainsFunc(old, func(o *Operation) bool { return o.identity() == cb.identity() }) {
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
	old, now := refName(from.Text()), refName(to.Text())
	if old == now {
		return
	}
	schemas := func(k *Contract) document.Node { return k.Root().Get("components").Get("schemas") }
	bn, hn := c.base.canonical(b[0]), c.head.canonical(h[0])
	if bn.Doc() != c.base.contract.Root().Doc() || hn.Doc() != c.head.contract.Root().Doc() || c.base.componentName(bn) != old || c.head.componentName(hn) != now || schemas(c.head.contract).Get(old).Valid() || schemas(c.base.contract).Get(now).Valid() {
		return
	}
	c.report(at, change{rule: "schema-renamed", b: bn, h: hn, from: old, to: now, hasFrom: true, hasTo: true,
		edge: func() Edge { return Edge{Schema: old, Kind: KindSchema} }, fact: fact{old: old, new: now}})
}
