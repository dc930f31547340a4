package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// observed is a world whose log is kept, with a clock that a test moves.
type observed struct {
	*world
	log   *keptLog
	clock *clock
}

// everyObserved runs a test on both databases. A job that fails 3 times is dead.
func everyObserved(t *testing.T, test func(t *testing.T, o *observed, dsn string)) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		o := &observed{log: &keptLog{}, clock: &clock{now: testbedtest.Noon, step: time.Microsecond}}
		opened, err := testbed.Open(t.Context(), testbed.Options{
			DSN: dsn, GitHub: testbedtest.GitHubAt(t, o.clock.Now), Clock: o.clock.Now, Unthrottled: true, Log: zerolog.New(o.log).Level(zerolog.InfoLevel),
			Queue: queue.Config{Backoff: time.Minute, Poll: 10 * time.Millisecond, MaxFailures: 3},
		})
		if err != nil {
			t.Fatal(err)
		}
		o.world = &world{Testbed: testbedtest.Of(t, opened), t: t}
		o.shop = o.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
		o.web = o.repository("web", map[string]string{".github/plimsoll.yml": webFile})
		o.GitHub.Install("acme")
		o.Settle()
		test(t, o, dsn)
	})
}

// opens opens two pull requests that drop what web reads.
func (o *observed) opens() (opened [2]*simulator.PullRequest) {
	for i, branch := range []string{"one", "two"} {
		o.shop.CommitAs("ana", branch, "Drop the price", map[string]string{"openapi.yaml": without("price") + "# " + branch + "\n"})
		opened[i] = o.shop.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
	}
	return opened
}

// page gets a page of the server.
func (o *observed) page(url string) (status int, text string) {
	o.t.Helper()
	response, err := http.Get(url)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it is read below
	body, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// paused waits until no job runs and an installation is paused from now on, and reports
// whether a job is dead.
func (o *observed) paused() (dead int) {
	o.t.Helper()
	o.await("the pause", func() bool {
		stats, err := o.Server.Queue().Stats(o.t.Context())
		if err != nil {
			o.t.Fatal(err)
		}
		dead = stats.Of(queue.Dead)
		return stats.Of(queue.Running) == 0 && len(stats.Paused) == 1
	})
	return dead
}

// What GitHub or the App's key does to every job pauses them, and operators see it: at
// /readyz, in the metrics and in the log. Outsiders see no name and no reason. However often it
// fails, nothing dies of it, and everything is answered afterwards.
func TestSharedFaultThatOperatorsSee(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"GitHub answers 502":  {Status: http.StatusBadGateway, Body: "<html>502 Bad Gateway</html>"},
		"the key is refused":  {Status: http.StatusUnauthorized, Message: "A JSON web token could not be decoded"},
		"no connection lasts": {Close: true},
	} {
		t.Run(name, func(t *testing.T) {
			everyObserved(t, func(t *testing.T, o *observed, _ string) {
				o.clock.set(o.clock.Now().Add(61 * time.Minute)) // the installation's token has expired
				lasting := fault
				lasting.Times = simulator.Always
				end := o.GitHub.Fault(lasting)
				pulls := o.opens()
				for range 2 * 3 {
					if dead := o.paused(); dead != 0 {
						t.Fatalf("%d jobs are dead", dead)
					}
					o.clock.set(o.clock.Now().Add(6 * time.Minute))
				}
				o.paused()
				_, detailed := o.page(o.AdminURL() + "/readyz")
				for _, want := range []string{`"account":"acme"`, `"paused":{"since":"`, `"reason":"`, `{"name":"queue","ok":false,"problem":"The work of 1 installation is paused."}`} {
					if !strings.Contains(detailed, want) {
						t.Errorf("/readyz for operators lacks %s: %s", want, detailed)
					}
				}
				if status, public := o.page(o.URL() + "/readyz"); status != http.StatusOK || !strings.Contains(public, `"paused_installations":1`) || !strings.Contains(public, `{"name":"queue","ok":false,"problem":"The work of 1 installation is paused."}`) || strings.Contains(public, "acme") || strings.Contains(public, "reason") {
					t.Errorf("/readyz for everybody: %d %s", status, public)
				}
				if _, metrics := o.page(o.AdminURL() + "/metrics"); !strings.Contains(metrics, "plimsoll_queue_paused_installations 1\n") || !strings.Contains(metrics, `outcome="shared-fault"`) || strings.Contains(metrics, "plimsoll_queue_circuit_pauses_total 0\n") {
					t.Errorf("metrics:\n%s", metrics)
				}
				if log := o.log.String(); !strings.Contains(log, "paused the work of an installation") {
					t.Errorf("the log does not say it:\n%s", log)
				}
				end()
				o.clock.set(o.clock.Now().Add(6 * time.Minute))
				o.Settle()
				for _, pull := range pulls {
					o.expect(pull, "failure", "1 consumer breaks: web")
				}
				if _, metrics := o.page(o.AdminURL() + "/metrics"); !strings.Contains(metrics, "plimsoll_queue_paused_installations 0\n") {
					t.Errorf("metrics afterwards:\n%s", metrics)
				}
				if _, detailed := o.page(o.AdminURL() + "/readyz"); strings.Contains(detailed, `"paused":`) {
					t.Errorf("/readyz afterwards: %s", detailed)
				}
				if log := o.log.String(); !strings.Contains(log, "the shared fault has ended") {
					t.Errorf("the log does not say that it goes on:\n%s", log)
				}
			})
		})
	}
}

// While the database is away no webhook is accepted, and operators see why. What GitHub
// delivers again afterwards is answered.
func TestDatabaseThatIsAway(t *testing.T) {
	everyObserved(t, func(t *testing.T, o *observed, dsn string) {
		back := storetest.Away(t, dsn)
		pulls := o.opens()
		if err := o.GitHub.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if status, text := o.page(o.URL() + "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, `"database":"does not answer"`) || !strings.Contains(text, `{"name":"database","ok":false,"problem":"The database does not answer."}`) {
			t.Errorf("/readyz: %d %s", status, text)
		}
		if _, metrics := o.page(o.AdminURL() + "/metrics"); !strings.Contains(metrics, "plimsoll_queue_up 0\n") {
			t.Errorf("metrics:\n%s", metrics)
		}
		if log := o.log.String(); !strings.Contains(log, "the database does not answer") {
			t.Errorf("the log does not say it:\n%s", log)
		}
		back()
		for _, d := range o.opened() {
			if d.StatusCode != http.StatusInternalServerError {
				t.Errorf("a webhook that can't be stored was answered %d", d.StatusCode)
			}
			o.GitHub.Redeliver(d.ID)
		}
		o.Settle()
		for _, pull := range pulls {
			o.expect(pull, "failure", "1 consumer breaks: web")
		}
		if status, text := o.page(o.URL() + "/readyz"); status != http.StatusOK {
			t.Errorf("/readyz afterwards: %d %s", status, text)
		}
	})
}
