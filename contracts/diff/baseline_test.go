package diff

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// withOrder gives the contract of the traps with these properties of Order.
func withOrder(properties ...string) string {
	head, _, _ := strings.Cut(trapContract, "        id: {type: string}\n")
	for _, p := range properties {
		head += "        " + p + "\n"
	}
	return head
}

const (
	orderID   = "id: {type: string}"
	orderSKU  = "sku: {type: string}"
	orderNote = "note: {type: string}"
)

// orderReader is a consumer that reads these properties of an order; without any it
// does not list what it reads.
func orderReader(name string, reads ...string) contracts.Consumer {
	at := contracts.Position{File: name + ".yml", Line: 5}
	use := contracts.OperationUse{Selector: "GET /orders/{id}", Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: at}}
	if len(reads) > 0 {
		list := make([]contracts.Pattern, len(reads))
		for i, text := range reads {
			list[i] = contracts.Pattern{Text: text, Position: at}
		}
		use.Reads = &list
	}
	return contracts.Consumer{Component: name, Usage: contracts.Usage{Operations: []contracts.OperationUse{use}, Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: at}}}
}

// told words findings: rule, edge, * for one since a baseline, hits, how many are unaffected.
func told(findings []contracts.Finding) []string {
	list := []string{}
	for _, f := range findings {
		line := f.Change.Rule + " " + f.Change.Edge.Name
		if f.SinceBaseline {
			line += " *"
		}
		for _, h := range f.Affected {
			line += fmt.Sprintf(" %s:%s", h.Consumer.Component, h.Verdict)
		}
		list = append(list, fmt.Sprintf("%s %d", line, f.Unaffected))
	}
	return list
}

func TestJudgeFromBaselines(t *testing.T) {
	full, noSKU, withNote := withOrder(orderID, orderSKU), withOrder(orderID), withOrder(orderID, orderSKU, orderNote)
	withStatus := func(text string) string {
		return strings.Replace(text, "        \"200\":\n", "        \"202\": {description: later}\n        \"200\":\n", 1)
	}
	handles := func(c contracts.Consumer, status ...string) contracts.Consumer {
		c.Usage.Operations[0].Status = status
		return c
	}
	both := orderReader("both", "id", "sku")
	both.Usage.Operations = append(both.Usage.Operations, contracts.OperationUse{Selector: "GET /orders", Evidence: both.Usage.Evidence})
	listing := func(text string) string {
		return strings.Replace(text, "components:\n", "  /orders:\n    get: {responses: {\"200\": {description: all}}}\ncomponents:\n", 1)
	}
	cases := []struct {
		name, base, head string
		consumers        []contracts.Consumer
		baselines        map[string]string // by consumer
		want             []string
		problems         []string
	}{
		{"behind: what was removed before the base still breaks it", noSKU, noSKU,
			[]contracts.Consumer{orderReader("web", "sku"), orderReader("new", "id")}, map[string]string{"web": full},
			[]string{"response-property-removed sku * web:breaks 0"}, nil},
		{"behind and not listed: it may be broken by what was removed before", noSKU, noSKU,
			[]contracts.Consumer{orderReader("web")}, map[string]string{"web": full},
			[]string{"response-property-removed sku * web:may-break 0"}, nil},
		{"behind, but what was removed is not read", noSKU, noSKU,
			[]contracts.Consumer{orderReader("web", "id")}, map[string]string{"web": full}, []string{}, nil},
		{"ahead: its baseline already lacks what is removed", full, noSKU,
			[]contracts.Consumer{orderReader("web"), orderReader("old")}, map[string]string{"web": noSKU},
			[]string{"response-property-removed sku old:may-break 1"}, nil},
		{"ahead: it was written for what the head takes back", full, full,
			[]contracts.Consumer{orderReader("web", "note")}, map[string]string{"web": withNote},
			[]string{"response-property-removed note * web:breaks 0"}, nil},
		{"ahead by its baseline, but it says that it reads what that lacks", full, noSKU,
			[]contracts.Consumer{orderReader("web", "sku")}, map[string]string{"web": noSKU},
			[]string{"response-property-removed sku web:breaks 0"}, []string{`reads: "sku" matches nothing`}},
		{"a removal that both comparisons see is one finding", withNote, noSKU,
			[]contracts.Consumer{orderReader("web", "sku"), orderReader("old", "sku"), orderReader("other", "id")}, map[string]string{"web": full},
			[]string{"response-property-removed sku old:breaks web:breaks 1", "response-property-removed note 3"}, nil},
		{"since two steps: other old values are other changes", withOrder("id: {type: integer}"), withOrder("id: {type: boolean}"),
			[]contracts.Consumer{orderReader("web", "id"), orderReader("old", "id")}, map[string]string{"web": full},
			[]string{"response-type-changed id old:breaks 1", "response-type-changed id * web:breaks 0"}, nil},
		{"an operation that is younger than the baseline is judged by the base", listing(full), full,
			[]contracts.Consumer{both}, map[string]string{"both": full},
			[]string{"operation-removed GET /orders both:breaks 0"}, []string{"operation GET /orders is not in the contract"}},
		{"an operation that only base and head have is judged by the base", listing(full), listing(noSKU),
			[]contracts.Consumer{both}, map[string]string{"both": noSKU},
			[]string{"response-property-removed sku both:breaks 0"}, []string{`reads: "sku" matches nothing`}},
		{"a status that is younger than the baseline is judged by the base", withStatus(full), full,
			[]contracts.Consumer{handles(orderReader("web", "id"), "202"), handles(orderReader("old", "id"), "200")}, map[string]string{"web": full, "old": full},
			[]string{"response-status-removed 202 web:breaks 1"}, nil},
		{"broken: judged against the base, and said", full, noSKU,
			[]contracts.Consumer{orderReader("web", "sku")}, map[string]string{"web": "openapi: [\n"},
			[]string{"response-property-removed sku web:breaks 0"}, []string{"its baseline can't be used, so it is compared with the base instead: web/openapi.yaml:"}},
		{"gone: judged against the base, and said", full, noSKU,
			[]contracts.Consumer{orderReader("web", "id")}, map[string]string{"web": ""},
			[]string{"response-property-removed sku 1"}, []string{"web/openapi.yaml: no such file"}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			findings, problems, err := trapCompare(t, tc.base, tc.head).JudgeFrom(t.Context(), tc.consumers, storedBaselines(t, tc.baselines))
			if err != nil {
				t.Fatal(err)
			}
			if got := told(findings); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if len(problems) != len(tc.problems) {
				t.Fatalf("problems %+v, want %q", problems, tc.problems)
			}
			for i, p := range problems {
				if !strings.Contains(p.Problem.Message, tc.problems[i]) || p.Problem.File == "" || p.Problem.Hint == "" {
					t.Errorf("problem %+v, want %q", p.Problem, tc.problems[i])
				}
			}
		})
	}
}

