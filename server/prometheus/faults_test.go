package prometheus_test

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/prometheus"
)

const token = "s3cret-token"

// Every way in which a metric server can fail has a message of its own, which holds
// neither the token nor the address.
func TestFaults(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request to another host, with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	released := make(chan struct{})
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
		query  bool
	}{
		{"slow", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or else the server does not see that the client is gone
			select {
			case <-r.Context().Done():
			case <-released:
			}
		}, "no answer within 300ms (see whether it is overloaded, or ask for less)", false},
		{"drips", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		}, "no answer within 300ms", false},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, "its answer is longer than what is read", false},
		{"long, as it says", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1048577")
			w.WriteHeader(200)
		}, "its answer is longer than what is read", false},
		{"bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 8<<20))
			_ = z.Close()
		}, "its answer is longer than what is read", false},
		{"500", status(500, token+" and a stack trace"), "it answers with an error (500) (see its own log)", false},
		{"502", status(502, "<html>"), "it answers with an error (502)", false},
		{"401", status(401, ""), "it refuses the token (401) (check its bearer_token", false},
		{"404", status(404, ""), "there is no Prometheus API at its address (404)", false},
		{"429", status(429, ""), "it is asked too often (429)", false},
		{"no JSON", status(200, "<html>hello</html>"), "its answer is not one of the Prometheus API", false},
		{"half JSON", status(200, `{"status": "success", "data": [`), "its answer is not one of the Prometheus API", false},
		{"other JSON", status(200, `{"message": "ok"}`), "its answer is not one of the Prometheus API", false},
		{"data of another form", status(200, `{"status": "success", "data": {"resultType": "vector", "result": 1}}`), "its answer is not one of the Prometheus API", false},
		{"sample of another form", status(200, `{"status": "success", "data": {"resultType": "vector", "result": [{"value": [1, 2]}]}}`), "its answer is not one of the Prometheus API", false},
		{"empty", status(200, ""), "its answer is not one of the Prometheus API", false},
		{"error", status(200, `{"status": "error", "errorType": "internal", "error": "out of\nspace, `+token+`"}`), "it answers with an error: out of space, [secret]", false},
		{"error, refused", status(422, `{"status": "error", "errorType": "execution", "error": "`+strings.Repeat("x", 400)+`"}`), "it refuses the query: " + strings.Repeat("x", 300) + "… (mend the query)", true},
		{"error, timeout", status(503, `{"status": "error", "errorType": "timeout", "error": "query timed out"}`), "it gave up on the query", false},
		{"redirect to another host", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/api/v1/query", http.StatusTemporaryRedirect)
		}, "it answers with a redirect (307), which is not followed", false},
		{"hangs up", func(w http.ResponseWriter, _ *http.Request) {
			connection, _, _ := http.NewResponseController(w).Hijack()
			_ = connection.Close()
		}, "could not be asked (see that it runs and that this server reaches it)", false},
		{"long header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, "could not be asked", false},
		{"histogram", status(200, `{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": [1, {"count": "1", "sum": "2", "buckets": []}]}]}}`), "the query gives histograms, expected numbers", true},
		{"histograms", status(200, `{"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [], "histograms": [[1, {"count": "1", "sum": "2", "buckets": []}]]}]}}`), "the query gives histograms, expected numbers", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			timeout := 20 * time.Second
			if strings.HasPrefix(c.want, "no answer within 300ms") {
				timeout = 300 * time.Millisecond
			}
			servers := open(t, prometheus.Config{Timeout: timeout, MaxBody: 1 << 20,
				Servers: []prometheus.Server{{Name: "eu", URL: server.URL, Token: config.NewSecret(token)}}})
			_, err := servers.Query(t.Context(), "eu", "up", time.Now())
			refused, ok := errors.AsType[*prometheus.Error](err)
			if !ok || !strings.HasPrefix(err.Error(), `metric server "eu": `+c.want) || refused.Query != c.query {
				t.Errorf("got %v\nwant %s, query %t", err, c.want, c.query)
			}
			if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, token) || strings.Contains(text, strings.TrimPrefix(server.URL, "http://")) {
				t.Errorf("the token or the address is in %s", text)
			}
			if _, err := servers.MetricNames(t.Context(), "eu"); err == nil {
				t.Error("names in spite of it")
			}
		})
	}
	close(released)
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

