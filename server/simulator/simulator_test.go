package simulator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

// clock is a clock that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a simulator that listens, with an organisation acme that has two
// repositories, the App installed on it, and something that receives deliveries.
type world struct {
	t       *testing.T
	sim     *simulator.Simulator
	clock   *clock
	orders  *simulator.Repository
	web     *simulator.Repository
	install *simulator.Installation
	hook    *receiver
}

const contractV1 = "openapi: 3.0.3\ninfo: {title: Orders, version: '1'}\npaths:\n  /orders:\n    get: {}\n"

func newWorld(t *testing.T, change ...func(*simulator.Options)) *world {
	t.Helper()
	w := &world{t: t, clock: newClock(), hook: newReceiver(t)}
	options := simulator.Options{Clock: w.clock.Now}
	for _, c := range change {
		c(&options)
	}
	w.sim = simulator.New(options)
	if err := w.sim.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := w.sim.Flush(ctx); err != nil {
			t.Error(err)
		}
		if err := w.sim.Close(); err != nil {
			t.Error(err)
		}
	})
	w.sim.SetHook(w.hook.server.URL + "/api/github/hook")
	w.orders = w.sim.NewRepository("acme/orders", simulator.RepositoryOptions{Private: true})
	w.orders.Commit("main", "Add the contract", map[string]string{"openapi.yaml": contractV1, "README.md": "# Orders\n", "docs/run.md": "Run.\n"})
	w.web = w.sim.NewRepository("acme/web", simulator.RepositoryOptions{})
	w.web.Commit("main", "Begin", map[string]string{"index.html": "<p>Hello</p>\n"})
	w.install = w.sim.Install("acme")
	return w
}

// pull opens a pull request that adds a path to the contract.
func (w *world) pull() *simulator.PullRequest {
	w.orders.Commit("more", "Add a path", map[string]string{"openapi.yaml": contractV1 + "  /items:\n    get: {}\n"})
	return w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "alice", Body: "Items, please."})
}

// noViolations fails the test on any violation.
func (w *world) noViolations() {
	w.t.Helper()
	for _, v := range w.sim.Violations() {
		w.t.Errorf("violation: %s", v)
	}
}

// settle waits until all deliveries are made.
func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	if err := w.sim.Flush(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// app is go-github's client with the App's token.
func (w *world) app() *github.Client {
	w.t.Helper()
	transport, err := ghinstallation.NewAppsTransport(http.DefaultTransport, w.sim.AppID(), w.sim.PrivateKeyPEM())
	if err != nil {
		w.t.Fatal(err)
	}
	transport.BaseURL = w.sim.URL() + simulator.APIPath
	return w.client(transport)
}

// client is go-github's client with an installation's token.
func (w *world) client(transport http.RoundTripper) *github.Client {
	w.t.Helper()
	client, err := github.NewClient(&http.Client{Transport: transport}).WithEnterpriseURLs(w.sim.APIURL(), w.sim.APIURL())
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

func (w *world) installation(options ...func(*ghinstallation.Transport)) *github.Client {
	w.t.Helper()
	transport, err := ghinstallation.New(http.DefaultTransport, w.sim.AppID(), w.install.ID(), w.sim.PrivateKeyPEM())
	if err != nil {
		w.t.Fatal(err)
	}
	transport.BaseURL = w.sim.URL() + simulator.APIPath
	for _, o := range options {
		o(transport)
	}
	return w.client(transport)
}

// receiver is the App's end of the webhook. It evaluates signatures with go-github.
type receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	got    []received
	status int
}

type received struct {
	event, delivery string
	payload         any
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: http.StatusAccepted}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := github.ValidatePayload(request, []byte("simulator-webhook-secret"))
		if err != nil {
			t.Errorf("delivery: %v", err)
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		payload, err := github.ParseWebHook(github.WebHookType(request), body)
		if err != nil {
			t.Errorf("delivery of %s: %v", github.WebHookType(request), err)
		}
		r.mu.Lock()
		r.got = append(r.got, received{github.WebHookType(request), github.DeliveryID(request), payload})
		status := r.status
		r.mu.Unlock()
		w.WriteHeader(status)
	}))
	t.Cleanup(r.server.Close)
	return r
}

// events lists what came, as event or event.action.
func (r *receiver) events() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, e := range r.got {
		name := e.event
		if action, ok := e.payload.(interface{ GetAction() string }); ok && action.GetAction() != "" {
			name += "." + action.GetAction()
		}
		names = append(names, name)
	}
	return names
}

// last gives the newest payload of an event.
func last[T any](t *testing.T, r *receiver) T {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.got) - 1; i >= 0; i-- {
		if payload, ok := r.got[i].payload.(T); ok {
			return payload
		}
	}
	var none T
	t.Fatalf("no delivery of %T", none)
	return none
}
