package simulator_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

func TestFaults(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	token := w.token(nil)
	const path = "/repos/acme/orders/pulls/1"
	get := func() int {
		status, _, _ := w.send("GET", path, token, "")
		return status
	}
	statuses := func(n int) (list []int) {
		for range n {
			list = append(list, get())
		}
		return list
	}
	same := func(name string, got []int, want ...int) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", name, got, want)
				return
			}
		}
	}

	w.sim.Fault(simulator.Fault{Method: "GET", Path: "/repos/*/*/pulls/*", Status: http.StatusBadGateway, Body: "<html>Unicorn</html>"})
	same("once", statuses(2), 502, 200)
	w.sim.Fault(simulator.Fault{Operation: "pulls/get", Skip: 1, Times: 2, Status: http.StatusNotFound})
	same("skip one, then two", statuses(4), 200, 404, 404, 200)
	remove := w.sim.Fault(simulator.Fault{Times: simulator.Always, Status: http.StatusInternalServerError})
	same("always", statuses(3), 500, 500, 500)
	remove()
	same("taken away", statuses(1), 200)
	w.sim.Fault(simulator.Fault{Match: func(r *http.Request) bool { return r.Header.Get("X-Never") != "" }, Status: 500})
	same("no match", statuses(1), 200)

	w.sim.Fault(simulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: 7, Header: http.Header{"X-Ratelimit-Remaining": {"0"}}})
	if status, header, _ := w.send("GET", path, token, ""); status != http.StatusTooManyRequests || header.Get("X-RateLimit-Remaining") != "0" || header.Get("Retry-After") != "7" {
		t.Errorf("429: %d %v", status, header)
	}

	changed := false
	w.sim.Fault(simulator.Fault{Before: func() { changed = true; p.Label("late") }})
	same("before, and then as usual", statuses(1), 200)
	if !changed {
		t.Error("Before did not run")
	}

	w.sim.Fault(simulator.Fault{Operation: "issues/create-comment", After: true, Status: http.StatusBadGateway})
	status, _, _ := w.send("POST", "/repos/acme/orders/issues/1/comments", token, `{"body":"Hello"}`)
	if status != http.StatusBadGateway || len(p.Comments()) != 1 {
		t.Errorf("lost answer: %d, %d comments", status, len(p.Comments()))
	}
	w.sim.Fault(simulator.Fault{Operation: "issues/create-comment", Close: true})
	request := must(http.NewRequestWithContext(t.Context(), "POST", w.sim.APIURL()+"repos/acme/orders/issues/1/comments", strings.NewReader(`{"body":"Hello"}`)))
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
		t.Errorf("cut connection: %d", response.StatusCode)
	}
	if n := len(p.Comments()); n != 1 {
		t.Errorf("%d comments after a cut connection", n)
	}

	faults := 0
	for _, e := range w.sim.Requests() {
		if e.Fault {
			faults++
		}
	}
	if faults != 9 {
		t.Errorf("%d calls are recorded as faults", faults)
	}
}

// TestRateLimitsAsGoGitHubSeesThem: what go-github makes of both kinds of limit.
func TestRateLimitsAsGoGitHubSeesThem(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	client := w.installation()
	if _, _, err := client.Repositories.Get(t.Context(), "acme", "web"); err != nil {
		t.Fatal(err)
	}
	w.sim.Fault(simulator.SecondaryLimit(30, 1))
	_, _, err := client.Repositories.Get(t.Context(), "acme", "web")
	if abuse := (*github.AbuseRateLimitError)(nil); !errors.As(err, &abuse) || abuse.GetRetryAfter() != 30*time.Second {
		t.Errorf("secondary limit: %v", err)
	}
	client = w.installation() // v60 blocks the other by itself now

	reset := w.clock.Now().Add(20 * time.Minute)
	w.sim.SetRateLimit(w.install, 1, reset)
	if _, response, err := client.Repositories.Get(t.Context(), "acme", "web"); err != nil || response.Rate.Remaining != 0 || !response.Rate.Reset.Equal(github.Timestamp{Time: reset}) {
		t.Errorf("the last one: %v, %v", response.Rate, err)
	}
	_, response, err := w.installation().Repositories.Get(t.Context(), "acme", "web")
	if limited := (*github.RateLimitError)(nil); !errors.As(err, &limited) || response.StatusCode != http.StatusForbidden {
		t.Errorf("above the limit: %v", err)
	}
	w.clock.Advance(20 * time.Minute)
	if _, response, err := w.installation().Repositories.Get(t.Context(), "acme", "web"); err != nil || response.Rate.Remaining != simulator.PrimaryLimit-1 {
		t.Errorf("after the reset: %v, %v", response.Rate, err)
	}
}

