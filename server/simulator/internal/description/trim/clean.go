package main

import (
	"maps"
	"slices"
	"strings"
)

// prose lists the keys that say nothing to a validator.
var prose = []string{"description", "example", "examples", "externalDocs", "summary", "tags", "title"}

// clean copies value without prose and extensions. names says that value is a map
// from names to things (properties, responses), whose keys are not keywords.
func clean(value any, names bool) any {
	switch value := value.(type) {
	case object:
		kept := object{}
		for key, child := range value {
			if !names && (slices.Contains(prose, key) || strings.HasPrefix(key, "x-")) {
				continue
			}
			kept[key] = clean(child, !names && namesBelow(key))
		}
		if _, isResponses := value["responses"]; isResponses && !names {
			kept["responses"] = describe(kept["responses"])
		}
		return kept
	case []any:
		list := make([]any, len(value))
		for i, child := range value {
			list[i] = clean(child, false)
		}
		return list
	}
	return value
}

func namesBelow(key string) bool {
	switch key {
	case "properties", "responses", "headers", "content", "schemas", "parameters", "patternProperties":
		return true
	}
	return false
}

// describe adds to each response the description that OpenAPI requires.
func describe(responses any) any {
	if all, ok := responses.(object); ok {
		for _, response := range all {
			if response, ok := response.(object); ok && response["$ref"] == nil {
				response["description"] = "Response"
			}
		}
	}
	return responses
}

// closeBody writes the schemas of a request body out in place and closes them.
func closeBody(body, components object) object {
	body = maps.Clone(resolve(body, components))
	content, _ := body["content"].(object)
	closed := object{}
	for media, value := range content {
		entry, _ := value.(object)
		entry = maps.Clone(entry)
		if schema, ok := entry["schema"].(object); ok {
			entry["schema"] = closeSchema(schema, components, 0)
		}
		closed[media] = entry
	}
	body["content"] = closed
	return body
}

// closeSchema refuses unknown properties wherever the schema names its own. The
// branches beside named properties stay open: they see the same object.
func closeSchema(schema, components object, depth int) object {
	schema = maps.Clone(resolve(schema, components))
	if depth > 20 {
		return schema
	}
	properties, named := schema["properties"].(object)
	if named {
		closed := object{}
		for name, value := range properties {
			if child, ok := value.(object); ok {
				closed[name] = closeSchema(child, components, depth+1)
			}
		}
		schema["properties"] = closed
		if _, said := schema["additionalProperties"]; !said {
			schema["additionalProperties"] = false
		}
	}
	if items, ok := schema["items"].(object); ok {
		schema["items"] = closeSchema(items, components, depth+1)
	}
	for _, key := range []string{"oneOf", "anyOf", "allOf"} {
		branches, ok := schema[key].([]any)
		if !ok || named {
			continue
		}
		var closed []any
		for _, branch := range branches {
			if branch, ok := branch.(object); ok {
				closed = append(closed, closeSchema(branch, components, depth+1))
			}
		}
		schema[key] = closed
	}
	return schema
}

// resolve follows references into components.
func resolve(value, components object) object {
	for {
		ref, ok := value["$ref"].(string)
		if !ok {
			return value
		}
		kind, name := refParts(ref)
		group, _ := components[kind].(object)
		next, ok := group[name].(object)
		if !ok {
			return value
		}
		value = next
	}
}

func refParts(ref string) (kind, name string) {
	kind, name, _ = strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
	return kind, name
}

// reached returns the components that value refers to, and theirs.
func reached(value any, components object) object {
	result := object{}
	var visit func(any)
	visit = func(value any) {
		switch value := value.(type) {
		case object:
			if ref, ok := value["$ref"].(string); ok {
				kind, name := refParts(ref)
				group, _ := components[kind].(object)
				kept, _ := result[kind].(object)
				if kept == nil {
					kept = object{}
					result[kind] = kept
				}
				if _, seen := kept[name]; !seen && group[name] != nil {
					kept[name] = nil
					cleaned := clean(group[name], false)
					if kind == "responses" {
						cleaned.(object)["description"] = "Response"
					}
					kept[name] = cleaned
					visit(cleaned)
				}
			}
			for _, child := range value {
				visit(child)
			}
		case []any:
			for _, child := range value {
				visit(child)
			}
		}
	}
	visit(value)
	return result
}