func TestAnswerKeepsWarningsAndOddNumbers(t *testing.T) {
	server := httptest.NewServer(status(200, `{"status": "success", "warnings": ["a store is away"], "infos": ["not a counter"],
		"data": {"resultType": "matrix", "result": [
			{"metric": {"job": "b"}, "values": [[1.5, "NaN"], [2, "+Inf"], [3, "-Inf"], [4, "1e3"]]},
			{"metric": {"job": "a"}, "values": []}]}}`))
	defer server.Close()
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server.URL}}})
	answer, err := servers.QueryRange(t.Context(), "", "up", prometheus.Range{Start: time.Unix(1, 0), End: time.Unix(4, 0), Step: time.Second})
	if err != nil || strings.Join(answer.Warnings, "|") != "a store is away|not a counter" || len(answer.Series) != 2 || answer.Series[0].Labels["job"] != "a" {
		t.Fatalf("%+v, %v", answer, err)
	}
	points := answer.Series[1].Points
	if len(points) != 4 || !math.IsNaN(points[0].Value) || !math.IsInf(points[1].Value, 1) || !math.IsInf(points[2].Value, -1) || points[3].Value != 1000 || points[0].At != time.UnixMilli(1500).UTC() {
		t.Errorf("%v", points)
	}
}

// The token goes with every request, from its file as it is at the time.
func TestTokenFileIsReadAgain(t *testing.T) {
	var mu sync.Mutex
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Header.Get("Authorization"))
		status(200, `{"status": "success", "data": {"resultType": "vector", "result": []}}`)(w, r)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "token")
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server.URL, TokenFile: file}}})
	ask := func() error {
		_, err := servers.Query(t.Context(), "", "up", time.Now())
		return err
	}
	if err := ask(); err == nil || err.Error() != `metric server "default": its token can't be read (check the file of its bearer token)` {
		t.Errorf("without the file: %v", err)
	}
	for i, content := range []string{"one\n", "two\n", "two\n"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		later := time.Now().Add(time.Duration(i) * time.Second)
		if err := os.Chtimes(file, later, later); err != nil {
			t.Fatal(err)
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ask(); err == nil || !strings.Contains(err.Error(), "its token can't be read") {
		t.Errorf("two lines: %v", err)
	}
	if want := "Bearer one|Bearer two|Bearer two"; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}

func TestReadOnlyServersAreAskedWithGet(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			status(405, "")(w, r)
			return
		}
		if r.URL.Path != "/prefix/api/v1/query" || r.FormValue("query") != `up{job="a b"}` || r.FormValue("time") != "1.5" || r.FormValue("timeout") != "30s" {
			t.Errorf("asked for %s", r.URL)
		}
		status(200, `{"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}}`)(w, r)
	}))
	defer server.Close()
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server.URL + "/prefix/"}}})
	if answer, err := servers.Query(t.Context(), "", `up{job="a b"}`, time.UnixMilli(1500)); err != nil || answer.Series[0].Points[0].Value != 2 {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestProxyOfTheEnvironmentIsNotTaken(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: "http://metrics.invalid:9090"}}})
	_, err := servers.Query(t.Context(), "", "up", time.Now())
	if err == nil || !strings.Contains(err.Error(), "its host's name is not known") {
		t.Errorf("got %v, expected that the name was looked up here", err)
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(status(200, `{"status": "success", "data": {"resultType": "vector", "result": []}}`))
	server.Config.ErrorLog = nil
	server.StartTLS()
	defer server.Close()
	trusted := config.TLS{CA: config.Certificates{Secret: config.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))}}
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "stranger", URL: server.URL}, {Name: "trusted", URL: server.URL, TLS: trusted}}})
	if _, err := servers.Query(t.Context(), "stranger", "up", time.Now()); err == nil || !strings.Contains(err.Error(), "its certificate is not trusted") {
		t.Errorf("got %v", err)
	}
	if _, err := servers.Query(t.Context(), "trusted", "up", time.Now()); err != nil {
		t.Error(err)
	}
}

