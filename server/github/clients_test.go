package github

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/prometheus/client_golang/prometheus"
)

func TestNewRefuses(t *testing.T) {
	good := Config{AppID: 1, PrivateKey: testPEM()}
	for name, change := range map[string]func(*Config){
		"no app":       func(c *Config) { c.AppID = 0 },
		"no key":       func(c *Config) { c.PrivateKey = nil },
		"no PEM":       func(c *Config) { c.PrivateKey = []byte("secret") },
		"half a key":   func(c *Config) { c.PrivateKey = c.PrivateKey[:200] },
		"bad address":  func(c *Config) { c.V3URL = "api.github.com" },
		"other scheme": func(c *Config) { c.V3URL = "file:///etc" },
	} {
		config := good
		change(&config)
		if _, err := New(config); err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "PRIVATE") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func TestConfigAddresses(t *testing.T) {
	for _, test := range []struct{ web, v3, want string }{
		{"", "", "https://api.github.com/"},
		{"https://github.com/", "", "https://api.github.com/"},
		{"https://ghe.example.com", "", "https://ghe.example.com/api/v3/"},
		{"https://ghe.example.com", "https://api.ghe.example.com", "https://api.ghe.example.com/"},
	} {
		if got := (Config{WebURL: test.web, V3URL: test.v3}).WithDefaults().V3URL; got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// GitHub takes App tokens whose iat is not in its future and whose exp is at most
// ten minutes ahead.
func TestAppToken(t *testing.T) {
	f := newFake(t)
	f.HandleFunc("GET /app", func(w http.ResponseWriter, r *http.Request) {
		claims := &jwt.RegisteredClaims{}
		bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, err := jwt.ParseWithClaims(bearer, claims, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil }); err != nil {
			t.Errorf("token: %v", err)
		}
		if claims.Issuer != strconv.Itoa(testApp) {
			t.Errorf("issuer %q", claims.Issuer)
		}
		now := time.Now()
		if age := now.Sub(claims.IssuedAt.Time); age < 5*time.Second || age > 5*time.Minute {
			t.Errorf("issued %s ago", age)
		}
		if left := claims.ExpiresAt.Sub(now); left < 30*time.Second || left > 10*time.Minute {
			t.Errorf("expires in %s", left)
		}
		answer(w, map[string]any{"id": testApp, "slug": "plimsoll", "permissions": map[string]string{"merge_queues": "read", "checks": "write"}, "events": []string{"push"}})
	})
	app, err := f.clients(t).App(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if app.ID != testApp || app.Slug != "plimsoll" || app.Permissions["merge_queues"] != "read" || app.Events[0] != "push" {
		t.Errorf("%+v", app)
	}
}

func TestWrongClockIsNamed(t *testing.T) {
	f := newFake(t)
	clock := newStoppedClock()
	f.HandleFunc("GET /app", func(w http.ResponseWriter, _ *http.Request) {
		refusal(w, 401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
			"Date", clock.Now().Add(-5*time.Minute).Format(http.TimeFormat))
	})
	_, err := f.clients(t, func(c *Config) { c.Clock = clock.Now }).App(t.Context())
	if err == nil || !strings.Contains(err.Error(), "clock differs from GitHub's by 5m0s") {
		t.Error(err)
	}
}

// A token that GitHub took back is not used again.
func TestRevokedTokenIsReplaced(t *testing.T) {
	f := newFake(t)
	given := 0
	f.HandleFunc("POST /app/installations/1/access_tokens", func(w http.ResponseWriter, _ *http.Request) {
		given++
		w.WriteHeader(http.StatusCreated)
		answer(w, map[string]any{"token": fmt.Sprint("number-", given), "expires_at": time.Now().Add(time.Hour)})
	})
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "token number-2" {
			refusal(w, 401, "Bad credentials")
			return
		}
		answer(w, pullAnswer(7, sha("head")))
	})
	clients := f.clients(t)
	if _, err := clients.PullRequest(t.Context(), orders, 7); Classify(err) != ClassRetry {
		t.Fatalf("first: %v", err)
	}
	for range 2 {
		if _, err := clients.PullRequest(t.Context(), orders, 7); err != nil {
			t.Fatalf("again: %v", err)
		}
	}
	if given != 2 {
		t.Errorf("%d tokens", given)
	}
}

// etagged answers with an ETag that belongs to the content, and 304 for it.
func etagged(content func(r *http.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		value := content(r)
		fmt.Fprintf(&body, "%v", value)
		etag := `"` + sha(body.String()) + `"`
		w.Header().Set("ETag", etag)
		w.Header().Set("Vary", "Accept, Authorization")
		w.Header().Set("Cache-Control", "private, max-age=60, s-maxage=60")
		w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.(http.Flusher).Flush() // chunked, as GitHub does: the end comes after the JSON
		answer(w, value)
	}
}

func TestConditionalRequests(t *testing.T) {
	f := newFake(t).tokens()
	head := sha("first")
	f.HandleFunc(pullPath, etagged(func(*http.Request) any { return pullAnswer(7, head) }))
	registry := prometheus.NewRegistry()
	clients := f.clients(t, func(c *Config) { c.Registerer = registry })
	ctx, count := WithCount(t.Context())
	for i, want := range []struct {
		head        string
		network     int64
		notModified int64
	}{
		{sha("first"), 1, 0},
		{sha("first"), 2, 1},
		{sha("first"), 3, 2},
		{sha("second"), 4, 2},
		{sha("second"), 5, 3},
	} {
		head = want.head
		pull, err := clients.PullRequest(ctx, orders, 7)
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
	f := newFake(t).tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		// A server that forgets Vary must not undo the isolation.
		w.Header().Set("ETag", `"same-for-all"`)
		if r.Header.Get("If-None-Match") != "" && r.Header.Get("Authorization") == "token token-2" {
			t.Error("installation 2 knows a validator of installation 1")
		}
		pull := pullAnswer(7, sha("head"))
		pull["title"] = "secret of " + r.Header.Get("Authorization")
		answer(w, pull)
	})
	clients := f.clients(t)
	other := orders
	other.Installation = 2
	if _, err := clients.PullRequest(t.Context(), orders, 7); err != nil {
		t.Fatal(err)
	}
	pull, err := clients.PullRequest(t.Context(), other, 7)
	if err != nil || pull.Title != "secret of token token-2" {
		t.Errorf("%q, %v", pull.Title, err)
	}
}

