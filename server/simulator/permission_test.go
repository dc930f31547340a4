package simulator_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

// send makes a raw call and gives status, headers and body.
func (w *world) send(method, path, token, body string) (int, http.Header, string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.sim.URL()+simulator.APIPath+path, bytes.NewBufferString(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(raw)
}

// token makes an installation token.
func (w *world) token(options *github.InstallationTokenOptions) string {
	w.t.Helper()
	token, _, err := w.app().Apps.CreateInstallationToken(w.t.Context(), w.install.ID(), options)
	if err != nil {
		w.t.Fatal(err)
	}
	return token.GetToken()
}

// violated says that the last violation holds text.
func (w *world) violated(text string) {
	w.t.Helper()
	all := w.sim.Violations()
	if len(all) == 0 || !strings.Contains(all[len(all)-1], text) {
		w.t.Errorf("no violation %q in %q", text, all)
	}
}

// TestManifestIsEnforced takes each permission of app.yml away in turn: the calls
// that need it are refused and recorded.
func TestManifestIsEnforced(t *testing.T) {
	for permission, c := range map[string]struct{ method, path, body string }{
		"metadata":      {"GET", "/repos/acme/orders", ""},
		"contents":      {"GET", "/repos/acme/orders/git/trees/main", ""},
		"pull_requests": {"GET", "/repos/acme/orders/pulls", ""},
		"checks":        {"GET", "/repos/acme/orders/commits/main/check-runs", ""},
		"deployments":   {"GET", "/repos/acme/orders/deployments", ""},
		"actions":       {"GET", "/repos/acme/orders/environments", ""},
		"members":       {"GET", "/orgs/acme/teams/payments/memberships/alice", ""},
	} {
		t.Run(permission, func(t *testing.T) {
			w := newWorld(t)
			w.sim.Team("acme", "payments", "alice")
			if status, _, body := w.send(c.method, c.path, w.token(nil), c.body); status != http.StatusOK {
				t.Fatalf("with all permissions: %d %s", status, body)
			}
			w.noViolations()
			var app struct{ Permissions map[string]string }
			if _, err := w.app().Do(t.Context(), must(w.app().NewRequest("GET", "app", nil)), &app); err != nil {
				t.Fatal(err)
			}
			delete(app.Permissions, permission)
			w.install.SetPermissions(app.Permissions)
			status, header, body := w.send(c.method, c.path, w.token(nil), c.body)
			if status != http.StatusForbidden || !strings.Contains(body, "Resource not accessible by integration") {
				t.Errorf("without %s: %d %s", permission, status, body)
			}
			if got := header.Get("X-Accepted-GitHub-Permissions"); got != permission+"=read" {
				t.Errorf("accepted permissions: %q", got)
			}
			w.violated(permission + ":read")
		})
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// TestWhatTheManifestDoesNotGrant: what Plimsoll's own manifest asks for, and no more.
func TestWhatTheManifestDoesNotGrant(t *testing.T) {
	w := newWorld(t)
	p := w.pull()
	token := w.token(nil)
	if status, _, body := w.send("POST", "/repos/acme/orders/issues/"+strconv.Itoa(p.Number())+"/comments", token, `{"body":"on a pull request"}`); status != http.StatusCreated {
		t.Errorf("comment on a pull request: %d %s", status, body)
	}
	w.noViolations()
	for _, c := range []struct{ path, body, needs string }{
		{"/repos/acme/orders/statuses/" + p.HeadSHA(), `{"state":"success"}`, "statuses:write"},
	} {
		if status, _, _ := w.send("POST", c.path, token, c.body); status != http.StatusForbidden {
			t.Errorf("%s: %d", c.path, status)
		}
		w.violated(c.needs)
	}
}

func TestNarrowedTokens(t *testing.T) {
	w := newWorld(t)
	token := w.token(&github.InstallationTokenOptions{Repositories: []string{"web"}, Permissions: &github.InstallationPermissions{Contents: github.String("read"), Metadata: github.String("read")}})
	if status, _, _ := w.send("GET", "/repos/acme/web", token, ""); status != http.StatusOK {
		t.Errorf("own repository: %d", status)
	}
	if status, _, _ := w.send("GET", "/repos/acme/orders", token, ""); status != http.StatusNotFound {
		t.Errorf("another private repository: %d", status)
	}
	w.noViolations()
	if status, _, _ := w.send("GET", "/repos/acme/web/pulls", token, ""); status != http.StatusForbidden {
		t.Errorf("without the permission: %d", status)
	}
	w.violated("pull_requests:read")
	jwt := w.jwt(func(*jwt.RegisteredClaims) {})
	path := "/app/installations/" + strconv.FormatInt(w.install.ID(), 10) + "/access_tokens"
	if status, _, _ := w.send("POST", path, jwt, `{"permissions":{"contents":"write"}}`); status != http.StatusUnprocessableEntity {
		t.Errorf("more than is granted: %d", status)
	}
	if status, _, _ := w.send("POST", path, jwt, `{"repositories":["elsewhere"]}`); status != http.StatusUnprocessableEntity {
		t.Errorf("a repository elsewhere: %d", status)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	secret := w.sim.NewRepository("other/secret", simulator.RepositoryOptions{Private: true})
	secret.Commit("main", "x", map[string]string{"a": "b"})
	public := w.sim.NewRepository("other/public", simulator.RepositoryOptions{})
	public.Commit("main", "x", map[string]string{"a": "b"})
	token := w.token(nil)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/repos/other/secret", "", http.StatusNotFound},
		{"GET", "/repos/other/public", "", http.StatusOK},
		{"GET", "/repos/other/public/contents/a", "", http.StatusOK},
		{"GET", "/repos/other/public/collaborators/alice/permission", "", http.StatusForbidden},
		{"POST", "/repos/other/public/check-runs", `{"name":"x","head_sha":"` + public.Head("main") + `","status":"queued"}`, http.StatusForbidden},
		{"GET", "/repos/nobody/nothing", "", http.StatusNotFound},
	} {
		if status, _, body := w.send(c.method, c.path, token, c.body); status != c.want {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, status, body, c.want)
		}
	}
}

func TestSuspendedAndArchived(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil)
	w.orders.Archive()
	create := `{"name":"x","head_sha":"` + w.orders.Head("main") + `","status":"queued"}`
	if status, _, body := w.send("POST", "/repos/acme/orders/check-runs", token, create); status != http.StatusForbidden || !strings.Contains(body, "archived") {
		t.Errorf("archived: %d %s", status, body)
	}
	if status, _, _ := w.send("GET", "/repos/acme/orders", token, ""); status != http.StatusOK {
		t.Errorf("reading an archived one: %d", status)
	}
	w.install.Suspend()
	if status, _, body := w.send("GET", "/repos/acme/orders", token, ""); status != http.StatusForbidden || !strings.Contains(body, "suspended") {
		t.Errorf("suspended: %d %s", status, body)
	}
	_, _, err := w.app().Apps.CreateInstallationToken(t.Context(), w.install.ID(), nil)
	if response := (*github.ErrorResponse)(nil); err == nil || !errors.As(err, &response) || response.Response.StatusCode != http.StatusForbidden {
		t.Errorf("token while suspended: %v", err)
	}
	w.install.Unsuspend()
	if status, _, _ := w.send("GET", "/repos/acme/orders", token, ""); status != http.StatusOK {
		t.Errorf("after the suspension: %d", status)
	}
	w.install.Uninstall()
	if status, _, _ := w.send("GET", "/repos/acme/orders", token, ""); status != http.StatusUnauthorized {
		t.Errorf("uninstalled: %d", status)
	}
	w.noViolations()
}

// jwt makes an App token, changed by the test.
func (w *world) jwt(change func(*jwt.RegisteredClaims)) string {
	w.t.Helper()
	now := time.Now()
	claims := &jwt.RegisteredClaims{
		Issuer: strconv.FormatInt(w.sim.AppID(), 10), IssuedAt: jwt.NewNumericDate(now.Add(-30 * time.Second)), ExpiresAt: jwt.NewNumericDate(now.Add(5 * time.Minute)),
	}
	change(claims)
	key := must(jwt.ParseRSAPrivateKeyFromPEM(w.sim.PrivateKeyPEM()))
	return must(jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key))
}

