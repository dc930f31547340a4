package github

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"plimsoll/contracts"
)

// wholeSchema is GitHub's public schema: lib/schema.graphql of the npm package
// @octokit/graphql-schema, which follows GitHub's. With it the test writes trimmedSchema anew:
//
//	npm pack @octokit/graphql-schema && tar xzf octokit-graphql-schema-*.tgz
//	go test ./server/github -run GitHubsSchema -schema $PWD/package/schema.graphql
var wholeSchema = flag.String("schema", "", "GitHub's GraphQL schema, to write the part anew that our query uses")

// trimmedSchema is the part of it that our query uses, with the licence.
const trimmedSchema = "testdata/graphql/schema.graphql"

const schemaHead = `# The part of GitHub's GraphQL schema that our query uses, without descriptions and interfaces.
# From the npm package @octokit/graphql-schema 15.26.1, Copyright (c) GitHub 2025. MIT License: see LICENSE.
# Written by the test in graphql_schema_test.go, which says how.

`

// asked are two repositories of a query.
var asked = []contracts.RepositoryRef{{ID: 1, Owner: "acme", Name: "shop"}, {ID: 2, Owner: "acme", Name: "web.site"}}

// The daily query asks GitHub for what its schema has: the simulator answers one text, and does
// not know whether GitHub would. Nothing that it uses is deprecated.
func TestQueryFitsGitHubsSchema(t *testing.T) {
	query := fingerprintQuery(asked)
	if *wholeSchema != "" {
		writeTrimmed(t, query)
	}
	schema := schemaIn(t, trimmedSchema)
	document, faults := gqlparser.LoadQueryWithRules(schema, query, rules.NewDefaultRules())
	if len(faults) > 0 {
		t.Fatalf("GitHub would refuse the query: %v\n%s", faults, query)
	}
	for name, used := range fieldsUsed(document) {
		for field := range used {
			if found := schema.Types[name].Fields.ForName(field); found.Directives.ForName("deprecated") != nil {
				t.Errorf("%s.%s is deprecated", name, field)
			}
		}
	}
}

// What does not fit the schema is found, so that the test above shows something.
func TestQueryThatDoesNotFitGitHubsSchema(t *testing.T) {
	schema := schemaIn(t, trimmedSchema)
	for name, change := range map[string][2]string{
		"a field that a type lacks":     {"headRefOid", "headOid"},
		"a value that an enum lacks":    {"states: OPEN", "states: OPENED"},
		"an order that a list lacks":    {"field: UPDATED_AT", "field: PUSHED_AT"},
		"an argument that is missing":   {`owner: "acme", `, ""},
		"an argument that is not there": {"followRenames: false", "follow: false"},
		"an object without its fields":  {"latestStatus { createdAt state }", "latestStatus"},
		"a number for a name":           {`name: "shop"`, "name: 7"},
		"a fragment of another type":    {"on Repository", "on Release"},
	} {
		query := strings.Replace(fingerprintQuery(asked), change[0], change[1], 1)
		if query == fingerprintQuery(asked) {
			t.Errorf("%s: the query has no %q", name, change[0])
		}
		if _, faults := gqlparser.LoadQueryWithRules(schema, query, rules.NewDefaultRules()); len(faults) == 0 {
			t.Errorf("%s is not found:\n%s", name, query)
		}
	}
}

func schemaIn(t *testing.T, file string) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: file, Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// wholeIn reads the whole schema, of which a type may have a field twice.
func wholeIn(t *testing.T, file string) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: file, Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	for _, definition := range document.Definitions {
		seen := map[string]bool{}
		definition.Fields = slices.DeleteFunc(definition.Fields, func(f *ast.FieldDefinition) bool {
			twice := seen[f.Name]
			seen[f.Name] = true
			return twice
		})
	}
	schema, err := validator.ValidateSchemaDocument(document)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// fieldsUsed gives the fields that a query asks for, by type.
func fieldsUsed(document *ast.QueryDocument) map[string]map[string]bool {
	used := map[string]map[string]bool{}
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				name := s.ObjectDefinition.Name
				if used[name] == nil {
					used[name] = map[string]bool{}
				}
				used[name][s.Name] = true
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				walk(s.Definition.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			}
		}
	}
	for _, operation := range document.Operations {
		walk(operation.SelectionSet)
	}
	return used
}

// writeTrimmed keeps the types and fields of GitHub's schema that a query uses, with all of
// their arguments, and what these are made of.
func writeTrimmed(t *testing.T, query string) {
	t.Helper()
	whole := wholeIn(t, *wholeSchema)
	document, faults := gqlparser.LoadQueryWithRules(whole, query, rules.NewDefaultRules())
	if len(faults) > 0 {
		t.Fatalf("GitHub would refuse the query: %v", faults)
	}
	used, kept := fieldsUsed(document), map[string]*ast.Definition{}
	var keep func(name string)
	keep = func(name string) {
		definition := *whole.Types[name]
		if kept[name] != nil || definition.BuiltIn {
			return
		}
		definition.Interfaces, definition.Description = nil, ""
		if definition.Kind == ast.Object {
			definition.Fields = slices.DeleteFunc(slices.Clone(definition.Fields), func(f *ast.FieldDefinition) bool { return !used[name][f.Name] })
		}
		kept[name] = &definition
		for _, field := range definition.Fields {
			keep(field.Type.Name())
			for _, argument := range field.Arguments {
				keep(argument.Type.Name())
			}
		}
	}
	keep(whole.Query.Name)
	trimmed := &ast.SchemaDocument{}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		trimmed.Definitions = append(trimmed.Definitions, kept[name])
	}
	var text bytes.Buffer
	text.WriteString(schemaHead)
	formatter.NewFormatter(&text, formatter.WithIndent("  "), formatter.WithoutDescription()).FormatSchemaDocument(trimmed)
	if _, err := parser.ParseSchema(&ast.Source{Input: text.String()}); err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile(`(?m)[ \t]+$`).ReplaceAll(text.Bytes(), nil)
	if err := os.WriteFile(trimmedSchema, written, 0o600); err != nil {
		t.Fatal(err)
	}
}
