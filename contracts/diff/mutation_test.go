package diff

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// realContracts are the contracts that are mutated: small ones in every run, the
// others with PLIMSOLL_MUTATIONS (how many places of each kind).
var realContracts = []struct {
	pair, file string
	nightly    bool
}{
	{"figma-0.30-0.31", "base.yaml", false}, {"twilio-verify-2025-08", "base.json", false}, {"discord-2026-06-05", "base.json", true},
	{"box-2026-05-05", "base.json", true}, {"k8s-core-1.31-1.32", "base.json", true},
	{"stripe-2022-03-23", "base.json", true},
}

// score counts what became of the mutations of one kind, one way.
type score struct {
	cases, wanted, found, reported int
	examples                       witnessTally
}

func (s score) recall() string    { return share(s.found, s.wanted) }
func (s score) precision() string { return share(s.found, s.reported) }

func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// mutated is a contract with what the engine made of it, loaded when needed.
type mutated struct {
	*rawDoc
	base  *openapi.Contract
	sites []*rawNode
}

// TestMutations makes one edit at a time in real contracts and expects exactly
// that edit to be reported: the rule, the direction, the edge, the operations
// that reach it, and nothing else; then the edit undone. Where a change is and
// which operations reach it comes from a walk of its own over the raw text.
//
// PLIMSOLL_MUTATIONS sets the places per kind (2 when unset) and, without -short,
// brings in the larger contracts; PLIMSOLL_MUTATIONS_TABLE names a file for the table,
// PLIMSOLL_MUTATIONS_OUT a folder for the pairs of the small contract.
func TestMutations(t *testing.T) {
	places, nightly := 2, false
	if n, err := fmt.Sscan(os.Getenv("PLIMSOLL_MUTATIONS"), &places); n == 1 && err == nil {
		nightly = true
	}
	docs := mutationContracts(t, nightly)
	kinds := slices.Concat(propertyKinds(), valueKinds(), compositeKinds(), parameterKinds(), messageKinds(), operationKinds())
	table := []string{"| edit | places | recall | precision | undone: recall | precision |", "|---|---:|---:|---:|---:|---:|"}
	var all, back score
	for number, kind := range kinds {
		there, undone := runMutations(t, kind, docs, places, uint64(number))
		if there.cases == 0 {
			t.Errorf("%s: no place found", kind.name)
		}
		table = append(table, fmt.Sprintf("| %s | %d | %s | %s | %s | %s |", kind.name, there.cases, there.recall(), there.precision(), undone.recall(), undone.precision()))
		all, back = all.plus(there), back.plus(undone)
	}
	table = append(table, fmt.Sprintf("| all %d kinds | %d | %s | %s | %s | %s |", len(kinds), all.cases, all.recall(), all.precision(), back.recall(), back.precision()))
	t.Log("\n" + strings.Join(table, "\n"))
	examples := all.plus(back).examples
	examples.log(t, 95) // the rest cannot occur: a format beside limits that exclude what it changes
	if file := os.Getenv("PLIMSOLL_MUTATIONS_TABLE"); file != "" {
		writeMutationTable(t, file, docs, table)
	}
}

func (s score) plus(o score) score {
	return score{s.cases + o.cases, s.wanted + o.wanted, s.found + o.found, s.reported + o.reported, s.examples.plus(o.examples)}
}

func writeMutationTable(t *testing.T, file string, docs []*mutated, table []string) {
	var names []string
	for _, d := range docs {
		names = append(names, d.name)
	}
	text := "# Mutations\n\nOne edit at a time, at seeded random places of " + strings.Join(names, ", ") + ".\n" +
		"Recall: changes that had to be reported and were (rule, direction, edge, exactly the operations that reach it). Precision: reported changes that had to be.\n" +
		"\"Undone\" is the edit the other way round. \"-\": nothing was to be reported, and nothing was.\n" +
		"Few places: the contracts have no more. Made by `PLIMSOLL_MUTATIONS=20 PLIMSOLL_MUTATIONS_TABLE=../oracle/MUTATIONS.md go test -timeout 30m -run TestMutations ./contracts/diff`.\n\n" +
		strings.Join(table, "\n") + "\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mutationContracts(t *testing.T, nightly bool) []*mutated {
	t.Helper()
	var docs []*mutated
	add := func(name string, data []byte) {
		var v any
		if err := yaml.Unmarshal(data, &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		// through JSON and back: numbers and maps as they will be compared
		var root schemaMap
		if err := json.Unmarshal([]byte(text(plainJSON(v))), &root); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d := &mutated{rawDoc: newRawDoc(name, root)}
		c, err := openapi.Load(t.Context(), memory{"base.json": text(root)}, "base.json", openapi.LoadOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d.base = c
		d.sites = d.order
		docs = append(docs, d)
	}
	add("a small contract", []byte(smallContract))
	for _, real := range realContracts {
		data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "specs", real.pair, real.file))
		switch {
		case err != nil:
			t.Logf("shared/data/specs/%s is not here: its places are not tried", real.pair)
		case !real.nightly || nightly && !testing.Short():
			add(real.pair, data)
		}
	}
	return docs
}

// plainJSON turns what YAML gives into what JSON can say.
func plainJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = plainJSON(v[key])
		}
	case map[any]any:
		out := schemaMap{}
		for key, value := range v {
			out[fmt.Sprint(key)] = plainJSON(value)
		}
		return out
	case []any:
		for i := range v {
			v[i] = plainJSON(v[i])
		}
	}
	return v
}

