package server_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/treetest"
	"plimsoll/deploy"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/source"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/orgfixture"
	"plimsoll/server/testbed/testbedtest"
)

// latencies of the runs of one measurement.
type latencies []time.Duration

// of takes the time of one run.
func (l *latencies) of(do func()) {
	started := time.Now()
	do()
	*l = append(*l, time.Since(started))
}

// report gives the median and the tail, in milliseconds.
func (l latencies) report(b *testing.B) {
	slices.Sort(l)
	for name, share := range map[string]int{"p50-ms": 50, "p95-ms": 95, "p99-ms": 99} {
		b.ReportMetric(float64(l[(len(l)-1)*share/100].Microseconds())/1000, name)
	}
}

// eachDatabase runs a benchmark on SQLite and on PostgreSQL.
func eachDatabase(b *testing.B, run func(b *testing.B, dsn string)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(b)) })
}

// scale is the organisation that the README's figures are given for: 5,000
// components in 2,000 repositories that declare the use of 50,000 operations; 200 of
// them use one API, in several versions each.
var scale = orgfixture.Options{Seed: 1, Resources: 250}

// organisation has the App installed, and writes the organisation behind what the simulator has of
// it: the consumers of the API of one repository.
func organisation(b *testing.B, options testbed.Options, orders *simulator.Repository) *orgfixture.Organisation {
	b.Helper()
	first := testbedtest.Open(b, options)
	installation := options.GitHub.Install("acme")
	first.Settle()
	if err := first.StopServer(); err != nil {
		b.Fatal(err)
	}
	o := scale
	o.API = contracts.APIRef{Name: "orders", Repository: contracts.RepositoryRef{
		Installation: installation.ID(), ID: orders.ID(), Owner: "acme", Name: "orders", Private: true,
	}}
	return fill(b, options.DSN, o)
}

// fill writes the organisation into a database.
func fill(b *testing.B, dsn string, o orgfixture.Options, first ...contracts.Registration) *orgfixture.Organisation {
	b.Helper()
	registry, err := store.Open(b.Context(), store.Options{DSN: dsn})
	if err != nil {
		b.Fatal(err)
	}
	for _, registration := range first {
		if _, err := registry.Register(b.Context(), registration); err != nil {
			b.Fatal(err)
		}
	}
	organisation := orgfixture.New(o)
	if err := organisation.Write(b.Context(), registry); err != nil {
		b.Fatal(err)
	}
	if err := registry.Close(); err != nil {
		b.Fatal(err)
	}
	return organisation
}

// BenchmarkScaleRegistry: the look-ups behind every answer, in a registry of that
// size; contracts are read and compared once, at first.
func BenchmarkScaleRegistry(b *testing.B) {
	eachDatabase(b, func(b *testing.B, dsn string) {
		o := scale
		o.API = contracts.APIRef{Repository: contracts.RepositoryRef{Installation: 1, ID: 1, Owner: "acme", Name: "orders"}, Name: "orders"}
		base, head := strings.Repeat("a", 40), strings.Repeat("b", 40)
		organisation := fill(b, dsn, o, orgfixture.Provider(o.API, base, "1"))
		registry := storetest.Open(b, store.Options{DSN: dsn})
		provide(b, registry, o.API, base, head)
		trees := benchTrees{at: map[string]treetest.Map{
			base: {"openapi.yaml": orgfixture.Contract(o.Resources, -1, -1)}, head: {"openapi.yaml": orgfixture.Contract(o.Resources, 3, 4)},
		}}
		answerer := newAnswerer(registry, trees)
		measure := func(name string, do func() (count int, of string, err error)) {
			b.Run(name, func(b *testing.B) {
				if _, _, err := do(); err != nil { // reads the contracts
					b.Fatal(err)
				}
				var took latencies
				for b.Loop() {
					took.of(func() {
						count, of, err := do()
						if err != nil || count == 0 {
							b.Fatalf("%d %s: %v", count, of, err)
						}
						b.ReportMetric(float64(count), of)
					})
				}
				took.report(b)
			})
		}
		measure("consumers", func() (int, string, error) {
			found, err := registry.Consumers(b.Context(), o.API)
			return len(found), "versions", err
		})
		measure("can-i-deploy-provider", func() (int, string, error) {
			asked, err := answerer.CanIDeploy(b.Context(), source.DeployQuestion{Repository: o.API.Repository, Commit: head, Environment: "production"})
			return len(asked.Reasons), "reasons", err
		})
		consumer := organisation.Repositories[0].Now
		measure("can-i-deploy-consumer", func() (int, string, error) {
			asked, err := answerer.CanIDeploy(b.Context(), source.DeployQuestion{Repository: consumer.Repository, Commit: consumer.Commit, Environment: "production"})
			return len(asked.Reasons), "reasons", err
		})
		measure("can-remove-operation", func() (int, string, error) {
			asked, err := answerer.CanRemove(b.Context(), answers.RemoveQuestion{API: o.API, Removal: impact.Removal{Operation: "GET /things-7/{id}"}})
			return len(asked.Reasons), "reasons", err
		})
		measure("can-remove-field", func() (int, string, error) {
			asked, err := answerer.CanRemove(b.Context(), answers.RemoveQuestion{API: o.API, Removal: impact.Removal{Operation: "GET /things-7/{id}", Field: "f3"}})
			return len(asked.Reasons), "reasons", err
		})
	})
}

