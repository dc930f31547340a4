package api

import (
	"cmp"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/server/redact"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// operation is what the description says about one path, beside its types.
type operation struct {
	id, summary string
	answer      any
	query       []parameter
	lines       bool // the answer is JSON lines
	former      bool
}

type parameter struct {
	name, about string
	required    bool
	number      bool
}

var (
	repository  = parameter{name: "repository", about: "owner/repo", required: true}
	component   = parameter{name: "component", about: "Only this component; all if it is left out"}
	environment = parameter{name: "environment", about: "Only this environment; all if it is left out"}
	days        = parameter{name: "days", about: "Length of the span in days, up to now", number: true}
)

var operations = map[string]operation{
	"apis":                                {id: "listAPIs", summary: "Lists the APIs of the account that a repository belongs to, page by page", answer: apisAnswer{}, query: []parameter{repository, {name: "page", about: "Number of the page, from 1 on", number: true}}},
	"apis/{owner}/{repo}/{api}":           {id: "getAPI", summary: "Shows an API, and which versions of its provider run where", answer: apiAnswer{}},
	"apis/{owner}/{repo}/{api}/consumers": {id: "listConsumers", summary: "Lists the consumers of an API, and what they use", answer: ConsumersAnswer{}},
	"can-i-deploy": {id: "canIDeploy", summary: "Says whether a commit is safe to deploy to an environment", answer: DeployAnswer{}, query: []parameter{repository,
		component, {name: "commit", about: "Full id of the commit", required: true}, {name: "environment", about: "Environment to deploy to", required: true}}},
	"can-remove": {id: "canRemove", summary: "Says who uses an operation or a field", answer: RemoveAnswer{}, query: []parameter{
		{name: "api", about: "owner/repo/api", required: true}, {name: "operation", about: "Such as GET /orders/{id}, or an operationId", required: true},
		{name: "field", about: "Path of a field, such as lines[].sku"}, {name: "side", about: "request or response (default)"}, environment}},
	"deployments":      {id: "listDeployments", summary: "Lists the newest deployments of a repository", answer: deploymentsAnswer{}, query: []parameter{repository}},
	"deployments/{id}": {id: "getDeployment", summary: "Shows a deployment by GitHub's id", answer: deploymentAnswer{}, query: []parameter{repository}},
	"ledger":           {id: "listLedger", summary: "Lists the ledger's entries about a repository, one JSON object a line", answer: redact.Line{}, lines: true, query: []parameter{repository, {name: "after", about: "Only entries behind this seq", number: true}}},
	"metrics":          {id: "getMetrics", summary: "Gives DORA metrics for each target", answer: MetricsAnswer{}, query: []parameter{repository, component, environment, days}},
	"keys":             {id: "getKeys", summary: "The former name of metrics", answer: MetricsAnswer{}, former: true, query: []parameter{repository, component, environment, days}},
	"running":          {id: "listRunning", summary: "Says what runs in each environment", answer: RunningAnswer{}, query: []parameter{repository, component, environment}},
}

type object = map[string]any

// describer makes schemas of Go types as encoding/json writes them.
type describer struct{ schemas object }

func (d describer) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage](), t.Implements(reflect.TypeFor[json.Marshaler]()), t.Kind() == reflect.Interface:
		return object{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.of(t.Elem())
	case reflect.Struct:
		name := strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
		if _, ok := d.schemas[name]; !ok {
			schema := object{"type": "object", "description": schemaTexts[name]}
			d.schemas[name] = schema
			properties, required := object{}, []string{}
			d.fields(t, properties, &required)
			for field, its := range properties {
				properties[field] = withText(its.(object), cmp.Or(fieldTexts[name+"."+field], fieldTexts[field]))
			}
			schema["properties"] = properties
			if len(required) > 0 {
				slices.Sort(required)
				schema["required"] = required
			}
		}
		return object{"$ref": "#/components/schemas/" + name}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": d.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": d.of(t.Elem())}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer", "format": "int64"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.String:
		if t == reflect.TypeFor[contracts.Answer]() {
			return object{"type": "string", "enum": []string{"yes", "no", "unknown"}}
		}
		return object{"type": "string"}
	}
	panic("no schema for " + t.String())
}

func (d describer) fields(t reflect.Type, properties object, required *[]string) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag, written := field.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		embedded := field.Type
		if embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		switch {
		case name == "-":
			continue
		case field.Anonymous && !written && embedded.Kind() == reflect.Struct:
			d.fields(embedded, properties, required)
			continue
		case !field.IsExported():
			continue
		case name == "":
			name = field.Name
		}
		schema := d.of(field.Type)
		if optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"); !optional {
			*required = append(*required, name)
			if mayBeNull(t, field.Type) {
				schema = d.nullable(schema)
			}
		}
		properties[name] = schema
	}
}

// withText adds a description to the schema of a field. Beside a reference, OpenAPI 3.0 reads
// none.
func withText(schema object, text string) object {
	if _, ok := schema["$ref"]; ok {
		return object{"allOf": []object{schema}, "description": text}
	}
	schema = maps.Clone(schema)
	schema["description"] = text
	return schema
}

