package server_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// brisk has the queue try again at once, so that a test need not wait.
func brisk() queue.Config {
	return queue.Config{Backoff: 10 * time.Millisecond, MaxBackoff: 20 * time.Millisecond, Poll: 10 * time.Millisecond}
}

// Whatever fails on the way, at whichever call: in the end there is one check run
// and one comment, and they say the same as without the fault.
func TestEveryCallMayFail(t *testing.T) {
	faults := map[string]simulator.Fault{
		"bad gateway":       {Status: http.StatusBadGateway, Body: "<html>502 Bad Gateway</html>"},
		"connection cut":    {Close: true},
		"answer lost":       {After: true, Close: true},
		"effect then error": {After: true, Status: http.StatusInternalServerError},
	}
	paths := []string{"/repos/*/*/pulls/*", "/repos/*/*/compare/*", "/repos/*/*/git/blobs/*", "/repos/*/*/check-runs", "/repos/*/*/issues/*/comments", "/app/installations/*/access_tokens"}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			for _, path := range paths {
				w := newWorld(t, testbed.Options{Queue: brisk()})
				fault.Path = path
				w.GitHub.Fault(fault)
				pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
				w.expect(pull, "failure", "1 consumer breaks: web")
				if comments := pull.Comments(); len(comments) != 1 {
					t.Errorf("%s: %d comments, expected one", path, len(comments))
				}
				if runs := countRuns(w.GitHub); !maps.Equal(runs, each(1)) {
					t.Errorf("%s: the check runs %v were made, expected one each", path, runs)
				}
			}
		})
	}
}

// countRuns counts the check runs that came to be, by name: the events that told of
// them, each told once however often it was delivered.
func countRuns(github *simulator.Simulator) map[string]int {
	told, runs := map[string]bool{}, map[string]int{}
	for _, d := range github.Deliveries() {
		if d.Event != "check_run" || d.Action != "created" || told[d.GUID] {
			continue
		}
		told[d.GUID] = true
		var event struct {
			CheckRun struct {
				Name string `json:"name"`
			} `json:"check_run"`
		}
		if err := json.Unmarshal(d.Payload, &event); err != nil {
			panic(err)
		}
		runs[event.CheckRun.Name]++
	}
	return runs
}

// each is so many runs of each check.
func each(n int) map[string]int { return map[string]int{onContracts: n, onReadiness: n} }

// A rate limit delays and uses up no attempt.
func TestRateLimitPutsTheWorkToSleep(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"secondary 403": {Path: "/repos/*/*/compare/*", Status: http.StatusForbidden, RetryAfter: 1, Message: "You have exceeded a secondary rate limit."},
		"429":           {Path: "/repos/*/*/compare/*", Status: http.StatusTooManyRequests, RetryAfter: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testbed.Options{Queue: brisk()})
			w.GitHub.Fault(fault)
			w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
			stats, err := w.Server.Queue().Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if dead := stats.Of(queue.Dead); dead != 0 {
				t.Errorf("%d jobs died", dead)
			}
		})
	}
}

// A pull request whose webhook was lost on the way is found by the replay.
func TestLostDeliveryIsReplayed(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Replay: time.Second, GitHub: testbedtest.GitHubAt(t, time.Now)})
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "pull_request" && !d.Redelivery {
				return simulator.Drop
			}
			return simulator.Send
		})
		w.shop.CommitAs("ana", "change", "Change", map[string]string{"openapi.yaml": without("price")})
		pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		w.await("the replay", func() bool { return len(pull.Checks(onContracts)) == 1 })
		w.Settle()
		w.expect(pull, "failure", "web")
	})
}

// A pull request that GitHub never told of is found by the sweep.
func TestVanishedDeliveryIsSwept(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk(), Sweep: time.Second})
	w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
		if d.Event == "pull_request" {
			return simulator.Vanish
		}
		return simulator.Send
	})
	w.shop.CommitAs("ana", "change", "Change", map[string]string{"openapi.yaml": without("price")})
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	w.await("the sweep", func() bool { return len(pull.Checks(onContracts)) == 1 })
	w.Settle()
	w.expect(pull, "failure", "web")
}

// Deliveries that come twice and in the wrong order end in one answer.
func TestDoubledAndReorderedDeliveries(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Hold })
	w.shop.CommitAs("ana", "change", "Change", map[string]string{"openapi.yaml": without("name")})
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	pull.Push("Again", map[string]string{"openapi.yaml": without("price")})
	w.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Double })
	w.GitHub.Release()
	w.Settle()
	w.expect(pull, "failure", "`price`")
	if runs := countRuns(w.GitHub); !maps.Equal(runs, each(1)) {
		t.Errorf("the check runs %v were made, expected one each", runs)
	}
}

func TestDeletedCommentIsMadeAnew(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.shop.DeleteComment(pull.Comments()[0].ID)
	pull.Push("More", map[string]string{"openapi.yaml": without("name")})
	w.Settle()
	if comments := pull.Comments(); len(comments) != 1 {
		t.Errorf("%d comments, expected one anew", len(comments))
	}
}

// A missing permission is told where somebody can see it.
func TestMissingPermissionIsExplained(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.GitHub.Fault(simulator.Fault{Path: "/repos/*/*/compare/*", Times: simulator.Always, Status: http.StatusForbidden, Message: "Resource not accessible by integration"})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "A permission is missing", "Delivery")
	testbedtest.Outcome(t, w.GitHub.RenderAll(), `
		acme/shop pull 1 (open)
		check plimsoll/contracts: failure`)
}

