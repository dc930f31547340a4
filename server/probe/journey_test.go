package probe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/server/probe"
)

const password = "correct horse battery"

// site is a shop with a login. It keeps what it was asked.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	// token of a login; the rest of what /login answers; where /jump leads.
	token, profile, jump string
}

func newSite(t *testing.T) *site {
	s := &site{token: `"a token/1?&"`, profile: `{"id": 7, "vip": true, "none": null, "empty": ""}`}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.asked = append(s.asked, strings.TrimSpace(strings.Join([]string{r.Method, r.RequestURI, r.Header.Get("Authorization"), string(body)}, " ")))
	s.mu.Unlock()
	switch r.URL.Path {
	case "/login":
		if !strings.Contains(string(body), url.QueryEscape(password)) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, `{"token": %s, "user": %s}`, s.token, s.profile)
	case "/echo":
		_, _ = w.Write([]byte(r.Header.Get("Authorization")))
	case "/field":
		_ = json.NewEncoder(w).Encode(map[string]string{"sent": r.Header.Get("Authorization"), "sha": r.Header.Get("X-Sha")})
	case "/jump":
		w.Header().Set("Location", s.jump)
		w.WriteHeader(http.StatusFound)
	case "/large":
		_, _ = w.Write([]byte(`{"value": "` + strings.Repeat("x", 1<<20) + `"}`))
	case "/long":
		_, _ = w.Write([]byte(`{"value": "` + strings.Repeat("x", 5000) + `"}`))
	case "/refused":
		w.WriteHeader(http.StatusForbidden)
	default:
		_, _ = io.WriteString(w, `{"state": "placed", "user": 7} <h1>Order placed.</h1>`)
	}
}

