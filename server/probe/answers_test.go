package probe_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/server/probe"
)

var local = allow("127.0.0.0/8", "::1/128")

// Real listeners on loopback, the system's own resolver and dialer: unlisted, nobody
// comes; listed, somebody does.
func TestRealListeners(t *testing.T) {
	var accepted atomic.Int32
	var ports []string
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := net.Listen("tcp", address)
		if err != nil && len(ports) > 0 {
			t.Logf("a machine without IPv6: nobody listens on %s (%v)", address, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		ports = append(ports, port)
		server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
			ConnState: func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					accepted.Add(1)
				}
			}}
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(func() { _ = server.Close() })
	}
	p := probe.New(probe.Config{})
	names := &world{names: map[string][]string{"a.acme.dev": {"127.0.0.1,::1"}, "b.acme.dev": {"::ffff:127.0.0.1"}, "c.acme.dev": {"0.0.0.0"}, "d.acme.dev": {public}}}
	named := probe.New(probe.Config{Resolver: names})
	// The address is exchanged between our check and the system's dialer.
	rebound := probe.New(probe.Config{Resolver: names, Dial: func(ctx context.Context, dialer *net.Dialer, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, net.JoinHostPort("localhost", ports[0]))
	}})
	ask := func(p *probe.Prober, base string, allowed []config.Allowed) deploy.ProbeResult {
		return probed(t.Context(), t, p, probe.Request{Base: base, Method: "GET", Path: "/", Allowed: allowed})
	}
	for _, port := range ports {
		for _, host := range []string{"127.0.0.1", "localhost", "localhost.", "[::1]", "0.0.0.0", "[::]", "0", "127.1", "2130706433", "0x7f000001", "017700000001", "[::ffff:127.0.0.1]", "[::1%25lo]", "127.0.0.1.", "x@127.0.0.1"} {
			if result := ask(p, "http://"+host+":"+port, allow("*.acme.dev", "localhost", "0.0.0.0/0", "::/0")); result.Outcome != deploy.ProbeRefused {
				t.Errorf("%s: %s", host, result)
			}
		}
		for _, host := range []string{"a", "b", "c"} {
			if result := ask(named, "http://"+host+".acme.dev:"+port, allow("*.acme.dev")); result.Refusal != deploy.RefusedAddress {
				t.Errorf("%s: %s", host, result)
			}
		}
		if result := ask(rebound, "http://d.acme.dev:"+port, allow("*.acme.dev")); result.Refusal != deploy.RefusedAddress {
			t.Errorf("rebound: %s", result)
		}
	}
	if n := accepted.Load(); n != 0 {
		t.Fatalf("%d connections", n)
	}
	for i, host := range []string{"127.0.0.1", "[::1]"}[:len(ports)] {
		base := "http://" + host + ":" + ports[i]
		if result := ask(p, base, local); !result.Passed() || accepted.Load() != int32(i+1) {
			t.Errorf("listed: %s, %d connections", result, accepted.Load())
		}
	}
	if result := ask(named, "http://a.acme.dev:"+ports[0], append(allow("a.acme.dev"), local...)); !result.Passed() {
		t.Errorf("listed: %s", result)
	}
}

