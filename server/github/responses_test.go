package github

import (
	"bytes"
	"fmt"
	"net/http"
	"plimsoll/server/github/githubtest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// etagged answers with an ETag that belongs to the content, and 304 for it.
func etagged(content func(r *http.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		value := content(r)
		fmt.Fprintf(&body, "%v", value)
		etag := `"` + githubtest.SHA(body.String()) + `"`
		w.Header().Set("ETag", etag)
		w.Header().Set("Vary", "Accept, Authorization")
		w.Header().Set("Cache-Control", "private, max-age=60, s-maxage=60")
		w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		githubtest.Answer(w, value)
		// The end comes well behind the JSON, where a decoder does not look.
		_, _ = w.Write(bytes.Repeat([]byte(" "), 16<<10))
	}
}

// Even what a server calls fresh is asked for: a pull request may have changed.
func TestNothingIsFresh(t *testing.T) {
	for name, header := range map[string][2]string{
		"max-age": {"Cache-Control", "private, max-age=3600"},
		"expires": {"Expires", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)},
	} {
		f := githubtest.New(t).Tokens()
		f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header[0], header[1])
			githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
		})
		clients := newClients(t, f)
		for range 2 {
			if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(f.Requests()); n != 2 {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
}

func TestConditionalRequests(t *testing.T) {
	f := githubtest.New(t).Tokens()
	head := githubtest.SHA("first")
	f.HandleFunc(pullPath, etagged(func(*http.Request) any { return pullAnswer(7, head) }))
	registry := prometheus.NewRegistry()
	clients := newClients(t, f, func(c *Config) { c.Registerer = registry })
	ctx, count := WithCount(t.Context())
	for i, want := range []struct {
		head        string
		network     int64
		notModified int64
	}{
		{githubtest.SHA("first"), 1, 0},
		{githubtest.SHA("first"), 2, 1},
		{githubtest.SHA("first"), 3, 2},
		{githubtest.SHA("second"), 4, 2},
		{githubtest.SHA("second"), 5, 3},
	} {
		head = want.head
		pull, err := clients.PullRequest(ctx, githubtest.Orders, 7)
		if err != nil {
			t.Fatal(err)
		}
		if pull.HeadSHA != want.head || count.Network() != want.network || count.NotModified() != want.notModified {
			t.Errorf("request %d: head %s, network %d, not modified %d", i+1, pull.HeadSHA, count.Network(), count.NotModified())
		}
	}
	if count.Tokens() != 1 {
		t.Errorf("%d tokens", count.Tokens())
	}
	wantMetrics(t, registry, "plimsoll_github_requests_total",
		`false,GET /repos/{}/{}/pulls/{},2xx = 2`,
		`false,POST /app/installations/{}/access_tokens,2xx = 1`,
		`true,GET /repos/{}/{}/pulls/{},2xx = 3`,
	)
}

// wantMetrics compares the values of one metric, each as "label,label = value".
func wantMetrics(t *testing.T, registry *prometheus.Registry, name string, want ...string) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			var labels []string
			for _, label := range metric.GetLabel() {
				labels = append(labels, label.GetValue())
			}
			got = append(got, fmt.Sprintf("%s = %g", strings.Join(labels, ","), metric.GetCounter().GetValue()+metric.GetGauge().GetValue()))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", name, got, want)
	}
}

// Two installations ask for the same address; what one may see, the other never
// gets, not even by way of a validator.
func TestHTTPCacheIsPerInstallation(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		// A server that forgets Vary must not undo the isolation.
		w.Header().Set("ETag", `"same-for-all"`)
		if r.Header.Get("If-None-Match") != "" && r.Header.Get("Authorization") == "token token-2" {
			t.Error("installation 2 knows a validator of installation 1")
		}
		pull := pullAnswer(7, githubtest.SHA("head"))
		pull["body"] = "secret of " + r.Header.Get("Authorization")
		githubtest.Answer(w, pull)
	})
	clients := newClients(t, f)
	other := githubtest.Orders
	other.Installation = 2
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
		t.Fatal(err)
	}
	pull, err := clients.PullRequest(t.Context(), other, 7)
	if err != nil || pull.Body != "secret of token token-2" {
		t.Errorf("%q, %v", pull.Body, err)
	}
}

func TestHTTPCacheBounds(t *testing.T) {
	cache := newResponses(4000)
	one, two := installationCache{1, cache}, installationCache{2, cache}
	ok := func(n int) []byte { return append([]byte("HTTP/1.1 200 OK\r\n\r\n"), make([]byte, n)...) }

	one.Set("a", ok(100))
	two.Set("a", ok(200))
	if got, _ := one.Get("a"); len(got) != 119 {
		t.Errorf("installation 1 gets %d bytes", len(got))
	}
	two.Delete("a")
	if _, there := one.Get("a"); !there {
		t.Error("installation 2 deleted what belongs to 1")
	}
	one.Set("refused", []byte("HTTP/1.1 403 Forbidden\r\n\r\nno"))
	one.Set("moved", []byte("HTTP/1.1 301 Moved Permanently\r\n\r\n"))
	one.Set("large", ok(3000))
	if entries, _ := cache.Stats(); entries != 1 {
		t.Errorf("%d entries, want only the good and small one", entries)
	}
	for i := range 10 {
		one.Set(fmt.Sprint("entry", i), ok(500))
		if entries, size := cache.Stats(); entries > 5 || size > 4000 {
			t.Fatalf("%d entries, %d bytes", entries, size)
		}
	}
	if _, there := one.Get("entry9"); !there {
		t.Error("the newest is gone")
	}
	for i := range 10 {
		one.Delete(fmt.Sprint("entry", i))
	}
	if entries, size := cache.Stats(); entries != 0 || size != 0 {
		t.Errorf("empty, but %d entries, %d bytes", entries, size)
	}
}
