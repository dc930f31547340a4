package server_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/deploy"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// benchTrees gives every commit the files that were put there.
type benchTrees struct {
	source.Trees
	at map[string]treetest.Map
}

func (b benchTrees) KnownTree(_ contracts.RepositoryRef, sha string, _ []contracts.File) contracts.Tree {
	return b.at[sha]
}

// BenchmarkCanIDeploy: 200 consumers of one API of 1,000 operations, all live in
// production, among 5,000 components. The contract and the evaluations are kept; what
// runs and who uses it is read from the registry each time.
func BenchmarkCanIDeploy(b *testing.B) {
	const components, consumers, operations = 5000, 200, 1000
	registry := storetest.Open(b, store.Options{DSN: storetest.SQLite(b)})
	base, head := strings.Repeat("a", 40), strings.Repeat("b", 40)
	trees := benchTrees{at: map[string]treetest.Map{base: {"openapi.yaml": manyText(operations, false)}, head: {"openapi.yaml": manyText(operations, true)}}}
	register := func(id int64, name, commit string, component contracts.Component) {
		ref := contracts.RepositoryRef{Installation: 1, ID: id, Owner: "acme", Name: name}
		r := contracts.Registration{Repository: ref, DefaultBranch: "main", Commit: commit, Enrolled: true, Components: []contracts.Component{component}}
		if _, _, err := registry.PutRepository(b.Context(), source.Repository{RepositoryRef: ref, DefaultBranch: "main"}); err != nil {
			b.Fatal(err)
		}
		if _, err := registry.Register(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	live := func(id int64, name, commit string, component contracts.Component) {
		ref := contracts.RepositoryRef{Installation: 1, ID: id, Owner: "acme", Name: name}
		r := contracts.Registration{Repository: ref, Commit: commit, Enrolled: true, Components: []contracts.Component{component}}
		if err := registry.PutSnapshot(b.Context(), r); err != nil {
			b.Fatal(err)
		}
		_, _, err := registry.PutDeployments(b.Context(), ref, []deploy.Deployment{{
			ID: id, Commit: commit, Environment: "production", Production: true, State: deploy.Success, StateAt: time.Unix(1, 0), SucceededAt: time.Unix(1, 0), Status: 1,
			Targets: []deploy.Target{{Component: component.Name, Environment: "production", Production: true}},
		}})
		if err != nil {
			b.Fatal(err)
		}
	}
	provides := func(sha string) contracts.Component {
		return contracts.Component{Name: "orders", Provides: []contracts.Provided{{API: "orders", Spec: "openapi.yaml", Files: map[string]string{"openapi.yaml": sha}}}}
	}
	register(1, "orders", base, provides("1"))
	live(1, "orders", base, provides("1"))
	provider := contracts.RepositoryRef{Installation: 1, ID: 1, Owner: "acme", Name: "orders"}
	if err := registry.PutSnapshot(b.Context(), contracts.Registration{Repository: provider, Commit: head, Enrolled: true, Components: []contracts.Component{provides("2")}}); err != nil {
		b.Fatal(err)
	}
	for i := range components {
		name, api := fmt.Sprintf("component-%d", i), "orders"
		if i >= consumers {
			api = fmt.Sprintf("other-%d", i%50)
		}
		component := contracts.Component{Name: name, Consumes: []contracts.Consumed{{API: api, Usage: usageOf(i, operations)}}}
		register(int64(i+2), name, "c0", component)
		if i < consumers {
			live(int64(i+2), name, "c0", component)
		}
	}
	answerer := newAnswerer(registry, trees)
	var took []time.Duration
	reasons := 0
	for b.Loop() {
		started := time.Now()
		asked, err := answerer.CanIDeploy(context.Background(), source.DeployQuestion{Repository: provider, Commit: head, Environment: "production"})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(started))
		if reasons = len(asked.Reasons); asked.Answer != contracts.AnswerNo {
			b.Fatalf("answered %s", asked.Answer)
		}
	}
	took = took[1:] // the first reads the contracts
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(reasons), "reasons")
}

// newAnswerer makes what answers can-i-deploy and can-remove from a store.
func newAnswerer(from *store.Store, trees source.Trees) *answers.Answerer {
	return made(answers.New(answers.Deps{
		Store: from, Trees: trees, Organisations: made(source.NewOrganisations(from, from, trees)),
		Contracts: made(source.NewContracts(trees, openapi.NewCache(0))), Holds: made(gates.NewHolds(from, from)), Now: time.Now,
	}))
}