func TestAppTokens(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	other := must(rsa.GenerateKey(rand.Reader, 2048))
	forged := must(jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{Issuer: strconv.FormatInt(w.sim.AppID(), 10), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Minute))}).SignedString(other))
	hmac := must(jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Issuer: strconv.FormatInt(w.sim.AppID(), 10)}).SignedString([]byte("x")))
	for _, c := range []struct {
		name, token string
		want        int
	}{
		{"good", w.jwt(func(*jwt.RegisteredClaims) {}), http.StatusOK},
		{"ten minutes", w.jwt(func(c *jwt.RegisteredClaims) {
			c.ExpiresAt = jwt.NewNumericDate(now.Add(9*time.Minute + 55*time.Second))
		}), http.StatusOK},
		{"eleven minutes", w.jwt(func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(now.Add(11 * time.Minute)) }), http.StatusUnauthorized},
		{"expired", w.jwt(func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(now.Add(-time.Second)) }), http.StatusUnauthorized},
		{"from the future", w.jwt(func(c *jwt.RegisteredClaims) { c.IssuedAt = jwt.NewNumericDate(now.Add(5 * time.Minute)) }), http.StatusUnauthorized},
		{"another App", w.jwt(func(c *jwt.RegisteredClaims) { c.Issuer = "1" }), http.StatusUnauthorized},
		{"another key", forged, http.StatusUnauthorized},
		{"another algorithm", hmac, http.StatusUnauthorized},
		{"nonsense", "a.b.c", http.StatusUnauthorized},
		{"none", "", http.StatusUnauthorized},
	} {
		if status, _, body := w.send("GET", "/app", c.token, ""); status != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, status, body, c.want)
		}
	}
	w.noViolations()
	if status, _, _ := w.send("GET", "/app", w.token(nil), ""); status != http.StatusUnauthorized {
		t.Errorf("an installation's token: %d", status)
	}
	w.violated("needs the App's")
	if status, _, _ := w.send("GET", "/repos/acme/web", w.jwt(func(*jwt.RegisteredClaims) {}), ""); status != http.StatusForbidden {
		t.Errorf("the App's token on a repository: %d", status)
	}
	w.violated("needs an installation's")
}

