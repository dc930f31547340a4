package contracttext

import (
	"encoding/json"
	"strings"
	"testing"

	"plimsoll/contracts"
)

// TestExample: an example is folded away, says which version allows it and what is wrong
// with it, and nothing in it can leave its block.
func TestExample(t *testing.T) {
	t.Parallel()
	w := contracts.Witness{Direction: contracts.Response, AllowedBy: "head", Operation: "GET /orders", Status: "200",
		Document: json.RawMessage(`{"lines":[{}]}`), Fails: "lines[0].sku is missing"}
	consumer := contracts.Consumer{Component: "billing", Repository: contracts.RepositoryRef{Owner: "acme", Name: "billing", ID: 2}}
	page := func(w contracts.Witness, consumer contracts.Consumer, private bool) string {
		consumer.Repository.Private = private
		e := &entry{effects: []*effect{{consumer: owner(private), versions: []contracts.AffectedConsumer{{Consumer: consumer, Witness: &w}}}}}
		return (&view{}).exampleFold(e)
	}
	got := page(w, consumer, false)
	for _, want := range []string{"<summary>Example of a failing response</summary>", "A response of `GET /orders` with status `200` that the new version allows, in which lines\\[0\\].sku is missing:", "```json\n{\"lines\":[{}]}\n```"} {
		if !strings.Contains(got, want) {
			t.Errorf("expected %q in:\n%s", want, got)
		}
	}
	if got := page(w, consumer, true); got != "" {
		t.Errorf("an example of a private consumer is shown:\n%s", got)
	}
	loose := w
	loose.Reading = contracts.ReadingAnyVariant
	if got := page(loose, consumer, false); !strings.Contains(got, "that the new version allows if a value may fit several branches of `oneOf`, in which") {
		t.Errorf("the reading is not said:\n%s", got)
	}
	hostile := w
	hostile.Document, hostile.Fails = json.RawMessage("{\"a\":\"```\\n</details> @acme/all\"}"), "@acme/all <img src=x> is missing"
	if got := page(hostile, consumer, false); strings.Contains(got, "in which @acme") || strings.Contains(got, "<img") || !strings.Contains(got, "````json") {
		t.Errorf("an example leaves its place:\n%s", got)
	}
	long := w
	long.Document = json.RawMessage(`["` + strings.Repeat("x", 2*mostExample) + `"]`)
	if got := page(long, consumer, false); len(got) > 500 || !strings.Contains(got, "too long") {
		t.Errorf("a long example is shown:\n%s", got)
	}
}

func owner(hidden bool) *consumer { return &consumer{hidden: hidden} }
