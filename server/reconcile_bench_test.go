package server_test

import (
	"fmt"
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
// 5 repositories were pushed to without an event, after a day without a server, when each
// enrolled repository is looked at itself, and in the 24 hours of a day without changes, one of
// which looks everything through instead of listing it. What the App's own limit counts is one
// list of installations an hour, however many repositories they have. Run it with -benchtime 1x.
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
		// used counts what an installation's limit counts, and the App's own limit.
		used := func(by time.Duration) (requests, ofApp int) {
			before := len(github.Requests())
			compared := r.compared()
			r.clock.set(r.clock.Now().Add(by))
			for r.compared() == compared {
				time.Sleep(10 * time.Millisecond)
			}
			r.Settle()
			for _, e := range github.RequestsSince(before, false) {
				if requests++; e.Operation == "apps/list-installations" {
					requests, ofApp = requests-1, ofApp+1
				}
			}
			return requests, ofApp
		}
		hour, _ := used(time.Hour)
		b.ReportMetric(float64(hour), "requests/hour")
		github.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Vanish })
		for _, repo := range repos[100:105] {
			repo.CommitAs("ana", "main", "More", map[string]string{"README.md": "more"})
		}
		pushed, _ := used(time.Hour)
		b.ReportMetric(float64(pushed), "requests/hour-5-pushed")
		first, _ := used(24 * time.Hour)
		b.ReportMetric(float64(first), "requests/first-look")
		day, most, ofApp := 0, 0, 0
		for range 24 {
			requests, apps := used(time.Hour)
			day, most, ofApp = day+requests, max(most, requests), ofApp+apps
		}
		b.ReportMetric(float64(day), "requests/day")
		b.ReportMetric(float64(most), "requests/hour-at-most")
		b.ReportMetric(float64(ofApp), "app-requests/day")
	}
}

// bench opens the server of a benchmark and has everything read.
func (r *reconciled) bench(b *testing.B, github *simulator.Simulator) {
	b.Helper()
	r.openFor(b, github, queue.Config{})
	github.Install("acme")
	r.Settle()
}