func TestTokensLastAnHour(t *testing.T) {
	wall := newClock()
	w := newWorld(t, func(o *simulator.Options) { o.TokenClock = wall.Now })
	defer w.noViolations()
	jwt := w.jwt(func(c *jwt.RegisteredClaims) {
		c.IssuedAt, c.ExpiresAt = jwt.NewNumericDate(wall.Now()), jwt.NewNumericDate(wall.Now().Add(time.Minute))
	})
	status, _, body := w.send("POST", "/app/installations/"+strconv.FormatInt(w.install.ID(), 10)+"/access_tokens", jwt, "")
	var made struct {
		Token   string
		Expires time.Time `json:"expires_at"`
	}
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s %v", status, body, err)
	}
	if want := wall.Now().Add(time.Hour); !made.Expires.Equal(want) {
		t.Errorf("expires %s, want %s", made.Expires, want)
	}
	wall.Advance(time.Hour - time.Second)
	if status, _, _ := w.send("GET", "/repos/acme/web", made.Token, ""); status != http.StatusOK {
		t.Errorf("in the hour: %d", status)
	}
	wall.Advance(time.Second)
	if status, _, _ := w.send("GET", "/repos/acme/web", made.Token, ""); status != http.StatusUnauthorized {
		t.Errorf("after the hour: %d", status)
	}
}

func TestUnknownCalls(t *testing.T) {
	w := newWorld(t)
	if status, _, _ := w.send("GET", "/repos/acme/web/teapots", w.token(nil), ""); status != http.StatusNotFound {
		t.Errorf("%d", status)
	}
	w.violated("no operation of GitHub's")
}
