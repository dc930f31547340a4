package openapi

import (
	"strings"

	"plimsoll/contracts/document"
)

// placeConverted gives the nodes of a converted document the positions of the Swagger 2.0
// nodes that they were made from. A node without a counterpart takes the position of its
// parent.
func placeConverted(old, converted *document.Doc) {
	p := placer{out: converted.Positions(), old: old.Root()}
	top, from := converted.Root(), old.Root()
	p.copy(top, from)
	components := top.Get("components")
	for section, oldSection := range map[string]string{"schemas": "definitions", "parameters": "parameters",
		"responses": "responses", "securitySchemes": "securityDefinitions"} {
		for name, n := range components.Get(section).Members() {
			origin := from.Get(oldSection).Get(name)
			p.object(n, origin, from.Key(oldSection))
		}
	}
	for name, n := range components.Get("requestBodies").Members() {
		p.body(n, from.Get("parameters").Get(name))
	}
	for path, item := range top.Get("paths").Members() {
		oldItem := from.Get("paths").Get(path)
		p.under(item, oldItem)
		for member, n := range item.Members() {
			if isMethod(member) {
				p.operation(n, oldItem.Get(member))
			} else {
				p.copy(n, oldItem.Get(member))
			}
		}
	}
	p.copy(top.Get("security"), from.Get("security"))
	p.out.Set(converted)
}

type placer struct {
	out document.Positions
	old document.Node
}

// under puts a whole subtree at the place of one node.
func (p *placer) under(n, origin document.Node) {
	if n.Valid() && origin.Valid() {
		p.out.Fill(n, origin)
	}
}

// copy walks two subtrees of the same form.
func (p *placer) copy(n, origin document.Node) {
	if !n.Valid() || !origin.Valid() {
		return
	}
	p.under(n, origin)
	for name, child := range n.Members() {
		if o := origin.Get(name); o.Valid() {
			p.out.PutKey(child, origin.Key(name))
			p.copy(child, o)
		}
	}
	items := map[int]document.Node{}
	for i, item := range origin.Items() {
		items[i] = item
	}
	for i, item := range n.Items() {
		p.copy(item, items[i])
	}
}

func (p *placer) object(n, origin, fallback document.Node) {
	if !origin.Valid() {
		p.under(n, fallback)
		return
	}
	p.copy(n, origin)
	p.wrapped(n, origin)
}

// wrapped places what Swagger 2.0 writes directly into a parameter, header or
// response and OpenAPI 3 puts into a schema.
func (p *placer) wrapped(n, origin document.Node) {
	schema := n.Get("schema")
	if schema.Valid() && !origin.Get("schema").Valid() {
		p.copy(schema, origin)
	}
	for _, media := range n.Get("content").Members() {
		p.under(media, origin)
		if s := origin.Get("schema"); s.Valid() {
			p.copy(media.Get("schema"), s)
		}
	}
	for name, header := range n.Get("headers").Members() {
		p.object(header, origin.Get("headers").Get(name), origin)
	}
}

func (p *placer) operation(n, origin document.Node) {
	if !origin.Valid() {
		return
	}
	p.copy(n, origin)
	byName := map[string]document.Node{}
	var body document.Node
	for _, param := range origin.Get("parameters").Items() {
		byName[param.Get("in").Text()+" "+param.Get("name").Text()] = param
		if in := param.Get("in").Text(); in == "body" || in == "formData" {
			body = param
		}
		if ref := param.Get("$ref").Text(); strings.HasPrefix(ref, "#/parameters/") {
			byName[ref] = param
		}
	}
	for _, param := range n.Get("parameters").Items() {
		origin := byName[param.Get("in").Text()+" "+param.Get("name").Text()]
		if !origin.Valid() {
			origin = byName[strings.Replace(param.Get("$ref").Text(), "#/components/parameters/", "#/parameters/", 1)]
		}
		if origin.Valid() {
			p.under(param, origin)
			p.object(param, origin, origin)
		}
	}
	p.body(n.Get("requestBody"), body)
	for status, response := range n.Get("responses").Members() {
		if o := origin.Get("responses").Get(status); o.Valid() {
			p.under(response, o)
			p.object(response, o, o)
		}
	}
}

func (p *placer) body(n, origin document.Node) {
	if !n.Valid() || !origin.Valid() {
		return
	}
	p.under(n, origin)
	for _, media := range n.Get("content").Members() {
		if s := origin.Get("schema"); s.Valid() {
			p.copy(media.Get("schema"), s)
		}
	}
}