// runMutations tries one kind at random places of all contracts.
func runMutations(t *testing.T, kind mutationKind, docs []*mutated, places int, seed uint64) (there, undone score) {
	type place struct {
		doc *mutated
		n   *rawNode
	}
	r := rand.New(rand.NewPCG(3, seed))
	var queues [][]place // one a contract, so that the largest does not take all
	for _, d := range docs {
		var queue []place
		for _, n := range d.sites {
			if n.kind == kind.at {
				queue = append(queue, place{d, n})
			}
		}
		r.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
		queues = append(queues, queue)
	}
	for progress := true; progress && there.cases < places; {
		progress = false
		for i := range queues {
			for len(queues[i]) > 0 && there.cases < places {
				p := queues[i][0]
				queues[i] = queues[i][1:]
				m := tryAt(kind, p.n)
				if m == nil {
					continue
				}
				progress = true
				runMutation(t, kind, p.doc, m, &there, &undone)
				break
			}
		}
	}
	return there, undone
}

func tryAt(kind mutationKind, n *rawNode) *mutation {
	s := &site{n, map[contracts.Direction]reachedBy{}}
	m := kind.try(s.lazily())
	if m == nil {
		return nil
	}
	if kind.side != "" && (len(s.in(kind.side)) == 0 || s.reached[contracts.Request].opaque || s.reached[contracts.Response].opaque) {
		return nil
	}
	if kind.side != "" && len(m.expect)+len(m.mirror) > 0 && !slices.ContainsFunc(m.expect, func(e expected) bool { return e.dir == kind.side }) &&
		!slices.ContainsFunc(m.mirror, func(e expected) bool { return e.dir == kind.side }) {
		return nil
	}
	return m
}

// lazily works out what reaches a site; schemas alone can be reached on both sides.
func (s *site) lazily() *site {
	s.reached[contracts.Request], s.reached[contracts.Response] = s.reach(contracts.Request), s.reach(contracts.Response)
	return s
}

func runMutation(t *testing.T, kind mutationKind, d *mutated, m *mutation, there, undone *score) {
	head := edited(d.root, m.path, m.edit)
	source := text(head)
	at := fmt.Sprintf("%s in %s at %s", kind.name, d.name, pointer(m.path))
	changed, err := openapi.Load(t.Context(), memory{"base.json": source}, "base.json", openapi.LoadOptions{})
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	if dir := os.Getenv("PLIMSOLL_MUTATIONS_OUT"); dir != "" && there.cases < 2 && len(source) < 64<<10 {
		writePair(t, filepath.Join(dir, fmt.Sprintf("%s %d", strings.ReplaceAll(kind.name, "/", " "), there.cases)), d.root, source)
	}
	judgeMutation(t, at, d.base, changed, m.expect, m.may, there)
	judgeMutation(t, at+", undone", changed, d.base, m.mirror, m.may, undone)
}

func writePair(t *testing.T, dir string, base schemaMap, head string) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"base.json": text(base), "head.json": head} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// judgeMutation compares and counts; whatever is missing or too much is an error.
func judgeMutation(t *testing.T, at string, base, head *openapi.Contract, want []expected, may string, s *score) {
	comparison, err := Compare(t.Context(), base, head, Options{})
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	findings, _, err := comparison.Judge(t.Context(), []contracts.Consumer{everything(base)})
	if err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	for _, missing := range s.examples.count(findings) {
		t.Logf("%s: no example: %s", at, missing)
	}
	got := comparison.Changes()
	s.cases++
	s.wanted += len(want)
	s.reported += len(got)
	used := make([]bool, len(got))
	for _, w := range want {
		i := slices.IndexFunc(got, func(c contracts.Change) bool { return w.matches(&c) == "" })
		if i < 0 || used[i] {
			why := "not reported"
			for k := range got {
				if got[k].Rule == w.rule {
					why = w.matches(&got[k])
				}
			}
			t.Errorf("%s: %s %s, reached %d: %s", at, w.rule, w.name, len(w.ops), why)
			continue
		}
		used[i] = true
		s.found++
	}
	for i := range got {
		if got[i].Rule == may || got[i].Rule == "request-branch-ambiguous" { // the small contract's oneOf has branches that overlap
			s.reported--
		} else if !used[i] {
			c := &got[i]
			t.Errorf("%s: too much: %s %s (%s → %s), reached %d", at, c.Rule, edgeText(c.Edge), orDash(c.From), orDash(c.To), c.Reached)
		}
	}
}

// matches says what tells a change from the expected one; "" is nothing.
func (w *expected) matches(c *contracts.Change) string {
	switch {
	case c.Rule != w.rule:
		return "another rule"
	case c.Direction != w.dir:
		return "direction " + string(c.Direction)
	case w.name != "" && c.Edge.Name != w.name:
		return "edge " + edgeText(c.Edge)
	case w.own != "" && c.Edge.Kind != contracts.KindParameter && !strings.HasPrefix(c.Edge.Schema, w.own) && !strings.HasPrefix(c.Edge.Name, w.own):
		return "edge " + edgeText(c.Edge) + ", not in " + w.own
	case c.Reached != len(w.ops):
		return fmt.Sprintf("reached %d", c.Reached)
	case len(c.Operations) != min(contracts.MaxOperations, len(w.ops)):
		return fmt.Sprintf("%d operations listed", len(c.Operations))
	}
	for _, op := range c.Operations {
		if !w.ops[op.Method+" "+op.Path] {
			return "reached from " + op.Method + " " + op.Path
		}
	}
	return ""
}
