package server_test

import (
	"strings"
	"sync"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// lag has GitHub's API show a pull request as it was before its last change, so many times.
func (w *world) lag(times int) {
	w.GitHub.Fault(simulator.Fault{Operation: "pulls/get", Stale: true, Times: times})
}

// GitHub's API may lag behind an event for a moment. What the event was about is answered
// all the same, with the next attempts and not with the next sweep.
func TestPullRequestThatGitHubDoesNotShowYet(t *testing.T) {
	breaking := map[string]string{"openapi.yaml": without("price")}
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		t.Run("a push", func(t *testing.T) {
			w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
			pull := w.pull("change", map[string]string{"README.md": "more"})
			w.expect(pull, "success")
			w.lag(2)
			pull.Push("Drop the price", breaking)
			w.Settle()
			w.expect(pull, "failure", "web")
		})
	})
	t.Run("another base", func(t *testing.T) {
		w := newWorld(t, testbed.Options{Queue: brisk()})
		w.shop.CommitAs("ana", "v1", "Release line without prices", breaking)
		w.shop.Branch("change", "v1")
		pull := w.pull("change", map[string]string{"README.md": "new"})
		w.lag(2)
		pull.Edit("", "", "v1")
		w.Settle()
		w.expectInto("v1", pull, "success")
	})
	t.Run("reopened", func(t *testing.T) {
		w := newWorld(t, testbed.Options{Queue: brisk()})
		pull := w.pull("change", map[string]string{"README.md": "more"})
		pull.Close()
		w.Settle()
		w.shop.CommitAs("ana", "change", "Drop the price", breaking)
		w.lag(2)
		pull.Reopen()
		w.Settle()
		w.expect(pull, "failure", "web")
	})
}

// The same of a push to a default branch: the registry does not stay at the commit of before.
func TestPushThatGitHubDoesNotShowYet(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		w.GitHub.Fault(simulator.Fault{Operation: "repos/get-commit", Stale: true, Times: 2})
		w.web.CommitAs("ana", "main", "Read the color", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "[name, price]", "[name, color]", 1)})
		w.Settle()
		w.expect(w.pull("change", map[string]string{"openapi.yaml": without("color")}), "failure", "web")
	})
}

// A push back to the commit of before is no lag. It is answered when a lag would be over.
func TestPushBackToTheCommitOfBefore(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	first := pull.HeadSHA()
	w.expect(pull, "failure", "web")
	var once sync.Once
	w.GitHub.Fault(simulator.Fault{Operation: "pulls/get", Before: func() {
		once.Do(func() { w.shop.ForcePush("change", first) })
	}})
	pull.Push("Keep the price", map[string]string{"openapi.yaml": shopContract, "README.md": "changed"})
	w.Settle()
	w.expect(pull, "failure", "web")
	w.alive()
}