func TestEnforcedLimits(t *testing.T) {
	w := newWorld(t, func(o *simulator.Options) { o.EnforceLimits = true })
	defer w.noViolations()
	w.pull()
	token := w.token(nil)
	create := func() (int, http.Header) {
		status, header, _ := w.send("POST", "/repos/acme/orders/issues/1/comments", token, `{"body":"Hello"}`)
		return status, header
	}
	for i := range simulator.ContentLimit {
		if status, _ := create(); status != http.StatusCreated {
			t.Fatalf("comment %d: %d", i, status)
		}
	}
	status, header := create()
	wait, err := strconv.Atoi(header.Get("Retry-After"))
	if status != http.StatusForbidden || err != nil || wait < 1 || wait > 61 {
		t.Errorf("above 80 a minute: %d, Retry-After %q", status, header.Get("Retry-After"))
	}
	if status, _, _ := w.send("GET", "/repos/acme/orders", token, ""); status != http.StatusOK {
		t.Errorf("reading meanwhile: %d", status)
	}
	w.clock.Advance(time.Duration(wait) * time.Second)
	if status, _ := create(); status != http.StatusCreated {
		t.Errorf("after Retry-After: %d", status)
	}
	used := simulator.ContentLimit + 3
	if status, _, _ := w.send("GET", "/rate_limit", token, ""); status != http.StatusOK {
		t.Errorf("rate limit: %d", status)
	}
	_, header, _ = w.send("GET", "/repos/acme/orders", token, "")
	if got := header.Get("X-RateLimit-Remaining"); got != strconv.Itoa(simulator.PrimaryLimit-used-1) {
		t.Errorf("%s remain; asking for the limit itself is free", got)
	}
}

func TestConditionalRequests(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	token := w.token(nil)
	get := func(token, tag string) (int, string, string) {
		request := must(http.NewRequestWithContext(t.Context(), "GET", w.sim.APIURL()+"repos/acme/web", nil))
		request.Header.Set("Authorization", "Bearer "+token)
		if tag != "" {
			request.Header.Set("If-None-Match", tag)
		}
		response := must(http.DefaultClient.Do(request))
		response.Body.Close()
		return response.StatusCode, response.Header.Get("ETag"), response.Header.Get("X-RateLimit-Remaining")
	}
	status, tag, left := get(token, "")
	if status != http.StatusOK || tag == "" {
		t.Fatalf("%d, tag %q", status, tag)
	}
	if status, _, stillLeft := get(token, tag); status != http.StatusNotModified || stillLeft != left {
		t.Errorf("again: %d, %s requests left of %s", status, stillLeft, left)
	}
	if status, _, _ := get(w.token(nil), tag); status != http.StatusOK {
		t.Errorf("a tag holds for one token only: %d", status)
	}
	w.web.SetPrivate(true)
	if status, _, _ := get(token, tag); status != http.StatusOK {
		t.Errorf("after a change: %d", status)
	}
	hits := 0
	for _, e := range w.sim.RequestsSince(0, false) {
		if e.NotModified {
			hits++
		}
	}
	if hits != 1 {
		t.Errorf("%d conditional hits recorded", hits)
	}
}

func TestRequestsSinceLeavesTokensOut(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	client := w.installation()
	from := len(w.sim.Requests())
	if _, _, err := client.Repositories.Get(t.Context(), "acme", "web"); err != nil {
		t.Fatal(err)
	}
	if with, without := len(w.sim.RequestsSince(from, true)), len(w.sim.RequestsSince(from, false)); with != 2 || without != 1 {
		t.Errorf("%d with tokens, %d without", with, without)
	}
	if e := w.sim.RequestsSince(from, false)[0]; e.Route != "/repos/{owner}/{repo}" || e.InstallationID != w.install.ID() || e.Status != 200 {
		t.Errorf("%+v", e)
	}
}
