package soundnesstest

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
)

// TestWitnessesHold checks the examples of random changes by the translation of this
// package, which is not the one that they were built with: the contract that is said to
// allow an example allows it, and the other one refuses it, or does not describe it, or
// does not have the value that is said to be missing. PLIMSOLL_SOUNDNESS sets the number of
// cases (1,000 when unset), PLIMSOLL_SEED the seed.
func TestWitnessesHold(t *testing.T) {
	t.Parallel()
	cases, seed := 1000, uint64(7)
	if n, err := strconv.Atoi(os.Getenv("PLIMSOLL_SOUNDNESS")); err == nil {
		cases = n
	}
	if n, err := strconv.ParseUint(os.Getenv("PLIMSOLL_SEED"), 10, 64); err == nil {
		seed = n
	}
	var breaks, without, held, wrong int
	for n := range cases {
		c := newCase(seed, uint64(n))
		c.patterns = nil
		if n%2 == 0 {
			c.patterns = []string{"**"}
		}
		for _, f := range c.findings(t) {
			a := f.Only()
			if a == nil || f.Change.Direction != c.dir {
				continue
			}
			switch {
			case a.Verdict == contracts.Breaks && a.Witness != nil:
				breaks++
			case a.Verdict == contracts.Breaks || a.Reason.Code == contracts.ReasonNoWitness:
				without++
			}
			if a.Witness == nil || a.Witness.Document == nil {
				continue
			}
			if why := c.refuted(t, &f.Change, a.Witness); why != "" {
				if wrong++; wrong <= 5 {
					t.Errorf("case %d: %s: %s → %s: %s\n%s", n, f.Change.Rule, a.Witness.Document, a.Witness.Fails, why, c)
				}
				continue
			}
			held++
		}
		if (n+1)%progressEvery == 0 {
			t.Logf("%d of %d cases, %d examples hold, %d do not", n+1, cases, held, wrong)
		}
	}
	t.Logf("%d cases: %d examples hold, %d do not; of %d changes that break the consumer %d have an example", cases, held, wrong, breaks+without, breaks)
	if held < cases/10 {
		t.Error("too few examples were built")
	}
}

func (c *soundnessCase) findings(t *testing.T) []contracts.Finding {
	src := treetest.Map{"base.json": c.contract(c.base), "head.json": c.contract(c.head)}
	var both [2]*openapi.Contract
	for i, name := range []string{"base.json", "head.json"} {
		var err error
		if both[i], err = openapi.Load(t.Context(), src, name, openapi.LoadOptions{}); err != nil {
			t.Fatalf("%v\n%s", err, c)
		}
	}
	comparison, err := diff.Compare(t.Context(), both[0], both[1], diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	findings, _, err := comparison.Judge(t.Context(), []contracts.Consumer{{Component: "c", Usage: contracts.Usage{Operations: []contracts.OperationUse{c.use()}}}})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// refuted says why an example is none; "" where it holds.
func (c *soundnessCase) refuted(t *testing.T, change *contracts.Change, w *contracts.Witness) string {
	from, to := c.base, c.head
	if w.AllowedBy == "head" {
		from, to = to, from
	}
	doc := decode(string(w.Document))
	allows := func(schemas object, how strictness) bool {
		tr := newTranslation(c.version, schemas, c.dir)
		var s *jsonschema.Schema
		s, err := tr.compile(tr.whole(object{"$ref": "#/components/schemas/Root"}, how))
		if err != nil {
			t.Fatalf("%v\n%s", err, c)
		}
		return s.Validate(doc) == nil
	}
	if !allows(from, strict) && !allows(from, variants) {
		return "not allowed"
	}
	switch {
	case strings.HasSuffix(w.Fails, " is missing") && c.dir == contracts.Response:
		if isThere(doc, strings.TrimSuffix(w.Fails, " is missing")) {
			return "it is there"
		}
		return ""
	case strings.Contains(change.Rule, "default"), change.Edge.Kind == contracts.KindBranch, strings.Contains(change.Rule, "discriminator"):
		return ""
	}
	if allows(to, strict) && allows(to, sent) {
		return "not refused"
	}
	return ""
}

// isThere tells whether a document has a value at a place such as a[0].b.
func isThere(doc any, place string) bool {
	for _, step := range strings.Split(strings.ReplaceAll(place, "[", "."), ".") {
		switch at := doc.(type) {
		case object:
			value, there := at[step]
			if !there {
				return false
			}
			doc = value
		case []any:
			i, err := strconv.Atoi(strings.TrimSuffix(step, "]"))
			if err != nil || i >= len(at) {
				return false
			}
			doc = at[i]
		default:
			return false
		}
	}
	return true
}
