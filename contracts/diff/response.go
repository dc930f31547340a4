package diff

import (
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// isSuccess tells a status by which a call has succeeded.
func isSuccess(status string) bool {
	return strings.HasPrefix(status, "2") || strings.HasPrefix(status, "3")
}

func (c *comparer) compareResponses(at int32, b, h *openapi.Operation, dir contracts.Direction) {
	old, now := b.Node.Get("responses"), h.Node.Get("responses")
	if c.dirty.Same(old, now) {
		return
	}
	for status, value := range old.Members() {
		if strings.HasPrefix(status, "x-") {
			continue
		}
		other := statusIn(now, status)
		at2 := usage.Step{Kind: usage.StepStatus, Name: status}
		if !other.Valid() && rangeLeft(now, status) {
			continue // narrowed to some of its statuses, which are compared below
		}
		if !other.Valid() {
			rule := "response-status-removed"
			if !isSuccess(status) {
				rule = "response-error-status-removed"
			}
			c.reportAs(at, dir, change{rule: rule, edge: statusEdge(b, status), b: value.KeyNode(), h: document.FirstValid(now, h.Key),
				from: status, hasFrom: true, detail: status, step: at2, fact: fact{value: status}})
			continue
		}
		to := c.nodePair("response", value, other, dir, (*comparer).compareResponse)
		c.link(at, to, at2, false)
	}
	for status, value := range now.Members() {
		if strings.HasPrefix(status, "x-") || old.Get(status).Valid() {
			continue
		}
		if key := statusKey(old, status); key != "" {
			// until now the range, or "default", described it
			to := c.nodePair("response", old.Get(key), value, dir, (*comparer).compareResponse)
			c.link(at, to, usage.Step{Kind: usage.StepStatus, Name: key}, false)
			continue
		}
		rule := "response-error-status-added"
		if isSuccess(status) {
			rule = "response-status-added"
		}
		c.reportAs(at, dir, change{rule: rule, edge: statusEdge(b, status), b: document.FirstValid(old, b.Key), h: value.KeyNode(),
			to: status, hasTo: true, detail: status, step: usage.Step{Kind: usage.StepStatus, Name: status}, fact: fact{value: status}})
	}
}

// rangeLeft tells whether responses describe a status of a range such as 2XX.
func rangeLeft(responses document.Node, wide string) bool {
	if len(wide) != 3 || !strings.EqualFold(wide[1:], "XX") {
		return false
	}
	for status := range responses.Members() {
		if len(status) == 3 && status[0] == wide[0] {
			return true
		}
	}
	return false
}

func statusEdge(op *openapi.Operation, status string) func() contracts.Edge {
	return func() contracts.Edge {
		return contracts.Edge{Schema: op.Name(), Name: status, Kind: contracts.KindStatus}
	}
}

// statusIn finds what describes a status: itself or its range (2XX). "default"
// describes errors that have no description of their own, never a success.
func statusIn(responses document.Node, status string) document.Node {
	return responses.Get(statusKey(responses, status))
}

// statusKey gives the name under which statusIn finds it; "" where nothing
// describes the status.
func statusKey(responses document.Node, status string) string {
	if responses.Get(status).Valid() {
		return status
	}
	if len(status) != 3 {
		return ""
	}
	for _, wild := range []string{status[:1] + "XX", status[:1] + "xx"} {
		if responses.Get(wild).Valid() {
			return wild
		}
	}
	if !isSuccess(status) && responses.Get("default").Valid() {
		return "default"
	}
	return ""
}

// compareResponse compares one response, which many operations may share.
func (c *comparer) compareResponse(id int32) {
	p := c.pairs[id]
	c.compareHeaders(id, p.b.Get("headers"), p.h.Get("headers"))
	c.compareContent(id, p.b, p.h)
	c.compareLinks(id, p.b.Get("links"), p.h.Get("links"))
}

func (c *comparer) compareHeaders(id int32, old, now document.Node) {
	p := c.pairs[id]
	for name, value := range old.Members() {
		if strings.EqualFold(name, "content-type") {
			continue
		}
		other := headerIn(now, name)
		at := usage.Step{Kind: usage.StepHeader, Name: name}
		if !other.Valid() {
			c.report(id, change{rule: turned("response-header-removed", p.dir), b: value.KeyNode(), h: document.FirstValid(now, p.h), from: name, hasFrom: true,
				edge: func() contracts.Edge {
					return contracts.Edge{Schema: c.base.OwnerName(p.b), Name: name, Kind: contracts.KindHeader}
				}, step: at})
			continue
		}
		to := c.nodePair("header", value, other, p.dir, (*comparer).compareHeader)
		c.link(id, to, at, c.base.Contract.Deref(value).Get("required").True())
	}
	for name, value := range now.Members() {
		if !headerIn(old, name).Valid() && !strings.EqualFold(name, "content-type") {
			c.report(id, change{rule: turned("response-header-added", p.dir), b: document.FirstValid(old, p.b), h: value.KeyNode(), to: name, hasTo: true, detail: name,
				edge: func() contracts.Edge {
					return contracts.Edge{Schema: c.base.OwnerName(p.b), Name: name, Kind: contracts.KindHeader}
				}, step: usage.Step{Kind: usage.StepHeader, Name: name}})
		}
	}
}

// headerIn finds a header; their names have no case.
func headerIn(headers document.Node, name string) document.Node {
	if n := headers.Get(name); n.Valid() {
		return n
	}
	for other, value := range headers.Members() {
		if strings.EqualFold(other, name) {
			return value
		}
	}
	return document.Node{}
}

// compareHeader compares one header, which many responses may share.
func (c *comparer) compareHeader(id int32) {
	p := c.pairs[id]
	edge := func() contracts.Edge {
		e := c.base.HeaderEdge(p.b, "")
		steps := p.b.Path()
		if len(steps) > 0 {
			e.Name = steps[len(steps)-1]
		}
		return e
	}
	was, is := p.b.Get("required").True(), p.h.Get("required").True()
	if was != is {
		rule, from, to := "response-header-became-required", "optional", "required"
		if was {
			rule, from, to = "response-header-became-optional", "required", "optional"
		}
		c.report(id, change{rule: turned(rule, p.dir), edge: edge, b: document.FirstValid(p.b.Get("required"), p.b), h: document.FirstValid(p.h.Get("required"), p.h), from: from, to: to, hasFrom: true, hasTo: true})
	}
	c.compareNotation(id, "response-header-style-changed", edge)
	c.compareHolder(id, p.b, p.h, turned("response-header-style-changed", p.dir), edge)
}

// compareLinks compares what a response says may be followed.
func (c *comparer) compareLinks(id int32, old, now document.Node) {
	p := c.pairs[id]
	edge := func(name string) func() contracts.Edge {
		return func() contracts.Edge {
			return contracts.Edge{Schema: c.base.OwnerName(p.b), Name: "link " + name, Kind: contracts.KindSchema}
		}
	}
	for name, value := range old.Members() {
		other := now.Get(name)
		if !other.Valid() {
			c.report(id, change{rule: "response-link-removed", edge: edge(name), b: value.KeyNode(), h: document.FirstValid(now, p.h), detail: name})
			continue
		}
		b, h := c.base.Contract.Deref(value), c.head.Contract.Deref(other)
		for _, keyword := range []string{"operationId", "operationRef", "parameters", "requestBody"} {
			if !document.Equal(b.Get(keyword), h.Get(keyword)) {
				c.report(id, change{rule: "response-link-changed", edge: edge(name), b: value.KeyNode(), h: other.KeyNode(), detail: name})
				break
			}
		}
	}
	for name, value := range now.Members() {
		if !old.Get(name).Valid() {
			c.report(id, change{rule: "response-link-added", edge: edge(name), b: document.FirstValid(old, p.b), h: value.KeyNode(), detail: name})
		}
	}
}
