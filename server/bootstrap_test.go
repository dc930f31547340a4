package server_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// A pull request that is evaluated while the repositories are still being read says
// how far that has come, and is evaluated again at the end: only then it is proved that
// nobody uses what it takes away.
func TestWhileRepositoriesAreStillBeingRead(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		github := testbedtest.GitHub(t)
		s := testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: github, Workers: 6})
		w := &world{Testbed: s, t: t}
		w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
		w.web = w.repository("web", map[string]string{".github/plimsoll.yml": webFile})
		for _, name := range []string{"first", "second", "last"} {
			w.repository(name, map[string]string{"README.md": "nothing declared"})
		}
		reached, release := make(chan struct{}), make(chan struct{})
		github.Fault(simulator.Fault{Method: http.MethodGet, Before: func() { close(reached); <-release },
			Match: func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/acme/last/commits/") }})
		github.Install("acme")
		<-reached
		w.busyWith(1)
		w.shop.CommitAs("ana", "change", "Drop the color", map[string]string{"openapi.yaml": without("color")})
		pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		w.await("the first answer", func() bool { return len(pull.Checks(onContracts)) == 1 })
		w.busyWith(1)
		testbedtest.Outcome(t, github.Render(pull), `
			acme/shop pull 1 (open)
			check plimsoll/contracts: neutral: 1; 4; 5; ⚠️ acme 4 5; #⚠️; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		close(release)
		w.Settle()
		testbedtest.Outcome(t, github.Render(pull), `
			acme/shop pull 1 (open)
			check plimsoll/contracts: neutral (replaced)
			check plimsoll/contracts: success: 1; #✅
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}

// busyWith waits until the server has nothing more to begin and so many jobs under way.
func (w *world) busyWith(jobs int) {
	w.t.Helper()
	w.await("the server to come to rest", func() bool {
		if err := w.GitHub.Flush(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		stats, err := w.Server.Queue().Stats(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		return stats.Of(queue.Ready) == 0 && stats.Of(queue.Running) == jobs
	})
}

// A repository that can't be read for good does not keep the reading from its end.
func TestAScanEndsBesideHostileRepositories(t *testing.T) {
	github := testbedtest.GitHub(t)
	w := &world{Testbed: testbedtest.Open(t, testbed.Options{DSN: storetest.SQLite(t), GitHub: github, Queue: queue.Config{MaxFailures: 1}}), t: t}
	w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	w.web = w.repository("web", map[string]string{".github/plimsoll.yml": webFile})
	w.repository("broken", map[string]string{".github/plimsoll.yml": "version: [1\n"})
	w.repository("wreck", map[string]string{"README.md": "GitHub can't read it either"})
	github.NewRepository("acme/empty", simulator.RepositoryOptions{Private: true})
	github.Fault(simulator.Fault{Method: http.MethodGet, Times: simulator.Always, Status: http.StatusInternalServerError,
		Match: func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/acme/wreck/") }})
	github.Install("acme")
	w.Settle()
	check := w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "1 consumer breaks: web")
	if strings.Contains(check.Summary, "so far.") {
		t.Errorf("everything that can be read has been read:\n%s", check.Summary)
	}
}
