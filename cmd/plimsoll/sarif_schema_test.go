package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// What --format sarif writes is SARIF by the standard's own schema: with findings,
// without, with consumers and without.
func TestSARIFIsValidByItsSchema(t *testing.T) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(top, "testdata", "sarif", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	story := filepath.Join(top, "server", "demo", "files")
	base, head := filepath.Join(story, "acme", "orders", "api", "openapi.yaml"), filepath.Join(story, "pull", "api", "openapi.yaml")
	for name, args := range map[string][]string{
		"no change":       {"--base", base, "--head", base},
		"changes":         {"--base", base, "--head", head},
		"consumers hit":   {"--base", base, "--head", head, "--consumers", filepath.Join(story, "acme", "billing"), "--consumers", filepath.Join(story, "acme", "checkout-web")},
		"swapped":         {"--base", head, "--head", base},
		"contract broken": {"--base", base, "--head", filepath.Join(top, "go.mod")},
	} {
		t.Run(name, func(t *testing.T) {
			told := plimsoll(t, append([]string{"check", "--format", "sarif"}, args...)...)
			if told.stdout == "" {
				if told.status != terminal.Bad || !strings.Contains(told.stderr, "go.mod") {
					t.Fatalf("no answer and no clear fault: status %d, %s", told.status, told.stderr)
				}
				return
			}
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(told.stdout))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Errorf("not valid by SARIF's schema: %v", err)
			}
		})
	}
}

// The schema refuses what is no SARIF: the test above can fail.
func TestSARIFsSchemaRefuses(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "sarif", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sarif.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"message":"not an object"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if schema.Validate(wrong) == nil {
		t.Error("a result whose message is a text was taken")
	}
}
