package diff

import (
	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

func (c *comparer) compareServers(at int32, b, h *openapi.Operation) {
	if b.Provider {
		return
	}
	old, now := c.base.Contract.Servers(b), c.head.Contract.Servers(h)
	if !old.Valid() && !now.Valid() || old.Valid() && now.Valid() && c.dirty.Same(old, now) {
		return
	}
	to := c.nodePairAlways("servers", document.FirstValid(old, c.base.Contract.Root()), document.FirstValid(now, c.head.Contract.Root()), (*comparer).compareServerLists)
	c.link(at, to, usage.Step{Kind: usage.StepStay}, true)
}

func (c *comparer) compareServerLists(id int32) {
	p := c.pairs[id]
	old, now := serversByURL(p.b), serversByURL(p.h)
	owner := c.base.HolderName(p.b)
	if owner == "" {
		owner = c.head.HolderName(p.h)
	}
	left := 0
	for _, s := range old {
		if _, ok := find(now, s.url); ok {
			left++
		}
	}
	for _, s := range old {
		other, ok := find(now, s.url)
		edge := func() contracts.Edge { return contracts.Edge{Schema: owner, Name: s.url, Kind: contracts.KindServer} }
		if !ok {
			level := contracts.Breaking
			if left > 0 {
				level = contracts.Risky
			}
			c.report(id, change{rule: "server-removed", level: level, edge: edge, b: document.FirstValid(s.node, p.b), h: p.h, from: s.url, hasFrom: true,
				detail: s.url, fact: fact{left: left > 0}})
			continue
		}
		if !sameVariables(s.node.Get("variables"), other.node.Get("variables")) {
			c.report(id, change{rule: "server-variable-changed", edge: edge, b: document.FirstValid(s.node, p.b), h: document.FirstValid(other.node, p.h), detail: s.url})
		}
	}
	for _, s := range now {
		if _, ok := find(old, s.url); !ok {
			c.report(id, change{rule: "server-added", b: p.b, h: document.FirstValid(s.node, p.h), to: s.url, hasTo: true, detail: s.url,
				edge: func() contracts.Edge { return contracts.Edge{Schema: owner, Name: s.url, Kind: contracts.KindServer} }})
		}
	}
}

type server struct {
	url  string
	node document.Node
}

// serversByURL lists servers; a document without any answers at "/".
func serversByURL(n document.Node) []server {
	var list []server
	for _, item := range n.Items() {
		url := item.Get("url").Text()
		for len(url) > 1 && url[len(url)-1] == '/' {
			url = url[:len(url)-1]
		}
		list = append(list, server{url: url, node: item})
	}
	if len(list) == 0 {
		list = []server{{url: "/"}}
	}
	return list
}

func find(list []server, url string) (server, bool) {
	for _, s := range list {
		if s.url == url {
			return s, true
		}
	}
	return server{}, false
}

func sameVariables(b, h document.Node) bool {
	for name, v := range b.Members() {
		other := h.Get(name)
		if !other.Valid() || v.Get("default").Text() != other.Get("default").Text() {
			return false
		}
		allowed := map[string]bool{}
		for _, item := range other.Get("enum").Items() {
			allowed[item.Text()] = true
		}
		if len(allowed) == 0 {
			continue
		}
		if !v.Get("enum").Valid() {
			return false
		}
		for _, item := range v.Get("enum").Items() {
			if !allowed[item.Text()] {
				return false
			}
		}
	}
	return true
}
