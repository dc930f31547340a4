package openapi

import (
	"slices"
	"strings"

	"plimsoll/contracts/document"
)

// listed is a parameter where a path or an operation lists it.
type listed struct {
	item   document.Node // as written
	node   document.Node // resolved
	shared string        // its name in "parameters", if it is a $ref to one
}

// identity is what makes two parameters the same: the place and the name.
func (p listed) identity() string { return p.node.Get("in").Text() + " " + p.node.Get("name").Text() }

// inBody tells whether a parameter is a part of the body.
func inBody(p document.Node) bool {
	in := p.Get("in").Text()
	return in == "body" || in == "formData"
}

func (s *swagger) listed(parameters document.Node) []listed {
	var list []listed
	for _, item := range parameters.Items() {
		p := listed{item: item, node: s.resolve(item)}
		if name, ok := sharedName(item, "#/parameters/"); ok {
			p.shared = name
		}
		list = append(list, p)
	}
	return list
}

func (s *swagger) paths(paths document.Node) {
	if paths.Kind() != document.Object {
		s.b.Copy(paths)
		return
	}
	s.b.Object(paths, func() {
		for path, item := range paths.Members() {
			s.b.Key(path, item.KeyNode())
			if strings.HasPrefix(path, "x-") {
				s.b.Copy(item)
				continue
			}
			s.pathItem(item)
		}
	})
}

func (s *swagger) pathItem(item document.Node) {
	target := s.resolve(item)
	if target.Kind() != document.Object {
		s.b.Copy(item)
		return
	}
	common := s.listed(target.Get("parameters"))
	s.b.Object(target, func() {
		for name, value := range target.Members() {
			s.b.Key(name, value.KeyNode())
			switch {
			case name == "parameters":
				s.parameters(value, common)
			case isMethod(name) && value.Kind() == document.Object:
				s.operation(value, common)
			default:
				s.b.Copy(value)
			}
		}
	})
}

func (s *swagger) operation(op document.Node, common []listed) {
	own := s.listed(op.Get("parameters"))
	var parts []listed // of the body
	for _, p := range common {
		overridden := slices.ContainsFunc(own, func(o listed) bool { return o.identity() == p.identity() })
		if inBody(p.node) && !overridden {
			parts = append(parts, p)
		}
	}
	for _, p := range own {
		if inBody(p.node) {
			parts = append(parts, p)
		}
	}
	s.b.Object(op, func() {
		for name, value := range op.Members() {
			switch name {
			case "consumes", "produces", "schemes", "requestBody", "servers", "callbacks":
			case "parameters":
				s.b.Key(name, value.KeyNode())
				s.parameters(value, own)
			case "responses":
				s.b.Key(name, value.KeyNode())
				s.responses(value, op)
			default:
				s.b.Member(name, value)
			}
		}
		s.requestBody(op, parts)
		if schemes := op.Get("schemes"); schemes.Valid() {
			s.servers(op, schemes)
		}
	})
}

func (s *swagger) responses(responses, op document.Node) {
	if responses.Kind() != document.Object {
		s.b.Copy(responses)
		return
	}
	s.b.Object(responses, func() {
		for status, n := range responses.Members() {
			s.b.Key(status, n.KeyNode())
			if strings.HasPrefix(status, "x-") {
				s.b.Copy(n)
			} else {
				s.response(n, op)
			}
		}
	})
}

// parameters writes those parameters of a list that are not part of the body.
func (s *swagger) parameters(list document.Node, all []listed) {
	if list.Kind() != document.Array {
		s.b.Copy(list)
		return
	}
	s.b.Array(list, func() {
		for _, p := range all {
			switch {
			case inBody(p.node):
			case p.node.Kind() != document.Object:
				s.b.Copy(p.item)
			case p.shared != "":
				s.b.Object(p.item, func() { s.text("$ref", "#/components/parameters/"+p.shared, p.item.Get("$ref")) })
			default:
				s.parameter(p.node)
			}
		}
	})
}

