package diff

import (
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// operationKinds edit operations as a whole: existence, names, life, security,
// servers.
func operationKinds() []mutationKind {
	kind := func(name string, try func(s *site) *mutation) mutationKind {
		return mutationKind{name, rawOperation, "", func(s *site) *mutation {
			if s.op.provider || s.op.itemPath[0] != "paths" {
				return nil
			}
			return try(s)
		}}
	}
	verb := func(s *site) string { return s.path[len(s.path)-1] }
	one := func(rule, name string, ops map[string]bool) []expected {
		return []expected{{rule, contracts.Request, ops, name, ""}}
	}
	only := func(method, path string) map[string]bool { return map[string]bool{method + " " + path: true} }
	set1 := func(rule, back string, fit func(s *site) bool, pairs ...any) func(s *site) *mutation {
		return func(s *site) *mutation {
			if !fit(s) {
				return nil
			}
			return &mutation{path: s.path, edit: set(pairs...), expect: one(rule, "", s.self()), mirror: one(back, "", s.self())}
		}
	}
	lacks := func(keyword string) func(s *site) bool { return func(s *site) bool { return s.value[keyword] == nil } }
	has := func(keyword string) func(s *site) bool { return func(s *site) bool { return s.value[keyword] != nil } }
	document := func(name string, try func(s *site) *mutation) mutationKind {
		return mutationKind{name, rawDocument, "", try}
	}
	return []mutationKind{
		kind("operation removed", func(s *site) *mutation {
			return &mutation{path: s.op.itemPath, edit: set(verb(s), nil), expect: one("operation-removed", "", s.self()), mirror: one("operation-added", "", s.self())}
		}),
		kind("method changed", func(s *site) *mutation {
			if s.op.item["patch"] != nil || verb(s) == "patch" {
				return nil
			}
			patch := only("PATCH", s.op.path)
			return &mutation{path: s.op.itemPath, edit: set(verb(s), nil, "patch", s.value),
				expect: append(one("operation-removed", "", s.self()), one("operation-added", "", patch)...),
				mirror: append(one("operation-removed", "", patch), one("operation-added", "", s.self())...)}
		}),
		kind("path renamed", func(s *site) *mutation {
			path := s.op.path + "/plimsoll"
			var there, back []expected
			for _, v := range rawMethods {
				if s.op.item[v] == nil {
					continue
				}
				m := strings.ToUpper(v)
				there = append(there, expected{"operation-removed", contracts.Request, only(m, s.op.path), m + " " + s.op.path, ""}, expected{"operation-added", contracts.Request, only(m, path), m + " " + path, ""})
				back = append(back, expected{"operation-removed", contracts.Request, only(m, path), m + " " + path, ""}, expected{"operation-added", contracts.Request, only(m, s.op.path), m + " " + s.op.path, ""})
			}
			return &mutation{path: []string{"paths"}, edit: set(s.op.path, nil, path, s.op.item), expect: there, mirror: back,
				may: "operation-shadowed"} // /orders/{id} takes no calls of /orders/plimsoll any more
		}),
		kind("path parameter renamed", func(s *site) *mutation {
			names := openapi.PathParameters(s.op.path)
			verbs := slices.DeleteFunc(sortedKeys(s.op.item), func(k string) bool { return !isRawMethod(k) })
			if len(names) == 0 || len(verbs) != 1 {
				return nil
			}
			path := strings.Replace(s.op.path, "{"+names[0]+"}", "{plimsollId}", 1)
			item := rawObject(edited(s.op.item, []string{verbs[0]}, func(old any) any { return renameParameter(old, names[0]) }))
			item = rawObject(renameParameter(item, names[0]))
			if text(item) == text(s.op.item) {
				return nil // it is shared by $ref
			}
			return &mutation{path: []string{"paths"}, edit: set(s.op.path, nil, path, item),
				expect: one("path-parameter-renamed", names[0], s.self()), mirror: one("path-parameter-renamed", "plimsollId", only(s.op.method, path))}
		}),
		kind("operationId changed", set1("operation-id-changed", "operation-id-changed", has("operationId"), "operationId", "plimsollNew")),
		kind("tags changed", set1("operation-tags-changed", "operation-tags-changed", func(s *site) bool { return len(asList(s.value["tags"])) > 0 }, "tags", []any{"plimsollNew"})),
		kind("operation deprecated", set1("operation-deprecated", "operation-undeprecated", lacks("deprecated"), "deprecated", true)),
		kind("sunset set", set1("operation-sunset-set", "operation-sunset-later", lacks("x-sunset"), "x-sunset", "2031-01-31")),
		kind("stability lowered", set1("operation-stability-lowered", "operation-stability-raised", lacks("x-stability-level"), "x-stability-level", "beta")),
		kind("operation's summary and description", func(s *site) *mutation {
			return &mutation{path: s.path, edit: set("summary", "other", "description", "words", "x-plimsoll", true)}
		}),
		kind("optional body added", func(s *site) *mutation {
			if s.value["requestBody"] != nil {
				return nil
			}
			return &mutation{path: s.path, edit: set("requestBody", schemaMap{"content": schemaMap{"application/json": schemaMap{"schema": schemaMap{"type": "object"}}}}),
				expect: one("request-body-added-optional", "", s.self()), mirror: one("request-body-removed", "", s.self())}
		}),
		kind("required body added", func(s *site) *mutation {
			if s.value["requestBody"] != nil {
				return nil
			}
			return &mutation{path: s.path, edit: set("requestBody", schemaMap{"required": true, "content": schemaMap{"application/json": schemaMap{"schema": schemaMap{"type": "object"}}}}),
				expect: one("request-body-added-required", "", s.self()), mirror: one("request-body-removed", "", s.self())}
		}),
		kind("callback removed", func(s *site) *mutation {
			// what is gone, or new, is the callback: an operation of its own
			gone := map[string]bool{}
			for _, n := range s.doc.order {
				if n.op != nil && n.op.method == openapi.MethodCallback && strings.HasPrefix(n.op.path, s.op.key()+" ") {
					gone[n.op.key()] = true
				}
			}
			if len(gone) != 1 {
				return nil
			}
			return &mutation{path: s.path, edit: set("callbacks", nil), expect: one("callback-removed", "", gone), mirror: one("callback-added", "", gone)}
		}),
		kind("security added", func(s *site) *mutation {
			scheme := s.scheme()
			if len(asList(s.value["security"])) > 0 || s.value["security"] == nil && s.doc.root["security"] != nil || scheme == "" {
				return nil
			}
			return &mutation{path: s.path, edit: set("security", []any{schemaMap{scheme: []any{}}}), expect: one("security-added", "security", s.self()), mirror: one("security-removed", "security", s.self())}
		}),
		kind("security alternative removed", func(s *site) *mutation {
			if len(asList(s.value["security"])) < 2 || len(rawObject(asList(s.value["security"])[0])) != 1 {
				return nil
			}
			return &mutation{path: s.path, edit: inside("security", listWithoutAt(0)), expect: one("security-alternative-removed", "security", s.self()), mirror: one("security-alternative-added", "security", s.self())}
		}),
		kind("scope demanded", func(s *site) *mutation {
			list := asList(s.value["security"])
			if len(list) == 0 || len(rawObject(list[0])) != 1 {
				return nil
			}
			name := sortedKeys(rawObject(list[0]))[0]
			for _, other := range list[1:] {
				if rawObject(other)[name] != nil {
					return nil
				}
			}
			return &mutation{path: with(s.path, "security", "0"), edit: inside(name, listWith("plimsoll:new")), expect: one("security-scope-added", "security", s.self()), mirror: one("security-alternative-added", "security", s.self())}
		}),
		document("security scheme changed", func(s *site) *mutation {
			schemes := rawObject(rawObject(s.value["components"])["securitySchemes"])
			for _, name := range sortedKeys(schemes) {
				ops := s.doc.securedBy(name)
				if len(ops) == 0 || rawObject(schemes[name])["$ref"] != nil {
					continue
				}
				return &mutation{path: []string{"components", "securitySchemes", name}, edit: func(any) any {
					return schemaMap{"type": "apiKey", "in": "cookie", "name": "plimsoll"}
				}, expect: one("security-scheme-changed", "", ops), mirror: one("security-scheme-changed", "", ops)}
			}
			return nil
		}),
		document("server removed", func(s *site) *mutation {
			list := asList(s.value["servers"])
			ops := s.doc.served()
			if len(list) < 2 || len(ops) == 0 {
				return nil
			}
			return &mutation{edit: inside("servers", listWithoutAt(1)), expect: one("server-removed", "", ops), mirror: one("server-added", "", ops)}
		}),
		document("server added", func(s *site) *mutation {
			ops := s.doc.served()
			if len(asList(s.value["servers"])) == 0 || len(ops) == 0 {
				return nil
			}
			return &mutation{edit: inside("servers", listWith(schemaMap{"url": "https://plimsoll.example"})), expect: one("server-added", "", ops), mirror: one("server-removed", "", ops)}
		}),
		document("title, version, tags, order", func(s *site) *mutation {
			return &mutation{edit: set("info", schemaMap{"title": "other", "version": "9"}, "tags", []any{schemaMap{"name": "x"}}, "x-plimsoll", 1)}
		}),
	}
}

func renameParameter(holder any, name string) any {
	list := slices.Clone(asList(rawObject(holder)["parameters"]))
	for i, p := range list {
		if o := rawObject(p); o["in"] == "path" && o["name"] == name {
			list[i] = set("name", "plimsollId")(p)
		}
	}
	if len(list) == 0 {
		return holder
	}
	return set("parameters", list)(holder)
}

// scheme gives the name of a security scheme; "" where there is none.
func (s *site) scheme() string {
	names := sortedKeys(rawObject(rawObject(s.doc.root["components"])["securitySchemes"]))
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// securedBy gives the operations that accept a security scheme.
func (d *rawDoc) securedBy(name string) map[string]bool {
	ops := map[string]bool{}
	for _, n := range d.order {
		if n.op == nil || n.op.provider {
			continue
		}
		security, own := n.value["security"]
		if !own {
			security = d.root["security"]
		}
		for _, alternative := range asList(security) {
			if rawObject(alternative)[name] != nil {
				ops[n.op.key()] = true
			}
		}
	}
	return ops
}

// served gives the operations that answer at the document's servers.
func (d *rawDoc) served() map[string]bool {
	ops := map[string]bool{}
	for _, n := range d.order {
		if n.op != nil && !n.op.provider && n.value["servers"] == nil && n.op.item["servers"] == nil {
			ops[n.op.key()] = true
		}
	}
	return ops
}
