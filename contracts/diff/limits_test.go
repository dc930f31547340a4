package diff

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

func mustLoad(tb testing.TB, src contracts.Source, file string) *openapi.Contract {
	tb.Helper()
	c, err := openapi.Load(tb.Context(), src, file, openapi.LoadOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func mustCompare(tb testing.TB, base, head *openapi.Contract) *Comparison {
	tb.Helper()
	c, err := Compare(tb.Context(), base, head, Options{API: "acme/orders/orders"})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// denseContract holds n schemas that all refer to each other.
func denseContract(n int, leaf string) string {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/x":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/S0"}}}}}}}},"components":{"schemas":{`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"S%d":{"type":"object","properties":{"leaf":{"type":%q}`, i, leafType(i, n, leaf))
		for k := range n {
			fmt.Fprintf(&b, `,"p%d":{"$ref":"#/components/schemas/S%d"}`, k, k)
		}
		b.WriteString("}}")
	}
	b.WriteString("}}}")
	return b.String()
}

func leafType(i, n int, leaf string) string {
	if i == n-1 {
		return leaf
	}
	return "string"
}

// TestDenseGraphIsLinear: 120 schemas that all refer to each other make 14,400
// edges; one change is found once, and each pair of schemas is compared once.
func TestDenseGraphIsLinear(t *testing.T) {
	const n = 120
	src := memory{"b.json": denseContract(n, "string"), "h.json": denseContract(n, "integer")}
	c := mustCompare(t, mustLoad(t, src, "b.json"), mustLoad(t, src, "h.json"))
	if len(c.found) != 1 || c.found[0].Reached != 1 {
		t.Fatalf("got %d changes", len(c.found))
	}
	links := 0
	for i := range c.pairs {
		links += len(c.pairs[i].links)
	}
	if len(c.pairs) > 2*n || links > n*n+2*n {
		t.Errorf("%d pairs and %d links for %d schemas", len(c.pairs), links, n)
	}
	deep := contracts.Pattern{Text: "**.leaf"}
	findings, problems, err := c.Judge(t.Context(), []contracts.Consumer{{Component: "c", Usage: contracts.Usage{Operations: []contracts.OperationUse{{Selector: "GET /x", Reads: &[]contracts.Pattern{deep}}}}}})
	if err != nil || len(problems) > 0 || findings[0].Verdict() != contracts.Breaks {
		t.Errorf("got %v, %v, %v", findings[0].Verdict(), problems, err)
	}
}

