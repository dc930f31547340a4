package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"plimsoll/checks"
	"plimsoll/server/github/githubtest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

func newClients(t testing.TB, f *githubtest.Fake, change ...func(*Config)) *Clients {
	t.Helper()
	config := Config{V3URL: f.URL, AppID: githubtest.AppID, PrivateKey: githubtest.KeyPEM(), Timeout: time.Minute, Log: zerolog.Nop()}
	for _, c := range change {
		c(&config)
	}
	clients, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return clients
}

func TestNewRefuses(t *testing.T) {
	good := Config{AppID: 1, PrivateKey: githubtest.KeyPEM()}
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
		{"https://octocorp.ghe.com", "", "https://api.octocorp.ghe.com/"},
		{"https://octocorp.ghe.com/", "", "https://api.octocorp.ghe.com/"},
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
	f := githubtest.New(t)
	f.HandleFunc("GET /app", func(w http.ResponseWriter, r *http.Request) {
		claims := &jwt.RegisteredClaims{}
		bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, err := jwt.ParseWithClaims(bearer, claims, func(*jwt.Token) (any, error) { return &githubtest.Key().PublicKey, nil }); err != nil {
			t.Errorf("token: %v", err)
		}
		if claims.Issuer != strconv.Itoa(githubtest.AppID) {
			t.Errorf("issuer %q", claims.Issuer)
		}
		now := time.Now()
		if age := now.Sub(claims.IssuedAt.Time); age < 5*time.Second || age > 5*time.Minute {
			t.Errorf("issued %s ago", age)
		}
		if left := claims.ExpiresAt.Sub(now); left < 30*time.Second || left > 10*time.Minute {
			t.Errorf("expires in %s", left)
		}
		githubtest.Answer(w, map[string]any{"id": githubtest.AppID, "slug": "plimsoll", "permissions": map[string]string{"merge_queues": "read", "checks": "write"}, "events": []string{"push"}})
	})
	app, err := newClients(t, f).App(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if app.ID != githubtest.AppID || app.Slug != "plimsoll" || app.Permissions["merge_queues"] != "read" || app.Events[0] != "push" {
		t.Errorf("%+v", app)
	}
}

func TestWrongClockIsNamed(t *testing.T) {
	f := githubtest.New(t)
	clock := githubtest.NewClock()
	f.HandleFunc("GET /app", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Refusal(w, 401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
			"Date", clock.Now().Add(-5*time.Minute).Format(http.TimeFormat))
	})
	_, err := newClients(t, f, func(c *Config) { c.Clock = clock.Now }).App(t.Context())
	if err == nil || !strings.Contains(err.Error(), "clock differs from GitHub's by 5m0s") {
		t.Error(err)
	}
}

// A token that GitHub took back is not used again.
func TestRevokedTokenIsReplaced(t *testing.T) {
	f := githubtest.New(t)
	given := 0
	f.HandleFunc("POST /app/installations/1/access_tokens", func(w http.ResponseWriter, _ *http.Request) {
		given++
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"token": fmt.Sprint("number-", given), "expires_at": time.Now().Add(time.Hour)})
	})
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "token number-2" {
			githubtest.Refusal(w, 401, "Bad credentials")
			return
		}
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	clients := newClients(t, f)
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); Classify(err) != ClassRetry {
		t.Fatalf("first: %v", err)
	}
	for range 2 {
		if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
			t.Fatalf("again: %v", err)
		}
	}
	if given != 2 {
		t.Errorf("%d tokens", given)
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
	f := githubtest.New(t).Tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "4999")
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	registry := prometheus.NewRegistry()
	clients := newClients(t, f, func(c *Config) { c.Registerer = registry })
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
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
	f := githubtest.New(t).Tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte(" "), 1<<20)
		for range MaxAnswer>>20 + 2 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := newClients(t, f).PullRequest(t.Context(), githubtest.Orders, 7)
	if Classify(err) != ClassPermanent || !strings.Contains(err.Error(), "longer than 67108864 bytes") {
		t.Error(err)
	}
}

// Somebody grants what was missing: the token from before has to go, and a
// permission that stays refused does not cost a token with each request.
func TestGrantedPermissionIsSeen(t *testing.T) {
	f := githubtest.New(t)
	clock := githubtest.NewClock()
	given, granted := 0, 99
	f.HandleFunc("POST /app/installations/1/access_tokens", func(w http.ResponseWriter, _ *http.Request) {
		given++
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"token": fmt.Sprint(given), "expires_at": time.Now().Add(time.Hour)})
	})
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		var token int
		_, _ = fmt.Sscanf(r.Header.Get("Authorization"), "token %d", &token)
		if token < granted {
			githubtest.Refusal(w, 403, "Resource not accessible by integration")
			return
		}
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	clients := newClients(t, f, func(c *Config) { c.Clock = clock.Now })
	ask := func(want Class) {
		t.Helper()
		if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); Classify(err) != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for range 5 {
		ask(ClassPermission)
	}
	if given != 1 {
		t.Errorf("%d tokens for five refusals", given)
	}
	granted = given + 1
	clock.Forward(tokenTrust)
	ask(ClassPermission) // still the old token
	for range 3 {
		ask(ClassNone)
	}
	if given != 2 {
		t.Errorf("%d tokens", given)
	}
}

// What changes something is sent only if the work may go on.
func TestBeforeAWrite(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, map[string]any{"id": 10, "name": "orders", "full_name": "acme/orders", "default_branch": "main", "owner": map[string]any{"login": "acme"}})
	})
	sent := 0
	f.HandleFunc("POST /repos/acme/orders/check-runs", func(w http.ResponseWriter, _ *http.Request) {
		sent++
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"id": 77})
	})
	lost := errors.New("the work is another worker's")
	var answer error
	clients := newClients(t, f, func(c *Config) { c.BeforeWrite = func(context.Context) error { return answer } })
	run := checks.CheckRun{Name: checks.ContractsRun, HeadSHA: githubtest.SHA("head")}
	if _, err := clients.CreateCheckRun(t.Context(), githubtest.Orders, run); err != nil || sent != 1 {
		t.Fatalf("%d requests, %v", sent, err)
	}
	answer = lost
	if _, err := clients.CreateCheckRun(t.Context(), githubtest.Orders, run); !errors.Is(err, lost) || sent != 1 {
		t.Errorf("%d requests, %v", sent, err)
	}
	if _, err := clients.Repository(t.Context(), githubtest.Orders); err != nil {
		t.Errorf("read: %v", err)
	}
}
