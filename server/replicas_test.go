package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/server"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// Two replicas share one PostgreSQL and nothing else: 500 events of pull requests,
// spread over both, are each handled once and in order for each pull request.
func TestTwoReplicasHandleEveryEventOnce(t *testing.T) {
	const pulls, pushes = 50, 9 // one opened and nine pushes each: 500 events
	dsn := storetest.Postgres(t)
	github := testbedtest.GitHubAt(t, time.Now)
	first := testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: github, Unthrottled: true})
	second := testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: github, Unthrottled: true})
	github.SetHook(balance(t, first.URL(), second.URL()) + server.HookPath)
	shop := shopAndWeb(github)
	first.Settle()

	opened := make([]*simulator.PullRequest, pulls)
	var opening sync.WaitGroup
	for i := range opened {
		opening.Go(func() {
			branch := fmt.Sprintf("change-%03d", i)
			shop.CommitAs("ana", branch, "Change", map[string]string{"openapi.yaml": without("color"), "note.txt": branch})
			opened[i] = shop.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
			for n := range pushes {
				// The last push breaks the consumer: only who handled it last is right.
				content := without("color")
				if n == pushes-1 {
					content = without("price")
				}
				opened[i].Push("More", map[string]string{"openapi.yaml": content, "note.txt": fmt.Sprint(branch, n)})
			}
		})
	}
	opening.Wait()
	first.Settle()
	second.Settle()

	events := map[string]bool{}
	for _, d := range github.Deliveries() {
		if d.Event == "pull_request" {
			events[d.GUID] = true
		}
	}
	if len(events) != pulls*(1+pushes) {
		t.Errorf("%d events were sent, expected %d", len(events), pulls*(1+pushes))
	}
	heads := 0
	for _, pull := range opened {
		if checks := pull.Checks(onContracts); len(checks) != 1 || checks[0].Conclusion != "failure" {
			t.Errorf("the newest head has no failing check:\n%s", github.Render(pull))
		}
		if comments := pull.Comments(); len(comments) != 1 {
			t.Errorf("%s has %d comments, expected one", pull.URL(), len(comments))
		}
	}
	for run, times := range runsMade(github) {
		if run.Name == onContracts {
			heads++
		}
		if times != 1 {
			t.Errorf("%d check runs %s on %s", times, run.Name, run.Head)
		}
	}
	t.Logf("%d events on two replicas: %d heads answered, the others were superseded; %d requests to GitHub", len(events), heads, len(github.RequestsSince(0, false)))
}

// runsMade counts the check runs of each name that were made on each commit.
func runsMade(github *simulator.Simulator) map[runMade]int {
	runs := map[runMade]int{}
	for _, e := range github.Requests() {
		if e.Operation == "checks/create" && e.Status == http.StatusCreated {
			runs[runOf(e.Body)]++
		}
	}
	return runs
}

// balance stands before two servers and gives them requests in turn.
func balance(t *testing.T, servers ...string) string {
	t.Helper()
	var proxies []*httputil.ReverseProxy
	for _, address := range servers {
		target, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		proxies = append(proxies, httputil.NewSingleHostReverseProxy(target))
	}
	var turn atomic.Int64
	return listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxies[int(turn.Add(1))%len(proxies)].ServeHTTP(w, r)
	}))
}

// listen serves a handler until the test ends and gives its address.
func listen(t *testing.T, handler http.Handler) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// runMade is a check run by its name and commit.
type runMade struct {
	Name string `json:"name"`
	Head string `json:"head_sha"`
}

// runOf reads which check run a request makes.
func runOf(body string) runMade {
	var run runMade
	if err := json.Unmarshal([]byte(body), &run); err != nil {
		return runMade{Name: "unreadable: " + err.Error()}
	}
	return run
}