// Every schema and every field has a description, and no description is left over.
func TestFieldsAreDescribed(t *testing.T) {
	used := map[string]bool{}
	for name, one := range described()["components"].(object)["schemas"].(object) {
		schema := one.(object)
		if schemaTexts[name] == "" {
			t.Errorf("schema %s is not described", name)
		}
		used[name] = true
		for field := range schema["properties"].(object) {
			switch {
			case fieldTexts[name+"."+field] != "":
				used[name+"."+field] = true
			case fieldTexts[field] != "":
				used[field] = true
			default:
				t.Errorf("%s.%s is not described", name, field)
			}
		}
	}
	for _, texts := range []map[string]string{schemaTexts, fieldTexts} {
		for name := range texts {
			if !used[name] {
				t.Errorf("there is a description of %s, which does not exist", name)
			}
		}
	}
}

// mayBeNull reports whether a field that is always written may be null. Lists of this
// package are made before they are filled.
func mayBeNull(in, field reflect.Type) bool {
	switch field.Kind() {
	case reflect.Pointer:
		return true
	case reflect.Slice, reflect.Map:
		return in.PkgPath() != reflect.TypeFor[API]().PkgPath()
	}
	return false
}

// nullable adds null to a schema. OpenAPI 3.0 knows nullable only beside a type, so what
// is referred to is copied.
func (d describer) nullable(schema object) object {
	if ref, ok := schema["$ref"].(string); ok {
		schema = d.schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(object)
	}
	schema = maps.Clone(schema)
	schema["nullable"] = true
	return schema
}

func described() object {
	d := describer{object{}}
	refusals := d.of(reflect.TypeFor[refusalAnswer]())
	paths := object{}
	for path, op := range operations {
		parameters := []object{}
		for part := range strings.SplitSeq(path, "/") {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				parameters = append(parameters, object{"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true, "schema": object{"type": "string"}})
			}
		}
		for _, p := range op.query {
			schema := object{"type": "string"}
			if p.number {
				schema = object{"type": "integer"}
			}
			parameters = append(parameters, object{"name": p.name, "in": "query", "required": p.required, "description": p.about, "schema": schema})
		}
		content := object{"application/json": object{"schema": d.of(reflect.TypeOf(op.answer))}}
		if op.lines {
			content = object{"application/x-ndjson": content["application/json"]} // the schema of each line
		}
		get := object{"operationId": op.id, "summary": op.summary, "parameters": parameters, "responses": object{
			"200":     object{"description": "The answer", "content": content},
			"default": object{"description": "Why there is no answer", "content": object{"application/json": object{"schema": refusals}}},
		}}
		if op.former {
			get["deprecated"] = true
		}
		paths[Prefix+path] = object{"get": get}
	}
	return object{
		"openapi": "3.0.3",
		"info": object{"title": "Plimsoll", "version": "1", "license": object{"name": "Apache-2.0"},
			"description": "Questions to Plimsoll's registry. Each needs a GitHub token; what it may not read is counted and not named."},
		"security":   []object{{"github": []string{}}},
		"paths":      paths,
		"components": object{"schemas": d.schemas, "securitySchemes": object{"github": object{"type": "http", "scheme": "bearer"}}},
	}
}

// openapi.json is what the types and routes say, and valid. -update writes it anew.
func TestDescription(t *testing.T) {
	if got, want := slices.Sorted(maps.Keys(operations)), slices.Sorted(maps.Keys((&API{}).routes())); !slices.Equal(got, want) {
		t.Fatalf("described are %v, served %v", got, want)
	}
	text, err := json.MarshalIndent(described(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != string(description) {
		t.Error("openapi.json is not what the types say: go test ./server/api -update")
	}
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err == nil {
		err = document.Validate(t.Context())
	}
	if err != nil {
		t.Error(err)
	}
}

// Everybody may read the description, without a token.
func TestDescriptionIsServed(t *testing.T) {
	a := New(Config{})
	answer := httptest.NewRecorder()
	a.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, Prefix+"openapi.json", nil))
	if answer.Code != http.StatusOK || answer.Body.String() != string(description) || answer.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d, %d bytes, %v", answer.Code, answer.Body.Len(), answer.Header())
	}
}

// Plimsoll judges its own API: no change since the last release breaks a client, unless the
// CHANGELOG names its fingerprint. testdata/released.json is copied at each release.
func TestDescriptionBreaksNobody(t *testing.T) {
	released, err := os.ReadFile("testdata/released.json")
	if err != nil {
		t.Fatal(err)
	}
	changelog, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range breaking(t, string(released), string(description)) {
		if !strings.Contains(string(changelog), change.Fingerprint) {
			t.Errorf("breaks clients: %s at %v, fingerprint %s", change.Rule, change.Operations, change.Fingerprint)
		}
	}
	less := strings.Replace(string(released), `"deployments_per_day"`, `"deployments_daily"`, 1)
	if less == string(released) || len(breaking(t, string(released), less)) == 0 {
		t.Error("a field that is renamed is no breaking change: this test can't fail")
	}
}

func breaking(t *testing.T, base, head string) (all []contracts.Change) {
	t.Helper()
	load := func(text string) *openapi.Contract {
		contract, err := openapi.Load(t.Context(), treetest.Map{"openapi.json": text}, "openapi.json", openapi.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return contract
	}
	comparison, err := diff.Compare(t.Context(), load(base), load(head), diff.Options{API: "plimsoll"})
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range comparison.Changes() {
		if change.Level == contracts.Breaking {
			all = append(all, change)
		}
	}
	return all
}