// parameter writes a parameter or a header: what it is, how it is written, and its schema.
func (s *swagger) parameter(p document.Node) {
	if p.Kind() != document.Object {
		s.b.Copy(p)
		return
	}
	s.b.Object(p, func() {
		for name, value := range p.Members() {
			if ofParameter(name) || strings.HasPrefix(name, "x-") && name != "x-nullable" {
				s.b.Member(name, value)
			}
		}
		if style := styleOf(p); style != (notationOf{}) {
			at := document.FirstValid(p.Get("collectionFormat"), p)
			s.text("style", style.style, at)
			s.b.Key("explode", at)
			s.b.Bool(style.explode, at)
		}
		s.b.Key("schema", p)
		if schema := p.Get("schema"); schema.Valid() && !p.Get("type").Valid() {
			s.schema(schema) // not allowed, and the only thing that it can mean
		} else {
			s.valueSchema(p)
		}
	})
}

// ofParameter tells whether a keyword is about the parameter and not about its value.
func ofParameter(keyword string) bool {
	switch keyword {
	case "name", "in", "description", "required", "allowEmptyValue":
		return true
	}
	return false
}

// valueSchema writes the schema of a parameter's value.
func (s *swagger) valueSchema(p document.Node) {
	s.b.Object(p, func() {
		for name, value := range p.Members() {
			switch {
			case ofParameter(name), name == "schema", name == "collectionFormat":
			case strings.HasPrefix(name, "x-") && name != "x-nullable" && name != "x-extensible-enum":
			default:
				s.keyword(p, name, value)
			}
		}
	})
}

// notationOf is how a list is written: style and explode of OpenAPI 3.
type notationOf struct {
	style   string
	explode bool
}

// styleOf gives how a parameter that is a list is written. OpenAPI 3 has no name for tabs,
// for what separates the values of a header other than commas, and for lists in lists; they
// get names of their own so that they are compared.
func styleOf(p document.Node) notationOf {
	if p.Get("type").Text() != "array" {
		return notationOf{}
	}
	n := notationOf{style: "simple"}
	switch p.Get("in").Text() {
	case "query", "formData":
		n.style = "form"
	}
	switch format := p.Get("collectionFormat").Text(); format {
	case "", "csv":
	case "multi":
		n.explode = n.style == "form" // elsewhere it is not allowed
	default:
		n.style = separated(format)
	}
	for inner := p.Get("items"); inner.Get("type").Text() == "array"; inner = inner.Get("items") {
		if format := inner.Get("collectionFormat").Text(); format != "" && format != "csv" {
			n.style += " of " + separated(format)
		}
	}
	return n
}

// separated gives the style for a collectionFormat with a separator other than a comma.
func separated(format string) string {
	switch format {
	case "ssv":
		return "spaceDelimited"
	case "tsv":
		return "tabDelimited"
	case "pipes":
		return "pipeDelimited"
	}
	return format
}

// requestBody writes the body that the body parameter, or the formData parameters, describe.
func (s *swagger) requestBody(op document.Node, parts []listed) {
	if len(parts) == 0 {
		return
	}
	last := parts[len(parts)-1]
	if slices.ContainsFunc(parts, func(p listed) bool { return p.node.Get("in").Text() == "body" }) {
		if len(parts) > 1 {
			s.fail(last.item, "keep one body parameter, or describe the body with formData parameters only", "the operation has another body parameter or formData parameter")
			return
		}
		s.b.Key("requestBody", last.item)
		if last.shared != "" && s.sameList(op, "consumes") {
			s.b.Object(last.item, func() { s.text("$ref", "#/components/requestBodies/"+last.shared, last.item.Get("$ref")) })
			return
		}
		s.body(last.node, s.list(op, "consumes"))
		return
	}
	s.b.Key("requestBody", parts[0].item)
	s.form(op, parts)
}

