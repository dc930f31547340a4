package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// The traps are mistakes that tools of this kind are known for. Those that one
// pair of contracts can show are golden cases named trap-…; the others are here.

const trapContract = `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: an order
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
components:
  schemas:
    Order:
      type: object
      properties:
        id: {type: string}
        sku: {type: string}
        status: {type: string, enum: [open, paid]}
`

func trapCompare(t *testing.T, base, head string) *Comparison {
	t.Helper()
	load := func(text string) *openapi.Contract {
		c, err := openapi.Load(t.Context(), memory{"openapi.yaml": text}, "openapi.yaml", openapi.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c, err := Compare(t.Context(), load(base), load(head), Options{API: "acme/orders/orders"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func trapJudge(t *testing.T, base, head string, consumers ...contracts.Consumer) []contracts.Finding {
	t.Helper()
	findings, problems, err := trapCompare(t, base, head).Judge(t.Context(), consumers)
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) > 0 {
		t.Fatalf("registration problems: %+v", problems)
	}
	return findings
}

// reader is a consumer that lists what it reads of one operation.
func reader(component, op string, reads ...string) contracts.Consumer {
	patterns := make([]contracts.Pattern, 0, len(reads))
	for _, text := range reads {
		patterns = append(patterns, contracts.Pattern{Text: text})
	}
	at := contracts.Position{File: "plimsoll.yml", Line: 7, Column: 9}
	return contracts.Consumer{Component: component, Usage: contracts.Usage{
		Evidence:   contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: at},
		Operations: []contracts.OperationUse{{Selector: op, Reads: &patterns, Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: at}}},
	}}
}

func dropped(t *testing.T, text, part string) string { return replaced(t, text, part, "") }

func replaced(t *testing.T, text, old, now string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q stands %d times in the contract", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, now, 1)
}

// An acknowledgement is bound to the fingerprint: a rebase, other words, other
// lines, a further operation that reaches the edge or another name of a path
// parameter leave it as it is.
func TestTrapAcknowledgementLostOnReRun(t *testing.T) {
	t.Parallel()
	const sku = "        sku: {type: string}\n"
	fingerprint := func(base string) string {
		for _, c := range trapCompare(t, base, dropped(t, base, sku)).Changes() {
			if c.Rule == "response-property-removed" {
				return c.Fingerprint
			}
		}
		t.Fatal("the removal was not found")
		return ""
	}
	want := fingerprint(trapContract)
	again := map[string]string{
		"a second run": trapContract,
		"other lines":  "# a comment\n\n" + trapContract,
		"other words":  replaced(t, trapContract, "description: an order", "description: the order, as it is now"),
		"a property in front": replaced(t, trapContract, "        id: {type: string}\n",
			"        at: {type: string}\n        id: {type: string}\n"),
		"one more operation": replaced(t, trapContract, "components:",
			"  /last:\n    get: {responses: {\"200\": {description: last, content: {application/json: {schema: {$ref: \"#/components/schemas/Order\"}}}}}}\ncomponents:"),
		"the parameter's name": strings.NewReplacer("{id}", "{orderId}", "name: id", "name: orderId").Replace(trapContract),
	}
	for name, base := range again {
		if got := fingerprint(base); got != want {
			t.Errorf("%s: the fingerprint is %s, was %s", name, got, want)
		}
	}
}

// What is another change needs an acknowledgement of its own.
func TestTrapAcknowledgementCoversAnotherChange(t *testing.T) {
	t.Parallel()
	heads := map[string]string{
		"removed":         dropped(t, trapContract, "        sku: {type: string}\n"),
		"to integer":      replaced(t, trapContract, "sku: {type: string}", "sku: {type: integer}"),
		"to boolean":      replaced(t, trapContract, "sku: {type: string}", "sku: {type: boolean}"),
		"nullable":        replaced(t, trapContract, "sku: {type: string}", "sku: {type: string, nullable: true}"),
		"another removed": dropped(t, trapContract, "        id: {type: string}\n"),
		"one value":       replaced(t, trapContract, "[open, paid]", "[open, paid, lost]"),
		"another value":   replaced(t, trapContract, "[open, paid]", "[open, paid, found]"),
	}
	seen := map[string]string{}
	for name, head := range heads {
		changes := trapCompare(t, trapContract, head).Changes()
		if len(changes) != 1 {
			t.Fatalf("%s: %d changes", name, len(changes))
		}
		if other, ok := seen[changes[0].Fingerprint]; ok {
			t.Errorf("%s and %s share a fingerprint", name, other)
		}
		seen[changes[0].Fingerprint] = name
	}
}

// One edit of a shared schema is one change, however many operations, statuses,
// media types and ways lead there; the list of operations is bounded.
func TestTrapFortyFindingsForOneChange(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: Orders, version: \"1\"}\npaths:\n")
	const order = `schema: {$ref: "#/components/schemas/Order"}`
	for i := range 40 {
		fmt.Fprintf(&b, "  /o%02d:\n    get:\n      responses:\n", i)
		for _, status := range []string{"200", "201", "404"} {
			fmt.Fprintf(&b, "        %q: {description: x, content: {application/json: {%s}, application/xml: {%s}}}\n", status, order, order)
		}
	}
	b.WriteString(`components:
  schemas:
    Order:
      type: object
      properties:
        first: {$ref: "#/components/schemas/Item"}
        all: {type: array, items: {$ref: "#/components/schemas/Item"}}
    Item: {type: object, properties: {id: {type: string}, sku: {type: string}}}
`)
	head := dropped(t, b.String(), ", sku: {type: string}")
	findings := trapJudge(t, b.String(), head, reader("web", "GET /o07", "all[].sku"), reader("app", "GET /o39", "first.id"))
	if len(findings) != 1 {
		t.Fatalf("%d findings", len(findings))
	}
	c := findings[0].Change
	if c.Reached != 40 || len(c.Operations) != contracts.MaxOperations {
		t.Errorf("reached %d operations and lists %d", c.Reached, len(c.Operations))
	}
	if len(findings[0].Affected) != 1 || findings[0].Affected[0].Consumer.Component != "web" || findings[0].Affected[0].Verdict != contracts.Breaks || findings[0].Unaffected != 1 {
		t.Errorf("hits %+v, unaffected %d", findings[0].Affected, findings[0].Unaffected)
	}
}

// During a rollout two versions are live: the compatible one hides nothing, in
// whichever order they come.
func TestTrapTwoLiveVersions(t *testing.T) {
	t.Parallel()
	head := dropped(t, trapContract, "        sku: {type: string}\n")
	old, now := reader("web", "GET /orders/{id}", "sku"), reader("web", "GET /orders/{id}", "id")
	old.Commit, old.Environment = "aaaa", "production"
	now.Commit, now.Environment = "bbbb", "production"
	for _, consumers := range [][]contracts.Consumer{{old, now}, {now, old}} {
		f := trapJudge(t, trapContract, head, consumers...)[0]
		if f.Verdict() != contracts.Breaks || len(f.Affected) != 1 || f.Affected[0].Consumer.Commit != "aaaa" || f.Unaffected != 1 {
			t.Errorf("verdict %s, hits %+v, unaffected %d", f.Verdict(), f.Affected, f.Unaffected)
		}
	}
}

// A repository that is archived, uninstalled or whose file is broken still counts
// with what was last known of it, and the finding says so.
func TestTrapConsumerThatIsGoneStillCounts(t *testing.T) {
	t.Parallel()
	head := dropped(t, trapContract, "        sku: {type: string}\n")
	for _, stale := range []string{"archived", "uninstalled", "file-broken"} {
		c := reader("web", "GET /orders/{id}", "sku")
		c.Stale = stale
		f := trapJudge(t, trapContract, head, c)[0]
		if f.Verdict() != contracts.Breaks || f.Affected[0].Consumer.Stale != stale {
			t.Errorf("%s: verdict %s, hits %+v", stale, f.Verdict(), f.Affected)
		}
	}
}

// Nothing but a complete list proves that a consumer is unaffected.
func TestTrapSafeWithoutEvidence(t *testing.T) {
	t.Parallel()
	head := dropped(t, trapContract, "        sku: {type: string}\n")
	at := contracts.Evidence{Kind: contracts.EvidenceBackstage, Position: contracts.Position{File: "catalog-info.yaml", Line: 3, Column: 1}}
	sends := []contracts.Pattern{}
	consumers := []contracts.Consumer{
		{Component: "knows-the-api-only", Usage: contracts.Usage{Evidence: at}},
		{Component: "from-a-catalogue", Usage: contracts.Usage{Evidence: at, Catalogue: true}},
		{Component: "no-lists", Usage: contracts.Usage{Evidence: at, Operations: []contracts.OperationUse{{Selector: "getOrder", Evidence: at}}}},
		{Component: "the-other-side-listed", Usage: contracts.Usage{Evidence: at, Operations: []contracts.OperationUse{{Selector: "getOrder", Sends: &sends, Evidence: at}}}},
	}
	f := trapJudge(t, trapContract, head, consumers...)[0]
	if f.Unaffected != 0 || len(f.Affected) != len(consumers) {
		t.Fatalf("unaffected %d, hits %+v", f.Unaffected, f.Affected)
	}
	for _, h := range f.Affected {
		if len(h.Evidence) == 0 || h.Evidence[0].File == "" {
			t.Errorf("%s: no line says why", h.Consumer.Component)
		}
	}
}

// A name is compared as a whole, at every depth and on both sides.
func TestTrapPrefixOfAName(t *testing.T) {
	t.Parallel()
	base := replaced(t, trapContract, "        sku: {type: string}\n",
		"        user: {type: object, properties: {name: {type: string}, nameHistory: {type: string}, na: {type: string}}}\n        userName: {type: string}\n")
	head := replaced(t, base, "{name: {type: string}, nameHistory", "{nameHistory")
	consumers := []contracts.Consumer{
		reader("history", "getOrder", "user.nameHistory"), reader("short", "getOrder", "user.na"),
		reader("flat", "getOrder", "userName"), reader("deep", "getOrder", "**.nameHistory"), reader("name", "getOrder", "user.name"),
	}
	f := trapJudge(t, base, head, consumers...)[0]
	hit := make([]string, 0, 1)
	for _, h := range f.Affected {
		hit = append(hit, h.Consumer.Component)
	}
	if !slices.Equal(hit, []string{"name"}) || f.Unaffected != 4 {
		t.Errorf("hits %q, unaffected %d", hit, f.Unaffected)
	}
}
