package server_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"plimsoll/server"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/testbed/testbedtest"
)

// killable is a GitHub whose App is one server process on SQLite, or two on PostgreSQL.
// Any of them can be stopped at any moment. Time stands still unless the test moves it.
type killable struct {
	*events
	t          *testing.T
	dsn        string
	replicas   bool
	workers    int // of each process
	clock      string
	now        atomic.Int64 // what the clock shows, in milliseconds
	github     *simulator.Simulator
	repos      map[string]*simulator.Repository
	canary     *simulator.Repository
	app        *simulator.Installation
	service    service
	serviceURL string
	servers    []*checkpoint
	url        string // of the servers
	killed     chan *checkpoint
	held       chan *checkpoint
	release    chan struct{}
	jobs       *sql.Stmt
	ledger     *store.Store
	runs       int
}

func newKillable(t *testing.T, scenario killScenario, dsn string, workers int) *killable {
	t.Helper()
	k := &killable{
		events: &events{}, t: t, dsn: dsn, replicas: !strings.HasPrefix(dsn, "sqlite:"), workers: workers,
		clock: filepath.Join(t.TempDir(), "clock"), repos: map[string]*simulator.Repository{},
		killed: make(chan *checkpoint, 1), held: make(chan *checkpoint, 1), release: make(chan struct{}),
	}
	k.setClock(testbedtest.Noon)
	k.github = testbedtest.GitHubAt(t, clockIn(k.clock))
	k.serviceURL = listen(t, http.HandlerFunc(k.probed))
	k.servers = append(k.servers, newCheckpoint(t, k))
	if k.replicas {
		k.servers = append(k.servers, newCheckpoint(t, k))
	}
	k.url = listen(t, &balancer{servers: k.servers})
	k.github.SetHook(k.url + server.HookPath)
	k.canary = k.repository("acme/canary", map[string]string{"README.md": "sings"})
	scenario.world(k)
	k.startDead()
	k.openDatabase()
	k.app = k.github.Install("acme")
	k.settle(nil)
	return k
}

func (k *killable) repository(name string, files map[string]string) *simulator.Repository {
	repo := k.github.NewRepository(name, simulator.RepositoryOptions{Private: true})
	repo.CommitAs("ana", "main", "Begin", files)
	k.repos[name] = repo
	return repo
}

// probed answers probes. A process that is to be killed at one gets no answer; a probe
// changes nothing, so that "before" and "after" are the same.
func (k *killable) probed(w http.ResponseWriter, r *http.Request) {
	if k.meet(false, r.Method+" "+r.URL.Path+ofService) == "" {
		k.service.ServeHTTP(w, r)
		return
	}
	list, err := k.unfinished(context.WithoutCancel(r.Context()))
	if err != nil {
		panic(err)
	}
	for _, j := range list {
		for _, c := range k.servers {
			if j.kind == "verify" && j.runsIn(c) {
				c.kill()
				panic(http.ErrAbortHandler)
			}
		}
	}
}