// body writes the body that a body parameter describes.
func (s *swagger) body(p, consumes document.Node) {
	s.b.Object(p, func() {
		for name, value := range p.Members() {
			if name == "description" || name == "required" || strings.HasPrefix(name, "x-") {
				s.b.Member(name, value)
			}
		}
		s.content(p, consumes, "application/json", func() {
			if schema := p.Get("schema"); schema.Valid() {
				s.b.Key("schema", schema.KeyNode())
				s.schema(schema)
			}
		})
	})
}

// form writes the body that formData parameters describe: an object with a property for
// each. If one is required, the body is required.
func (s *swagger) form(op document.Node, parts []listed) {
	parts = lastOfEach(parts)
	first := parts[0].item
	var required []document.Node
	otherwise := "application/x-www-form-urlencoded"
	for _, p := range parts {
		if p.node.Get("required").True() {
			required = append(required, p.node)
		}
		if p.node.Get("type").Text() == "file" {
			otherwise = "multipart/form-data"
		}
	}
	s.b.Object(first, func() {
		if len(required) > 0 {
			s.b.Key("required", required[0].Get("required").KeyNode())
			s.b.Bool(true, required[0].Get("required"))
		}
		s.content(first, s.list(op, "consumes"), otherwise, func() {
			s.b.Key("schema", first)
			s.formSchema(first, parts, required)
			s.encodings(first, parts)
		})
	})
}

// lastOfEach leaves out parameters that another one of the same name follows.
func lastOfEach(parts []listed) []listed {
	last := map[string]int{}
	for i, p := range parts {
		last[p.identity()] = i
	}
	var list []listed
	for i, p := range parts {
		if last[p.identity()] == i {
			list = append(list, p)
		}
	}
	return list
}

func (s *swagger) formSchema(first document.Node, parts []listed, required []document.Node) {
	s.b.Object(first, func() {
		s.text("type", "object", first)
		if len(required) > 0 {
			s.b.Key("required", required[0].Get("required"))
			s.b.Array(required[0].Get("required"), func() {
				for _, p := range required {
					s.b.String(p.Get("name").Text(), p.Get("required"))
				}
			})
		}
		s.b.Key("properties", first)
		s.b.Object(first, func() {
			for _, p := range parts {
				s.b.Key(p.node.Get("name").Text(), p.item)
				if as, ok := s.forms[p.shared]; ok && p.shared != "" {
					s.b.Object(p.item, func() { s.text("$ref", "#/components/schemas/"+as, p.item.Get("$ref")) })
				} else {
					s.valueSchema(p.node)
				}
			}
		})
	})
}

// encodings writes how the lists in a form are written, unless each value is a part of its
// own, which OpenAPI 3 takes for granted. It has no name for allowEmptyValue in a form, which
// keeps its own.
func (s *swagger) encodings(first document.Node, parts []listed) {
	var written []listed
	for _, p := range parts {
		if hasEncoding(p.node) {
			written = append(written, p)
		}
	}
	if len(written) == 0 {
		return
	}
	s.b.Key("encoding", first)
	s.b.Object(first, func() {
		for _, p := range written {
			style, empty := styleOf(p.node), p.node.Get("allowEmptyValue")
			at := document.FirstValid(p.node.Get("collectionFormat"), p.node)
			s.b.Key(p.node.Get("name").Text(), at)
			s.b.Object(at, func() {
				if style.style != "" {
					s.text("style", style.style, at)
					s.b.Key("explode", at)
					s.b.Bool(style.explode, at)
				}
				if empty.True() {
					s.b.Member("allowEmptyValue", empty)
				}
			})
		}
	})
}

func hasEncoding(p document.Node) bool {
	style := styleOf(p)
	return style.style != "" && style != (notationOf{"form", true}) || p.Get("allowEmptyValue").True()
}