// provide makes base what the provider runs, and head known.
func provide(b *testing.B, registry *store.Store, api contracts.APIRef, base, head string) {
	b.Helper()
	for _, commit := range []string{base, head} {
		if err := registry.PutSnapshot(b.Context(), orgfixture.Provider(api, commit, commit)); err != nil {
			b.Fatal(err)
		}
	}
	_, _, err := registry.PutDeployments(b.Context(), api.Repository, []deploy.Deployment{{
		ID: 1, Commit: base, Environment: "production", Production: true, State: deploy.Success, StateAt: testbedtest.Noon, SucceededAt: testbedtest.Noon, Status: 1,
		Targets: []deploy.Target{{Component: api.Repository.Name, Environment: "production", Production: true}},
	}})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkScalePull: a provider's pull request in that organisation, through the
// front door: from the webhook to the finished check run, with the comparison of a
// contract of 1,000 operations that was not seen before.
func BenchmarkScalePull(b *testing.B) {
	eachDatabase(b, func(b *testing.B, dsn string) {
		github := testbedtest.GitHub(b)
		options := testbed.Options{DSN: dsn, GitHub: github, Unthrottled: true}
		orders := github.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
		orders.CommitAs("ana", "main", "Begin", map[string]string{
			".github/plimsoll.yml": strings.ReplaceAll(shopFile, "shop", "orders"), "openapi.yaml": orgfixture.Contract(scale.Resources, -1, -1),
		})
		for i := range 20 {
			github.NewRepository(fmt.Sprintf("acme/plain-%d", i), simulator.RepositoryOptions{Private: true}).
				CommitAs("ana", "main", "Begin", map[string]string{"README.md": "nothing declared"})
		}
		organisation(b, options, orders)
		s := testbedtest.Open(b, options)
		// What the consumers were written against is behind what the base is now.
		orders.CommitAs("ana", "main", "Go on", map[string]string{"openapi.yaml": orgfixture.Contract(scale.Resources, -1, 0)})
		s.Settle()
		var took latencies
		requests, before := 0, 0
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			branch := fmt.Sprintf("change-%d", i)
			orders.CommitAs("ana", branch, "Change", map[string]string{"openapi.yaml": strings.Replace(
				orgfixture.Contract(scale.Resources, i%8, 0), "title: Things", fmt.Sprintf("title: Things %d", i), 1)})
			s.Settle()
			before = len(github.Requests())
			b.StartTimer()
			var pull *simulator.PullRequest
			took.of(func() {
				pull = orders.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
				for len(pull.Checks(onContracts)) == 0 || pull.Checks(onContracts)[0].Conclusion == "" {
					time.Sleep(time.Millisecond)
				}
			})
			b.StopTimer()
			s.Settle()
			requests = max(requests, len(github.RequestsSince(before, false)))
			if check := pull.Checks(onContracts)[0]; check.Conclusion != "failure" {
				b.Fatalf("concluded %s:\n%s", check.Conclusion, github.Render(pull))
			}
			if file := os.Getenv("PLIMSOLL_SCALE_PAGE"); file != "" {
				if err := os.WriteFile(file, []byte(github.Render(pull)), 0o600); err != nil {
					b.Fatal(err)
				}
			}
			pull.Close()
			s.Settle()
			b.StartTimer()
		}
		took.report(b)
		b.ReportMetric(float64(requests), "requests")
	})
}
