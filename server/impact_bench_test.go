package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// BenchmarkImpact: 200 consumers of one API of 1,000 operations, among 5,000
// components: the look-up in the registry and the evaluation, beside a comparison
// that is made already.
func BenchmarkImpact(b *testing.B) {
	const components, consumers, operations = 5000, 200, 1000
	registry := storetest.Open(b, store.Options{DSN: storetest.SQLite(b)})
	provider := contracts.RepositoryRef{Installation: 1, ID: 1, Owner: "acme", Name: "orders"}
	register := func(r contracts.Registration) {
		if _, _, err := registry.PutRepository(b.Context(), source.Repository{RepositoryRef: r.Repository, DefaultBranch: "main"}); err != nil {
			b.Fatal(err)
		}
		if _, err := registry.Register(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	register(contracts.Registration{Repository: provider, DefaultBranch: "main", Commit: "c0", Enrolled: true, Components: []contracts.Component{
		{Name: "orders", Provides: []contracts.Provided{{API: "orders", Spec: "openapi.yaml"}}},
	}})
	for i := range components {
		api := "orders"
		if i >= consumers {
			api = fmt.Sprintf("other-%d", i%50)
		}
		name := fmt.Sprintf("component-%d", i)
		register(contracts.Registration{
			Repository:    contracts.RepositoryRef{Installation: 1, ID: int64(i + 2), Owner: "acme", Name: name},
			DefaultBranch: "main", Commit: "c0", Enrolled: true,
			Components: []contracts.Component{{Name: name, Consumes: []contracts.Consumed{{API: api, Usage: usageOf(i, operations)}}}},
		})
	}
	comparison := manyOperations(b, operations)
	var took []time.Duration
	affected := 0
	for b.Loop() {
		started := time.Now()
		found, err := registry.Consumers(b.Context(), contracts.APIRef{Repository: provider, Name: "orders"})
		if err != nil {
			b.Fatal(err)
		}
		findings, _, err := comparison.Judge(b.Context(), found)
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(started))
		affected = 0
		for _, finding := range findings {
			affected += len(finding.Affected)
		}
	}
	if affected == 0 {
		b.Fatal("nobody was hit")
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(affected), "hits")
}

// usageOf is what the i-th component uses: ten operations, two fields of each.
func usageOf(i, operations int) contracts.Usage {
	var usage contracts.Usage
	usage.Evidence = contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: contracts.Position{File: ".github/plimsoll.yml", Line: 6}}
	for k := range 10 {
		reads := []contracts.Pattern{{Text: "name"}, {Text: fmt.Sprintf("f%d", (i+k)%8)}}
		usage.Operations = append(usage.Operations, contracts.OperationUse{
			Selector: fmt.Sprintf("GET /things-%d/{id}", (i*10+k)%operations), Reads: &reads, Evidence: usage.Evidence,
		})
	}
	return usage
}

// manyOperations compares a contract of so many operations with one that drops a
// field of a schema that all of them share, and one of each tenth.
func manyOperations(b *testing.B, operations int) *diff.Comparison {
	b.Helper()
	load := func(text string) *openapi.Contract {
		loaded, err := openapi.Load(b.Context(), treetest.Map{"openapi.yaml": text}, "openapi.yaml", openapi.LoadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		return loaded
	}
	comparison, err := diff.Compare(b.Context(), load(manyText(operations, false)), load(manyText(operations, true)), diff.Options{API: "acme/orders/orders"})
	if err != nil {
		b.Fatal(err)
	}
	return comparison
}

// manyText is a contract of so many operations, or its head.
func manyText(operations int, head bool) string {
	var t strings.Builder
	t.WriteString("openapi: 3.0.3\ninfo: {title: Things, version: \"1\"}\npaths:\n")
	for i := range operations {
		fmt.Fprintf(&t, "  /things-%d/{id}:\n    get:\n      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n      responses:\n        \"200\":\n          description: ok\n          content: {application/json: {schema: {$ref: \"#/components/schemas/Thing%d\"}}}\n", i, i)
	}
	t.WriteString("components:\n  schemas:\n    Base:\n      type: object\n      properties:\n        name: {type: string}\n")
	for f := range 8 {
		if !head || f != 3 {
			fmt.Fprintf(&t, "        f%d: {type: string}\n", f)
		}
	}
	for i := range operations {
		fmt.Fprintf(&t, "    Thing%d:\n      allOf: [{$ref: \"#/components/schemas/Base\"}]\n      properties:\n        own: {type: string}\n", i)
		if !head || i%10 != 0 {
			t.WriteString("        extra: {type: string}\n")
		}
	}
	return t.String()
}
