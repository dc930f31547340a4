package server_test

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/orgfixture"
	"plimsoll/server/testbed/testbedtest"
)

// pagesUnderLoad are the pages that people read in turn.
var pagesUnderLoad = []struct{ name, path string }{
	{"overview", "/"}, {"overview-team", "/?team=@acme/team-3"}, {"components", "/components?page=7"}, {"components-search", "/components?q=component-1"},
	{"component", "/components/acme/orders/orders"}, {"consumer", "/components/acme/service-0007/component-0019"},
	{"apis", "/apis"}, {"api", "/apis/acme/orders/orders"}, {"api-field", "/apis/acme/orders/orders?q=f3"}, {"api-deploy", "/apis/acme/orders/orders/deploy"},
	{"api-remove", "/apis/acme/orders/orders/remove?operation=GET+/things-7/{id}&field=f3"}, {"api-deprecations", "/apis/acme/orders/orders/deprecations"},
	{"deployments", "/deployments"}, {"ledger", "/ledger"}, {"graph", "/graph"}, {"graph-team", "/graph?team=@acme/team-3"}, {"operations", "/operations"},
}

// BenchmarkDashboardBesideWebhooks: 50 people read all pages of an organisation of 5,000
// components, each of them a page a second, beside at least 20 signed webhooks a second, which
// the same server stores and answers: pushes that are read into the registry, and each second a
// pull request that breaks consumers. One iteration is one second.
func BenchmarkDashboardBesideWebhooks(b *testing.B) {
	eachDatabase(b, func(b *testing.B, dsn string) {
		began := time.Now()
		clock := func() time.Time { return testbedtest.Noon.Add(time.Hour + time.Since(began)) }
		github := testbedtest.GitHubAt(b, clock)
		orders := github.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
		orders.CommitAs("ana", "main", "Begin", map[string]string{
			".github/plimsoll.yml": strings.ReplaceAll(shopFile, "shop", "orders"), "openapi.yaml": orgfixture.Contract(scale.Resources, -1, -1),
		})
		var pushed []*simulator.Repository
		for i := range 20 {
			one := github.NewRepository(fmt.Sprintf("acme/pushed-%d", i), simulator.RepositoryOptions{Private: true})
			one.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": pushedFile(i, 0)})
			pushed = append(pushed, one)
		}
		people := dashboardtest.People{}
		options := testbed.Options{DSN: dsn, GitHub: github, Clock: clock, Visitors: people, Unthrottled: true}
		reads := map[int64]bool{orders.ID(): true}
		for _, one := range organisation(b, options, orders).Repositories {
			reads[one.Now.Repository.ID] = true
		}
		analyze(b, dsn)
		const readers = 50
		for i := range readers {
			name := fmt.Sprint("person-", i)
			people[name] = &dashboardtest.Person{Name: name, Reads: reads, Boss: true}
		}
		s := testbedtest.Open(b, options)
		visits := newVisits(b, s.URL())
		for _, page := range pagesUnderLoad { // what is kept is read first, as on a server that runs
			visits.one("person-0", page.name, page.path)
		}
		visits.took = map[string]latencies{}
		stop := webhooks(s, orders, pushed)
		before, since := len(github.Deliveries()), time.Now()
		for round := 0; b.Loop(); round++ {
			var asking sync.WaitGroup
			for i := range readers {
				asking.Go(func() {
					time.Sleep(time.Duration(i) * time.Second / readers) // people do not ask at one instant
					page := pagesUnderLoad[(i+round*7)%len(pagesUnderLoad)]
					visits.one(fmt.Sprint("person-", i), page.name, page.path)
				})
			}
			asking.Wait()
		}
		b.ReportMetric(float64(len(github.Deliveries())-before)/time.Since(since).Seconds(), "webhooks/s")
		stop()
		s.Settle()
		visits.report()
	})
}

// analyze has PostgreSQL count what was filled in, as it does by itself within minutes.
func analyze(b *testing.B, dsn string) {
	if !strings.HasPrefix(dsn, "postgres") {
		return
	}
	db, err := sql.Open("pgx", dsn)
	if err == nil {
		_, err = db.ExecContext(b.Context(), "ANALYZE")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
}

func pushedFile(i, version int) string {
	return fmt.Sprintf("version: 1\ncomponents:\n  - name: pushed-%d\n    owner: \"@acme/team-%d\"\n    consumes:\n      - api: acme/orders/orders\n        operations:\n          - op: GET /things-%d/{id}\n            reads: [name]\n", i, version%60, version%250)
}

// webhooks has GitHub send at least 20 a second until it is stopped.
func webhooks(s *testbedtest.Testbed, orders *simulator.Repository, pushed []*simulator.Repository) (stop func()) {
	end := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		next := time.NewTicker(100 * time.Millisecond)
		defer next.Stop()
		var open *simulator.PullRequest
		for i := 1; ; i++ {
			select {
			case <-end:
				return
			case <-next.C:
			}
			if i%10 != 0 {
				pushed[i%len(pushed)].CommitAs("ana", "main", fmt.Sprint("Change ", i), map[string]string{".github/plimsoll.yml": pushedFile(i%len(pushed), i)})
				continue
			}
			if open != nil {
				open.Close()
			}
			branch := fmt.Sprint("change-", i)
			orders.CommitAs("ana", branch, "Change", map[string]string{"openapi.yaml": orgfixture.Contract(scale.Resources, i/10%8, i%scale.Resources)})
			open = orders.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
		}
	})
	return func() {
		close(end)
		sending.Wait()
	}
}

// visits measures how long pages take.
type visits struct {
	b       *testing.B
	address string
	client  *http.Client

	mu   sync.Mutex
	took map[string]latencies
}

func newVisits(b *testing.B, address string) *visits {
	return &visits{b: b, address: address, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}, took: map[string]latencies{}}
}

// one reads a page to its end.
func (v *visits) one(person, name, path string) {
	r, err := http.NewRequestWithContext(v.b.Context(), http.MethodGet, v.address+path, nil)
	if err != nil {
		v.b.Error(err)
		return
	}
	r.AddCookie(&http.Cookie{Name: "person", Value: person})
	began := time.Now()
	res, err := v.client.Do(r)
	if err != nil {
		v.b.Error(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		v.b.Errorf("%s: %d, %v", path, res.StatusCode, err)
	}
	took := time.Since(began)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.took[name] = append(v.took[name], took)
}

// report gives the tail of each page and of all.
func (v *visits) report() {
	var all latencies
	for name, took := range v.took {
		slices.Sort(took)
		v.b.ReportMetric(float64(took[(len(took)-1)*95/100].Microseconds())/1000, name+"-p95-ms")
		all = append(all, took...)
	}
	all.report(v.b)
}
