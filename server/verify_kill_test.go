package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"plimsoll/deploy/ledger"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// killings is how many moments a server is killed at: PLIMSOLL_KILLINGS, or 50.
func killings(t *testing.T) int {
	given := os.Getenv("PLIMSOLL_KILLINGS")
	if given == "" {
		return 50
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A server that is killed in the course of a verification, at each of its requests before
// or after that had its effect, or somewhere between two, comes to the verdict that it
// would have come to, and tells it once.
func TestKillVerification(t *testing.T) {
	n := killings(t)
	for name, health := range map[string]int{"that works": http.StatusOK, "that fails": http.StatusServiceUnavailable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(6, uint64(health)))
			k := newKillable(t)
			k.run(http.StatusOK, nil) // something to go back to
			k.run(health, nil)        // reads what is remembered from then on
			whole := k.run(health, nil)
			all := []outcome{whole}
			for i := range n / 2 {
				moment := &killing{request: 1 + i*whole.requests/(n/2), how: []string{"before", "after", "soon after"}[random.IntN(3)], wait: time.Duration(random.IntN(10_000)) * time.Microsecond}
				run := k.run(health, moment)
				for run.killed == "" && moment.request > 1 { // it came to the end with fewer requests
					all, moment.request = append(all, run), min(moment.request, run.requests)-1
					run = k.run(health, moment)
				}
				t.Logf("killed %s", run.killed)
				all = append(all, run)
			}
			k.process.end(t, syscall.SIGTERM)
			kept := verdictsOf(t, k)
			for _, run := range all {
				runs, statuses := k.orders.Checks(run.commit, "plimsoll/deploy"), run.deployment.Statuses()
				reference := k.orders.Checks(whole.commit, "plimsoll/deploy")[0]
				if len(runs) != 1 || runs[0].Conclusion != reference.Conclusion || runs[0].Title != reference.Title {
					t.Errorf("killed %s: the check runs %+v, expected one that is %s: %s", run.killed, runs, reference.Conclusion, reference.Title)
				}
				if !slices.Equal(statuses, whole.deployment.Statuses()) {
					t.Errorf("killed %s: the statuses %q, expected %q", run.killed, statuses, whole.deployment.Statuses())
				}
				if n := len(run.pull.Comments()); n != 1 {
					t.Errorf("killed %s: %d comments, expected one:\n%s", run.killed, n, k.github.Render(run.pull))
				}
				if got, want := kept[run.commit], kept[whole.commit]; len(got) != 1 || len(want) != 1 || got[0] != want[0] {
					t.Errorf("killed %s: the ledger has %q, expected %q", run.killed, got, want)
				}
				if run.probes > whole.probes+2 { // those of the look that was broken off are asked again
					t.Errorf("killed %s: %d probes, expected %d, or those of one look more", run.killed, run.probes, whole.probes)
				}
			}
		})
	}
}

// verdictsOf gives the verdicts that the ledger has, by commit, without what differs from
// run to run.
func verdictsOf(t *testing.T, k *killable) map[string][]string {
	t.Helper()
	db := storetest.Open(t, store.Options{DSN: k.dsn})
	found := map[string][]string{}
	for entry, err := range db.Ledger(t.Context(), k.app.ID(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if entry.Kind != ledger.EntryVerdict {
			continue
		}
		var body ledger.VerdictEntry
		if err := json.Unmarshal(entry.Body, &body); err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		fmt.Fprintf(&line, "%s after %d looks:", body.Verdict.Answer, body.Verdict.Samples)
		for _, reason := range body.Verdict.Reasons {
			fmt.Fprintf(&line, " %s %s %d/%d,", reason.Kind, reason.Subject, reason.Failed, reason.Of)
		}
		for _, sample := range body.Samples {
			fmt.Fprintf(&line, " %d", sample.N)
		}
		found[entry.Commit] = append(found[entry.Commit], line.String())
	}
	return found
}