func TestHTTPCacheBounds(t *testing.T) {
	cache := newBoundedLRU[responseKey, []byte](3, 4000)
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
	if entries, _ := cache.stats(); entries != 1 {
		t.Errorf("%d entries, want only the good and small one", entries)
	}
	for i := range 10 {
		one.Set(fmt.Sprint("entry", i), ok(500))
		if entries, size := cache.stats(); entries > 3 || size > 4000 || size < 0 {
			t.Fatalf("%d entries, %d bytes", entries, size)
		}
	}
	if _, there := one.Get("entry9"); !there {
		t.Error("the newest is gone")
	}
	for i := range 10 {
		one.Delete(fmt.Sprint("entry", i))
	}
	if entries, size := cache.stats(); entries != 0 || size != 0 {
		t.Errorf("empty, but %d entries, %d bytes", entries, size)
	}
}

func TestRenamedRepository(t *testing.T) {
	f := newFake(t).tokens()
	moved := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(r.URL.Path, "/repos/acme/orders", "/repositories/10", 1), status)
		}
	}
	f.HandleFunc(pullPath, moved(301))
	f.HandleFunc("GET /repositories/10/pulls/7", func(w http.ResponseWriter, _ *http.Request) { answer(w, pullAnswer(7, sha("head"))) })
	f.HandleFunc("POST /repos/acme/orders/issues/7/comments", moved(301))
	f.HandleFunc("PATCH /repos/acme/orders/issues/comments/5", moved(307))
	f.HandleFunc("POST /repositories/10/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
		body := new(bytes.Buffer)
		_, _ = body.ReadFrom(r.Body)
		if strings.TrimSpace(body.String()) != `{"body":"hello"}` {
			t.Errorf("body %q", body)
		}
		w.WriteHeader(http.StatusCreated)
		answer(w, map[string]any{"id": 5})
	})
	f.HandleFunc("PATCH /repositories/10/issues/comments/5", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]any{"id": 5}) })
	clients := f.clients(t)
	if _, err := clients.PullRequest(t.Context(), orders, 7); err != nil {
		t.Error(err)
	}
	if id, err := clients.CreateComment(t.Context(), orders, 7, "hello"); err != nil || id != 5 {
		t.Errorf("%d, %v", id, err)
	}
	if err := clients.EditComment(t.Context(), orders, 5, "hello"); err != nil {
		t.Error(err)
	}
}