// storedBaselines gives consumers copies of a contract, each in a folder of its own; an empty
// text is a file that is not there.
func storedBaselines(t *testing.T, texts map[string]string) func(contracts.Consumer) (*openapi.Contract, error) {
	return func(c contracts.Consumer) (*openapi.Contract, error) {
		text, ok := texts[c.Component]
		if !ok {
			return nil, nil
		}
		files, name := memory{}, c.Component+"/openapi.yaml"
		if text != "" {
			files[name] = text
		}
		return openapi.Load(t.Context(), files, name, openapi.LoadOptions{})
	}
}

// A baseline that equals the base changes nothing, down to the positions.
func TestJudgeFromEqualBaseline(t *testing.T) {
	c := trapCompare(t, withOrder(orderID, orderSKU), withOrder(orderID))
	consumers := []contracts.Consumer{orderReader("web", "sku"), orderReader("app"), orderReader("job", "id"), orderReader("typo", "skuu")}
	want, wantProblems, err := c.Judge(t.Context(), consumers)
	if err != nil {
		t.Fatal(err)
	}
	same := map[string]string{}
	for _, each := range consumers {
		same[each.Component] = withOrder(orderID, orderSKU)
	}
	for name, baselines := range map[string]map[string]string{"without": nil, "with": same} {
		got, problems, err := c.JudgeFrom(t.Context(), consumers, storedBaselines(t, baselines))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(problems, wantProblems) || len(problems) != 1 {
			t.Errorf("%s: got %+v and %+v, want %+v and %+v", name, got, problems, want, wantProblems)
		}
	}
}

// Copies of the same content are compared once, wherever they lie; the base's
// own content not at all.
func TestJudgeFromComparesEachContentOnce(t *testing.T) {
	full, noSKU := withOrder(orderID, orderSKU), withOrder(orderID)
	c := trapCompare(t, noSKU, noSKU)
	consumers := []contracts.Consumer{orderReader("a", "sku"), orderReader("b", "sku"), orderReader("c", "note"), orderReader("d", "id"), orderReader("e", "id")}
	j := &baselineJudge{c: c, ctx: t.Context(), at: map[string]int{}}
	err := j.run(consumers, storedBaselines(t, map[string]string{"a": full, "b": full, "c": withOrder(orderID, orderNote), "d": noSKU}))
	if err != nil {
		t.Fatal(err)
	}
	if j.compared != 2 {
		t.Errorf("%d baselines compared, want 2", j.compared)
	}
	want := []string{"response-property-removed sku * a:breaks b:breaks 0", "response-property-removed note * c:breaks 0"}
	if got := told(j.result()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An API that was removed breaks a consumer by whatever baseline; a context that
// has ended ends the judging.
func TestJudgeFromRemovedAPIAndEndedContext(t *testing.T) {
	load := func(text string) *openapi.Contract { return mustLoad(t, memory{"openapi.yaml": text}, "openapi.yaml") }
	c, err := Compare(t.Context(), load(withOrder(orderID)), nil, Options{API: "acme/orders/orders"})
	if err != nil {
		t.Fatal(err)
	}
	older := map[string]string{"web": withOrder(orderID, orderSKU)}
	findings, _, err := c.JudgeFrom(t.Context(), []contracts.Consumer{orderReader("web", "id")}, storedBaselines(t, older))
	if got := told(findings); err != nil || len(got) != 1 || !strings.HasSuffix(got[0], " web:breaks 0") || findings[0].SinceBaseline {
		t.Errorf("got %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err = c.JudgeFrom(ctx, []contracts.Consumer{orderReader("web", "id")}, func(contracts.Consumer) (*openapi.Contract, error) {
		cancel()
		return nil, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context has ended", err)
	}
}