// It is the permission of the call that was refused, whether GitHub names it or not.
func TestMissingPermissionIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		says  string
	}{
		"by the call":                 {simulator.Fault{Operation: "git/get-blob"}, "the permission contents: read is missing"},
		"what GitHub says goes first": {simulator.Fault{Operation: "git/get-blob", Header: http.Header{"X-Accepted-Github-Permissions": {"pull_requests=read"}}}, `the permission pull\_requests: read is missing`},
		"it can't be told":            {simulator.Fault{Operation: "git/get-blob", Header: http.Header{"X-Accepted-Github-Permissions": {"?"}}}, "one of the permissions that it needs is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, testbed.Options{Queue: brisk()})
			test.fault.Times, test.fault.Status, test.fault.Message = simulator.Always, http.StatusForbidden, "Resource not accessible by integration"
			w.GitHub.Fault(test.fault)
			w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "A permission is missing", test.says)
		})
	}
}

func TestSuspendedInstallationEndsQuietly(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.installation.Suspend()
	w.Settle()
	w.installation.Unsuspend()
	w.Settle()
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
}

// What GitHub does not know right after it told of it is asked for again; a
// repository that stays unknown is marked as gone and its last state counts on.
func TestNotFoundRightAfterTheEvent(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.GitHub.Fault(simulator.Fault{Path: "/repos/*/*/pulls/*", Status: http.StatusNotFound, Times: 2})
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "failure", "web")

	w.GitHub.Fault(simulator.Fault{Path: "/repos/acme/web*", Status: http.StatusNotFound, Times: simulator.Always})
	w.GitHub.Fault(simulator.Fault{Path: "/repos/acme/web/*/*", Status: http.StatusNotFound, Times: simulator.Always})
	w.web.CommitAs("ana", "main", "More", map[string]string{"README.md": "more"})
	w.Settle()
	w.expect(w.pull("again", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
}

// A repository that can't be read for good does not keep the first reading of an
// account from coming to its end. Answers say that it has not been read.
func TestUnreadableRepositoryDoesNotHoldUpTheScan(t *testing.T) {
	w := &world{Testbed: testbedtest.Open(t, testbed.Options{DSN: storetest.SQLite(t), Queue: brisk()}), t: t}
	w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	w.repository("closed", map[string]string{"README.md": "closed"})
	w.GitHub.Fault(simulator.Fault{
		Path: "/repos/acme/closed/git/trees/*", Times: simulator.Always, Status: http.StatusForbidden, Message: "Resource not accessible by integration",
	})
	w.GitHub.Install("acme")
	w.Settle()
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "neutral", "1 of 2 repositories", "`acme/closed` (GitHub answered 403")
}

// A repository that fails for hours, and in the end for good, does not keep the first
// reading of an account open: in the end answers say that it has not been read.
func TestFailingRepositoryDoesNotHoldUpTheScan(t *testing.T) {
	for name, attempts := range map[string]int{"for hours": simulator.Always, "for a while": 10} {
		t.Run(name, func(t *testing.T) {
			w := &world{Testbed: testbedtest.Open(t, testbed.Options{DSN: storetest.SQLite(t), Queue: brisk()}), t: t}
			w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
			closed := w.repository("closed", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "web", "closed")})
			w.GitHub.Fault(simulator.Fault{Path: "/repos/acme/closed/git/trees/*", Times: attempts, Status: http.StatusBadGateway})
			w.installation = w.GitHub.Install("acme")
			w.Settle()
			pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
			if attempts != simulator.Always {
				w.expect(pull, "failure", "1 consumer breaks: closed")
				return
			}
			w.expect(pull, "neutral", "1 of 2 repositories", "`acme/closed` (GitHub answered 502")
			jobs, err := w.Server.Queue().Dead(t.Context(), w.installation.ID(), 5)
			if err != nil || len(jobs) != 1 || jobs[0].Attempt < 15 {
				t.Errorf("expected one job that died after all attempts: %+v, %v", jobs, err)
			}
			if checks := closed.Checks("main"); len(checks) != 0 {
				t.Errorf("%d checks", len(checks))
			}
		})
	}
}

// The organisation's own repository, although it came last, is read before the others,
// which are read once.
func TestOrganisationIsReadFirst(t *testing.T) {
	github := testbedtest.GitHub(t)
	w := &world{Testbed: testbedtest.Open(t, testbed.Options{DSN: storetest.SQLite(t), GitHub: github}), t: t}
	w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	w.web = w.repository("web", map[string]string{".github/plimsoll.yml": webFile})
	w.repository(".github", map[string]string{"plimsoll.yml": "version: 1\ndefaults:\n  on_break: warn\n"})
	trees := map[string]int{}
	for _, call := range w.Used(func() { w.GitHub.Install("acme") }) {
		if call.Operation == "git/get-tree" {
			trees[call.Path]++
		}
		if call.Operation == "apps/list-repos-accessible-to-installation" {
			trees["list"]++
		}
	}
	if len(trees) != 4 {
		t.Errorf("expected one list and the trees of three repositories: %v", trees)
	}
	for path, times := range trees {
		if times != 1 {
			t.Errorf("%s was read %d times", path, times)
		}
	}
	w.expect(w.pull("change", map[string]string{"openapi.yaml": without("price")}), "neutral", "on_break: warn")
}
