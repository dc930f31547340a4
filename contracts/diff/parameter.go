package diff

import (
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

func (c *comparer) compareParameters(at int32, b, h *openapi.Operation, dir contracts.Direction) {
	old, now := c.base.Contract.Parameters(b), c.head.Contract.Parameters(h)
	byKey := make(map[string]*openapi.Parameter, len(now))
	for i := range now {
		byKey[now[i].Key] = &now[i]
	}
	seen := make(map[string]bool, len(old))
	for i := range old {
		p := &old[i]
		seen[p.Key] = true
		q := byKey[p.Key]
		if q == nil {
			c.parameterRemoved(at, b, p)
			continue
		}
		to := c.nodePair("parameter", p.Item, q.Item, dir, (*comparer).compareParameter)
		c.link(at, to, usage.Step{Kind: usage.StepParam, Name: p.Name, Names: []string{p.In}}, isRequired(p.Node))
	}
	for i := range now {
		if p := &now[i]; !seen[p.Key] {
			c.parameterAdded(at, h, p)
		}
	}
}

// isRequired tells whether a parameter must be given; path parameters always must.
func isRequired(p document.Node) bool {
	return p.Get("required").True() || p.Get("in").Text() == "path"
}

func operationParameterEdge(v *openapi.View, op *openapi.Operation, p *openapi.Parameter) func() contracts.Edge {
	return func() contracts.Edge {
		e := contracts.Edge{Schema: op.Name(), Name: p.Name, Kind: contracts.KindParameter}
		if !p.Item.Below(op.Node) { // the path's own
			e.Schema = op.Path
		}
		return e
	}
}

func (c *comparer) parameterRemoved(at int32, op *openapi.Operation, p *openapi.Parameter) {
	c.report(at, change{rule: turned("request-parameter-removed", c.pairs[at].dir), edge: operationParameterEdge(c.base, op, p), b: p.Item,
		from: p.In, hasFrom: true, detail: p.Key, step: usage.Step{Kind: usage.StepParam, Name: p.Name, Names: []string{p.In}}, fact: fact{required: isRequired(p.Node)}})
}

func (c *comparer) parameterAdded(at int32, op *openapi.Operation, p *openapi.Parameter) {
	rule := "request-parameter-added-optional"
	if isRequired(p.Node) {
		rule = "request-parameter-added-required"
	}
	c.report(at, change{rule: turned(rule, c.pairs[at].dir), edge: operationParameterEdge(c.head, op, p), h: p.Item, to: p.In, hasTo: true,
		detail: p.Key, step: usage.Step{Kind: usage.StepParam, Name: p.Name, Names: []string{p.In}}})
}

// reportAs reports with a direction of its own, unless the provider is the
// caller: then a parameter is something to read.
func (c *comparer) reportAs(at int32, dir contracts.Direction, ch change) {
	was := c.pairs[at].dir
	c.pairs[at].dir = dir
	c.report(at, ch)
	c.pairs[at].dir = was
}

// compareParameter compares one parameter, which many operations may share.
func (c *comparer) compareParameter(id int32) {
	p := c.pairs[id]
	b, h := p.b, p.h
	edge := func() contracts.Edge { return c.base.ParameterEdge(b) }
	was, is := isRequired(b), isRequired(h)
	if was != is {
		rule, from, to := "request-parameter-became-required", "optional", "required"
		if was {
			rule, from, to = "request-parameter-became-optional", "required", "optional"
		}
		c.report(id, change{rule: turned(rule, p.dir), edge: edge, b: document.FirstValid(b.Get("required"), b), h: document.FirstValid(h.Get("required"), h), from: from, to: to, hasFrom: true, hasTo: true})
	}
	if b.Get("schema").Valid() && h.Get("schema").Valid() {
		c.compareNotation(id, "request-parameter-style-changed", edge)
	}
	if p.dir == contracts.Request && b.Get("in").Text() == "query" {
		c.compareAllowance(id, b, h, "allowEmptyValue", "empty-value", edge, usage.Step{})
		if b.Get("schema").Valid() && h.Get("schema").Valid() { // with content it says nothing
			c.compareAllowance(id, b, h, "allowReserved", "reserved", edge, usage.Step{})
		}
	}
	if p.dir == contracts.Request && h.Get("deprecated").True() && !b.Get("deprecated").True() {
		c.report(id, change{rule: "request-parameter-deprecated", edge: edge, b: b, h: h.Get("deprecated")})
	}
	c.compareHolder(id, b, h, turned("request-parameter-content-changed", p.dir), edge)
}

// compareNotation compares how the value of a parameter or header is written.
func (c *comparer) compareNotation(id int32, rule string, edge func() contracts.Edge) {
	p := c.pairs[id]
	b, h := p.b, p.h
	from, to := notation(b), notation(h)
	if from == to || !c.notationMatters(b, h) {
		return
	}
	c.report(id, change{rule: turned(rule, p.dir), edge: edge, b: document.FirstValid(b.Get("style"), b.Get("explode"), b), h: document.FirstValid(h.Get("style"), h.Get("explode"), h),
		from: from, to: to, hasFrom: true, hasTo: true})
}

// compareAllowance compares a keyword that lets query parameters be written in a way
// that is otherwise refused (Parameter Object, "allowEmptyValue", "allowReserved").
// Left out it means false.
func (c *comparer) compareAllowance(id int32, b, h document.Node, keyword, name string, edge func() contracts.Edge, step usage.Step) {
	old, now := b.Get(keyword), h.Get(keyword)
	was, is := old.True(), now.True()
	if was == is {
		return
	}
	rule, from, to := "request-parameter-"+name+"-disallowed", "allowed", "not allowed"
	if is {
		rule, from, to = "request-parameter-"+name+"-allowed", "not allowed", "allowed"
	}
	c.report(id, change{rule: rule, edge: edge, b: document.FirstValid(old, b, c.pairs[id].b), h: document.FirstValid(now, h, c.pairs[id].h), from: from, to: to, hasFrom: true, hasTo: true, step: step})
}

// compareHolder compares the schema or content of a parameter or header.
func (c *comparer) compareHolder(id int32, b, h document.Node, rule string, edge func() contracts.Edge) {
	dir := c.pairs[id].dir
	oldMedia, oldSchema := c.base.Contract.ContentOf(b)
	newMedia, newSchema := c.head.Contract.ContentOf(h)
	if oldMedia != newMedia {
		c.report(id, change{rule: rule, edge: edge, b: document.FirstValid(b.Get("content"), b), h: document.FirstValid(h.Get("content"), h), from: oldMedia, to: newMedia, hasFrom: oldMedia != "", hasTo: newMedia != ""})
		return
	}
	if oldSchema.Valid() && newSchema.Valid() {
		to := c.schemaPair([]document.Node{oldSchema}, []document.Node{newSchema}, dir)
		c.link(id, to, usage.Step{Kind: usage.StepStay}, true)
	}
}

// notation describes how a parameter is serialised (style and explode, with their
// defaults).
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

// notationMatters tells whether two notations write differently what may come: a single
// value, a list or an object.
func (c *comparer) notationMatters(b, h document.Node) bool {
	types := c.base.Outline(b.Get("schema")) | c.head.Outline(h.Get("schema"))
	for _, kind := range []openapi.TypeSet{types &^ (openapi.TypeArray | openapi.TypeObject | openapi.TypeNull), types & openapi.TypeArray, types & openapi.TypeObject} {
		if kind != 0 && wireForm(notation(b), kind) != wireForm(notation(h), kind) {
			return true
		}
	}
	return false
}

// wireForm gives what is the same for all notations that write values of a kind in the
// same way (Parameter Object, "Style Examples").
func wireForm(notation string, kind openapi.TypeSet) string {
	style, explode := strings.CutSuffix(notation, ", explode")
	switch kind {
	case openapi.TypeObject:
		if style == "deepObject" {
			return style
		}
	case openapi.TypeArray:
		switch {
		case style == "simple": // a,b in both
			return style
		case explode && (style == "spaceDelimited" || style == "pipeDelimited"): // q=a&q=b
			return "form, explode"
		}
	default:
		switch style {
		case "form", "spaceDelimited", "pipeDelimited", "deepObject": // q=a
			return "form"
		}
		return style
	}
	return notation
}
