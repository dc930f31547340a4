package probe_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/server/probe"
)

// The environment of every test names a proxy; it is read once in a process, so before
// the first request.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		if err := os.Setenv(name, "http://127.0.0.1:9"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// What is sent is the request and nothing else: no cookie of an answer before, no proxy
// of the environment's, a connection of its own.
func TestWhatIsSent(t *testing.T) {
	var got []string
	connections := map[string]bool{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		got = append(got, r.Method+" "+r.Host+r.RequestURI)
		for _, name := range []string{"Cookie", "Authorization", "Referer", "Proxy-Authorization"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s is sent", name)
			}
		}
		if r.Header.Get("Accept-Encoding") != "identity" || r.Header.Get("User-Agent") != "plimsoll-probe" {
			t.Errorf("sent %v", r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		if r.URL.Path == "/base/jump" {
			http.Redirect(w, r, "http://other.acme.dev/landed?x=1", http.StatusFound)
		}
	})
	w := &world{names: map[string][]string{"ok.acme.dev": {public}, "other.acme.dev": {public}}, hosts: map[string]string{public + ":80": server.Listener.Addr().String()}}
	p := probe.New(probe.Config{Resolver: w, Dial: w.dial})
	for _, c := range []struct{ base, method, path string }{
		{"http://ok.acme.dev/base/?token=x", "GET", "/jump"},
		{"http://ok.acme.dev:80", "HEAD", "/a%2Fb?c=%20d"},
		{"http://OK.acme.dev.", "GET", "/../x"},
	} {
		if result := p.Probe(t.Context(), probe.Request{Base: c.base, Method: c.method, Path: c.path, Redirects: 3, Allowed: allow("*.acme.dev")}); !result.Passed() {
			t.Errorf("%s%s: %s", c.base, c.path, result)
		}
	}
	want := "GET ok.acme.dev/base/jump|GET other.acme.dev/landed?x=1|HEAD ok.acme.dev/a%2Fb?c=%20d|GET ok.acme.dev/../x"
	if strings.Join(got, "|") != want || len(connections) != 4 {
		t.Errorf("got %q on %d connections", got, len(connections))
	}
	for _, method := range []string{"POST", "DELETE", "get", "", "GET / HTTP/1.1\r\nX: "} {
		if result := p.Probe(t.Context(), probe.Request{Base: "http://ok.acme.dev", Method: method, Path: "/", Allowed: allow("*.acme.dev")}); result.Outcome != deploy.ProbeRefused {
			t.Errorf("%s: %s", method, result)
		}
	}
	if len(got) != 4 {
		t.Errorf("got %q", got)
	}
}

func TestRedirectsAreCounted(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusTemporaryRedirect)
	})
	p := probe.New(probe.Config{})
	for asked, followed := range map[int]int{-1: 0, 0: 0, 1: 1, 3: 3, 4: 3, 1000: 3} {
		result := p.Probe(t.Context(), probe.Request{Base: server.URL, Method: "GET", Path: "/", Redirects: asked, Allowed: local})
		if result.Outcome != deploy.ProbeStatus || result.Status != 307 || result.Redirects != max(followed, 0) {
			t.Errorf("%d asked for: %s, %d followed", asked, result, result.Redirects)
		}
	}
}

func TestFromDeclared(t *testing.T) {
	get := probe.From(config.Probe{Get: "/a", Redirects: 2, Expect: config.Expect{Status: "200"}})
	head := probe.From(config.Probe{Head: "/b"})
	if get.Method != "GET" || get.Path != "/a" || get.Redirects != 2 || get.Expect.Status != "200" || head.Method != "HEAD" || head.Path != "/b" {
		t.Errorf("%+v, %+v", get, head)
	}
}

// Four at once of an installation, one of a host; other installations do not wait.
func TestTurns(t *testing.T) {
	var mu sync.Mutex
	now, most := map[string]int{}, map[string]int{}
	entered := make(chan string, 100)
	release := make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		whose := r.URL.Query().Get("i")
		keys := []string{whose, whose + r.Host}
		mu.Lock()
		for _, key := range keys {
			now[key]++
			most[key] = max(most[key], now[key])
		}
		mu.Unlock()
		entered <- whose
		<-release
		mu.Lock()
		for _, key := range keys {
			now[key]--
		}
		mu.Unlock()
		_, _ = io.WriteString(w, "ok")
	})
	w := &world{names: map[string][]string{}, hosts: map[string]string{public + ":80": server.Listener.Addr().String()}}
	hosts := []string{"a.acme.dev", "b.acme.dev", "c.acme.dev", "d.acme.dev", "e.acme.dev", "f.acme.dev"}
	for _, host := range hosts {
		w.names[host] = []string{public}
	}
	p := probe.New(probe.Config{Resolver: w, Dial: w.dial})
	var all sync.WaitGroup
	ask := func(installation int64, host, name string) {
		all.Go(func() {
			result := p.Probe(t.Context(), probe.Request{Installation: installation, Base: "http://" + host, Method: "GET", Path: "/?i=" + name, Allowed: allow("*.acme.dev")})
			if !result.Passed() {
				t.Errorf("%s: %s", host, result)
			}
		})
	}
	for _, host := range hosts {
		ask(1, host, "one")
		ask(1, host, "one")
	}
	for range 4 {
		<-entered
	}
	ask(2, "a.acme.dev", "two")
	if whose := <-entered; whose != "two" {
		t.Errorf("a fifth probe of installation %s", whose)
	}
	// One that gives up while it waits leaves no trace and says nothing of the host.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	result := p.Probe(ctx, probe.Request{Installation: 1, Base: "http://a.acme.dev", Method: "GET", Path: "/", Allowed: allow("*.acme.dev")})
	if result.Outcome != deploy.ProbeInterrupted || result.Counts() {
		t.Errorf("gave up: %s", result)
	}
	close(release)
	all.Wait()
	if most["one"] != 4 {
		t.Errorf("%d at once", most["one"])
	}
	for _, host := range hosts {
		if most["one"+host] != 1 {
			t.Errorf("%d at once of %s", most["one"+host], host)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	result := probe.New(probe.Config{}).Probe(ctx, probe.Request{Base: server.URL, Method: "GET", Path: "/", Allowed: local})
	if result.Outcome != deploy.ProbeInterrupted || result.Counts() {
		t.Errorf("%s", result)
	}
}

// An address that does not answer takes a part of the time only.
func TestNextAddress(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	w := &world{names: map[string][]string{"ok.acme.dev": {"93.184.216.1," + public}}, hosts: map[string]string{"93.184.216.1:80": blackhole, public + ":80": server.Listener.Addr().String()}}
	p := probe.New(probe.Config{Resolver: w, Dial: w.dial, Limits: probe.Limits{Connect: 2 * time.Second}})
	if result := p.Probe(t.Context(), probe.Request{Base: "http://ok.acme.dev", Method: "GET", Path: "/", Allowed: allow("*.acme.dev")}); !result.Passed() {
		t.Errorf("%s, connected to %s", result, w.seen())
	}
}
