package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// reconciled is a world whose server and GitHub have one clock, so that a test decides when
// lists are compared.
type reconciled struct {
	*world
	dsn   string
	clock *clock
	// replay is how often GitHub's log of deliveries is read; 0: never.
	replay time.Duration
}

// everyReconciled runs a test on both databases. The App is not installed yet.
func everyReconciled(t *testing.T, test func(t *testing.T, r *reconciled)) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		r := &reconciled{dsn: dsn, clock: &clock{now: testbedtest.Noon, step: time.Millisecond}}
		github := testbedtest.GitHubAt(t, r.clock.Now)
		r.world = &world{t: t}
		r.open(github, queue.Config{})
		r.shop = r.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
		r.web = r.repository("web", map[string]string{".github/plimsoll.yml": webFile})
		test(t, r)
	})
}

// open starts a server with the database as it is.
func (r *reconciled) open(github *simulator.Simulator, config queue.Config) {
	r.t.Helper()
	r.openFor(r.t, github, config)
}

func (r *reconciled) openFor(t testing.TB, github *simulator.Simulator, config queue.Config) {
	t.Helper()
	quick := brisk()
	quick.MaxFailures, quick.Owner = config.MaxFailures, "test"
	r.Testbed = testbedtest.Open(t, testbed.Options{DSN: r.dsn, GitHub: github, Queue: quick, Clock: r.clock.Now, Replay: r.replay, Reconcile: time.Hour, Sweep: 24 * time.Hour, Unthrottled: true})
}

// again starts another server after the database was changed. Where it reads the
// log of deliveries, it has read it at the return.
func (r *reconciled) again(change func()) {
	r.t.Helper()
	read := r.logRead()
	if err := r.StopServer(); err != nil {
		r.t.Fatal(err)
	}
	change()
	r.open(r.GitHub, queue.Config{})
	if r.replay > 0 {
		r.await("the log of deliveries", func() bool { return r.logRead() > read })
	}
}

// later lets time pass, and the lists be compared.
func (r *reconciled) later(by time.Duration) {
	r.t.Helper()
	before := r.compared()
	r.clock.set(r.clock.Now().Add(by))
	r.await("the comparison of the lists", func() bool { return r.compared() > before })
	r.Settle()
}

// compared is how often the list of installations was read.
func (r *reconciled) compared() (times int) {
	for _, e := range r.GitHub.Requests() {
		if e.Operation == "apps/list-installations" {
			times++
		}
	}
	return times
}

// dropped opens a pull request that drops what web reads.
func (r *reconciled) dropped() *simulator.PullRequest {
	r.t.Helper()
	r.shop.CommitAs("ana", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
	return r.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
}

// A consumer that can't be read for as long as it takes does not count as read: the check
// says what is missing, and fails by itself when the consumer is read.
func TestConsumerThatTakesLongToBeRead(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		reached, release := make(chan struct{}), make(chan struct{})
		ofWeb := func(q *http.Request) bool { return strings.Contains(q.URL.Path, "/acme/web/commits/") }
		r.GitHub.Fault(simulator.Fault{Method: http.MethodGet, Match: ofWeb, Status: http.StatusBadGateway, Times: 10})
		r.GitHub.Fault(simulator.Fault{Method: http.MethodGet, Match: ofWeb, Before: func() { close(reached); <-release }})
		r.GitHub.Install("acme")
		<-reached
		r.busyWith(1)
		pull := r.dropped()
		r.await("the first answer", func() bool { return len(pull.Checks(onContracts)) == 1 })
		r.busyWith(1)
		r.expect(pull, "neutral", "Plimsoll has read 1 of 2 repositories", "still looking for consumers")
		close(release)
		r.Settle()
		if run, _ := r.shop.NewestCheck(pull.HeadSHA(), onContracts); run.Conclusion != "failure" {
			t.Errorf("it concludes %q after the consumer was read:\n%s", run.Conclusion, r.GitHub.Render(pull))
		}
	})
}