// The old name was given to another repository: nothing of it is taken for ours.
func TestNameThatChangedHands(t *testing.T) {
	f := newFake(t).tokens()
	stranger := map[string]any{"id": 99, "name": "orders", "owner": map[string]any{"login": "acme"}}
	f.HandleFunc("GET /repos/acme/orders", func(w http.ResponseWriter, _ *http.Request) { answer(w, stranger) })
	f.HandleFunc("GET /repositories/10", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"id": 10, "name": "orders-old", "default_branch": "trunk", "owner": map[string]any{"login": "acme"}, "archived": true})
	})
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		pull := pullAnswer(7, sha("head"))
		pull["base"].(map[string]any)["repo"] = stranger
		answer(w, pull)
	})
	clients := f.clients(t)
	repository, err := clients.Repository(t.Context(), orders)
	if err != nil || repository.Ref.Name != "orders-old" || repository.Ref.ID != 10 || repository.Ref.Installation != 1 ||
		repository.DefaultBranch != "trunk" || !repository.Archived {
		t.Errorf("%+v, %v", repository, err)
	}
	if _, err := clients.PullRequest(t.Context(), orders, 7); Classify(err) != ClassNotFound {
		t.Errorf("pull request of a stranger: %v", err)
	}
}

func TestRoutes(t *testing.T) {
	for _, test := range []struct{ prefix, method, path, want string }{
		{"/", "GET", "/repos/a/b/git/trees/main", "GET /repos/{}/{}/git/trees/{}"},
		{"/", "GET", "/repos/a/b/commits/heads%2Ffeature%2Fx", "GET /repos/{}/{}/commits/{}"},
		{"/", "GET", "/repos/a/b/commits/heads/feature/x", "other"},
		{"/", "GET", "/repositories/12/pulls/7", "GET /repositories/{}/{...}"},
		{"/", "GET", "/repositories/12", "GET /repositories/{}"},
		{"/api/v3/", "GET", "/api/v3/app", "GET /app"},
		{"/api/v3/", "GET", "/app", "other"},
		{"/", "POST", "/repos/a/b/issues/comments/1/reactions", "POST /repos/{}/{}/issues/comments/{}/reactions"},
		{"/", "GET", "/", "other"},
		{"/", "GET", "/wp-login.php", "other"},
	} {
		req, err := http.NewRequestWithContext(context.Background(), test.method, "http://x"+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := newRoutes(test.prefix).of(req); got != test.want {
			t.Errorf("%s: %q, want %q", test.path, got, test.want)
		}
	}
}

func TestRemainingGaugeIsBounded(t *testing.T) {
	f := newFake(t).tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "4999")
		answer(w, pullAnswer(7, sha("head")))
	})
	registry := prometheus.NewRegistry()
	clients := f.clients(t, func(c *Config) { c.Registerer = registry })
	if _, err := clients.PullRequest(t.Context(), orders, 7); err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, registry, "plimsoll_github_rate_remaining", "1 = 4999")
	for id := range int64(maxInstallations) {
		if _, err := clients.installation(id + 100); err != nil {
			t.Fatal(err)
		}
	}
	if n := clients.installations.Len(); n != maxInstallations {
		t.Errorf("%d clients kept", n)
	}
	wantMetrics(t, registry, "plimsoll_github_rate_remaining")
}

func TestAnswerTooLong(t *testing.T) {
	f := newFake(t).tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		for range maxBody>>20 + 2 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := f.clients(t).PullRequest(t.Context(), orders, 7)
	if Classify(err) != ClassPermanent || !strings.Contains(err.Error(), "longer than 67108864 bytes") {
		t.Error(err)
	}
}