// TestOneChangeHoweverManyOperations is the trap "40 findings for one change".
func TestOneChangeHoweverManyOperations(t *testing.T) {
	contract := func(props string) string {
		var b strings.Builder
		b.WriteString(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"components":{"schemas":{"Order":{"type":"object","properties":{` + props + `}}}},"paths":{`)
		for i := range 300 {
			fmt.Fprintf(&b, `"/p%d":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Order"}}}}}}}},`, i)
		}
		return strings.TrimSuffix(b.String(), ",") + "}}"
	}
	src := memory{"b.json": contract(`"id":{"type":"string"},"sku":{"type":"string"}`), "h.json": contract(`"id":{"type":"string"}`)}
	changes := mustCompare(t, mustLoad(t, src, "b.json"), mustLoad(t, src, "h.json")).Changes()
	if len(changes) != 1 || changes[0].Reached != 300 || len(changes[0].Operations) != contracts.MaxOperations || changes[0].Operations[0].Pointer != "[].sku" {
		t.Errorf("got %+v", changes)
	}
}

// TestFingerprintSurvives: line numbers, order, wording and the way by which a
// change was reached are not in a fingerprint; the edge and the values are.
func TestFingerprintSurvives(t *testing.T) {
	const head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n"
	get := func(path string) string {
		return "  " + path + ":\n    get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/O'}}}}}}\n"
	}
	schema := func(prop string) string {
		return "components:\n  schemas:\n    O: {type: object, properties: {a: {type: " + prop + "}}}\n"
	}
	print := func(paths, from, to string) string {
		src := memory{"b.yaml": head + paths + schema(from), "h.yaml": head + paths + schema(to)}
		changes := mustCompare(t, mustLoad(t, src, "b.yaml"), mustLoad(t, src, "h.yaml")).Changes()
		if len(changes) != 1 {
			t.Fatalf("got %d changes", len(changes))
		}
		return changes[0].Fingerprint
	}
	one := print(get("/a"), "string", "integer")
	if other := print(get("/z")+"\n# a comment\n\n"+get("/a"), "string", "integer"); other != one {
		t.Error("more operations and other lines make another fingerprint")
	}
	if other := print(get("/a"), "string", "boolean"); other == one {
		t.Error("another type has the same fingerprint")
	}
}

// TestCycleOfFiles: files that refer to each other in a circle are read once each.
func TestCycleOfFiles(t *testing.T) {
	src := memory{
		"c.yaml": "openapi: 3.0.3\npaths:\n  /a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: a.yaml}}}}}}}\n",
		"a.yaml": "type: object\nproperties: {b: {$ref: b.yaml}}\n",
		"b.yaml": "type: object\nproperties: {a: {$ref: a.yaml}, self: {$ref: '#/properties/self'}}\n",
	}
	c := mustLoad(t, src, "c.yaml")
	if got := strings.Join(c.Files(), " "); got != "a.yaml b.yaml c.yaml" {
		t.Errorf("read %s", got)
	}
	if changes := mustCompare(t, c, mustLoad(t, src, "c.yaml")).Changes(); len(changes) != 0 {
		t.Errorf("got %v", changes)
	}
}

// TestExampleNamesFileFirst: what an example says of a file is data, and does not
// keep a reference to that file from being one.
func TestExampleNamesFileFirst(t *testing.T) {
	src := memory{
		"c.yaml": "openapi: 3.0.3\npaths:\n  /a: {get: {responses: {'200': {description: ok, content: {application/json: {example: {$ref: a.yaml}, schema: {$ref: a.yaml}}}}}}}\n",
		"a.yaml": "type: object\nproperties: {b: {type: string}}\n",
	}
	c := mustLoad(t, src, "c.yaml")
	if got := strings.Join(c.Files(), " "); got != "a.yaml c.yaml" {
		t.Fatalf("read %s", got)
	}
	other := memory{"c.yaml": src["c.yaml"], "a.yaml": "type: object\nproperties: {b: {type: integer}}\n"}
	if changes := mustCompare(t, c, mustLoad(t, other, "c.yaml")).Changes(); len(changes) != 1 {
		t.Errorf("got %v", changes)
	}
}

// TestNestedAllOf: 10,000 allOf inside each other are compared, not feared.
func TestNestedAllOf(t *testing.T) {
	contract := func(leaf string) string {
		return `{"openapi":"3.0.3","info":{},"paths":{"/x":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":` +
			strings.Repeat(`{"allOf":[`, 9000) + `{"type":"object","properties":{"a":{"type":"` + leaf + `"}}}` + strings.Repeat(`]}`, 9000) + `}}}}}}}}`
	}
	src := memory{"b.json": contract("string"), "h.json": contract("integer")}
	changes := mustCompare(t, mustLoad(t, src, "b.json"), mustLoad(t, src, "h.json")).Changes()
	if len(changes) != 1 || changes[0].Rule != "response-type-changed" {
		t.Errorf("got %v", changes)
	}
}

func TestCompareStopsWithItsContext(t *testing.T) {
	src := memory{"b.json": denseContract(5, "string"), "h.json": denseContract(5, "integer")}
	base, head := mustLoad(t, src, "b.json"), mustLoad(t, src, "h.json")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Compare(ctx, base, head, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := openapi.Load(ctx, src, "b.json", openapi.LoadOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestSecurityByURI: a URI that leads nowhere is refused at its place; a name that nothing
// declares stays a name.
func TestSecurityByURI(t *testing.T) {
	const text = "openapi: 3.2.0\ninfo: {}\nsecurity: [{%s: []}]\npaths: {}\n"
	for name, want := range map[string]string{
		"'#/components/securitySchemes/no'": "c.yaml:3:13: refers to #/components/securitySchemes/no, which does not exist",
		"other.yaml#/x":                     "c.yaml:3:13: refers to other.yaml, which does not exist",
		"https://a.dev/s":                   "c.yaml:3:13: refers to https://a.dev/s; contracts are read from the repository only",
		"'#/info'":                          "",
		"plain":                             "",
	} {
		_, err := openapi.Load(t.Context(), memory{"c.yaml": fmt.Sprintf(text, name)}, "c.yaml", openapi.LoadOptions{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
}
