package contracts

import "plimsoll/contracts/document"

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
	schemas := func(k *Contract) document.Node { return k.root.Root().Get("components").Get("schemas") }
	bn, hn := c.base.canonical(b[0]), c.head.canonical(h[0])
	if bn.Doc() != c.base.c.root || hn.Doc() != c.head.c.root || c.base.componentName(bn) != old || c.head.componentName(hn) != now || schemas(c.head.c).Get(old).Valid() || schemas(c.base.c).Get(now).Valid() {
		return
	}
	c.report(at, change{rule: "schema-renamed", b: bn, h: hn, from: old, to: now, hasFrom: true, hasTo: true,
		edge: func() Edge { return Edge{Schema: old, Kind: KindSchema} }, fact: fact{old: old, new: now}})
}
