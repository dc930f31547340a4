package server_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

// Three hundred pull requests at once on SQLite: each is answered once, and what
// is kept in memory afterwards stays small.
func TestThreeHundredPullRequestsAtOnce(t *testing.T) {
	w := newWorld(t, testbed.Options{Unthrottled: true})
	before := heap()
	began := time.Now()
	opened := openMany(w.shop, 300)
	w.Settle()
	took := time.Since(began)
	for _, pull := range opened {
		w.expect(pull, "failure", "1 consumer breaks: web")
		if comments := pull.Comments(); len(comments) != 1 {
			t.Errorf("%s has %d comments", pull.URL(), len(comments))
		}
	}
	w.alive()
	grown := heap() - before
	t.Logf("300 pull requests in %s; %d KiB more on the heap, GitHub's own state among it", took.Round(time.Millisecond), grown>>10)
	if grown > 256<<20 {
		t.Errorf("%d MiB more on the heap", grown>>20)
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// One repository whose answers do not come holds up no other.
func TestSlowAnswersHoldUpNobodyElse(t *testing.T) {
	w := newWorld(t, testbed.Options{Workers: 8})
	release := make(chan struct{})
	w.GitHub.Fault(simulator.Fault{Operation: "repos/compare-commits-with-basehead", Times: 2,
		Match:  func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/shop/") },
		Before: func() { <-release }})
	slow := []*simulator.PullRequest{shopPull(w.shop, "slow-1"), shopPull(w.shop, "slow-2")}
	other := w.repository("other", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "shop", "other"), "openapi.yaml": shopContract})
	other.CommitAs("ana", "quick", "Change", map[string]string{"openapi.yaml": without("color")})
	quick := other.OpenPullRequest(simulator.PullRequestOptions{Head: "quick", Author: "ana"})
	w.await("the answer to the other repository", func() bool { return len(quick.Checks(onContracts)) == 1 })
	for _, pull := range slow {
		if len(pull.Checks(onContracts)) != 0 {
			t.Error("the slow one was answered before GitHub answered")
		}
	}
	close(release)
	w.Settle()
	for _, pull := range slow {
		w.expect(pull, "failure", "web")
	}
	w.alive()
}
