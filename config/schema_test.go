package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("plimsoll.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("plimsoll.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON reads YAML as an editor's validator sees it.
func asJSON(t *testing.T, data []byte) any {
	t.Helper()
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(stringDates(value))
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := jsonschema.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// stringDates turns YAML 1.1's timestamps back into what stands there; JSON has none.
func stringDates(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = stringDates(v[key])
		}
	case []any:
		for i := range v {
			v[i] = stringDates(v[i])
		}
	case interface{ Format(string) string }:
		return v.Format("2006-01-02")
	}
	return value
}

// The files that the decoder takes are valid by the schema, and those that it
// refuses for their form are not.
func TestSchemaAgreesWithDecoder(t *testing.T) {
	schema := compiledSchema(t)
	good, err := filepath.Glob("../testdata/config/*.yml")
	if err != nil || len(good) == 0 {
		t.Fatal("no sample files", err)
	}
	for _, file := range good {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseRepository(file, data); err != nil {
			t.Errorf("%s: the decoder refuses it: %v", file, err)
		}
		if err := schema.Validate(asJSON(t, data)); err != nil {
			t.Errorf("%s: the schema refuses it: %v", file, err)
		}
	}
	for _, text := range []string{
		"version: 2\n",
		"components: []\n",
		"version: 1\ncomponent: []\n",
		"version: 1\ncomponents: {}\n",
		"version: 1\ncomponents: [{name: '-x'}]\n",
		"version: 1\ncomponents: [{release: sometimes}]\n",
		"version: 1\ncomponents: [{provides: [{api: a}]}]\n",
		"version: 1\ncomponents: [{consumes: [{api: a/b}]}]\n",
		"version: 1\ncomponents: [{consumes: [{api: a, operations: [{op: GET x}]}]}]\n",
		"version: 1\ncomponents: [{consumes: [{api: a, operations: [{op: GET /, status: [99]}]}]}]\n",
		"version: 1\ncomponents: [{health: {endpoint: POST /healthz}}]\n",
		"version: 1\ncomponents: [{environments: {p: {verify: {for: 10}}}}]\n",
		"version: 1\ncomponents: [{environments: {p: {gate: maybe}}}]\n",
		"version: 1\ndefaults: {name: x}\n",
		"version: 1\npolicy: {block: [RB999]}\n",
	} {
		if _, err := ParseRepository("x.yml", []byte(text)); err == nil {
			t.Errorf("the decoder takes %s", text)
		}
		if err := schema.Validate(asJSON(t, []byte(text))); err == nil {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// Every key that the decoder accepts is in the schema, and the reverse, each
// with a description. The full sample uses all of them but a few.
func TestSchemaHasEveryKey(t *testing.T) {
	var document struct {
		Properties  map[string]any
		Definitions map[string]struct {
			Properties map[string]map[string]any
		}
	}
	if err := json.Unmarshal(Schema(), &document); err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(reflect.Type)
	done := map[reflect.Type]bool{}
	walk = func(typ reflect.Type) {
		if _, ok := reflect.New(typ).Interface().(text); ok || done[typ] {
			return
		}
		done[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
		case reflect.Struct:
			properties := document.Definitions[typ.Name()].Properties
			if typ == reflect.TypeFor[Repository]() {
				properties = map[string]map[string]any{}
				for key, value := range document.Properties {
					properties[key] = value.(map[string]any)
				}
			}
			for _, field := range reflect.VisibleFields(typ) {
				key, _, _ := strings.Cut(field.Tag.Get("key"), ",")
				if key == "" {
					continue
				}
				seen++
				if properties[key] == nil || properties[key]["description"] == "" || properties[key]["description"] == nil {
					t.Errorf("%s.%s: not in the schema, or without a description", typ.Name(), key)
				}
				delete(properties, key)
				walk(field.Type)
			}
			for key := range properties {
				t.Errorf("%s.%s: in the schema, but the decoder does not know it", typ.Name(), key)
			}
		}
	}
	walk(reflect.TypeFor[Repository]())
	if seen < 60 {
		t.Errorf("only %d keys seen", seen)
	}
	names := []string{}
	for name := range document.Definitions {
		names = append(names, name)
	}
	slices.Sort(names)
	t.Logf("%d keys in %v", seen, names)
}