func (k *killable) openDatabase() {
	k.t.Helper()
	ledger, err := store.OpenReading(k.t.Context(), store.Options{DSN: k.dsn})
	if err != nil {
		k.t.Fatal(err)
	}
	driver, dsn := "pgx", k.dsn
	if file, ok := strings.CutPrefix(k.dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err == nil {
		k.jobs, err = db.PrepareContext(k.t.Context(), `SELECT id, kind, key, state, owner, failures, last_error FROM jobs
			WHERE state IN ('running', 'dead') OR state = 'ready' AND run_at <= $1`)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	k.ledger = ledger
	k.t.Cleanup(func() {
		if err := errors.Join(k.ledger.Close(), k.jobs.Close(), db.Close()); err != nil {
			k.t.Error(err)
		}
	})
}

// startDead starts the processes that do not live.
func (k *killable) startDead() {
	k.t.Helper()
	for _, c := range k.servers {
		if c.lives() {
			continue
		}
		c.start()
		p := startProcess(k.t, k.github, c.database, c.address, unthrottled+"=1", reportTo+"="+c.url, clockFile+"="+k.clock,
			fmt.Sprintf("PLIMSOLL_WORKERS=%d", k.workers), "PLIMSOLL_PUBLIC_URL="+k.url,
			"PLIMSOLL_ADMIN_LISTEN=127.0.0.1:0", "PLIMSOLL_PROBES_ACCOUNTS=*", "GOMAXPROCS=1", "GOGC=400", // a process that lives for a moment
			"PLIMSOLL_PROBES_ALLOW=127.0.0.0/8", "PLIMSOLL_GITHUB_V3_API_URL="+c.url+simulator.APIPath)
		p.quiet = true // there are many
		c.started(p)
	}
}

// restart starts every process anew, so that none remembers what it has read.
func (k *killable) restart() {
	k.t.Helper()
	for _, c := range k.servers {
		if c.lives() {
			c.last().end(k.t, syscall.SIGTERM)
			c.stop()
		}
	}
	k.startDead()
	k.settle(nil)
}

// time is what the clock shows.
func (k *killable) time() time.Time { return time.UnixMilli(k.now.Load()).UTC() }

func (k *killable) setClock(now time.Time) {
	k.t.Helper()
	k.now.Store(now.UnixMilli())
	next := k.clock + ".next"
	err := os.WriteFile(next, []byte(now.Format(time.RFC3339Nano)), 0o600)
	if err == nil {
		err = os.Rename(next, k.clock)
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// pass moves the clock forward.
func (k *killable) pass(d time.Duration) {
	k.t.Helper()
	k.setClock(k.time().Add(d))
}

// job is a job that runs, that is due, or that is dead.
type job struct {
	id, kind, key, state, owner, problem string
	failures                             int
}

// attempt is the running attempt.
func (j job) attempt() attempt { return attempt{j.id, j.failures + 1} }

// runsIn reports whether a process runs the job, or ran it when it was killed.
func (j job) runsIn(c *checkpoint) bool {
	return j.state == "running" && strings.Contains(j.owner, fmt.Sprintf("/%d/", c.last().command.Process.Pid))
}

func (k *killable) unfinished(ctx context.Context) (list []job, err error) {
	rows, err := k.jobs.QueryContext(ctx, k.time().UnixMilli())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var j job
		if err := rows.Scan(&j.id, &j.kind, &j.key, &j.state, &j.owner, &j.failures, &j.problem); err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, rows.Err()
}

// pending gives the jobs that run or are due. A dead one fails the test.
func (k *killable) pending() []job {
	k.t.Helper()
	list, err := k.unfinished(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	for _, j := range list {
		if j.state == "dead" {
			k.t.Fatalf("job %s %s is dead: %s", j.kind, j.key, j.problem)
		}
	}
	return list
}

// await waits until something is so.
func (k *killable) await(what string, isSo func() bool) {
	k.t.Helper()
	for deadline := time.Now().Add(patience); !isSo(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			for _, c := range k.servers {
				c.last().quiet = false
			}
			k.t.Fatalf("%s: still not so; jobs: %+v", what, k.pending())
		}
	}
}

// settle waits until nothing is left to do, and goes on where the moment of the run comes.
func (k *killable) settle(run *killRun) {
	k.t.Helper()
	k.await("nothing is left to do", func() bool {
		select {
		case c := <-k.killed:
			run.happened = true
			k.takeOver(c)
		case c := <-k.held:
			run.happened = true
			k.overtake(c)
		default:
		}
		passed := k.passed()
		k.flush()
		return len(k.pending()) == 0 && passed == k.passed() && len(k.killed)+len(k.held) == 0
	})
}

// flush waits until every webhook was delivered, or has failed.
func (k *killable) flush() {
	k.t.Helper()
	if err := k.github.Flush(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

// takeOver goes on after a process was killed: it is started again; with replicas the
// other one does what it can, then the leases of the dead one end.
func (k *killable) takeOver(dead *checkpoint) {
	k.t.Helper()
	k.await("the requests of the killed process have ended", dead.empty)
	k.flush()
	if !k.replicas {
		k.startDead()
		return
	}
	k.await("the other replica is done", func() bool {
		list := k.pending()
		keys := map[string]bool{}
		for _, j := range list {
			if j.runsIn(dead) {
				keys[j.key] = true
			}
		}
		return !slices.ContainsFunc(list, func(j job) bool { return !j.runsIn(dead) && !(j.state == "ready" && keys[j.key]) })
	})
	k.pass(killableLease + time.Second)
}

// overtake lets the leases end of a process that holds a request, lets whoever wants do
// the work again, and then lets the request go on.
func (k *killable) overtake(slow *checkpoint) {
	k.t.Helper()
	running := map[attempt]bool{}
	for _, j := range k.pending() {
		if j.runsIn(slow) && !slices.Contains(periodicKinds, j.kind) { // not all of which report
			running[j.attempt()] = true
		}
	}
	k.pass(killableLease + time.Second)
	// A claim takes what was due first: when the job of this push was claimed, so were
	// those whose leases have ended.
	k.canary.CommitAs("ana", "main", "Sing", map[string]string{"README.md": fmt.Sprint(k.time())})
	k.flush()
	k.await("only the held job is left, or it was done again", func() bool {
		list := k.pending()
		return len(list) <= 1 && !slices.ContainsFunc(list, func(j job) bool { return !j.runsIn(slow) || !running[j.attempt()] })
	})
	k.release <- struct{}{}
	k.await("the overtaken process is done", func() bool {
		return !slices.ContainsFunc(slices.Collect(maps.Keys(running)), func(a attempt) bool { return !slow.hasWorked(a) })
	})
}
