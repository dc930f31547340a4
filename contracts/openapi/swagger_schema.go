package openapi

import (
	"strings"

	"plimsoll/contracts/document"
)

// schema writes a schema. Swagger 2.0 writes a few keywords in another way than OpenAPI 3.0.
func (s *swagger) schema(n document.Node) {
	if n.Kind() != document.Object {
		s.b.Copy(n)
		return
	}
	s.b.Object(n, func() {
		for name, value := range n.Members() {
			s.keyword(n, name, value)
		}
	})
}

func (s *swagger) keyword(schema document.Node, name string, value document.Node) {
	file := schema.Get("type").Text() == "file"
	switch {
	case name == "$ref" && value.Kind() == document.String:
		s.schemaRef(value)
	case name == "type" && file:
		s.text(name, "string", value)
		s.text("format", "binary", value)
	case name == "format" && file, name == "nullable" && schema.Get("x-nullable").Kind() == document.Bool:
	case name == "x-nullable" && value.Kind() == document.Bool:
		s.b.Key("nullable", value.KeyNode())
		s.b.Copy(value)
	case name == "discriminator" && value.Kind() == document.String:
		s.b.Key(name, value.KeyNode())
		s.b.Object(value, func() { s.text("propertyName", value.Text(), value) })
	default:
		s.b.Key(name, value.KeyNode())
		s.below(name, value)
	}
}

// below writes the value of a keyword, which may consist of schemas.
func (s *swagger) below(keyword string, value document.Node) {
	switch keyword {
	case "properties", "patternProperties":
		if value.Kind() == document.Object {
			s.b.Object(value, func() {
				for name, n := range value.Members() {
					s.b.Key(name, n.KeyNode())
					s.schema(n)
				}
			})
			return
		}
	case "allOf", "oneOf", "anyOf", "not", "items", "additionalProperties", "additionalItems":
		if value.Kind() == document.Array {
			s.b.Array(value, func() {
				for _, n := range value.Items() {
					s.schema(n)
				}
			})
			return
		}
		s.schema(value)
		return
	}
	s.b.Copy(value)
}

// schemaRef writes the $ref of a schema.
func (s *swagger) schemaRef(ref document.Node) {
	rest, ok := strings.CutPrefix(ref.Text(), "#/definitions/")
	switch {
	case !ok:
		s.fail(ref, "move the schema to definitions, or convert the contract to OpenAPI 3", "refers to %s; of Swagger 2.0, only references to #/definitions/… are read in schemas", ref.Text())
	case !s.target(ref).Valid():
		s.fail(ref, "correct the $ref or add what it names", "refers to %s, which does not exist", ref.Text())
	}
	s.b.Key("$ref", ref.KeyNode())
	s.b.String("#/components/schemas/"+rest, ref)
}

// target finds what a reference inside the file names.
func (s *swagger) target(ref document.Node) document.Node {
	pointer := strings.TrimPrefix(ref.Text(), "#")
	n := s.find.Find(s.root, unescape(pointer))
	if !n.Valid() && strings.Contains(pointer, "%") {
		n = s.find.Find(s.root, pointer)
	}
	return n
}

// resolve follows the $refs of a parameter, response or path item to the object that they
// mean. Swagger 2.0 is read from one file only.
func (s *swagger) resolve(n document.Node) document.Node {
	for range maxRefChain {
		ref := n.Get("$ref")
		if ref.Kind() != document.String {
			return n
		}
		if !strings.HasPrefix(ref.Text(), "#") {
			s.fail(ref, "bundle the contract into one file, or convert it to OpenAPI 3", "refers to %s; Swagger 2.0 is read from one file only", ref.Text())
			return document.Node{}
		}
		if n = s.target(ref); !n.Valid() {
			s.fail(ref, "correct the $ref or add what it names", "refers to %s, which does not exist", ref.Text())
			return n
		}
	}
	s.fail(n.Get("$ref"), "correct the $ref", "refers to itself")
	return document.Node{}
}

// sharedName gives the name of what a $ref means in a section such as "#/parameters/".
func sharedName(n document.Node, section string) (string, bool) {
	name, ok := strings.CutPrefix(n.Get("$ref").Str(), section)
	return name, ok && name != "" && !strings.ContainsAny(name, "/~%")
}

// response writes a response. Its media types are those of the operation; without an
// operation, those of the document.
func (s *swagger) response(n, op document.Node) {
	if name, ok := sharedName(n, "#/responses/"); ok && s.sameList(op, "produces") {
		s.resolve(n)
		s.b.Object(n, func() { s.text("$ref", "#/components/responses/"+name, n.Get("$ref")) })
		return
	}
	target := s.resolve(n)
	if target.Kind() != document.Object {
		s.b.Copy(n)
		return
	}
	s.b.Object(target, func() {
		for name, value := range target.Members() {
			switch name {
			case "schema", "examples", "content":
			case "headers":
				s.b.Key(name, value.KeyNode())
				s.headers(value)
			default:
				s.b.Member(name, value)
			}
		}
		if schema := target.Get("schema"); schema.Valid() {
			s.content(schema.KeyNode(), s.list(op, "produces"), "application/json", func() {
				s.b.Key("schema", schema.KeyNode())
				s.schema(schema)
			})
		}
	})
}

func (s *swagger) headers(headers document.Node) {
	if headers.Kind() != document.Object {
		s.b.Copy(headers)
		return
	}
	s.b.Object(headers, func() {
		for name, header := range headers.Members() {
			s.b.Key(name, header.KeyNode())
			if header.Kind() == document.Object && !strings.HasPrefix(name, "x-") || header.Get("type").Valid() {
				s.parameter(header)
			} else {
				s.b.Copy(header)
			}
		}
	})
}

// content writes a body in each of the media types.
func (s *swagger) content(origin, list document.Node, otherwise string, media func()) {
	types := distinct(list)
	s.b.Key("content", origin)
	s.b.Object(origin, func() {
		for _, n := range types {
			s.b.Key(n.Text(), n)
			s.b.Object(origin, media)
		}
		if len(types) == 0 {
			s.b.Key(otherwise, origin)
			s.b.Object(origin, media)
		}
	})
}

// list gives "consumes" or "produces" of an operation: its own, or the document's. An
// empty list of an operation counts.
func (s *swagger) list(op document.Node, keyword string) document.Node {
	return document.FirstValid(op.Get(keyword), s.root.Get(keyword))
}

// sameList tells whether an operation has the document's media types.
func (s *swagger) sameList(op document.Node, keyword string) bool {
	own := op.Get(keyword)
	return !own.Valid() || document.Equal(own, s.root.Get(keyword))
}
