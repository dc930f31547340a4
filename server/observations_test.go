package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"plimsoll/handlers/work"
	"plimsoll/server/queue"
	"plimsoll/server/simulator"
)

// hanging is a service that answers nothing until it is let go.
type hanging struct {
	url     string
	entered chan string // what is asked for, by path
	release chan struct{}
}

func newHanging(t *testing.T) *hanging {
	h := &hanging{entered: make(chan string, 10_000), release: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		h.entered <- r.URL.Path
		select {
		case <-h.release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// succeeds tells that a deployment to an environment has succeeded, and does not wait for
// what follows.
func (h *hanging) succeeds(repo *simulator.Repository, environment string) {
	repo.Deploy(environment, repo.Head("main"), simulator.DeployOptions{Creator: "bob"}).Status("success", h.url)
}

// getsChecks opens a pull request and waits until it has its checks.
func (w *watching) getsChecks(branch string) {
	w.t.Helper()
	w.orders.CommitAs("ana", branch, "Change "+branch, map[string]string{"main.go": "package main // " + branch})
	pull := w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
	w.await("the checks of "+branch, func() bool {
		return len(pull.Checks(onContracts)) == 1 && len(pull.Checks(onReadiness)) == 1
	})
}

func (w *watching) await(what string, happened func() bool) {
	w.t.Helper()
	(&world{Testbed: w.Testbed, t: w.t}).await(what, happened)
}

// observations are the jobs that observe deployments.
func (w *watching) observations(state queue.State) []queue.Job {
	w.t.Helper()
	jobs, err := w.Server.Queue().Jobs(w.t.Context(), queue.Filter{State: state, Installation: queue.AnyInstallation, Kind: work.KindVerify, Most: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	return jobs
}

// manyProbes is what is probed at each observation: so much that one which hangs lasts, by
// the machine's clock, for much longer than a test waits.
func manyProbes() string {
	var probes strings.Builder
	for i := range 30 {
		fmt.Fprintf(&probes, "            - get: /healthz/%d\n", i)
	}
	return probes.String()
}

// hangingFile declares environments with such an observation.
func hangingFile(environments ...string) string {
	file, _, _ := strings.Cut(watchedFile, "      production:\n")
	for _, name := range environments {
		file += "      " + name + ":\n        verify:\n          for: 5m\n          every: 1m\n          probes:\n" + manyProbes()
	}
	return file
}

// Eight deployments of eight accounts, whose environments hang, keep every worker busy that
// observes, and a pull request is answered while no time passes.
func TestHangingEnvironmentsDelayNoPullRequest(t *testing.T) {
	everyWatchingWith(t, "", func(w *watching) { w.file = hangingFile("production") }, func(t *testing.T, w *watching) {
		slow := newHanging(t)
		var repos []*simulator.Repository
		for i := range 8 {
			account := fmt.Sprintf("account%d", i)
			repo := w.GitHub.NewRepository(account+"/orders", simulator.RepositoryOptions{Private: true})
			repo.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": w.file})
			w.GitHub.Install(account)
			repos = append(repos, repo)
		}
		w.Settle()
		for _, repo := range repos {
			slow.succeeds(repo, "production")
		}
		for range repos {
			<-slow.entered
		}
		slow.succeeds(w.orders, "production")
		before := w.clock.Now()
		w.getsChecks("urgent")
		if passed := w.clock.Now().Sub(before); passed > time.Second {
			t.Errorf("the pull request waited for %v", passed)
		}
		if n := len(w.observations(queue.Running)); n != 8 {
			t.Errorf("%d observations are under way, expected all 8", n)
		}
		close(slow.release)
		w.Settle()
	})
}

// Eight deployments to one host, which hangs: one is observed, and the others are put back
// and hold no worker. Their turn comes when the host answers, and no try is counted.
func TestObservationsOfABusyHostHoldNoWorker(t *testing.T) {
	environments := []string{"eu1", "eu2", "eu3", "eu4", "us1", "us2", "us3", "us4"}
	everyWatchingWith(t, "", func(w *watching) { w.file = hangingFile(environments...) }, func(t *testing.T, w *watching) {
		slow := newHanging(t)
		for _, name := range environments {
			slow.succeeds(w.orders, name)
		}
		<-slow.entered
		w.await("seven observations that are put back", func() bool {
			waiting := w.observations(queue.Ready)
			for _, job := range waiting {
				if job.Attempt != 1 {
					t.Fatalf("a try was counted: %+v", job)
				}
				if !strings.Contains(job.LastError, "other probes of this host") {
					return false
				}
			}
			return len(waiting) == len(environments)-1
		})
		if n := len(w.observations(queue.Running)); n != 1 {
			t.Errorf("%d observations are under way, expected one", n)
		}
		w.getsChecks("urgent")
		close(slow.release)
		w.Settle()
		// After 5 minutes each wants its last observation, and one at least gets its turn
		// whenever time passes.
		w.pass(5 + len(environments))
		if left := w.observations(queue.Ready); len(left) > 0 {
			t.Errorf("still under way: %+v", left)
		}
	})
}
