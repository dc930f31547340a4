package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// service is what was deployed: it answers as it is told to.
type service struct {
	mu     sync.Mutex
	sha    string
	health int
	asked  int
	// more answers other paths; nil: they are not found.
	more http.Handler
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/healthz":
		w.WriteHeader(s.health)
	case "/version":
		_ = json.NewEncoder(w).Encode(map[string]string{"sha": s.sha})
	default:
		if s.more != nil {
			s.more.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	}
}

func (s *service) runs(sha string, health int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sha, s.health = sha, health
}

// watching is a world with a service that is deployed and watched, in which time passes
// as it is told to.
type watching struct {
	*testbedtest.Testbed
	t       *testing.T
	dsn     string
	clock   *clock
	service *service
	url     string // where it is reached
	dies    int    // jobs that are given up
	file    string // what the repository says about itself
	// metrics are the operator's metric servers.
	metrics []config.Datasource
	// metricsSeen is what one of them was asked, for tests that look at it.
	metricsSeen *selectors
	probed      *config.ProbeRules // see testbed.Options
	notified    []config.Notification
	receiver    *receiver // of them; see notifiedOf
	orders      *simulator.Repository
	app         *simulator.Installation
}

const watchedFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    environments:
      production:
        verify:
          for: 5m
          every: 1m
          probes:
            - get: /healthz
            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
`

// everyWatching runs a scenario on SQLite and on PostgreSQL, and compares all that a
// person sees in the end with a page.
func everyWatching(t *testing.T, want string, scenario func(t *testing.T, w *watching)) {
	t.Helper()
	everyWatchingWith(t, want, func(*watching) {}, scenario)
}

// everyWatchingWith is everyWatching in a world that is set up in another way.
func everyWatchingWith(t *testing.T, want string, setUp func(w *watching), scenario func(t *testing.T, w *watching)) {
	t.Helper()
	storetest.EachDSN(t, func(t *testing.T, dsn string) { watchingOn(t, dsn, want, setUp, scenario) })
}

func watchingOn(t *testing.T, dsn, want string, setUp func(w *watching), scenario func(t *testing.T, w *watching)) {
	t.Helper()
	w := &watching{t: t, dsn: dsn, clock: &clock{now: testbedtest.Noon}, service: &service{health: http.StatusOK}, file: watchedFile}
	server := httptest.NewServer(w.service)
	t.Cleanup(server.Close)
	w.url = server.URL
	setUp(w)
	github := testbedtest.GitHubAt(t, w.clock.Now)
	w.open(github)
	w.orders = github.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
	w.orders.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": w.file, "main.go": "package main"})
	w.app = github.Install("acme")
	w.Settle()
	scenario(t, w)
	w.decidesAgain()
	if want != "" {
		seen := strings.ReplaceAll(github.RenderAll(), server.URL, "http://orders.test")
		seen = evidenceLink.ReplaceAllString(seen, "https://plimsoll.test/deployments/$1")
		testbedtest.Shown(t, took.ReplaceAllString(seen, " in 1ms"), want)
	}
	jobs, err := w.Server.Queue().Dead(t.Context(), w.app.ID(), 5)
	if err != nil || len(jobs) != w.dies {
		t.Errorf("dead: %v, %v, expected %d", jobs, err, w.dies)
	}
}

// took is how long an answer took, which differs from run to run.
var took = regexp.MustCompile(` in \d+(\.\d+)?m?s\b`)

// evidenceLink is a link to a page, of which the port and the signature differ from run to
// run.
var evidenceLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+/deployments/(\S*?)&signature=[0-9a-f]{64}`)

func (w *watching) open(github *simulator.Simulator) {
	w.Testbed = testbedtest.Open(w.t, testbed.Options{
		DSN: w.dsn, GitHub: github, Clock: w.clock.Now, Queue: brisk(), Probes: []config.Allowed{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}},
		Datasources: w.metrics, ProbeRules: w.probed, Notifications: w.notified,
		// GitHub counts the limits by the world's clock, and a server its own calls by the
		// machine's: hours pass here within a minute.
		Unthrottled: true,
	})
}

// change merges a pull request and gives the commit.
func (w *watching) change(branch string) (*simulator.PullRequest, string) {
	w.t.Helper()
	w.orders.CommitAs("ana", branch, "Change "+branch, map[string]string{"main.go": "package main // " + branch})
	pull := w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
	w.Settle()
	commit, err := pull.Merge(simulator.Squash)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Settle()
	return pull, commit
}

// deploy brings a commit to production.
func (w *watching) deploy(commit string) *simulator.Deployment {
	d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
	d.Status("in_progress", "")
	d.Status("success", w.url)
	w.Settle()
	return d
}

// pass lets time go by, a minute at a time.
func (w *watching) pass(minutes int) {
	w.t.Helper()
	w.passBy(minutes, time.Minute)
}

// passBy lets time go by in steps. Of two verifications that probe the same host at the same
// time, one is put back for some seconds, which is a whole step.
func (w *watching) passBy(minutes int, step time.Duration) {
	w.t.Helper()
	for range time.Duration(minutes) * time.Minute / step {
		w.clock.set(w.clock.Now().Add(step))
		w.Settle()
	}
}

// verified has a commit watched until it is verified.
func (w *watching) verified(commit string) {
	w.t.Helper()
	w.service.runs(commit, http.StatusOK)
	w.deploy(commit)
	w.pass(5)
	w.concluded(commit, "success", "verified")
}

