package demo_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/demo"
	"plimsoll/server/demo/production"
	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// world is where the story plays: it begins at Noon, and time passes as the story says.
type world struct {
	*testbedtest.Testbed
	t     *testing.T
	clock *demo.Clock
	runs  *production.Production
}

func set(t *testing.T, dsn string) *world {
	t.Helper()
	w := &world{t: t, clock: demo.NewClock(func() time.Time { return testbedtest.Noon })}
	var err error
	if w.runs, err = demo.Environment(w.clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.runs.Close(); err != nil {
			t.Errorf("close production: %v", err)
		}
	})
	w.Testbed = testbedtest.Open(t, testbed.Options{
		DSN: dsn, GitHub: testbedtest.GitHubAt(t, w.clock.Now), Clock: w.clock.Now, Queue: queue.Config{Poll: 10 * time.Millisecond, Backoff: 10 * time.Millisecond},
		Datasources: w.runs.Datasources(), Probes: w.runs.Probes(), Operators: []config.Operator{demo.Visitor},
	})
	return w
}

// golden compares what a person sees; addresses and times that differ from run to run are
// left out.
func (w *world) golden(name, page string) {
	w.t.Helper()
	page = strings.ReplaceAll(page, w.runs.URL(), "http://orders.test")
	page = evidenceLink.ReplaceAllString(page, "https://plimsoll.test/deployments/$1")
	testbedtest.Golden(w.t, name, took.ReplaceAllString(page, " in 1ms"))
}

var (
	took         = regexp.MustCompile(` in \d+(\.\d+)?m?s\b`)
	evidenceLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+/deployments/(\S*?)&signature=[0-9a-f]{64}`)
)

// play tells the story up to the open pull request.
func (w *world) play() (*demo.Scenario, *simulator.PullRequest) {
	w.t.Helper()
	story, err := demo.New(w.GitHub, w.runs)
	if err != nil {
		w.t.Fatal(err)
	}
	story.Install()
	w.Settle()
	story.DeployAll()
	w.watched(story, story.Provider.Head("main"), "success", "orders in production is verified")
	var pull *simulator.PullRequest
	w.Used(func() {
		if pull, err = story.OpenPullRequest(); err != nil {
			w.t.Fatal(err)
		}
	})
	return story, pull
}

// watched lets time pass until a deployed commit has its verdict.
func (w *world) watched(story *demo.Scenario, commit, conclusion, title string) {
	w.t.Helper()
	w.Settle()
	for range 30 {
		if w.deployed(story, commit).Conclusion != "" {
			break
		}
		w.clock.Pass(time.Minute)
		w.Settle()
	}
	if check := w.deployed(story, commit); check.Conclusion != conclusion || !strings.Contains(check.Title, title) {
		w.t.Fatalf("%s: %s: %s; expected %s: %s", commit, check.Conclusion, check.Title, conclusion, title)
	}
}

// deployed is the newest check run on a deployed commit.
func (w *world) deployed(story *demo.Scenario, commit string) simulator.Check {
	w.t.Helper()
	checks := story.Provider.Checks(commit, "plimsoll/deploy")
	if len(checks) != 1 {
		w.t.Fatalf("%d check runs on %s, expected one", len(checks), commit)
	}
	return checks[0]
}

// goesBad is how the story ends: production fails, is rolled back by a command, and is
// verified again.
func (w *world) goesBad(story *demo.Scenario, pull *simulator.PullRequest) {
	w.t.Helper()
	w.failing(story, pull)
	w.restored(story, pull)
}

// failing brings the pull request to production, where it is found to fail.
func (w *world) failing(story *demo.Scenario, pull *simulator.PullRequest) (bad string) {
	w.t.Helper()
	bad, err := story.Ship(pull)
	if err != nil {
		w.t.Fatal(err)
	}
	before := w.clock.Now()
	w.watched(story, bad, "failure", "Roll back orders in production: GET /orders: errors 0.")
	if took := w.clock.Now().Sub(before); took > 12*time.Minute {
		w.t.Errorf("found after %s", took)
	}
	w.told(pull, "**Roll back `orders` in `production`:** `GET /orders: errors`", "`"+demo.RollbackCommand+"`")
	if d, ok := story.PutBack(); ok {
		w.t.Fatalf("deployment %d goes back, and nobody has asked for it", d.ID())
	}
	return bad
}

// restored has production rolled back from the pull request.
func (w *world) restored(story *demo.Scenario, pull *simulator.PullRequest) {
	w.t.Helper()
	story.AskBack(pull)
	w.Settle()
	d, ok := story.PutBack()
	if !ok {
		w.t.Fatal("nothing goes back")
	}
	w.watched(story, d.SHA(), "success", "orders in production is verified")
	w.told(pull, "**Rolled back to [`"+d.SHA()[:7], "and verified.**")
}

// told holds the one comment about deployments to what it contains.
func (w *world) told(pull *simulator.PullRequest, parts ...string) {
	w.t.Helper()
	var found []string
	for _, c := range pull.Comments() {
		if strings.Contains(c.Body, "<!-- plimsoll:deploy -->") {
			found = append(found, c.Body)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d comments about deployments, expected one", len(found))
	}
	for _, part := range parts {
		if !strings.Contains(found[0], part) {
			w.t.Errorf("it is told:\n%s\nexpected %q", found[0], part)
		}
	}
}
