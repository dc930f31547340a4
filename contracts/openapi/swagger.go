package openapi

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// convertSwagger turns a Swagger 2.0 document into OpenAPI 3.0. Every node of the result
// keeps the position of what it was made from.
func convertSwagger(ctx context.Context, d *document.Doc, limits Limits) (*document.Doc, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &swagger{b: document.NewBuilder(limits.TotalBytes), root: d.Root(), find: document.NewFinder(d)}
	s.document()
	if s.problem != nil {
		return nil, s.problem
	}
	if s.b.Full() {
		return nil, &contracts.Problem{Position: contracts.Position{File: d.File},
			Message: fmt.Sprintf("converted to OpenAPI 3, the contract has more than %d bytes", limits.TotalBytes)}
	}
	out, err := s.b.Doc(d.File, document.Limits{Depth: limits.Depth + swaggerDepth})
	if err != nil {
		return nil, fmt.Errorf("convert Swagger 2.0 to OpenAPI 3: %w", err)
	}
	return out, nil
}

// swaggerDepth is how many levels the conversion adds at most.
const swaggerDepth = 10

// swagger converts one document.
type swagger struct {
	b    *document.Builder
	root document.Node
	find *document.Finder
	// forms are the shared formData parameters: the schema that each becomes.
	forms   map[string]string
	problem *contracts.Problem // the first one
}

func (s *swagger) fail(n document.Node, hint, format string, args ...any) {
	if s.problem == nil {
		s.problem = &contracts.Problem{Position: PositionOf(n), Message: fmt.Sprintf(format, args...), Hint: hint}
	}
}

func (s *swagger) document() {
	s.nameForms()
	s.b.Object(s.root, func() {
		s.text("openapi", "3.0.3", s.root.Key("swagger"))
		for name, value := range s.root.Members() {
			switch name {
			case "swagger", "host", "basePath", "schemes", "consumes", "produces", "definitions", "parameters", "responses", "securityDefinitions",
				"openapi", "servers", "components", "webhooks": // the last are of OpenAPI 3
			case "paths":
				s.b.Key(name, value.KeyNode())
				s.paths(value)
			default:
				s.b.Member(name, value)
			}
		}
		s.servers(s.root, s.root.Get("schemes"))
		s.b.Key("components", s.root)
		s.b.Object(s.root, s.components)
	})
}

// text writes a member with a text.
func (s *swagger) text(name, text string, origin document.Node) {
	s.b.Key(name, origin)
	s.b.String(text, origin)
}

// servers writes the addresses that host, basePath and the schemes stand for.
func (s *swagger) servers(owner, schemes document.Node) {
	host, base := s.root.Get("host"), s.root.Get("basePath")
	at := document.FirstValid(base.KeyNode(), host.KeyNode(), schemes.KeyNode())
	if !at.Valid() {
		return
	}
	if owner != s.root {
		at = schemes
	}
	path := base.Text()
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if strings.Contains(host.Text(), "/") {
		s.fail(host, "write the path into basePath", "host has a path or a scheme; expected a name and a port")
		return
	}
	name := host.Text()
	s.b.Key("servers", at)
	s.b.Array(at, func() {
		if name == "" { // the host that serves the contract, and any scheme
			name = "{host}"
			s.server(cmp.Or(path, "/"), at)
		} else if len(distinct(schemes)) == 0 {
			s.server("https://"+name+path, at)
		}
		for _, scheme := range distinct(schemes) {
			s.server(scheme.Text()+"://"+name+path, at)
		}
	})
}

func (s *swagger) server(url string, at document.Node) {
	s.b.Object(at, func() { s.text("url", url, at) })
}

// distinct gives the items of a list that are texts, each text once.
func distinct(list document.Node) []document.Node {
	var items []document.Node
	seen := map[string]bool{}
	for _, item := range list.Items() {
		if text := item.Text(); text != "" && !seen[text] {
			seen[text] = true
			items = append(items, item)
		}
	}
	return items
}