// What GitHub refuses is said, is tried again, and counts as soon as it can be read. An
// answer that a consumer breaks stands meanwhile.
func TestRepositoryThatMayNotBeRead(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.repository("app", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "color")})
		allow := r.GitHub.Fault(simulator.Fault{Method: http.MethodGet, Status: http.StatusForbidden, Times: simulator.Always,
			Body: `{"message":"Resource not accessible by integration"}`, Match: func(q *http.Request) bool { return strings.Contains(q.URL.Path, "/acme/web/") }})
		r.GitHub.Install("acme")
		r.Settle()
		pull := r.dropped()
		r.Settle()
		r.expect(pull, "neutral", "Could not read 1 of 3 repositories of `acme`: `acme/web` (GitHub answered 403", "no known consumers; could not read 1 repository")
		pull.Comment("ana", "/plimsoll can-remove GET /items/{id} price")
		r.Settle()
		if page := r.GitHub.Render(pull); !strings.Contains(page, "`acme/web` can't be read, so it may use or provide `acme/shop/shop`: GitHub answered 403") {
			t.Errorf("the answer does not say that it may be wrong:\n%s", page)
		}
		a := &asking{live: &live{world: r.world}}
		for login, named := range map[string]bool{"ana": true, "cleo": false} {
			r.shop.Grant(login, "read")
			if named {
				r.web.Grant(login, "read")
			}
			for _, path := range []string{"can-i-deploy?repository=acme/shop&environment=production&commit=" + pull.HeadSHA(), "can-remove?api=acme/shop/shop&operation=GET+/items/{id}&field=price"} {
				_, body, _ := a.ask(r.GitHub.UserToken(login), path)
				hidden := strings.Contains(body, "1 repository that you may not see can't be read")
				if strings.Contains(body, "acme/web can't be read, so it may use or provide") != named || hidden == named || !strings.Contains(body, `"not-all-read"`) {
					t.Errorf("%s asks %s: %s", login, path, body)
				}
			}
		}
		breaks := r.pull("color", map[string]string{"openapi.yaml": without("color")})
		r.expect(breaks, "failure", "1 consumer breaks: web", "Could not read 1 of")
		r.later(3 * time.Hour)
		r.expect(pull, "neutral")
		allow()
		r.later(30 * time.Hour)
		if run, _ := r.shop.NewestCheck(pull.HeadSHA(), onContracts); run.Conclusion != "failure" || strings.Contains(run.Summary, "Could not read") {
			t.Errorf("it concludes %q after the consumer was read:\n%s", run.Conclusion, r.GitHub.Render(pull))
		}
	})
}

// The report names only some of many repositories that can't be read. Its pull request is
// evaluated again when the others can be read.
func TestManyRepositoriesThatMayNotBeRead(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		for i := range 21 {
			r.repository(fmt.Sprintf("sealed-%d", i), map[string]string{"README.md": "sealed"})
		}
		var open atomic.Bool
		r.GitHub.Fault(simulator.Fault{Method: http.MethodGet, Status: http.StatusForbidden, Times: simulator.Always,
			Body: `{"message":"Resource not accessible by integration"}`, Match: func(q *http.Request) bool {
				last := strings.Contains(q.URL.Path, "/acme/sealed-9/") // by name, so that the report does not list it
				return strings.Contains(q.URL.Path, "/acme/sealed-") && !(last && open.Load())
			}})
		r.web.CommitAs("ana", "main", "Do without", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "name")})
		r.GitHub.Install("acme")
		r.Settle()
		pull := r.dropped()
		r.Settle()
		r.expect(pull, "neutral", "Could not read 21 of 23 repositories of `acme`")
		open.Store(true)
		r.later(30 * time.Hour)
		r.expect(pull, "neutral", "Could not read 20 of 23 repositories of `acme`")
	})
}

// An installation that the database does not know is taken up at its first event, and no
// answer is given before its repositories have been read.
func TestEventOfAnUnknownInstallation(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if strings.HasPrefix(d.Event, "installation") {
				return simulator.Vanish
			}
			return simulator.Send
		})
		r.Settle()
		r.GitHub.Install("acme")
		r.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate { return simulator.Send })
		r.expectNoSuccess(r.dropped())
	})
}

// expectNoSuccess settles. A pull request then has to break web, and no run may ever have
// said that it breaks nobody.
func (r *reconciled) expectNoSuccess(pull *simulator.PullRequest) {
	r.t.Helper()
	r.Settle()
	for _, run := range pull.Checks(onContracts) {
		if run.Conclusion == "success" {
			r.t.Errorf("it said success:\n%s", r.GitHub.Render(pull))
		}
	}
	if run, _ := r.shop.NewestCheck(pull.HeadSHA(), onContracts); run.Conclusion != "failure" {
		r.t.Errorf("it concludes %q, expected a failure:\n%s", run.Conclusion, r.GitHub.Render(pull))
	}
}

// A database that was lost is filled again at the start. Nothing is written a second time,
// and an answer given meanwhile does not say that nobody is affected.
func TestLostDatabase(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.GitHub.Install("acme")
		r.Settle()
		pull := r.dropped()
		pull.Comment("ana", "/plimsoll can-remove GET /items/{id} price")
		r.Settle()
		before, from := headings(r.GitHub.RenderAll()), len(r.GitHub.Requests())
		r.again(func() { storetest.Empty(t, r.dsn) })
		r.await("the comparison of the lists", func() bool { return r.compared() >= 2 })
		r.Settle()
		if after := r.complete(headings(r.GitHub.RenderAll()), from); after != before {
			t.Errorf("after the loss:\n%s\nbefore:\n%s", after, before)
		}
		r.web.CommitAs("ana", "main", "Do without", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "name")})
		r.Settle()
		if run, _ := r.shop.NewestCheck(pull.HeadSHA(), onContracts); run.Conclusion != "success" {
			t.Errorf("it concludes %q after its consumer has moved:\n%s", run.Conclusion, r.GitHub.Render(pull))
		}
		if n := len(pull.Comments()); n != 3 {
			t.Errorf("%d comments, expected the command and two of ours:\n%s", n, r.GitHub.Render(pull))
		}
	})
}

