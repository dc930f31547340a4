package server_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"plimsoll/deploy/rollback"
	"plimsoll/server/simulator"
)

// killScenario is what happens while servers are stopped.
type killScenario struct {
	name string
	// world makes the repositories.
	world func(k *killable)
	// prepare is what happens before; may be nil.
	prepare func(r *killRun)
	play    func(r *killRun)
	// from names the first event at which a server is stopped; "": the first one.
	from string
}

// killScenarios stop servers at different events: what a scenario has in common with those
// above it happens unharmed.
var killScenarios = []killScenario{
	{name: "pull request", world: shopAndConsumer, play: func(r *killRun) {
		r.repo = r.repos["acme/shop"]
		r.pull = shopPull(r.repo, r.name)
		r.commit = r.pull.HeadSHA()
		r.settle()
	}},
	{name: "verified", world: deployedWith("on_failure: [comment, status, issue]"), prepare: mergeChange, play: func(r *killRun) {
		r.deploy(r.commit, http.StatusOK)
		r.sample(2)
	}},
	{name: "failed", world: deployedWith("on_failure: [comment, status, issue]"), prepare: mergeChange, play: func(r *killRun) {
		r.deploy(r.commit, http.StatusServiceUnavailable)
		r.sample(2)
	}},
	{name: "rolled back by deployment", world: deployedWith("on_failure: [comment, status, issue, rollback]\nrollback: {by: deployment}"), prepare: mergeChange, play: func(r *killRun) {
		r.unharmed(func() {
			r.deploy(r.commit, http.StatusServiceUnavailable)
			r.sample(1)
		})
		r.sample(1)
		made := r.rollbacks()
		if len(made) == 0 {
			return // the run is seen to differ
		}
		r.deployments = append(r.deployments, made...)
		r.service.runs(r.good, http.StatusOK)
		r.unharmed(func() {
			made[0].Status("in_progress", "")
			r.settle()
			made[0].Status("success", r.serviceURL)
			r.settle()
			r.sample(1)
		})
		r.sample(1)
	}, from: commitTo + "rollbacks"},
	{name: "rolled back by workflow", world: deployedWith("on_failure: [comment, status, issue, rollback]\nrollback: {by: workflow, workflow: rollback.yml}"), prepare: mergeChange, play: func(r *killRun) {
		r.unharmed(func() {
			r.deploy(r.commit, http.StatusServiceUnavailable)
			r.sample(1)
		})
		r.sample(1)
		// When it is unknown whether the workflow was started, its runs are looked for
		// before it is started again.
		for range 12 {
			if len(r.repo.Dispatches()) > r.dispatches {
				break
			}
			r.pass(30 * time.Second)
			r.settle()
		}
		r.pass(time.Minute)
		r.unharmed(func() {
			r.deploy(r.good, http.StatusOK)
			r.sample(1)
		})
		r.sample(1)
	}, from: commitTo + "rollbacks"},
}

func shopAndConsumer(k *killable) {
	k.repository("acme/shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	k.repository("acme/web", map[string]string{".github/plimsoll.yml": webFile})
}

// killedFile is sampled so rarely that a lease ends between two samples.
const killedFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    environments:
      production:
        verify:
          for: 10m
          every: 5m
          probes:
            - get: /healthz
            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
`

// deployedWith makes a repository whose deployments are verified in production, with more
// lines about that.
func deployedWith(lines string) func(k *killable) {
	file := strings.Replace(killedFile, "      production:\n", "      production:\n        "+strings.ReplaceAll(lines, "\n", "\n        ")+"\n", 1)
	return func(k *killable) {
		k.repository("acme/orders", map[string]string{".github/plimsoll.yml": file, ".github/workflows/rollback.yml": workflow, "main.go": "package main"})
	}
}

// freshFor is for how many runs a verified commit can be rolled back to: further back than 10
// deployments, the report says that it needs a person.
const freshFor = rollback.MostDeployments

// mergeChange merges a pull request that is to be deployed. Now and then another one is
// deployed and verified before.
func mergeChange(r *killRun) {
	r.t.Helper()
	if r.runs%freshFor == 1 {
		good := &killRun{killable: r.killable, name: r.name + "-good"}
		good.merge()
		good.deploy(good.commit, http.StatusOK)
		good.sample(2)
		r.pass(25 * time.Hour)
	}
	r.merge()
	all := r.repo.Deployments()
	for _, d := range slices.Backward(all) {
		if checks := r.repo.Checks(d.SHA(), "plimsoll/deploy"); len(checks) > 0 && checks[0].Conclusion == "success" {
			r.good = d.SHA()
			return
		}
	}
	r.t.Fatalf("none of %d deployments was verified", len(all))
}

func (r *killRun) merge() {
	r.t.Helper()
	r.repo = r.repos["acme/orders"]
	r.repo.CommitAs("ana", r.name, "Change", map[string]string{"main.go": "package main // " + r.name})
	r.pull = r.repo.OpenPullRequest(simulator.PullRequestOptions{Head: r.name, Author: "ana"})
	r.settle()
	var err error
	if r.commit, err = r.pull.Merge(simulator.Squash); err != nil {
		r.t.Fatal(err)
	}
	r.settle()
}

// deploy brings a commit to production.
func (r *killRun) deploy(commit string, health int) {
	r.t.Helper()
	r.service.runs(commit, health)
	d := r.repo.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
	r.deployments = append(r.deployments, d)
	r.settle()
	d.Status("in_progress", "")
	r.settle()
	d.Status("success", r.serviceURL)
	r.settle()
}

// sample lets the time pass until the next samples are due, n times.
func (r *killRun) sample(n int) {
	r.t.Helper()
	for range n {
		r.pass(5 * time.Minute)
		r.settle()
	}
}

// rollbacks gives the deployments of this run that roll back.
func (r *killRun) rollbacks() []*simulator.Deployment {
	return slices.DeleteFunc(r.repo.Deployments()[r.before:], func(d *simulator.Deployment) bool { return d.Task() != "rollback" })
}
