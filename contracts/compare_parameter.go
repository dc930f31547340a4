package contracts

import (
	"strings"

	"plimsoll/contracts/document"
)

func (c *comparer) compareParameters(at int32, b, h *Operation, dir Direction) {
	old, now := c.base.contract.parameters(b), c.head.contract.parameters(h)
	byKey := make(map[string]*parameter, len(now))
	for i := range now {
		byKey[now[i].key] = &now[i]
	}
	seen := make(map[string]bool, len(old))
	for i := range old {
		p := &old[i]
		seen[p.key] = true
		q := byKey[p.key]
		if q == nil {
			c.parameterRemoved(at, b, p)
			continue
		}
		to := c.nodePair("parameter", p.item, q.item, dir, (*comparer).compareParameter)
		c.link(at, to, step{kind: stepParam, name: p.name, names: []string{p.in}}, isRequired(p.node))
	}
	for i := range now {
		if p := &now[i]; !seen[p.key] {
			c.parameterAdded(at, h, p)
		}
	}
}

// isRequired tells whether a parameter must be given; path parameters always must.
func isRequired(p document.Node) bool {
	return p.Get("required").True() || p.Get("in").Text() == "path"
}

func operationParameterEdge(v *view, op *Operation, p *parameter) func() Edge {
	return func() Edge {
		e := Edge{Schema: op.Name(), Name: p.name, Kind: KindParameter}
		if !p.item.Below(op.Node) { // the path's own
			e.Schema = op.Path
		}
		return e
	}
}

func (c *comparer) parameterRemoved(at int32, op *Operation, p *parameter) {
	c.report(at, change{rule: turned("request-parameter-removed", c.pairs[at].dir), edge: operationParameterEdge(c.base, op, p), b: p.item,
		from: p.in, hasFrom: true, detail: p.key, step: step{kind: stepParam, name: p.name, names: []string{p.in}}, fact: fact{required: isRequired(p.node)}})
}

func (c *comparer) parameterAdded(at int32, op *Operation, p *parameter) {
	rule := "request-parameter-added-optional"
	if isRequired(p.node) {
		rule = "request-parameter-added-required"
	}
	c.report(at, change{rule: turned(rule, c.pairs[at].dir), edge: operationParameterEdge(c.head, op, p), h: p.item, to: p.in, hasTo: true,
		detail: p.key, step: step{kind: stepParam, name: p.name, names: []string{p.in}}})
}

// reportAs reports with a direction of its own, unless the provider is the
// caller: then a parameter is something to read.
func (c *comparer) reportAs(at int32, dir Direction, ch change) {
	was := c.pairs[at].dir
	c.pairs[at].dir = dir
	c.report(at, ch)
	c.pairs[at].dir = was
}

// compareParameter compares one parameter, which many operations may share.
func (c *comparer) compareParameter(id int32) {
	p := c.pairs[id]
	b, h := p.b, p.h
	edge := func() Edge { return c.base.parameterEdge(b) }
	was, is := isRequired(b), isRequired(h)
	if was != is {
		rule, from, to := "request-parameter-became-required", "optional", "required"
		if was {
			rule, from, to = "request-parameter-became-optional", "required", "optional"
		}
		c.report(id, change{rule: turned(rule, p.dir), edge: edge, b: document.FirstValid(b.Get("required"), b), h: document.FirstValid(h.Get("required"), h), from: from, to: to, hasFrom: true, hasTo: true})
	}
	if from, to := notation(b), notation(h); from != to && b.Get("schema").Valid() && h.Get("schema").Valid() && c.notationMatters(b, h) {
		c.report(id, change{rule: turned("request-parameter-style-changed", p.dir), edge: edge, b: document.FirstValid(b.Get("style"), b.Get("explode"), b), h: document.FirstValid(h.Get("style"), h.Get("explode"), h),
			from: from, to: to, hasFrom: true, hasTo: true})
	}
	if p.dir == Request && b.Get("in").Text() == "query" {
		c.compareAllowance(id, "allowEmptyValue", "empty-value", edge)
		if b.Get("schema").Valid() && h.Get("schema").Valid() { // with content it says nothing
			c.compareAllowance(id, "allowReserved", "reserved", edge)
		}
	}
	if p.dir == Request && h.Get("deprecated").True() && !b.Get("deprecated").True() {
		c.report(id, change{rule: "request-parameter-deprecated", edge: edge, b: b, h: h.Get("deprecated")})
	}
	c.compareHolder(id, b, h, turned("request-parameter-content-changed", p.dir), edge)
}

// compareAllowance compares a keyword that lets query parameters be written in a way
// that is otherwise refused (Parameter Object, "allowEmptyValue", "allowReserved").
// Left out it means false.
func (c *comparer) compareAllowance(id int32, keyword, name string, edge func() Edge) {
	b, h := c.pairs[id].b, c.pairs[id].h
	old, now := allowance(b, keyword), allowance(h, keyword)
	was, is := old.True(), now.True()
	if was == is {
		return
	}
	rule, from, to := "request-parameter-"+name+"-disallowed", "allowed", "not allowed"
	if is {
		rule, from, to = "request-parameter-"+name+"-allowed", "not allowed", "allowed"
	}
	c.report(id, change{rule: rule, edge: edge, b: document.FirstValid(old, b), h: document.FirstValid(now, h), from: from, to: to, hasFrom: true, hasTo: true})
}

// allowance finds the keyword; the converter of Swagger 2.0 moves it into the schema.
func allowance(parameter document.Node, keyword string) document.Node {
	return document.FirstValid(parameter.Get(keyword), parameter.Get("schema").Get(keyword))
}

// compareHolder compares the schema or content of a parameter or header.
func (c *comparer) compareHolder(id int32, b, h document.Node, rule string, edge func() Edge) {
	dir := c.pairs[id].dir
	oldMedia, oldSchema := contentOf(b)
	newMedia, newSchema := contentOf(h)
	if oldMedia != newMedia {
		c.report(id, change{rule: rule, edge: edge, b: document.FirstValid(b.Get("content"), b), h: document.FirstValid(h.Get("content"), h), from: oldMedia, to: newMedia, hasFrom: oldMedia != "", hasTo: newMedia != ""})
		return
	}
	if oldSchema.Valid() && newSchema.Valid() {
		to := c.schemaPair([]document.Node{oldSchema}, []document.Node{newSchema}, dir)
		c.link(id, to, step{kind: stepStay}, true)
	}
}

// notation words how a parameter's value is written (style and explode, with
// their defaults).
func notation(p document.Node) string {
	style := p.Get("style").Text()
	if style == "" {
		switch p.Get("in").Text() {
		case "query", "cookie":
			style = "form"
		default:
			style = "simple"
		}
	}
	explode := style == "form"
	if e := p.Get("explode"); e.Valid() {
		explode = e.True()
	}
	if explode {
		return style + ", explode"
	}
	return style
}

// notationMatters tells whether two notations write differently what may come: for
// a single value explode says nothing, nor for a list in the style "simple".
func (c *comparer) notationMatters(b, h document.Node) bool {
	from, _, _ := strings.Cut(notation(b), ",")
	to, _, _ := strings.Cut(notation(h), ",")
	if from != to {
		return true
	}
	types := c.base.outline(b.Get("schema")) | c.head.outline(h.Get("schema"))
	if from == "simple" {
		return types&typeObject != 0
	}
	return types&(typeArray|typeObject) != 0
}
