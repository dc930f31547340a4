package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"plimsoll/server"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// fastClock is a clock that is fast by what a file says.
func fastClock(file string) func() time.Time {
	return func() time.Time {
		text, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		by, err := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil {
			panic(err)
		}
		return time.Now().Add(by)
	}
}

// killable is a service whose deployments are watched by a server in a process of its own
// that is killed at one of its requests.
type killable struct {
	t                   *testing.T
	dsn, address, clock string // clock is the file of fastClock
	api, url            string // where the server reaches GitHub and the service
	ahead               time.Duration
	github              *simulator.Simulator
	orders              *simulator.Repository
	app                 *simulator.Installation
	service             service
	runs                int
	dead                chan string // what the server was killed at

	mu       sync.Mutex
	process  *process
	requests int      // of the server, since the deployment
	moment   *killing // nil: none is to come
}

// killing is a moment at which a server is killed: at a request, counted from 1.
type killing struct {
	request int
	// how is "before" it has an effect, "after" it without an answer, or "soon after" the
	// answer: when wait is over.
	how  string
	wait time.Duration
}

// outcome is what became of a deployment.
type outcome struct {
	commit     string
	pull       *simulator.PullRequest
	deployment *simulator.Deployment
	requests   int
	probes     int
	killed     string // at what; "" where the server lived on
}

const killedFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    environments:
      production:
        verify:
          for: 2m
          every: 1m
          probes:
            - get: /healthz
            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
`

func newKillable(t *testing.T) *killable {
	k := &killable{t: t, dsn: storetest.SQLite(t), address: freeAddress(t), clock: filepath.Join(t.TempDir(), "ahead"), dead: make(chan string, 1)}
	k.wait(0)
	k.github = testbedtest.GitHubAt(t, fastClock(k.clock))
	k.github.SetHook("http://" + k.address + server.HookPath)
	api, err := url.Parse(k.github.APIURL())
	if err != nil {
		t.Fatal(err)
	}
	k.api = k.serve("GitHub", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: api.Scheme, Host: api.Host}) }, ErrorLog: log.New(io.Discard, "", 0)}) + api.Path
	k.url = k.serve("the service", &k.service)
	k.orders = k.github.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
	k.orders.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": killedFile, "main.go": "package main"})
	k.start()
	k.app = k.github.Install("acme")
	awaitRegistered(t, k.address, 1)
	return k
}

func (k *killable) start() {
	k.t.Helper()
	process := startProcess(k.t, k.github, k.dsn, k.address, unthrottled+"=1", ahead+"="+k.clock, "PLIMSOLL_PROBES_ALLOW=127.0.0.0/8", "PLIMSOLL_GITHUB_V3_API_URL="+k.api)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.process = process
}

// wait has so much time go by.
func (k *killable) wait(d time.Duration) {
	k.t.Helper()
	k.ahead += d
	next := k.clock + ".next"
	err := os.WriteFile(next, []byte(k.ahead.String()), 0o600)
	if err == nil {
		err = os.Rename(next, k.clock)
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// serve has the server's requests to something pass by here, where it may be killed. It
// gives the URL.
func (k *killable) serve(what string, to http.Handler) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		var moment killing
		own := !strings.Contains(r.URL.Path, "/app/") // and none for tokens and lost deliveries
		if own {
			k.requests++
		}
		if own && k.moment != nil && k.moment.request == k.requests {
			moment, k.moment = *k.moment, nil
		}
		process := k.process
		k.mu.Unlock()
		kill := func() {
			_ = process.command.Process.Kill()
			_ = process.command.Wait() // killed: an error by intent
			k.dead <- fmt.Sprintf("%s %s %s of %s", moment.how, r.Method, r.URL.Path, what)
		}
		switch moment.how {
		case "before":
			kill()
			panic(http.ErrAbortHandler)
		case "after":
			to.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
			kill()
			panic(http.ErrAbortHandler)
		case "soon after":
			time.AfterFunc(moment.wait, kill)
		}
		to.ServeHTTP(w, r)
	}))
	k.t.Cleanup(s.Close)
	return s.URL
}

// run deploys a new commit and watches it to the end. The server is killed at the moment
// and started again.
func (k *killable) run(health int, moment *killing) outcome {
	k.t.Helper()
	k.runs++
	branch := fmt.Sprintf("change-%d", k.runs)
	k.orders.CommitAs("ana", branch, "Change", map[string]string{"main.go": "package main // " + branch})
	run := outcome{pull: k.orders.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})}
	var err error
	if run.commit, err = run.pull.Merge(simulator.Squash); err != nil {
		k.t.Fatal(err)
	}
	k.quiet(&run)
	k.process.end(k.t, syscall.SIGTERM) // remembers nothing, so that every run makes the same requests
	k.start()
	k.quiet(&run)
	k.service.runs(run.commit, health)
	asked := k.service.times()
	k.mu.Lock()
	k.requests, k.moment = 0, moment
	k.mu.Unlock()
	run.deployment = k.orders.Deploy("production", run.commit, simulator.DeployOptions{Creator: "bob"})
	run.deployment.Status("success", k.url)
	for look := 1; !k.looked(&run, look); look++ {
		k.wait(time.Minute)
	}
	k.quiet(&run)
	k.mu.Lock()
	late := moment != nil && k.moment == nil && run.killed == "" // soon after the last request
	k.moment = nil
	k.mu.Unlock()
	if late {
		k.until(&run, "the end of the server", func() bool { return run.killed != "" })
		k.quiet(&run)
	}
	k.mu.Lock()
	run.requests, run.probes = k.requests, k.service.times()-asked
	k.mu.Unlock()
	return run
}

// looked waits for a look, counted from 1, and tells whether it was the last.
func (k *killable) looked(run *outcome, look int) (ended bool) {
	k.until(run, fmt.Sprintf("look %d at %s", look, run.commit), func() bool {
		for _, check := range k.orders.Checks(run.commit, "plimsoll/deploy") {
			ended = check.Conclusion != ""
			return ended || strings.Contains(check.Title, fmt.Sprintf("%d of 3 looks", look))
		}
		return false
	})
	return ended
}

// quiet waits until there is nothing left to do but what comes again and again.
func (k *killable) quiet(run *outcome) {
	k.until(run, "the end of the work", func() bool {
		if err := k.github.Flush(k.t.Context()); err != nil {
			k.t.Fatal(err)
		}
		response, err := http.Get("http://" + k.address + "/metrics")
		if err != nil {
			return false // killed
		}
		metrics, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return false
		}
		return bytes.Contains(metrics, []byte("plimsoll_queue_up 1")) && !pending.Match(again.ReplaceAll(metrics, nil))
	})
}

// pending is work that is waiting or under way; again is that which comes again and again.
var (
	pending = regexp.MustCompile(`plimsoll_queue_jobs\{kind="[^"]*",state="(ready|running)"\} [1-9]`)
	again   = regexp.MustCompile(`plimsoll_queue_jobs\{kind="(replay|gates|queue\.prune)",[^\n]*`)
)

// until waits for something, and starts the server again when it was killed.
func (k *killable) until(run *outcome, what string, happened func() bool) {
	k.t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); {
		select {
		case run.killed = <-k.dead:
			k.start()
		case <-time.After(2 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			k.t.Fatalf("%s did not come; killed %s\n%s\n%s", what, run.killed, k.github.Render(run.pull), k.process.log)
		}
	}
}
