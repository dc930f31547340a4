package diff

import (
	"slices"
	"strconv"
	"strings"

	"plimsoll/contracts"
)

// messageKinds edit bodies, media types, statuses, headers and links.
func messageKinds() []mutationKind {
	kind := func(name string, at rawKind, try func(s *site) *mutation) mutationKind {
		return mutationKind{name, at, "", func(s *site) *mutation {
			if s.provides() {
				return nil // there the rules go by other names
			}
			return try(s)
		}}
	}
	body := func(was bool) func(s *site) *mutation {
		return func(s *site) *mutation {
			if (s.value["required"] == true) != was {
				return nil
			}
			became, back := "request-body-became-required", "request-body-became-optional"
			if was {
				became, back = back, became
			}
			return &mutation{path: s.path, edit: set("required", !was), expect: []expected{{became, contracts.Request, s.in(contracts.Request), "", ""}}, mirror: []expected{{back, contracts.Request, s.in(contracts.Request), "", ""}}}
		}
	}
	media := func(s *site) string {
		names := sortedKeys(rawObject(s.value["content"]))
		if len(names) < 2 || strings.Contains(strings.Join(names, " "), "*") {
			return ""
		}
		return names[0]
	}
	mediaRemoved := func(dir contracts.Direction) func(s *site) *mutation {
		return func(s *site) *mutation {
			name := media(s)
			if name == "" {
				return nil
			}
			return &mutation{path: s.path, edit: inside("content", set(name, nil)),
				expect: []expected{{string(dir) + "-media-type-removed", dir, s.in(dir), name, ""}}, mirror: []expected{{string(dir) + "-media-type-added", dir, s.in(dir), name, ""}}}
		}
	}
	mediaAdded := func(dir contracts.Direction) func(s *site) *mutation {
		return func(s *site) *mutation {
			names := sortedKeys(rawObject(s.value["content"]))
			if len(names) == 0 || strings.Contains(strings.Join(names, " "), "*") {
				return nil
			}
			return &mutation{path: s.path, edit: inside("content", set("application/x-plimsoll", schemaMap{"schema": schemaMap{"type": "string"}})),
				expect: []expected{{string(dir) + "-media-type-added", dir, s.in(dir), "application/x-plimsoll", ""}},
				mirror: []expected{{string(dir) + "-media-type-removed", dir, s.in(dir), "application/x-plimsoll", ""}}}
		}
	}
	mediaRenamed := func(dir contracts.Direction) func(s *site) *mutation {
		return func(s *site) *mutation {
			content := rawObject(s.value["content"])
			if len(content) != 1 || content["application/json"] == nil {
				return nil
			}
			gone, fresh := string(dir)+"-media-type-removed", string(dir)+"-media-type-added"
			change := func(old, now string) []expected {
				return []expected{{gone, dir, s.in(dir), old, ""}, {fresh, dir, s.in(dir), now, ""}}
			}
			return &mutation{path: s.path, edit: set("content", schemaMap{"application/x-plimsoll": content["application/json"]}),
				expect: change("application/json", "application/x-plimsoll"), mirror: change("application/x-plimsoll", "application/json")}
		}
	}
	header := func(fit func(h schemaMap) bool, change func(s *site, name string) *mutation) func(s *site) *mutation {
		return func(s *site) *mutation {
			headers := rawObject(s.value["headers"])
			for _, name := range sortedKeys(headers) {
				h := rawObject(headers[name])
				if h["$ref"] == nil && !strings.EqualFold(name, "content-type") && fit(h) {
					return change(s, name)
				}
			}
			return nil
		}
	}
	any := func(schemaMap) bool { return true }
	one := func(s *site, rule, name string) []expected {
		return []expected{{rule, contracts.Response, s.in(contracts.Response), name, ""}}
	}
	link := func(s *site) *mutation {
		links := rawObject(s.value["links"])
		if len(links) == 0 {
			return nil
		}
		name := sortedKeys(links)[0]
		return &mutation{path: s.path, edit: inside("links", set(name, nil)), expect: one(s, "response-link-removed", "link "+name), mirror: one(s, "response-link-added", "link "+name)}
	}
	return []mutationKind{
		kind("body became required", rawBody, body(false)),
		kind("body became optional", rawBody, body(true)),
		kind("media type removed (request)", rawBody, mediaRemoved(contracts.Request)),
		kind("media type removed (response)", rawResponse, mediaRemoved(contracts.Response)),
		kind("media type added (request)", rawBody, mediaAdded(contracts.Request)),
		kind("media type added (response)", rawResponse, mediaAdded(contracts.Response)),
		kind("sole media type changed (request)", rawBody, mediaRenamed(contracts.Request)),
		kind("sole media type changed (response)", rawResponse, mediaRenamed(contracts.Response)),
		kind("header removed", rawResponse, header(any, func(s *site, name string) *mutation {
			return &mutation{path: s.path, edit: inside("headers", set(name, nil)), expect: one(s, "response-header-removed", name), mirror: one(s, "response-header-added", name)}
		})),
		kind("header added", rawResponse, func(s *site) *mutation {
			return &mutation{path: s.path, edit: inside("headers", set("X-Plimsoll", schemaMap{"schema": schemaMap{"type": "string"}})),
				expect: one(s, "response-header-added", "X-Plimsoll"), mirror: one(s, "response-header-removed", "X-Plimsoll")}
		}),
		kind("header became required", rawResponse, header(func(h schemaMap) bool { return h["required"] != true }, func(s *site, name string) *mutation {
			return &mutation{path: with(s.path, "headers", name), edit: set("required", true), expect: one(s, "response-header-became-required", name), mirror: one(s, "response-header-became-optional", name)}
		})),
		kind("header became optional", rawResponse, header(func(h schemaMap) bool { return h["required"] == true }, func(s *site, name string) *mutation {
			return &mutation{path: with(s.path, "headers", name), edit: set("required", false), expect: one(s, "response-header-became-optional", name), mirror: one(s, "response-header-became-required", name)}
		})),
		kind("link removed", rawResponse, link),
		kind("success status removed", rawOperation, statusRemoved(isSuccess, "status")),
		kind("error status removed", rawOperation, statusRemoved(func(status string) bool { return !isSuccess(status) && status != "default" }, "error-status")),
		kind("success status added", rawOperation, statusAdded("299", "status")),
		kind("error status added", rawOperation, statusAdded("498", "error-status")),
		kind("success status changed", rawOperation, func(s *site) *mutation {
			responses := rawObject(s.value["responses"])
			if responses["200"] == nil || responses["299"] != nil || responses["2XX"] != nil {
				return nil
			}
			change := func(old, now string) []expected {
				return []expected{{"response-status-removed", contracts.Response, s.self(), old, ""}, {"response-status-added", contracts.Response, s.self(), now, ""}}
			}
			return &mutation{path: with(s.path, "responses"), edit: set("200", nil, "299", responses["200"]), expect: change("200", "299"), mirror: change("299", "200")}
		}),
	}
}

