package probe_test

import (
	"context"
	"errors"
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
		if result := probed(t.Context(), t, p, probe.Request{Base: c.base, Method: c.method, Path: c.path, Redirects: 3, Allowed: allow("*.acme.dev")}); !result.Passed() {
			t.Errorf("%s%s: %s", c.base, c.path, result)
		}
	}
	want := "GET ok.acme.dev/base/jump|GET other.acme.dev/landed?x=1|HEAD ok.acme.dev/a%2Fb?c=%20d|GET ok.acme.dev/../x"
	if strings.Join(got, "|") != want || len(connections) != 4 {
		t.Errorf("got %q on %d connections", got, len(connections))
	}
	for _, method := range []string{"POST", "DELETE", "get", "", "GET / HTTP/1.1\r\nX: "} {
		if result := probed(t.Context(), t, p, probe.Request{Base: "http://ok.acme.dev", Method: method, Path: "/", Allowed: allow("*.acme.dev")}); result.Outcome != deploy.ProbeRefused {
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
		result := probed(t.Context(), t, p, probe.Request{Base: server.URL, Method: "GET", Path: "/", Redirects: asked, Allowed: local})
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

// Four at once of an installation, one of a host. What is too many is not made and does not
// wait; other installations are not touched by it.
func TestTooManyAtOnceAreBusy(t *testing.T) {
	entered, release := make(chan string, 100), make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		entered <- r.Host
		<-release
		_, _ = io.WriteString(w, "ok")
	})
	w := &world{names: map[string][]string{}, hosts: map[string]string{public + ":80": server.Listener.Addr().String()}}
	for _, host := range []string{"a.acme.dev", "b.acme.dev", "c.acme.dev", "d.acme.dev", "e.acme.dev"} {
		w.names[host] = []string{public}
	}
	p := probe.New(probe.Config{Resolver: w, Dial: w.dial})
	of := func(installation int64, host string) probe.Request {
		return probe.Request{Installation: installation, Base: "http://" + host, Method: "GET", Path: "/", Allowed: allow("*.acme.dev")}
	}
	busy := func(installation int64, host string) {
		t.Helper()
		if result, err := p.Probe(t.Context(), of(installation, host)); !errors.Is(err, probe.ErrBusy) {
			t.Errorf("%s for installation %d: %s, %v, expected %v", host, installation, result, err, probe.ErrBusy)
		}
	}
	var all sync.WaitGroup
	begin := func(installation int64, host string) {
		all.Go(func() {
			if result := probed(t.Context(), t, p, of(installation, host)); !result.Passed() {
				t.Errorf("%s: %s", host, result)
			}
		})
		if got := <-entered; got != host {
			t.Errorf("%s was asked, expected %s", got, host)
		}
	}
	for _, host := range []string{"a.acme.dev", "b.acme.dev", "c.acme.dev"} {
		begin(1, host)
		busy(1, host)
	}
	begin(1, "d.acme.dev")
	busy(1, "e.acme.dev")
	begin(2, "a.acme.dev")
	connected := len(w.seen())
	busy(2, "a.acme.dev")
	if n := len(w.seen()); n != connected {
		t.Errorf("a busy probe connected to %v", w.seen()[connected:])
	}
	close(release)
	all.Wait()
	for _, host := range []string{"a.acme.dev", "e.acme.dev"} {
		if result := probed(t.Context(), t, p, of(1, host)); !result.Passed() {
			t.Errorf("%s, when nothing runs any more: %s", host, result)
		}
	}
}

// A redirect to a host that is busy makes the whole probe busy, and holds nothing.
func TestRedirectToABusyHost(t *testing.T) {
	entered, release := make(chan string, 100), make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "a.acme.dev" {
			http.Redirect(w, r, "http://b.acme.dev/", http.StatusFound)
			return
		}
		entered <- r.Host
		<-release
	})
	w := &world{names: map[string][]string{"a.acme.dev": {public}, "b.acme.dev": {public}}, hosts: map[string]string{public + ":80": server.Listener.Addr().String()}}
	p := probe.New(probe.Config{Resolver: w, Dial: w.dial})
	of := func(host string) probe.Request {
		return probe.Request{Installation: 1, Base: "http://" + host, Method: "GET", Path: "/", Redirects: 1, Allowed: allow("*.acme.dev")}
	}
	var all sync.WaitGroup
	all.Go(func() { probed(t.Context(), t, p, of("b.acme.dev")) })
	<-entered
	for range 2 {
		if result, err := p.Probe(t.Context(), of("a.acme.dev")); !errors.Is(err, probe.ErrBusy) {
			t.Errorf("%s, %v, expected %v", result, err, probe.ErrBusy)
		}
	}
	close(release)
	all.Wait()
	if result := probed(t.Context(), t, p, of("a.acme.dev")); !result.Passed() || result.Redirects != 1 {
		t.Errorf("when nothing runs any more: %s", result)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	result := probed(ctx, t, probe.New(probe.Config{}), probe.Request{Base: server.URL, Method: "GET", Path: "/", Allowed: local})
	if result.Outcome != deploy.ProbeInterrupted || result.Counts() {
		t.Errorf("%s", result)
	}
}

// An address that does not answer takes a part of the time only.
func TestNextAddress(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	w := &world{names: map[string][]string{"ok.acme.dev": {"93.184.216.1," + public}}, hosts: map[string]string{"93.184.216.1:80": blackhole, public + ":80": server.Listener.Addr().String()}}
	p := probe.New(probe.Config{Resolver: w, Dial: w.dial, Limits: probe.Limits{Connect: 2 * time.Second}})
	if result := probed(t.Context(), t, p, probe.Request{Base: "http://ok.acme.dev", Method: "GET", Path: "/", Allowed: allow("*.acme.dev")}); !result.Passed() {
		t.Errorf("%s, connected to %s", result, w.seen())
	}
}