var edited = regexp.MustCompile(` \(edited \d+×\)`)

// headings are the lines of a page that say what stands there.
func headings(page string) string {
	var b strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "title: ") {
			b.WriteString(edited.ReplaceAllString(line, ""))
		}
	}
	return b.String()
}

// replaced is the heading of a check run that is not the newest.
var replaced = regexp.MustCompile(`(?m)^## check \S+: \S+ \(replaced\)\n`)

// complete leaves out one replaced check run for each answer, among the calls after the first
// from, that said that not everything had been read yet. Which repositories are read first is
// left to chance; a complete answer must not be given twice.
func (r *reconciled) complete(headings string, from int) string {
	for _, e := range r.GitHub.RequestsSince(from, false) {
		if e.Writes && strings.HasPrefix(e.Operation, "checks/") && (strings.Contains(e.Body, " so far.") || strings.Contains(e.Body, "is still reading")) {
			if at := replaced.FindStringIndex(headings); at != nil {
				headings = headings[:at[0]] + headings[at[1]:]
			}
		}
	}
	return headings
}

// An older copy of a database lacks what came since: a consumer, a push, a pull request and
// a command. What was written since is not written a second time.
func TestOlderDatabase(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.GitHub.Install("acme")
		r.Settle()
		first := r.pull("first", map[string]string{"openapi.yaml": without("color")})
		r.expect(first, "success")
		var restore func()
		r.again(func() { restore = storetest.Snapshot(t, r.dsn) })
		r.Settle()
		r.clock.set(r.clock.Now().Add(3 * time.Hour))
		r.repository("late", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "color")})
		r.Settle()
		pull := r.dropped()
		r.Settle()
		pull.Comment("ana", "/plimsoll can-remove GET /items/{id} price")
		r.Settle()
		before, from := headings(r.GitHub.Render(pull)), len(r.GitHub.Requests())
		r.again(func() {
			restore()
			pull.Comment("ana", "/plimsoll help")
		})
		compared := r.compared()
		r.await("the comparison of the lists", func() bool { return r.compared() > compared })
		r.Settle()
		answered := "## comment by ana\n## comment by plimsoll[bot]\n"
		if after := r.complete(headings(r.GitHub.Render(pull)), from); after != strings.Replace(before, answered, answered+answered, 1) {
			t.Errorf("after the restore:\n%s\nbefore:\n%s", after, before)
		}
		if n := len(first.Comments()); n != 1 {
			t.Errorf("%d comments, expected one:\n%s", n, r.GitHub.Render(first))
		}
		if n := len(pull.Comments()); n != 5 {
			t.Errorf("%d comments, expected two commands and three of ours:\n%s", n, r.GitHub.Render(pull))
		}
		r.expect(pull, "failure", "web")
		if run, _ := r.shop.NewestCheck(first.HeadSHA(), onContracts); run.Conclusion != "failure" {
			t.Errorf("it concludes %q, expected a failure because of the consumer that came since:\n%s", run.Conclusion, r.GitHub.Render(first))
		}
	})
}

var pageAsked = regexp.MustCompile(`\bpage=\d+`)

// A server that is killed while it reads the hourly list goes on at the page that it was at,
// and finds what is on the further ones: a consumer that no event told of.
func TestHourlyListingSurvivesAKill(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		var last *simulator.Repository
		for i := range 99 {
			last = r.GitHub.NewRepository(fmt.Sprintf("acme/empty-%02d", i), simulator.RepositoryOptions{Private: true})
		}
		r.GitHub.Install("acme")
		r.Settle()
		from := len(r.GitHub.Requests())
		pages := func() (asked []string) {
			for _, e := range r.GitHub.RequestsSince(from, false) {
				if e.Operation == "apps/list-repos-accessible-to-installation" {
					asked = append(asked, pageAsked.FindString(e.Query))
				}
			}
			return asked
		}
		r.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Vanish })
		last.CommitAs("ben", "main", "Use the shop", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "color")})
		r.GitHub.OnDelivery(nil)
		reached, release := make(chan struct{}), make(chan struct{})
		r.GitHub.Fault(simulator.Fault{Operation: "apps/list-repos-accessible-to-installation", Before: func() { close(reached); <-release },
			Match: func(q *http.Request) bool { return q.URL.Query().Get("page") == "2" }})
		r.clock.set(r.clock.Now().Add(time.Hour))
		<-reached
		restore := storetest.Snapshot(t, r.dsn) // what the database holds at a kill
		close(release)
		r.Settle()
		r.again(func() {
			restore()
			storetest.EndLeases(t, r.dsn)
			from = len(r.GitHub.Requests())
		})
		r.Settle()
		// The new server may have compared the lists once more when that was done.
		if asked := pages(); len(asked) == 0 || asked[0] != "page=2" {
			t.Errorf("the pages %q were asked for after the kill, expected the second first", asked)
		}
		r.shop.CommitAs("ana", "change", "Drop the color", map[string]string{"openapi.yaml": without("color")})
		pull := r.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		r.Settle()
		r.expect(pull, "failure", "1 consumer breaks: web")
	})
}