// components writes what several operations share.
func (s *swagger) components() {
	definitions, parameters := s.root.Get("definitions"), s.root.Get("parameters")
	s.section("schemas", document.FirstValid(definitions, parameters), func() {
		for name, n := range definitions.Members() {
			s.b.Key(name, n.KeyNode())
			s.schema(n)
		}
		for name, n := range parameters.Members() {
			if as, ok := s.forms[name]; ok {
				s.b.Key(as, n.KeyNode())
				s.valueSchema(s.resolve(n))
			}
		}
	})
	s.section("parameters", parameters, func() {
		for name, n := range parameters.Members() {
			if p := s.resolve(n); !inBody(p) {
				s.b.Key(name, n.KeyNode())
				s.parameter(p)
			}
		}
	})
	s.section("requestBodies", parameters, func() {
		for name, n := range parameters.Members() {
			if p := s.resolve(n); p.Get("in").Text() == "body" {
				s.b.Key(name, n.KeyNode())
				s.body(p, s.root.Get("consumes"))
			}
		}
	})
	responses := s.root.Get("responses")
	s.section("responses", responses, func() {
		for name, n := range responses.Members() {
			s.b.Key(name, n.KeyNode())
			s.response(n, document.Node{})
		}
	})
	schemes := s.root.Get("securityDefinitions")
	s.section("securitySchemes", schemes, func() {
		for name, n := range schemes.Members() {
			s.b.Key(name, n.KeyNode())
			s.securityScheme(n)
		}
	})
}

// section writes one section of the components, if it was made of something.
func (s *swagger) section(name string, origin document.Node, members func()) {
	switch {
	case !origin.Valid():
	case origin.Kind() != document.Object:
		s.b.Member(name, origin) // the check of the form says what is wrong
	default:
		s.b.Key(name, origin.KeyNode())
		s.b.Object(origin, members)
	}
}

// nameForms finds the shared formData parameters. They become schemas, whose names must
// not be those of definitions.
func (s *swagger) nameForms() {
	s.forms = map[string]string{}
	definitions := s.root.Get("definitions")
	for name, p := range s.root.Get("parameters").Members() {
		if s.resolve(p).Get("in").Text() == "formData" {
			as := name
			for definitions.Get(as).Valid() || as != name && s.root.Get("parameters").Get(as).Valid() {
				as += "_parameter"
			}
			s.forms[name] = as
		}
	}
}

// securityScheme writes a security scheme; its types and flows have other names now.
func (s *swagger) securityScheme(n document.Node) {
	kind := n.Get("type").Text()
	if n.Kind() != document.Object || kind != "basic" && kind != "oauth2" {
		s.b.Copy(n)
		return
	}
	s.b.Object(n, func() {
		for name, value := range n.Members() {
			switch name {
			case "type":
				if kind == "basic" {
					s.text("type", "http", value)
					s.text("scheme", "basic", value)
				} else {
					s.b.Member(name, value)
					s.flow(n)
				}
			case "flow", "authorizationUrl", "tokenUrl", "scopes", "scheme", "flows":
			default:
				s.b.Member(name, value)
			}
		}
	})
}

// flow writes the one OAuth flow of a security scheme.
func (s *swagger) flow(n document.Node) {
	flow := n.Get("flow")
	name, ok := map[string]string{"implicit": "implicit", "password": "password", "application": "clientCredentials", "accessCode": "authorizationCode"}[flow.Text()]
	if !ok {
		s.fail(document.FirstValid(flow, n), "", "expected a flow: implicit, password, application or accessCode; found %q", flow.Text())
		return
	}
	s.b.Key("flows", flow)
	s.b.Object(flow, func() {
		s.b.Key(name, flow)
		s.b.Object(flow, func() {
			for _, member := range []string{"authorizationUrl", "tokenUrl", "scopes"} {
				if value := n.Get(member); value.Valid() {
					s.b.Member(member, value)
				}
			}
		})
	})
}
