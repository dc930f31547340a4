package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"plimsoll/config"
)

const (
	shopPassword = "correct horse battery staple"
	shopToken    = "session-token-4711"
)

// shopService is a service with a login. Answers repeat what was sent, as careless ones do.
func shopService(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/login":
		var sent struct{ Password string }
		if json.Unmarshal(body, &sent) != nil || sent.Password != shopPassword {
			http.Error(w, "wrong password: "+string(body), http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"token": shopToken, "password": sent.Password})
	case r.URL.Path == "/orders":
		if r.Header.Get("Authorization") != "Bearer "+shopToken {
			http.Error(w, "no such token: "+r.Header.Get("Authorization"), http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"orders": 3, "token": "`+shopToken+`"}`)
	default:
		http.NotFound(w, r)
	}
}

const journeyFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    environments:
      production:
        verify:
          for: 5m
          every: 1m
          probes:
            - name: read orders
              steps:
                - name: login
                  post: /login
                  body: {json: {password: "{{secrets.shop-password}}"}}
                - name: read
                  get: /orders
                  headers: {Authorization: "Bearer {{steps.login.json.token}}"}
                  expect: {json: {orders: 3}}
`

// A journey logs in with the operator's secret and reads with the token that it got. With a
// wrong token the step is named. What the operator has not allowed says nothing about the
// environment. Neither the secret nor the token is shown or stored anywhere.
func TestJourneys(t *testing.T) {
	for name, c := range map[string]struct {
		old, new   string
		change     func(rules *config.ProbeRules)
		conclusion string
		says       string
	}{
		"works":             {"", "", func(*config.ProbeRules) {}, "success", "2 steps in"},
		"a wrong token":     {"Bearer {{steps.login.json.token}}", "Bearer {{steps.login.json.password}}", func(*config.ProbeRules) {}, "failure", "step read: status 403, expected 2XX"},
		"an unknown value":  {"steps.login.json.token", "steps.login.json.session", func(*config.ProbeRules) {}, "failure", "step read: {{steps.login.json.session}} is missing in the answer"},
		"POST not allowed":  {"", "", func(r *config.ProbeRules) { r.Post = nil }, "neutral", "POST is not allowed at this host (the operator can list it under probes.post)"},
		"another account's": {"", "", func(r *config.ProbeRules) { r.Secrets[0].Accounts = []config.Account{"globex"} }, "neutral", "the secret shop-password is not available to this repository at this host"},
		"another repository's": {"", "", func(r *config.ProbeRules) {
			r.Secrets[0].Repositories = []config.RepositoryPattern{"acme/web"}
		}, "neutral", "the secret shop-password is not available to this repository at this host"},
		"the App owner's": {"", "", func(r *config.ProbeRules) { r.Secrets[0].Accounts = nil }, "neutral", "the secret shop-password is not available to this repository at this host"},
	} {
		t.Run(name, func(t *testing.T) {
			everyWatchingWith(t, "", func(w *watching) {
				w.service.more = http.HandlerFunc(shopService)
				w.file = strings.Replace(journeyFile, c.old, c.new, 1)
				at := []config.Origin{originOf(t, w.url)}
				w.probed = &config.ProbeRules{
					Allow: []config.Allowed{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}, Accounts: []config.Account{"acme"}, Post: at,
					Secrets: []config.ProbeSecret{{Name: "shop-password", Value: config.SentSecret{Secret: config.NewSecret(shopPassword)}, Hosts: at, Accounts: []config.Account{"acme"}}},
				}
				c.change(w.probed)
			}, func(t *testing.T, w *watching) {
				_, commit := w.change("good")
				w.deploy(commit)
				w.pass(6)
				w.concluded(commit, c.conclusion, "")
				_, page := w.get(w.details(commit))
				all := w.GitHub.RenderAll() + page
				if !strings.Contains(all, c.says) || !strings.Contains(page, "read orders") {
					t.Errorf("expected %q in:\n%s", c.says, all)
				}
				if file, ok := strings.CutPrefix(w.dsn, "sqlite:"); ok {
					for _, part := range []string{file, file + "-wal"} {
						data, err := os.ReadFile(part)
						if err != nil {
							t.Fatal(err)
						}
						all += string(data)
					}
					if !strings.Contains(all, "{{secrets.shop-password}}") {
						t.Error("the plan is not in the file: this test looks at the wrong one")
					}
				}
				for _, hidden := range []string{shopPassword, shopToken} {
					if strings.Contains(all, hidden) {
						t.Errorf("%q is shown or stored", hidden)
					}
				}
			})
		})
	}
}

// originOf is where a server is, as an operator names it.
func originOf(t *testing.T, address string) config.Origin {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return config.Origin{Scheme: u.Scheme, Host: u.Hostname(), Port: uint16(port)}
}
