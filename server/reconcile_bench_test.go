package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// BenchmarkReconcile counts the requests by which an installation of 2,000 repositories, a
// fifth of them enrolled, is compared: in an hour in which nothing changed, in one in which
// 5 repositories were pushed to without an event, and once a day, when everything is looked
// through. The first day is the one on which each enrolled repository is looked at itself. Run it with -benchtime 1x.
func BenchmarkReconcile(b *testing.B) {
	for b.Loop() {
		r := &reconciled{dsn: storetest.SQLite(b), clock: &clock{now: testbedtest.Noon, step: time.Microsecond}}
		r.world = &world{t: nil}
		github := testbedtest.GitHubAt(b, r.clock.Now)
		var repos []*simulator.Repository
		for i := range 2000 {
			repo := github.NewRepository(fmt.Sprintf("acme/r-%04d", i), simulator.RepositoryOptions{Private: true})
			files := map[string]string{"README.md": "nothing declared"}
			if i == 0 {
				files = map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract}
			} else if i%5 == 0 {
				files[".github/plimsoll.yml"] = strings.ReplaceAll(webFile, "price", "name")
			}
			repo.CommitAs("ana", "main", "Begin", files)
			repos = append(repos, repo)
		}
		r.bench(b, github)
		used := func(what string, by time.Duration) {
			before := len(github.Requests())
			compared := r.compared()
			r.clock.set(r.clock.Now().Add(by))
			for r.compared() == compared {
				time.Sleep(10 * time.Millisecond)
			}
			r.Settle()
			all, free := github.RequestsSince(before, false), 0
			for _, e := range all {
				if e.Status == http.StatusNotModified { // GitHub does not count it against the limit
					free++
				}
			}
			b.ReportMetric(float64(len(all)), what)
			b.ReportMetric(float64(len(all)-free), strings.Replace(what, "requests", "counted", 1))
		}
		used("requests/hour", time.Hour)
		github.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Vanish })
		for _, repo := range repos[100:105] {
			repo.CommitAs("ana", "main", "More", map[string]string{"README.md": "more"})
		}
		used("requests/hour-5-pushed", time.Hour)
		used("requests/first-day", 24*time.Hour)
		used("requests/day", 24*time.Hour)
	}
}

// bench opens the server of a benchmark and has everything read.
func (r *reconciled) bench(b *testing.B, github *simulator.Simulator) {
	b.Helper()
	r.openFor(b, github, queue.Config{})
	github.Install("acme")
	r.Settle()
}