func (w *watching) concluded(commit, conclusion, title string) {
	w.t.Helper()
	runs := w.orders.Checks(commit, "plimsoll/deploy")
	if len(runs) != 1 || runs[0].Conclusion != conclusion || !strings.Contains(runs[0].Title, title) {
		w.t.Errorf("on %s: %+v, expected one that concludes %q with %q", commit, runs, conclusion, title)
	}
}

func TestDeploymentThatWorks(t *testing.T) {
	everyWatching(t, "verify/works.md", func(t *testing.T, w *watching) {
		_, commit := w.change("faster")
		w.service.runs(commit, http.StatusOK)
		w.deploy(commit)
		w.pass(2)
		w.concluded(commit, "", "Watching orders in production: 3 of 6 samples, 3 minutes left")
		w.pass(3)
		w.concluded(commit, "success", "orders in production is verified")
	})
}

// A probe fails again and again: said before the time is over, with the commit to go
// back to.
func TestDeploymentThatFails(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 1×): ❌ orders production 3 5; ⏪ commit1; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 3; 5; ❌ orders production 3 5; ⏪ commit1; -; GET /healthz 2 5; GET /version 5 5; [rollback]
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure`, func(t *testing.T, w *watching) {
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.service.runs(bad, http.StatusOK)
		w.deploy(bad)
		w.pass(1)
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.pass(3)
		w.concluded(bad, "failure", "Roll back orders in production: GET /healthz failed 3 of the last 5 times")
		if n := len(pull.Comments()); n != 1 {
			t.Errorf("%d comments, expected one", n)
		}
		asked := w.service.asked
		w.pass(5)
		if w.service.asked != asked {
			t.Error("it is asked on after the verdict")
		}
	})
}

// A restart's blip is no reason to go back.
func TestDeploymentThatBlips(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		_, commit := w.change("blip")
		w.service.runs(commit, http.StatusServiceUnavailable)
		w.deploy(commit)
		w.service.runs(commit, http.StatusOK)
		w.pass(5)
		w.concluded(commit, "action_required", "GET /healthz failed 1 of 6 times")
	})
}

// Old pods still serve: what answers is not what was deployed.
func TestDeploymentThatNeverArrives(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ⚠️ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: action_required: ⚠️ orders production 6; GET /healthz 6 6; GET /version 0 6; [rollback]`, func(t *testing.T, w *watching) {
		_, good := w.change("good")
		w.verified(good)
		_, stuck := w.change("stuck")
		w.deploy(stuck)
		w.pass(5)
		w.concluded(stuck, "action_required", "GET /version: deployed commit not seen")
	})
}

func TestDeploymentThatIsSuperseded(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ⏭️ orders production; GET /healthz 2 2; GET /version 2 2
		acme/orders: commit commit2
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6`, func(t *testing.T, w *watching) {
		_, first := w.change("first")
		w.service.runs(first, http.StatusOK)
		w.deploy(first)
		w.pass(1)
		_, second := w.change("second")
		w.service.runs(second, http.StatusOK)
		w.deploy(second)
		w.concluded(first, "neutral", "was superseded")
		w.pass(5)
		w.concluded(second, "success", "verified")
	})
}

// Doubled, late and reordered statuses watch nothing twice; a server that ends in the
// middle goes on where it was.
func TestDeploymentThroughARestart(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6`, func(t *testing.T, w *watching) {
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if strings.HasPrefix(d.Event, "deployment") {
				return simulator.Double
			}
			return simulator.Send
		})
		_, commit := w.change("again")
		w.service.runs(commit, http.StatusOK)
		w.deploy(commit)
		w.pass(2)
		if err := w.StopServer(); err != nil {
			t.Fatal(err)
		}
		w.open(w.GitHub)
		w.pass(3)
		w.concluded(commit, "success", "verified")
		if w.service.asked != 2*6 {
			t.Errorf("%d requests for two probes of six looks", w.service.asked)
		}
		w.replays(commit)
	})
}

// replays decides again from what the ledger keeps.
func (w *watching) replays(commit string) {
	w.t.Helper()
	if err := w.StopServer(); err != nil {
		w.t.Fatal(err)
	}
	db := storetest.Open(w.t, store.Options{DSN: w.dsn})
	found := 0
	for entry, err := range db.Ledger(w.t.Context(), w.app.ID(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if entry.Kind != ledger.EntryVerdict || entry.Commit != commit {
			continue
		}
		found++
		var kept struct {
			Verification deploy.Verification
			Samples      []deploy.Sample
			Verdict      deploy.Verdict
		}
		if err := json.Unmarshal(entry.Body, &kept); err != nil {
			w.t.Fatal(err)
		}
		before, _, err := db.History(w.t.Context(), kept.Verification.Repository, kept.Verification.ID())
		if err != nil {
			w.t.Fatal(err)
		}
		again, decided := deploy.Decide(kept.Verification, before, kept.Samples, kept.Verdict.At)
		was, _ := json.Marshal(kept.Verdict)
		now, _ := json.Marshal(again)
		if !decided || string(was) != string(now) {
			w.t.Errorf("decided again:\n%s\nwas:\n%s", now, was)
		}
	}
	if found != 1 {
		w.t.Errorf("%d verdicts in the ledger, expected one", found)
	}
	if err := db.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open(w.GitHub)
}
