package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// cost counts the calls of one pull request, by GitHub's name of them.
func (w *world) cost(do func()) (reads int, text string) {
	w.t.Helper()
	counts := map[string]int{}
	for _, call := range w.Used(do) {
		counts[call.Operation]++
		if !call.Writes {
			reads++
		}
	}
	var parts []string
	for operation, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, operation))
	}
	slices.Sort(parts)
	return reads, strings.Join(parts, ", ")
}

// A pull request that touches nothing that is read costs what it costs without
// readiness, and one run more.
func TestReadinessCostOfNothingTouched(t *testing.T) {
	p := newPlatform(t, testbed.Options{}, nil)
	for i := range 2 {
		var pull *simulator.PullRequest
		reads, text := p.cost(func() { pull = p.pull(fmt.Sprint("docs", i), map[string]string{"README.md": fmt.Sprint("more ", i)}) })
		t.Logf("nothing touched, %d: %s", i+1, text)
		p.ready(pull, "success", "No file changed that readiness checks")
		if most := 3 - i; reads > most {
			t.Errorf("pull request %d: %d requests, at most %d: %s", i+1, reads, most, text)
		}
	}
}

// manyManifests is a repository of many services, each with a manifest.
func manyManifests(n int) map[string]string {
	files := platformFiles()
	for i := range n {
		files[fmt.Sprintf("services/stock/k8s/worker-%04d.yaml", i)] = deployment(fmt.Sprintf("worker-%04d", i), bothProbes)
	}
	return files
}

// A pull request that touches one of thirty manifests: the first reads each of them
// once, for both commits; the second what is new alone.
func TestReadinessCostOfManifests(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newPlatform(t, testbed.Options{DSN: dsn}, manyManifests(30))
		if err := p.StopServer(); err != nil {
			t.Fatal(err)
		}
		p.Testbed = testbedtest.Open(t, testbed.Options{DSN: dsn, GitHub: p.GitHub, Clock: p.clock.Now})
		for i, most := range []int{46, 9} {
			var pull *simulator.PullRequest
			reads, text := p.cost(func() {
				pull = p.pull(fmt.Sprint("image", i), map[string]string{"services/stock/k8s/worker-0003.yaml": deployment("worker-0003", bothProbes) + fmt.Sprintf("# %d\n", i)})
			})
			t.Logf("one of 30 manifests, %d: %s", i+1, text)
			p.ready(pull, "success")
			if reads > most {
				t.Errorf("pull request %d: %d requests, at most %d: %s", i+1, reads, most, text)
			}
		}
		// Evaluated again, nothing has to be read anew but what may have changed.
		pull := p.shop.PullRequest(2)
		reads, text := p.cost(func() { pull.Rerequest(onReadiness) })
		t.Logf("re-run: %s", text)
		if reads > 3 {
			t.Errorf("re-run: %d requests, at most 3: %s", reads, text)
		}
	})
}

// What a big repository costs is bounded, and what was not read is said.
func TestReadinessCostOfABigRepository(t *testing.T) {
	p := newPlatform(t, testbed.Options{Queue: brisk()}, manyManifests(2000))
	var pull *simulator.PullRequest
	reads, text := p.cost(func() {
		pull = p.pull("image", map[string]string{"services/stock/k8s/worker-1999.yaml": deployment("worker-1999", "")})
	})
	t.Logf("one of 2,000 manifests: %s", text)
	if reads > 510 {
		t.Errorf("%d requests, at most 510: %s", reads, text)
	}
	p.ready(pull, "failure", "Deployment worker", "are not read: at most 500 files are")
	testbedtest.Outcome(t, p.GitHub.Render(pull), `
		acme/platform pull 1 (open)
		check plimsoll/contracts: success
		check plimsoll/readiness: failure: 2; ❌ HC003 services/stock/k8s/worker-1999.yaml:11 stock 1999 ×2; ⚠️ HC001 orders 500; ⚠️ HC004 orders 500; ⚠️ HC005 orders 500; ⚠️ HC004 stock 8 0497 1501 500 1; ⚠️ HC005 stock 8 0497 1501 500 1; ⚠️ 500 8; ⚠️ 1501 500 8; orders 3 10 5 3; stock 12 15 2 2; 5; #❌; # ×3; services/stock/k8s/worker-1999.yaml:11 failure ×2; [recheck]`)
	p.alive()
}