// provides tells what a callback or webhook reaches: there the provider calls.
func (s *site) provides() bool {
	if s.op != nil {
		return s.op.provider
	}
	wrong := contracts.Response
	if s.kind == rawResponse || s.kind == rawHeader {
		wrong = contracts.Request
	}
	return len(s.in(wrong)) > 0
}

// self is the operation alone.
func (s *site) self() map[string]bool { return map[string]bool{s.op.key(): true} }

func statusRemoved(fit func(string) bool, rule string) func(s *site) *mutation {
	return func(s *site) *mutation {
		responses := rawObject(s.value["responses"])
		if responses["default"] != nil || len(responses) < 2 {
			return nil
		}
		for _, status := range sortedKeys(responses) {
			if fit(status) && responses[status[:1]+"XX"] == nil {
				return &mutation{path: with(s.path, "responses"), edit: set(status, nil),
					expect: []expected{{"response-" + rule + "-removed", contracts.Response, s.self(), status, ""}}, mirror: []expected{{"response-" + rule + "-added", contracts.Response, s.self(), status, ""}}}
			}
		}
		return nil
	}
}

func statusAdded(status, rule string) func(s *site) *mutation {
	return func(s *site) *mutation {
		responses := rawObject(s.value["responses"])
		if responses == nil || responses[status] != nil || responses["default"] != nil || responses[status[:1]+"XX"] != nil {
			return nil
		}
		return &mutation{path: with(s.path, "responses"), edit: set(status, schemaMap{"description": "new"}),
			expect: []expected{{"response-" + rule + "-added", contracts.Response, s.self(), status, ""}}, mirror: []expected{{"response-" + rule + "-removed", contracts.Response, s.self(), status, ""}}}
	}
}