func (s *site) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// origin is where a site is, as an operator names it.
func origin(t *testing.T, address string) config.Origin {
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

// rules let a site be sent a POST and the password.
func rules(t *testing.T, s *site) probe.Rules {
	at := []config.Origin{origin(t, s.URL)}
	return probe.Rules{Allowed: local, Post: at, Secrets: []config.ProbeSecret{{Name: "password", Value: config.SentSecret{Secret: config.NewSecret(password)}, Hosts: at}}}
}

// steps reads steps as a repository declares them.
func steps(t *testing.T, declared string) []config.Step {
	t.Helper()
	r, err := config.ParseRepository("f.yml", []byte("version: 1\ncomponents: [{name: shop, environments: {p: {verify: {probes: [{name: shopping, steps: "+declared+"}]}}}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r.Components[0].Environments["p"].Verify.Probes[0].Steps
}

func journey(t *testing.T, s *site, declared string) probe.Journey {
	return probe.Journey{Base: s.URL, Name: "shopping", Steps: steps(t, declared), Rules: rules(t, s), Values: probe.Values{SHA: strings.Repeat("ab", 20)}}
}

func made(t *testing.T, j probe.Journey) deploy.ProbeResult {
	t.Helper()
	result, err := probe.New(probe.Config{}).Journey(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v %s", result, result); strings.Contains(text, password) || strings.Contains(text, url.QueryEscape(password)) {
		t.Errorf("the secret is shown: %s", text)
	}
	return result
}

const login = `{name: login, post: /login, body: {form: {password: "{{secrets.password}}"}}}`

// Values of an answer are escaped for the place where they are used, and keep their type.
func TestJourney(t *testing.T) {
	s := newSite(t)
	result := made(t, journey(t, s, `[`+login+`,
		{name: order, post: '/orders/{{steps.login.json.token}}?by={{steps.login.json.token}}',
		 headers: {Authorization: "Bearer {{steps.login.json.token}}"},
		 body: {json: {user: "{{steps.login.json.user.id}}", vip: "{{steps.login.json.user.vip}}", text: "by {{steps.login.json.user.id}}", token: "{{steps.login.json.token}}", sha: "{{deployment.sha}}"}},
		 expect: {text: [Order placed, "{{steps.login.json.user.id}}"]}}]`))
	if !result.Passed() || result.Steps != 2 || !strings.HasPrefix(result.String(), "shopping: 2 steps in ") {
		t.Errorf("%s: %+v", result, result)
	}
	want := []string{
		"POST /login  password=correct+horse+battery",
		`POST /orders/a%20token%2F1%3F&?by=a+token%2F1%3F%26 Bearer a token/1?& {"sha":"` + strings.Repeat("ab", 20) + `","text":"by 7","token":"a token/1?\u0026","user":7,"vip":true}`,
	}
	if got := s.seen(); !slices.Equal(got, want) {
		t.Errorf("asked:\n%s\nexpected:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A journey ends at the first step that fails, and names it.
func TestJourneyThatFails(t *testing.T) {
	after := func(step string) string { return "[" + login + ", " + step + ", {name: never, get: /never}]" }
	for name, c := range map[string]struct {
		token, steps, want string
		outcome            deploy.ProbeOutcome
	}{
		"wrong password":     {"", `[{name: login, post: /login, body: {form: {password: wrong}}}, {name: never, get: /never}]`, "step login: status 401, expected 2XX", deploy.ProbeStatus},
		"refused":            {"", after("{name: read, get: /refused}"), "step read: status 403, expected 2XX", deploy.ProbeStatus},
		"no such value":      {"", after("{name: read, get: '/x/{{steps.login.json.tokn}}'}"), "step read: {{steps.login.json.tokn}} is missing in the answer", deploy.ProbeValue},
		"no value":           {"", after("{name: read, get: '/x/{{steps.login.json.user.none}}'}"), "is missing", deploy.ProbeValue},
		"an empty value":     {"", after("{name: read, get: '/x/{{steps.login.json.user.empty}}'}"), "is missing", deploy.ProbeValue},
		"no plain value":     {"", after("{name: read, get: '/x/{{steps.login.json.user}}'}"), "is missing", deploy.ProbeValue},
		"no value to expect": {"", after("{name: read, get: /x, expect: {json: {a: '{{steps.login.json.none}}'}}}"), "is missing", deploy.ProbeValue},
		"no JSON":            {`oops`, after("{name: read, get: '/x/{{steps.login.json.token}}'}"), "is missing", deploy.ProbeValue},
		"a large answer":     {"", "[{name: get, get: /large}, {name: read, get: '/x/{{steps.get.json.value}}'}]", "step read: {{steps.get.json.value}} is too large to be used", deploy.ProbeValue},
		"a long value":       {"", "[{name: get, get: /long}, {name: read, get: '/x/{{steps.get.json.value}}'}]", "is too large", deploy.ProbeValue},
		"a line break":       {`"a\r\nX-Admin: 1"`, after(`{name: read, get: /x, headers: {Authorization: "Bearer {{steps.login.json.token}}"}}`), "step read: {{steps.login.json.token}} has characters that can't be used here", deploy.ProbeValue},
		"another folder":     {`".."`, after("{name: read, get: '/x/{{steps.login.json.token}}/admin'}"), "has characters that can't be used here", deploy.ProbeValue},
		"another text":       {"", after("{name: read, get: /x, expect: {text: [Order place]}}"), `step read: the text "Order place" is missing`, deploy.ProbeText},
		"another value":      {"", after("{name: read, get: /login, expect: {status: default, text: [x]}}"), "", deploy.ProbeText},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if c.token != "" {
				s.token = c.token
			}
			result := made(t, journey(t, s, c.steps))
			if result.Outcome != c.outcome || !strings.Contains(result.String(), c.want) || !result.Counts() {
				t.Errorf("%s: %+v, expected %q", result, result, c.want)
			}
			if asked := strings.Join(s.seen(), "\n"); strings.Contains(asked, "never") || strings.Contains(asked, "admin") {
				t.Errorf("asked after it failed: %s", asked)
			}
		})
	}
}

// What the operator has not allowed is refused before the first request is made.
func TestJourneyThatIsRefused(t *testing.T) {
	read := `{name: read, get: /x, headers: {Authorization: "{{secrets.password}}"}}`
	for name, c := range map[string]struct {
		steps string
		rules func(t *testing.T, r *probe.Rules)
		want  string
	}{
		"POST": {`[{name: read, get: /x}, ` + login + `]`, func(_ *testing.T, r *probe.Rules) { r.Post = nil }, "step login: POST is not allowed at this host (the operator can list it under probes.post)"},
		"POST on another port": {`[` + login + `]`, func(_ *testing.T, r *probe.Rules) {
			r.Post = []config.Origin{{Scheme: "http", Host: "127.0.0.1", Port: 80}}
		}, "POST is not allowed"},
		"an unknown secret": {`[{name: read, get: /x}, {name: more, get: /x, headers: {A: "{{secrets.other}}"}}]`, func(*testing.T, *probe.Rules) {}, "step more: the secret other is not available to this repository at this host (the operator lists both under probes.secrets)"},
		"another account's": {`[` + read + `]`, func(_ *testing.T, r *probe.Rules) { r.Secrets = nil }, "the secret password is not available"},
		"another host's": {`[` + read + `]`, func(t *testing.T, r *probe.Rules) {
			r.Secrets[0].Hosts = []config.Origin{origin(t, "https://shop.acme.dev:443")}
		}, "the secret password is not available"},
		"another scheme's": {`[` + read + `]`, func(_ *testing.T, r *probe.Rules) { r.Secrets[0].Hosts[0].Scheme = "https" }, "the secret password is not available"},
		"a host":           {`[` + read + `]`, func(_ *testing.T, r *probe.Rules) { r.Allowed = allow("*.acme.dev") }, "leads to a host at an address that is not public"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			j := journey(t, s, c.steps)
			c.rules(t, &j.Rules)
			result := made(t, j)
			if result.Outcome != deploy.ProbeRefused || !strings.Contains(result.String(), c.want) || result.Counts() {
				t.Errorf("%s: %+v, expected %q", result, result, c.want)
			}
			if asked := s.seen(); len(asked) > 0 {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// A redirect takes nothing of a journey to another host, port or scheme.
func TestJourneyIsNotRedirectedElsewhere(t *testing.T) {
	other := newSite(t)
	for name, c := range map[string]struct {
		jump, want string
		asked      int
	}{
		"the same host": {"/landed", "1 steps in", 2},
		"another port":  {other.URL + "/landed", "a redirect leads to another host and was not followed", 1},
		"another name":  {strings.Replace(other.URL, "127.0.0.1", "localhost", 1), "a redirect leads to another host", 1},
		"https":         {strings.Replace(other.URL, "http:", "https:", 1), "a redirect leads to another host", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.jump = c.jump
			j := journey(t, s, `[{name: read, get: /jump, redirects: 3, headers: {Authorization: "{{secrets.password}}"}}]`)
			j.Rules.Secrets[0].Hosts = append(j.Rules.Secrets[0].Hosts, origin(t, other.URL))
			result := made(t, j)
			if !strings.Contains(result.String(), c.want) || len(s.seen()) != c.asked || len(other.seen()) > 0 {
				t.Errorf("%s; asked %q, and the other %q", result, s.seen(), other.seen())
			}
		})
	}
}

// An answer that repeats a secret tells nothing of it: neither by a field, nor by what it is
// compared with, nor in a later request.
func TestJourneyTellsNoSecret(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for name, c := range map[string]struct {
		step   string
		passes bool
	}{
		"the text":              {`{name: read, get: /echo, expect: {text: ["correct"]}}`, false},
		"the beginning":         {`{name: read, get: /echo, expect: {text: ["c"]}}`, false},
		"the field":             {`{name: read, get: /field, expect: {json: {sent: "correct horse battery"}}}`, false},
		"a commit in the field": {`{name: read, get: /field, expect: {json: {sha: other}}}`, false},
		"the honest text":       {`{name: read, get: /x, expect: {text: ["Order placed"]}}`, true},
		"the honest field":      {`{name: read, get: /field, expect: {json: {sha: "` + commit + `"}}}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			step := strings.Replace(c.step, ", expect", `, headers: {Authorization: "{{secrets.password}}", X-Sha: "`+commit+`"}, expect`, 1)
			result := made(t, journey(t, s, "["+step+"]"))
			if result.Passed() != c.passes || len(s.seen()) != 1 {
				t.Errorf("%s: %+v", result, result)
			}
			for _, field := range result.Fields {
				if field.Found != "" {
					t.Errorf("shown: %+v", field)
				}
			}
		})
	}
	s := newSite(t)
	result := made(t, journey(t, s, `[{name: read, get: /field, headers: {Authorization: "{{secrets.password}}"}}, {name: more, get: '/x?a={{steps.read.json.sent}}'}]`))
	if asked := s.seen(); !result.Passed() || asked[1] != "GET /x?a=%5Bsecret%5D" {
		t.Errorf("%s; asked %q", result, asked)
	}
}

// All steps together have one budget, and the host one journey at a time.
func TestJourneyIsBounded(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	server := serve(t, func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-leave
	})
	t.Cleanup(func() { close(leave) })
	p := probe.New(probe.Config{})
	j := probe.Journey{Base: server.URL, Name: "slow", Within: 500 * time.Millisecond, Rules: probe.Rules{Allowed: local}, Steps: steps(t, "[{name: one, get: /}, {name: two, get: /}]")}
	done := make(chan deploy.ProbeResult)
	go func() {
		result, err := p.Journey(t.Context(), j)
		if err != nil {
			t.Error(err)
		}
		done <- result
	}()
	<-entered
	if _, err := p.Journey(t.Context(), j); !errors.Is(err, probe.ErrBusy) {
		t.Errorf("a second journey at the same host: %v", err)
	}
	if result := <-done; result.Passed() || result.Step != "one" || result.Steps != 1 {
		t.Errorf("%s: %+v", result, result)
	}
}