func TestAnswers(t *testing.T) {
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	field := func(path, kind, text string) config.Expect {
		return config.Expect{JSON: map[string]config.Literal{path: {Text: text, Kind: kind}}}
	}
	endless := func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<14)); err != nil {
				return
			}
		}
	}
	version := field("build.sha", "string", "{{ deployment.sha }}")
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		expect  config.Expect
		want    string
	}{
		{"passes", body("ok"), config.Expect{}, "200 in"},
		{"any 2XX without a word", status(204), config.Expect{}, "204 in"},
		{"500", status(500), config.Expect{}, "status 500, expected 2XX"},
		{"404 wanted", status(404), config.Expect{Status: "404"}, "404 in"},
		{"class wanted", status(404), config.Expect{Status: "4XX"}, "404 in"},
		{"any wanted", status(500), config.Expect{Status: "default"}, "500 in"},
		{"200 is not 404", status(200), config.Expect{Status: "404"}, "status 200, expected 404"},
		{"redirect that is not asked for", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, config.Expect{}, "status 302, expected 2XX"},
		{"redirect that is expected", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }, config.Expect{Status: "302"}, "302 in"},
		{"late", func(http.ResponseWriter, *http.Request) { time.Sleep(30 * time.Millisecond) }, config.Expect{Within: config.Duration(20 * time.Millisecond)}, "answered"},
		{"in time", body(""), config.Expect{Within: config.Duration(10 * time.Second)}, "200 in"},
		{"text", body(`{"status": "healthy"}`), field("status", "string", "healthy"), "200 in"},
		{"other text", body(`{"status": "degraded"}`), field("status", "string", "healthy"), "status differs"},
		{"text that is a number", body(`{"n": "1"}`), field("n", "number", "1"), "n differs"},
		{"number", body(`{"n": 1.0}`), field("n", "number", "1"), "200 in"},
		{"large number", body(`{"n": 9007199254740993}`), field("n", "number", "9007199254740992"), "n differs"},
		{"hexadecimal number", body(`{"n": 31}`), field("n", "number", "0x1F"), "200 in"},
		{"number beyond all", body(`{"n": 1e999999999}`), field("n", "number", "1"), "n differs"},
		{"true", body(`{"n": true}`), field("n", "boolean", "True"), "200 in"},
		{"null", body(`{"n": null}`), field("n", "null", "null"), "200 in"},
		{"null is not missing", body(`{}`), field("n", "null", "null"), "n is missing"},
		{"deep", body(`{"checks": [{"state": "up"}, {"state": "down"}]}`), field("checks[1].state", "string", "up"), "checks[1].state differs"},
		{"index behind the end", body(`{"checks": []}`), field("checks[0]", "string", "up"), "checks[0] is missing"},
		{"object", body(`{"a": {"secret": 1}}`), field("a", "string", "up"), "a differs"},
		{"text that is not told", body(`{"a": "my secret"}`), field("a", "string", "up"), "a differs"},
		{"markup that is not told", body(`{"a": "<script>"}`), field("a", "string", "up"), "a differs"},
		{"long text is not told", body(`{"a": "` + strings.Repeat("x", 65) + `"}`), field("a", "string", "up"), "a differs"},
		{"no JSON", body("<html>healthy</html>"), field("status", "string", "healthy"), "status is missing"},
		{"two documents", body(`{"status": "healthy"} {}`), field("status", "string", "healthy"), "status is missing"},
		{"deep JSON", body(strings.Repeat("[", 60_000)), field("status", "string", "healthy"), "status is missing"},
		{"version", body(`{"build": {"sha": "4f1c7a0"}}`), version, "200 in"},
		{"old version", body(`{"build": {"sha": "aaaaaaa"}}`), version, "build.sha is aaaaaaa"},
		{"whole old commit", body(`{"build": {"sha": "0123456789abcdef0123456789abcdef01234567"}}`), version, "build.sha is 0123456"},
		{"key of 32 digits", body(`{"build": {"sha": "0123456789abcdef0123456789abcdef"}}`), version, "build.sha differs"},
		{"number as a version", body(`{"build": {"sha": "12345678"}}`), version, "build.sha differs"},
		{"number that is none", body(`{"build": {"sha": 1234567}}`), version, "build.sha differs"},
		{"template in the answer", body(`{"build": {"sha": "{{ deployment.sha }}"}}`), version, "build.sha differs"},
		{"endless body", endless, config.Expect{}, "200 in"},
		{"endless body with a field", endless, field("status", "string", "healthy"), "the answer is larger than the 64 KiB that are read"},
		{"bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 1<<24))
			_ = z.Close()
		}, field("status", "string", "healthy"), "status is missing"},
		{"drips its body", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}, config.Expect{}, "the answer was not over in time"},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		}, config.Expect{}, "no complete HTTP answer"},
		{"huge header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<15))
		}, config.Expect{}, "no complete HTTP answer"},
		{"many headers", func(w http.ResponseWriter, _ *http.Request) {
			for i := range 2000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), "0123456789")
			}
		}, config.Expect{}, "no complete HTTP answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			limits := probe.Limits{Header: time.Minute, Whole: time.Minute} // a slow machine is not what is tested
			if c.name == "drips its body" {
				limits.Whole = 2 * time.Second
			}
			p := probe.New(probe.Config{Limits: limits})
			result := probed(t.Context(), t, p, probe.Request{Base: server.URL, Method: "GET", Path: "/healthz", Expect: c.expect, Allowed: local,
				Values: probe.Values{SHA: "4f1c7a0", Environment: "production", ID: 7}})
			if got := result.String(); !strings.HasPrefix(got, "GET /healthz: "+c.want) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			if result.Passed() != strings.HasSuffix(c.want, " in") || result.Size > 64<<10 || !result.Counts() {
				t.Errorf("%+v", result)
			}
			if saw, expected := result.SawVersion(); saw != (c.name == "version") || expected != (c.expect.JSON["build.sha"].Text != "") {
				t.Errorf("saw the version: %t, expected %t", saw, expected)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// What happens before something speaks HTTP reads the same to the last byte.
func TestNobodyScansPorts(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := closed.Addr().String()
	_ = closed.Close()
	raw := func(handle func(net.Conn)) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				go func() {
					defer func() { _ = c.Close() }()
					handle(c)
				}()
			}
		}()
		return listener.Addr().String()
	}
	hold := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	every := func(c net.Conn, text string) {
		for {
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	blackhole := func(ctx context.Context, dialer *net.Dialer, _, _ string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, dialer.Timeout)
		defer cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var first deploy.ProbeResult
	for i, c := range []struct {
		name, base string
		dial       func(context.Context, *net.Dialer, string, string) (net.Conn, error)
	}{
		{"refused", "http://" + free, nil},
		{"time out", "http://" + free, blackhole},
		{"hangs up", "http://" + raw(func(net.Conn) {}), nil},
		{"silence", "http://" + raw(hold), nil},
		{"another protocol", "http://" + raw(func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.2\r\n"); hold(c) }), nil},
		{"endless line", "http://" + raw(func(c net.Conn) { every(c, strings.Repeat("x", 1<<12)) }), nil},
		{"slow header", "http://" + raw(func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"); every(c, "X: y\r\n") }), nil},
		{"endless hints", "http://" + raw(func(c net.Conn) { every(c, "HTTP/1.1 103 Early Hints\r\n\r\n") }), nil},
		{"no TLS", "https://" + raw(hold), nil},
		{"plain HTTP where TLS was asked for", "https://" + raw(func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }), nil},
		{"TLS where plain HTTP was asked for", strings.Replace(serveTLS(t, status(200)).URL, "https", "http", 1), nil},
		{"certificate of a stranger on a port of its own", serveTLS(t, status(200)).URL, nil},
	} {
		p := probe.New(probe.Config{Dial: c.dial, Now: func() time.Time { return time.Unix(0, 0) },
			Limits: probe.Limits{Connect: 150 * time.Millisecond, TLS: 150 * time.Millisecond, Header: 150 * time.Millisecond}})
		began := time.Now()
		result := probed(t.Context(), t, p, probe.Request{Base: c.base, Method: "GET", Path: "/", Allowed: local})
		t.Logf("%s: took %s", c.name, time.Since(began))
		// A plain request to a TLS port is answered in HTTP by Go's servers: as any answer.
		if c.name == "TLS where plain HTTP was asked for" && result.Status == 400 {
			continue
		}
		if i == 0 {
			first = result
		}
		if result.Outcome != deploy.ProbeSilent || !reflect.DeepEqual(result, first) || result.String() != "GET /: no complete HTTP answer" {
			t.Errorf("%s: %+v, %s", c.name, result, result)
		}
	}
}

func TestCertificates(t *testing.T) {
	server := serveTLS(t, status(200))
	w := &world{names: map[string][]string{"ok.acme.dev": {public}, "ok.other.dev": {public}},
		hosts: map[string]string{public + ":443": server.Listener.Addr().String()}}
	for _, c := range []struct {
		name   string
		config probe.Config
		base   string
		want   deploy.ProbeOutcome
	}{
		{"trusted", probe.Config{Authorities: trusted()}, "https://ok.acme.dev", deploy.ProbePassed},
		{"unknown authority", probe.Config{}, "https://ok.acme.dev", deploy.ProbeUntrusted},
		{"another name", probe.Config{Authorities: trusted()}, "https://ok.other.dev", deploy.ProbeUntrusted},
		{"no such name", probe.Config{Authorities: trusted()}, "https://gone.acme.dev", deploy.ProbeUnresolved},
	} {
		c.config.Resolver, c.config.Dial = w, w.dial
		result := probed(t.Context(), t, probe.New(c.config), probe.Request{Base: c.base, Method: "HEAD", Path: "/", Allowed: allow("*.acme.dev", "*.other.dev")})
		if result.Outcome != c.want {
			t.Errorf("%s: %s", c.name, result)
		}
	}
}
