package config

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// Schema gives the JSON Schema (draft 7, which editors know best) of the
// repository file, made from the types that the decoder fills.
func Schema() []byte {
	definitions := map[string]any{}
	document := structSchema(reflect.TypeFor[Repository](), definitions)
	document["$schema"] = "http://json-schema.org/draft-07/schema#"
	document["title"] = "Plimsoll's repository file"
	document["description"] = "What a repository says about itself: .github/plimsoll.yml"
	document["definitions"] = definitions
	version := document["properties"].(map[string]any)["version"].(map[string]any)
	delete(version, "type")
	version["const"] = Version
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		panic("config: schema: " + err.Error()) // maps of strings always encode
	}
	return out.Bytes()
}

// typeSchema gives the schema of a type; structs go into definitions.
func typeSchema(t reflect.Type, definitions map[string]any) map[string]any {
	if x, ok := reflect.New(t).Interface().(text); ok {
		return textSchema(x.form())
	}
	if w, ok := reflect.Zero(t).Interface().(words); ok {
		return map[string]any{"enum": w.words()}
	}
	if t == reflect.TypeFor[JSONText]() {
		return map[string]any{} // any value
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeSchema(t.Elem(), definitions)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": typeSchema(t.Elem(), definitions)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": typeSchema(t.Elem(), definitions)}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Struct:
		if s, ok := reflect.Zero(t).Interface().(shorthand); ok {
			for key, f := range fieldsOf(t) {
				if key == s.short() {
					return map[string]any{"anyOf": []any{typeSchema(f.Type, definitions), refTo(t, definitions)}}
				}
			}
		}
		return refTo(t, definitions)
	default:
		return map[string]any{"type": "string"}
	}
}

// refTo gives a reference to the schema of a struct, which it adds to the definitions.
func refTo(t reflect.Type, definitions map[string]any) map[string]any {
	if _, ok := definitions[t.Name()]; !ok {
		definitions[t.Name()] = nil // being made: a type may hold itself
		definitions[t.Name()] = structSchema(t, definitions)
	}
	return map[string]any{"$ref": "#/definitions/" + t.Name()}
}

func structSchema(t reflect.Type, definitions map[string]any) map[string]any {
	properties, needed := map[string]any{}, []string{}
	for key, f := range fieldsOf(t) {
		property := typeSchema(f.Type, definitions)
		if ref, ok := property["$ref"]; ok {
			// Draft 7 ignores what stands beside $ref.
			property = map[string]any{"allOf": []any{map[string]any{"$ref": ref}}}
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			property["description"] = doc
		}
		properties[key] = property
		if required(f) {
			needed = append(needed, key)
		}
	}
	schema := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(needed) > 0 {
		schema["required"] = needed
	}
	return schema
}

func textSchema(f form) map[string]any {
	types := []string{}
	for _, tag := range f.tags {
		name := map[string]string{"!!str": "string", "!!int": "integer", "!!float": "number", "!!bool": "boolean", "!!null": "null"}[tag]
		if name != "" {
			types = append(types, name)
		}
	}
	schema := map[string]any{"type": types}
	if len(types) == 1 {
		schema["type"] = types[0]
	}
	if f.pattern != "" {
		schema["pattern"] = f.pattern
	}
	if f.most > 0 {
		schema["minimum"], schema["maximum"] = f.least, f.most
	}
	if len(f.examples) > 0 {
		schema["examples"] = f.examples
	}
	return schema
}