// parameterKinds edit what a call may carry beside its body.
func parameterKinds() []mutationKind {
	kind := func(name string, at rawKind, try func(s *site) *mutation) mutationKind {
		return mutationKind{name, at, "", func(s *site) *mutation {
			if s.provides() {
				return nil
			}
			return try(s)
		}}
	}
	one := func(rule, name string, ops map[string]bool) expected {
		return expected{rule, contracts.Request, ops, name, ""}
	}
	// own looks for a parameter that the operation lists itself
	own := func(s *site, required bool) (rawParam, int) {
		for _, p := range s.doc.parameters(s.rawNode) {
			if p.own && p.in() != "path" && (p.value["required"] == true) == required && !shadows(s, p) {
				i, err := strconv.Atoi(p.item[len(p.item)-1])
				if err != nil {
					return p, -1
				}
				return p, i
			}
		}
		return rawParam{}, -1
	}
	removed := func(required bool, added string) func(s *site) *mutation {
		return func(s *site) *mutation {
			p, i := own(s, required)
			if i < 0 {
				return nil
			}
			return &mutation{path: s.path, edit: inside("parameters", listWithoutAt(i)),
				expect: []expected{one("request-parameter-removed", p.name(), s.self())}, mirror: []expected{one(added, p.name(), s.self())}}
		}
	}
	added := func(required bool, rule string) func(s *site) *mutation {
		return func(s *site) *mutation {
			return &mutation{path: s.path, edit: inside("parameters", listWith(schemaMap{"name": "plimsollNew", "in": "query", "required": required, "schema": schemaMap{"type": "string"}})),
				expect: []expected{one(rule, "plimsollNew", s.self())}, mirror: []expected{one("request-parameter-removed", "plimsollNew", s.self())}}
		}
	}
	swapped := func(pairs ...any) func(s *site) *mutation {
		return func(s *site) *mutation {
			in, name := s.value["in"], s.value["name"].(string)
			if in != "query" || s.value["required"] == true || s.value["content"] != nil || !s.everywhere() {
				return nil
			}
			now := name
			if pairs[0] == "name" {
				now = pairs[1].(string)
			}
			// one change each, at each operation that lists the parameter
			var there, back []expected
			for op := range s.in(contracts.Request) {
				ops := map[string]bool{op: true}
				there = append(there, one("request-parameter-removed", name, ops), one("request-parameter-added-optional", now, ops))
				back = append(back, one("request-parameter-removed", now, ops), one("request-parameter-added-optional", name, ops))
			}
			if len(there) != 2 {
				return nil
			}
			return &mutation{path: s.path, edit: set(pairs...), expect: there, mirror: back}
		}
	}
	said := func(fit func(s *site) bool, edit func(any) any, rule, back string) func(s *site) *mutation {
		return func(s *site) *mutation {
			if s.value["in"] == "path" || !fit(s) || !s.everywhere() {
				return nil
			}
			m := &mutation{path: s.path, edit: edit, expect: []expected{one(rule, s.value["name"].(string), s.in(contracts.Request))}}
			if back != "" {
				m.mirror = []expected{one(back, s.value["name"].(string), s.in(contracts.Request))}
			}
			return m
		}
	}
	array := func(s *site) bool {
		schema := rawObject(s.value["schema"])
		return schema["type"] == "array" && s.value["in"] == "query" && s.value["style"] != "deepObject" && (s.value["explode"] == true || s.value["explode"] == nil && (s.value["style"] == "form" || s.value["style"] == nil))
	}
	refused := func(keyword string) func(s *site) bool {
		return func(s *site) bool {
			return s.value["in"] == "query" && s.value["schema"] != nil && s.value[keyword] != true
		}
	}
	plain := func(s *site) bool {
		return s.value["content"] == nil && rawObject(s.value["schema"])["type"] == "string"
	}
	return []mutationKind{
		kind("optional parameter removed", rawOperation, removed(false, "request-parameter-added-optional")),
		kind("required parameter removed", rawOperation, removed(true, "request-parameter-added-required")),
		kind("optional parameter added", rawOperation, added(false, "request-parameter-added-optional")),
		kind("required parameter added", rawOperation, added(true, "request-parameter-added-required")),
		kind("parameter renamed", rawParameter, swapped("name", "plimsollNew")),
		kind("parameter moved from query to header", rawParameter, swapped("in", "header")),
		kind("parameter became required", rawParameter, said(func(s *site) bool { return s.value["required"] != true }, set("required", true), "request-parameter-became-required", "request-parameter-became-optional")),
		kind("parameter became optional", rawParameter, said(func(s *site) bool { return s.value["required"] == true }, set("required", false), "request-parameter-became-optional", "request-parameter-became-required")),
		kind("explode turned off", rawParameter, said(array, set("explode", false), "request-parameter-style-changed", "request-parameter-style-changed")),
		kind("parameter deprecated", rawParameter, said(func(s *site) bool { return s.value["deprecated"] == nil }, set("deprecated", true), "request-parameter-deprecated", "")),
		kind("empty value allowed", rawParameter, said(refused("allowEmptyValue"), set("allowEmptyValue", true), "request-parameter-empty-value-allowed", "request-parameter-empty-value-disallowed")),
		kind("reserved characters allowed", rawParameter, said(refused("allowReserved"), set("allowReserved", true), "request-parameter-reserved-allowed", "request-parameter-reserved-disallowed")),
		kind("schema became content", rawParameter, said(plain, func(old any) any {
			return set("schema", nil, "content", schemaMap{"application/json": schemaMap{"schema": rawObject(old)["schema"]}})(old)
		}, "request-parameter-content-changed", "request-parameter-content-changed")),
		kind("parameter moved from the operation to its path", rawOperation, func(s *site) *mutation {
			verbs := slices.DeleteFunc(sortedKeys(s.op.item), func(k string) bool { return !isRawMethod(k) })
			params := asList(s.value["parameters"])
			if len(verbs) != 1 || len(params) == 0 || s.op.item["parameters"] != nil {
				return nil
			}
			return &mutation{path: s.op.itemPath, edit: both(set("parameters", params), inside(verbs[0], set("parameters", nil)))}
		}),
	}
}

// shadows tells a parameter that takes the place of one of the path.
func shadows(s *site, p rawParam) bool {
	for _, item := range asList(s.op.item["parameters"]) {
		_, v := s.doc.follow(nil, item)
		if rawObject(v)["name"] == p.value["name"] && rawObject(v)["in"] == p.value["in"] {
			return true
		}
	}
	return false
}

// everywhere tells a parameter that no operation hides behind one of its own.
func (s *site) everywhere() bool {
	return s.value["name"] != nil && s.value["$ref"] == nil && (s.path[0] == "components" || len(s.in(contracts.Request)) > 0)
}
