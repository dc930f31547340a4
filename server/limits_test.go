package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// saysLimit holds a check to saying that something of the repository is too large, and
// not that the fault is ours.
func (w *world) saysLimit(pull *simulator.PullRequest, check, title, what, next string) {
	w.t.Helper()
	run, ok := w.shop.NewestCheck(pull.HeadSHA(), check)
	if !ok || run.Conclusion != "failure" || run.Title != title || !strings.Contains(run.Summary, what) || !strings.Contains(run.Summary, next) {
		w.t.Errorf("%s does not say %q, %q and %q:\n%s", check, title, what, next, w.GitHub.Render(pull))
	}
}

// A repository of more folders than are listed: readiness can't look at it and says why,
// contracts that are named are checked as ever.
func TestTooManyFolders(t *testing.T) {
	github := simulator.New(simulator.Options{Clock: func() time.Time { return testbedtest.Noon }, TreeLimit: 50})
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := github.Close(); err != nil {
			t.Error(err)
		}
	})
	w := newWorld(t, testbed.Options{GitHub: github, Queue: brisk()})
	files := map[string]string{}
	for i := range 400 {
		files[fmt.Sprintf("packages/p%03d/x/y.txt", i)] = "x"
	}
	w.shop.CommitAs("ana", "main", "Grow", files)
	w.Settle()
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price"), "Dockerfile": "FROM scratch\n"})
	w.expect(pull, "failure", "1 consumer breaks: web")
	w.saysLimit(pull, onReadiness, "Part of the repository can't be read", "The repository has more files than can be listed", "files named there are still read. Then re-run this check.")
}

// An answer of GitHub that is longer than what is read, such as about a pull request that
// rewrites everything.
func TestAnswerTooLong(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	remove := w.GitHub.Fault(simulator.Fault{
		Operation: "repos/compare-commits-with-basehead", Status: http.StatusOK, Body: `{"x":"` + strings.Repeat("x", 65<<20) + `"}`, Times: simulator.Always,
	})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.saysLimit(pull, onContracts, "Too large to check", "What GitHub says about this pull request is over the limit (64 MiB).", "Split the pull request")
	remove()
	pull.Push("Split it", map[string]string{"README.md": "split"})
	w.Settle()
	w.expect(pull, "failure", "1 consumer breaks: web")
}
