package contracts

import (
	"slices"
	"strings"

	"plimsoll/contracts/document"
)

// compareOperations pairs the operations of both versions and compares those
// that may differ.
func (c *comparer) compareOperations() error {
	old, now := c.base.c.operations(), c.head.c.operations()
	c.oldOps, c.newOps = old, now
	byKey := make(map[string]*operation, len(now))
	byName := make(map[string]*operation, len(now))
	for _, op := range now {
		byName[op.identity()] = op
		if key := op.normal(); byKey[key] == nil {
			byKey[key] = op
		}
	}
	matched := make(map[*operation]bool, len(now))
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
		if rootSame && op.path == h.path && c.dirty.same(op.node, h.node) && c.sameItem(op.item, h.item) {
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
	b, h := c.base.c.root.Root(), c.head.c.root.Root()
	return c.dirty.same(b.Get("security"), h.Get("security")) && c.dirty.same(b.Get("servers"), h.Get("servers")) &&
		c.dirty.same(b.Get("components").Get("securitySchemes"), h.Get("components").Get("securitySchemes"))
}

// sameItem tells whether what an operation inherits from its path is the same.
func (c *comparer) sameItem(b, h document.Node) bool {
	return c.dirty.same(b.Get("parameters"), h.Get("parameters")) && c.dirty.same(b.Get("servers"), h.Get("servers"))
}

func operationEdge(op *operation) func() Edge {
	return func() Edge { return Edge{Name: op.name(), Kind: KindOperation} }
}

func (c *comparer) newOperation(b, h *operation, parent int32) (op, at int32) {
	p := pair{dir: Request}
	if b != nil {
		p.b = b.node
	}
	if h != nil {
		p.h = h.node
	}
	if b != nil && b.provider || b == nil && h.provider {
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

func (c *comparer) operationRemoved(op *operation) {
	_, at := c.newOperation(op, nil, -1)
	c.reportOperation(at, change{rule: "operation-removed", edge: operationEdge(op), b: op.key, from: op.name(), hasFrom: true})
}

func (c *comparer) operationAdded(op *operation) {
	_, at := c.newOperation(nil, op, -1)
	c.reportOperation(at, change{rule: "operation-added", edge: operationEdge(op), h: op.key, to: op.name(), hasTo: true})
}

// compareOperation compares one operation in both versions.
func (c *comparer) compareOperation(b, h *operation, parent int32) {
	op, at := c.newOperation(b, h, parent)
	sends := c.pairs[at].dir
	c.compareNames(at, b, h)
	c.compareLife(at, b, h)
	c.compareSecurity(at, b, h)
	c.compareServers(at, b, h)
	c.compareParameters(at, b, h, sends)
	c.compareRequestBody(at, b, h, sends)
	c.compareResponses(at, b, h, sends.flip())
	c.compareCallbacks(op, b, h)
}

func (c *comparer) compareNames(at int32, b, h *operation) {
	if b.path != h.path && !b.provider {
		old, now := pathParameters(b.path), pathParameters(h.path)
		for i := range min(len(old), len(now)) {
			if old[i] != now[i] {
				c.reportOperation(at, change{rule: "path-parameter-renamed", b: b.item, h: h.item, detail: old[i], from: old[i], to: now[i],
					hasFrom: true, hasTo: true, edge: func() Edge { return Edge{Schema: b.path, Name: old[i], Kind: KindParameter} }})
			}
		}
	}
	if b.id != h.id && b.id != "" {
		c.reportOperation(at, change{rule: "operation-id-changed", edge: operationEdge(b), b: or(b.node.Key("operationId"), b.key), h: or(h.node.Key("operationId"), h.key),
			from: b.id, to: h.id, hasFrom: true, hasTo: h.id != "", fact: fact{old: b.id, new: h.id}})
	}
	if old, now := tags(b), tags(h); len(old) > 0 && !slices.Equal(old, now) {
		c.reportOperation(at, change{rule: "operation-tags-changed", edge: operationEdge(b), b: or(b.node.Key("tags"), b.key), h: or(h.node.Key("tags"), h.key),
			from: strings.Join(old, ", "), to: strings.Join(now, ", "), hasFrom: true, hasTo: true})
	}
}

func tags(op *operation) []string {
	var names []string
	for _, item := range op.node.Get("tags").Items() {
		names = append(names, item.Text())
	}
	slices.Sort(names)
	return names
}

// compareLife compares deprecation, sunset and stability.
func (c *comparer) compareLife(at int32, b, h *operation) {
	was, is := b.node.Get("deprecated"), h.node.Get("deprecated")
	switch {
	case !was.True() && is.True():
		c.reportOperation(at, change{rule: "operation-deprecated", edge: operationEdge(b), b: b.key, h: is})
	case was.True() && !is.True():
		c.reportOperation(at, change{rule: "operation-undeprecated", edge: operationEdge(b), b: was, h: h.key})
	}
	old, now := b.node.Get("x-sunset"), h.node.Get("x-sunset")
	if from, to := old.Text(), now.Text(); from != to && !sameSunset(from, to) {
		rule := "operation-sunset-earlier"
		switch {
		case from == "":
			rule = "operation-sunset-set"
		case to == "" || sunsetAfter(to, from):
			rule = "operation-sunset-later"
		}
		c.reportOperation(at, change{rule: rule, edge: operationEdge(b), b: or(old, b.key), h: or(now, h.key), from: from, to: to, hasFrom: from != "", hasTo: to != ""})
	}
	before, after := stability(b), stability(h)
	if before != after {
		rule := "operation-stability-lowered"
		if stabilityRank[after] > stabilityRank[before] {
			rule = "operation-stability-raised"
		}
		c.reportOperation(at, change{rule: rule, edge: operationEdge(b), b: or(b.node.Get("x-stability-level"), b.key), h: or(h.node.Get("x-stability-level"), h.key),
			from: before, to: after, hasFrom: true, hasTo: true})
	}
}

var stabilityRank = map[string]int{"draft": 1, "alpha": 2, "beta": 3, "stable": 4}

// stability gives the operation's x-stability-level; what says nothing is stable.
func stability(op *operation) string {
	level := strings.ToLower(op.node.Get("x-stability-level").Text())
	if stabilityRank[level] == 0 {
		return "stable"
	}
	return level
}

// compareCallbacks compares the requests that the provider makes: there it is
// the consumer who reads the request and sends the response.
func (c *comparer) compareCallbacks(op int32, b, h *operation) {
	old, now := c.base.c.callbacks(b), c.head.c.callbacks(h)
	for _, cb := range old {
		var match *operation
		for _, other := range now {
			if other.identity() == cb.identity() {
				match = other
			}
		}
		if match == nil {
			_, gone := c.newOperation(cb, nil, op)
			c.reportOperation(gone, change{rule: "callback-removed", b: cb.key, from: cb.path, hasFrom: true, edge: operationEdge(cb)})
			continue
		}
		if !c.dirty.same(cb.node, match.node) || !c.sameItem(cb.item, match.item) {
			c.compareOperation(cb, match, op)
		}
	}
	for _, cb := range now {
		if !slices.ContainsFunc(old, func(o *operation) bool { return o.identity() == cb.identity() }) {
			_, fresh := c.newOperation(nil, cb, op)
			c.reportOperation(fresh, change{rule: "callback-added", h: cb.key, to: cb.path, hasTo: true, edge: operationEdge(cb)})
		}
	}
}

// callbacks lists the operations of an operation's callbacks. Their path is the
// operation's, the callback's name and the expression.
func (c *Contract) callbacks(op *operation) []*operation {
	if op.provider {
		return nil // a callback of a callback is not followed
	}
	var ops []*operation
	for name, node := range op.node.Get("callbacks").Members() {
		for expression, item := range c.deref(node).Members() {
			if strings.HasPrefix(expression, "x-") {
				continue
			}
			for _, cb := range c.appendItem(nil, op.name()+" "+name+" "+expression, item) {
				cb.method, cb.norm, cb.provider = methodCallback, cb.path, true
				ops = append(ops, cb)
			}
		}
	}
	return ops
}
