package diff

import (
	"maps"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// alternative is one way to be let in: schemes, each with scopes, all of them
// needed.
type alternative struct {
	schemes map[string][]string
	nodes   map[string]document.Node // the schemes themselves, where they are declared
	node    document.Node
}

// String gives the schemes and scopes of an alternative, sorted.
func (a alternative) String() string {
	if len(a.schemes) == 0 {
		return "no credentials"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(a.schemes)) {
		if scopes := a.schemes[name]; len(scopes) > 0 {
			name += " (" + strings.Join(scopes, ", ") + ")"
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, " and ")
}

func alternatives(contract *openapi.Contract, n document.Node) []alternative {
	var list []alternative
	for _, item := range n.Items() {
		a := alternative{schemes: map[string][]string{}, nodes: map[string]document.Node{}, node: item}
		for name, scopes := range item.Members() {
			name, scheme := contract.SecurityScheme(scopes, name)
			a.nodes[name] = scheme
			var names []string
			for _, scope := range scopes.Items() {
				names = append(names, scope.Text())
			}
			slices.Sort(names)
			a.schemes[name] = names
		}
		list = append(list, a)
	}
	if len(list) == 0 { // nothing is demanded
		list = []alternative{{node: n}}
	}
	return list
}

// admits tells whether who has the credentials of b is let in by h.
func (h alternative) admits(b alternative) bool {
	for name, scopes := range h.schemes {
		have, ok := b.schemes[name]
		if !ok {
			return false
		}
		for _, scope := range scopes {
			if !slices.Contains(have, scope) {
				return false
			}
		}
	}
	return true
}

func (c *comparer) compareSecurity(at int32, b, h *openapi.Operation) {
	if b.Provider {
		return
	}
	to := c.nodePairAlways("security", document.FirstValid(c.base.Contract.Security(b), c.base.Contract.Root()), document.FirstValid(c.head.Contract.Security(h), c.head.Contract.Root()), (*comparer).compareRequirements)
	c.link(at, to, usage.Step{Kind: usage.StepStay}, true)
	c.compareSchemes(at, b, h)
}

// nodePairAlways is nodePair for nodes whose text does not say it all.
func (c *comparer) nodePairAlways(kind string, b, h document.Node, work func(*comparer, int32)) int32 {
	key := nodePair{b, h, contracts.Request, kind}
	if id, ok := c.nodes[key]; ok {
		return id
	}
	id := c.push(pair{b: b, h: h, dir: contracts.Request, work: work})
	c.nodes[key] = id
	return id
}

// compareRequirements compares the alternatives of one "security" list.
func (c *comparer) compareRequirements(id int32) {
	p := c.pairs[id]
	if p.b == c.base.Contract.Root() && p.h == c.head.Contract.Root() {
		return // neither says anything
	}
	old, now := alternatives(c.base.Contract, listOnly(p.b)), alternatives(c.head.Contract, listOnly(p.h))
	edge := func() contracts.Edge {
		owner := c.base.HolderName(p.b)
		if owner == "" {
			owner = c.head.HolderName(p.h)
		}
		return contracts.Edge{Schema: owner, Name: "security", Kind: contracts.KindSecurity}
	}
	left := 0
	var lost []alternative
	for _, a := range old {
		if slices.ContainsFunc(now, func(n alternative) bool { return n.admits(a) }) {
			left++
		} else {
			lost = append(lost, a)
		}
	}
	for _, a := range lost {
		rule, to := "security-alternative-removed", ""
		if len(a.schemes) == 0 {
			rule = "security-added"
			to = now[0].String()
		} else if n := slices.IndexFunc(now, func(n alternative) bool { return sameSchemes(a, n) }); n >= 0 {
			rule, to = "security-scope-added", now[n].String()
		}
		c.report(id, change{rule: rule, edge: edge, b: document.FirstValid(a.node, p.b), h: p.h, from: a.String(), to: to, hasFrom: true, hasTo: to != "",
			detail: a.String(), fact: fact{left: left > 0}})
	}
	for _, a := range now {
		known := slices.ContainsFunc(old, func(o alternative) bool { return a.String() == o.String() })
		replaces := slices.ContainsFunc(lost, func(o alternative) bool { return len(o.schemes) == 0 || sameSchemes(o, a) })
		if known || replaces {
			continue
		}
		rule := "security-alternative-added"
		if len(a.schemes) == 0 {
			rule = "security-removed"
		}
		c.report(id, change{rule: rule, edge: edge, b: p.b, h: document.FirstValid(a.node, p.h), to: a.String(), hasTo: true, detail: a.String()})
	}
}

// listOnly turns the stand-in for "says nothing" into nothing.
func listOnly(n document.Node) document.Node {
	if n.Kind() == document.Array {
		return n
	}
	return document.Node{}
}

func sameSchemes(a, b alternative) bool {
	if len(a.schemes) != len(b.schemes) {
		return false
	}
	for name := range a.schemes {
		if _, ok := b.schemes[name]; !ok {
			return false
		}
	}
	return true
}

// compareSchemes compares how the credentials are given, for the schemes that
// the operation still accepts.
func (c *comparer) compareSchemes(at int32, b, h *openapi.Operation) {
	if c.sameSchemes() {
		return
	}
	used := map[string]nodePair{}
	accepted := alternatives(c.head.Contract, c.head.Contract.Security(h))
	for _, a := range alternatives(c.base.Contract, c.base.Contract.Security(b)) {
		for name := range a.schemes {
			for _, n := range accepted {
				if _, ok := n.schemes[name]; ok {
					used[name] = nodePair{b: a.nodes[name], h: n.nodes[name]}
				}
			}
		}
	}
	for _, pair := range used {
		if pair.b.Valid() && pair.h.Valid() {
			c.link(at, c.nodePair("scheme", pair.b, pair.h, contracts.Request, (*comparer).compareScheme), usage.Step{Kind: usage.StepStay}, true)
		}
	}
}

// sameSchemes tells whether all that requirements may name is the same.
func (c *comparer) sameSchemes() bool {
	b, h := c.base.Contract, c.head.Contract
	schemes := func(k *openapi.Contract) document.Node { return k.Root().Get("components").Get("securitySchemes") }
	return !b.SecurityByURI() && !h.SecurityByURI() && c.dirty.Same(schemes(b), schemes(h))
}

func (c *comparer) compareScheme(id int32) {
	p := c.pairs[id]
	if p.h.Get("deprecated").True() && !p.b.Get("deprecated").True() {
		c.report(id, change{rule: "security-scheme-deprecated", b: p.b, h: p.h.Get("deprecated"),
			edge: func() contracts.Edge {
				return contracts.Edge{Name: c.base.OwnerName(p.b), Kind: contracts.KindSecurity}
			}})
	}
	from, to := schemeText(p.b), schemeText(p.h)
	if from == to || c.gainsFlows(p.b, p.h) {
		return
	}
	c.report(id, change{rule: "security-scheme-changed", b: p.b, h: p.h, from: from, to: to, hasFrom: true, hasTo: true,
		edge: func() contracts.Edge {
			return contracts.Edge{Name: c.base.OwnerName(p.b), Kind: contracts.KindSecurity}
		}})
}

// gainsFlows tells whether the only difference is that there are more ways to get a token.
func (c *comparer) gainsFlows(b, h document.Node) bool {
	old, now := flowTexts(b), flowTexts(h)
	for flow, text := range old {
		if now[flow] != text {
			return false
		}
	}
	return len(old) > 0 && strings.Join(schemeParts(b), " ") == strings.Join(schemeParts(h), " ")
}

// flowTexts gives the addresses of each OAuth flow.
func flowTexts(n document.Node) map[string]string {
	texts := map[string]string{}
	for flow, value := range n.Get("flows").Members() {
		if strings.HasPrefix(flow, "x-") {
			continue
		}
		text := flow
		for _, keyword := range []string{"authorizationUrl", "deviceAuthorizationUrl", "tokenUrl"} {
			if url := sameURL(value.Get(keyword).Text()); url != "" {
				text += " " + url
			}
		}
		texts[flow] = text
	}
	return texts
}

// schemeText describes how credentials are sent.
func schemeText(n document.Node) string {
	parts, flows := schemeParts(n), flowTexts(n)
	for flow := range n.Get("flows").Members() {
		if text := flows[flow]; text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " ")
}

// schemeParts describes a scheme apart from its OAuth flows.
func schemeParts(n document.Node) []string {
	var parts []string
	for _, keyword := range []string{"type", "in", "name", "scheme", "openIdConnectUrl"} {
		if v := n.Get(keyword); v.Valid() {
			text := v.Text()
			switch keyword {
			case "scheme", "type":
				text = strings.ToLower(text)
			case "openIdConnectUrl":
				text = sameURL(text)
			}
			parts = append(parts, text)
		}
	}
	return parts
}

// sameURL writes a URL so that equal ones are equal: scheme and host have no case.
func sameURL(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text
	}
	host, path, slash := strings.Cut(rest, "/")
	if slash {
		path = "/" + path
	}
	return strings.ToLower(scheme) + "://" + strings.ToLower(host) + path
}