func TestUnknownServer(t *testing.T) {
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "eu", URL: "http://metrics.invalid"}}})
	for _, name := range []string{"us", ""} {
		_, err := servers.Missing(t.Context(), name, nil)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "the operator names no metric server like this") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, address := range []string{"", "ftp://a", "metrics:9090", "http://a?b=c"} {
		if _, err := prometheus.New(prometheus.Config{Servers: []prometheus.Server{{Name: "a", URL: address}}}); err == nil || !strings.Contains(err.Error(), `use the metric server "a"`) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := prometheus.New(prometheus.Config{Servers: []prometheus.Server{{Name: "a", URL: "http://a"}, {Name: "a", URL: "http://b"}}}); err == nil {
		t.Error("two of one name")
	}
	made, err := prometheus.FromOperator([]config.Datasource{{Name: "eu", Prometheus: "https://eu.acme.dev", BearerToken: config.NewSecret("x")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prometheus.FromOperator([]config.Datasource{{Name: "eu", Matchers: []config.Matcher{`namespace="acme"} or up{a="b"`}}}); err == nil {
		t.Error("a matcher that is none is taken")
	}
	if len(made) != 1 || made[0].Name != "eu" || made[0].URL != "https://eu.acme.dev" || made[0].Token.Reveal() != "x" {
		t.Errorf("%+v", made)
	}
}

// Names are asked once for all who want to know, remembered for a time, and a failure
// for a shorter one.
func TestNamesAreRemembered(t *testing.T) {
	var asked atomic.Int32
	gate := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-gate
		if r.URL.Path != "/api/v1/label/__name__/values" || r.FormValue("start") != "999395200" || r.FormValue("end") != "1000000000" {
			t.Errorf("asked for %s", r.URL)
		}
		status(200, `{"status": "success", "data": ["a", "b"]}`)(w, r)
	}))
	defer server.Close()
	now := time.Unix(1_000_000_000, 0)
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server.URL}},
		Now: func() time.Time { return now }})
	// The first caller gives up; the others get the answer to its request.
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := servers.MetricNames(ctx, "")
		first <- err
	}()
	for asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if names, err := servers.MetricNames(t.Context(), "default"); err != nil || !names.Has("a") || names.Has("c") {
				t.Errorf("%v, %v", names, err)
			}
		})
	}
	close(gate)
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestNamesAreAskedAgain(t *testing.T) {
	var asked atomic.Int32
	var code atomic.Int32
	code.Store(200)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		status(int(code.Load()), `{"status": "success", "data": ["a"]}`)(w, r)
	}))
	defer server.Close()
	now := time.Unix(1_000_000_000, 0)
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server.URL}}, Now: func() time.Time { return now }})
	for _, step := range []struct {
		after time.Duration
		code  int32
		asked int32
		fails bool
	}{
		{0, 200, 1, false},
		{5*time.Minute - 1, 500, 1, false},
		{1, 500, 2, true},
		{30*time.Second - 1, 200, 2, true},
		{1, 200, 3, false},
	} {
		now = now.Add(step.after)
		code.Store(step.code)
		_, err := servers.MetricNames(t.Context(), "")
		if asked.Load() != step.asked || (err != nil) != step.fails {
			t.Errorf("%+v: asked %d times, %v", step, asked.Load(), err)
		}
	}
}

func TestServerWithoutMetrics(t *testing.T) {
	server := httptest.NewServer(status(200, `{"status": "success", "data": []}`))
	defer server.Close()
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server.URL}}})
	if _, err := servers.Missing(t.Context(), "", []string{"a"}); err == nil || !strings.Contains(err.Error(), `metric server "default": it has no metric at all`) {
		t.Errorf("got %v", err)
	}
}
