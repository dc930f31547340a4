package login_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"plimsoll/server/github"
	"plimsoll/server/github/oauth"
	"plimsoll/server/login"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// What an attacker may try with the way back from GitHub.
func TestCallbackOfAnAttacker(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	refused := func(b *browser, address, why string) {
		t.Helper()
		if res := b.step(address); res.StatusCode < 400 {
			t.Errorf("%s: answered with %d", why, res.StatusCode)
		}
		if b.session() != "" {
			t.Errorf("%s: there is a session", why)
		}
	}
	victim, attacker := s.browser(), s.browser()

	refused(victim, attacker.back("gus", "/"), "the attacker's way back in the victim's browser")
	mine := victim.back("alice", "/")
	theirs, ours := mustParse(t, attacker.back("gus", "/")).Query(), mustParse(t, mine).Query()
	refused(victim, victim.at+"/login/callback?code="+theirs.Get("code")+"&state="+ours.Get("state"), "the attacker's code with the victim's state")
	refused(victim, mine, "the state again, after it has failed")
	refused(victim, victim.at+"/login/callback?code=x&state=", "without a state")
	refused(victim, victim.at+"/login/callback?code="+ours.Get("code"), "without a state")

	b := s.browser()
	used := b.back("alice", "/")
	if res := b.step(used); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("an honest login gets %d", res.StatusCode)
	}
	first := b.session()
	if res := b.step(used); res.StatusCode < 400 {
		t.Error("the way back counts twice")
	}

	late := s.browser()
	address := late.back("alice", "/")
	s.late.Store(int64(11 * time.Minute))
	refused(late, address, "after 11 minutes")
	s.late.Store(0)

	// Two tabs at once do not disturb each other.
	one, two := late.back("alice", "/"), late.back("alice", "/")
	for _, address := range []string{one, two} {
		if res := late.step(address); res.StatusCode != http.StatusSeeOther {
			t.Errorf("one of two tabs gets %d", res.StatusCode)
		}
	}

	cancelled := s.browser()
	begun := cancelled.step(cancelled.at + "/login")
	refused(cancelled, cancelled.step(begun.Header.Get("Location")+"&login=alice&cancel=yes").Header.Get("Location"), "cancelled at GitHub")

	// Fixation: a value that was there before the login is not the session's, and ends.
	b.signIn("alice")
	if b.session() == first {
		t.Error("a login keeps the former value")
	}
	fixed := s.browser()
	fixed.Jar.SetCookies(mustParse(t, s.server.URL), []*http.Cookie{{Name: "plimsoll-session", Value: first}})
	if _, status := fixed.page(); status != http.StatusUnauthorized {
		t.Errorf("the former session goes on with %d", status)
	}
	planted := s.browser()
	planted.Jar.SetCookies(mustParse(t, s.server.URL), []*http.Cookie{{Name: "plimsoll-session", Value: "planted-by-an-attacker"}})
	planted.signIn("alice")
	if planted.session() == "planted-by-an-attacker" {
		t.Error("a planted value becomes a session")
	}
}

// The secret of another server opens no session; a secret that is being replaced does.
func TestSessionsOfAnotherSecret(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	b := s.browser()
	b.signIn("alice")
	other, _ := s.replica("another secret")
	b.at = other.URL
	if _, status := b.page(); status != http.StatusUnauthorized {
		t.Errorf("another secret: %d", status)
	}
	replaced, _ := s.replica("another secret", "a secret of this test")
	b.at = replaced.URL
	if _, status := b.page(); status != http.StatusOK {
		t.Errorf("a secret that is being replaced: %d", status)
	}
}

// Forms of other sites and other sessions do nothing.
func TestForeignForms(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	alice, gus := s.browser(), s.browser()
	alice.signIn("alice")
	gus.signIn("gus")
	page, _ := alice.page()
	foreign, _ := gus.page()
	for _, path := range []string{"/", "/logout"} {
		for _, csrf := range []string{"", "x", foreign.CSRF} {
			if status := alice.post(path, url.Values{"csrf": {csrf}}); status != http.StatusForbidden {
				t.Errorf("%s with %q: %d", path, csrf, status)
			}
		}
		if status := alice.post(path+"?csrf="+page.CSRF, nil); status != http.StatusForbidden {
			t.Errorf("%s with the token in the address: %d", path, status)
		}
	}
	if res := alice.step(alice.at + "/logout"); res.StatusCode != http.StatusOK {
		t.Errorf("asking to sign out: %d", res.StatusCode)
	}
	if _, status := alice.page(); status != http.StatusOK {
		t.Error("a GET signs out")
	}
	if status := alice.post("/", url.Values{"csrf": {page.CSRF}}); status != http.StatusOK {
		t.Errorf("an honest form: %d", status)
	}
}

// The cookies are those of this host alone, no script reads them, and with https they can't
// be set from elsewhere.
func TestCookies(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	b := s.browser()
	begun := b.step(b.at + "/login")
	back := b.step(begun.Header.Get("Location") + "&login=alice").Header.Get("Location")
	for _, res := range []*http.Response{begun, b.step(back)} {
		for _, c := range res.Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge > 8*60*60 {
				t.Errorf("%+v", c)
			}
		}
		if body, _ := io.ReadAll(res.Body); strings.Contains(string(body), "ghu_") {
			t.Error("the page holds a token")
		}
	}
	client, err := oauth.New(oauth.Config{WebURL: s.github.URL(), APIURL: s.github.APIURL(), ClientID: "x", Secret: "y"})
	must(t, err)
	deps := login.Deps{Credentials: login.Credentials{OAuth: client, Secrets: [][]byte{[]byte("x")}}, GitHub: new(github.Clients), Store: s.store, Rights: s, PublicURL: "https://plimsoll.acme.dev", Now: s.now}
	people, err := login.New(deps)
	must(t, err)
	w := httptest.NewRecorder()
	people.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://plimsoll.acme.dev/login", nil))
	c := w.Result().Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure {
		t.Errorf("%+v", c)
	}
	if location := w.Header().Get("Location"); !strings.Contains(location, "code_challenge_method=S256") || !strings.Contains(location, url.QueryEscape("https://plimsoll.acme.dev/login/callback")) {
		t.Errorf("sent to %s", location)
	}
	deps.PublicURL = "http://plimsoll.acme.dev"
	if _, err := login.New(deps); err == nil {
		t.Error("people can sign in over http")
	}
}

// After the login, people stay on this server.
func TestNoOpenRedirect(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	for next, want := range map[string]string{
		"/components/7?tab=api": "/components/7?tab=api", "/a%20b": "/a%20b", "/": "/", "": "/", "/apis/": "/apis/",
		"https://evil.test/": "/", "//evil.test": "/", "///evil.test": "/", "/\\evil.test": "/", "\\\\evil.test": "/", "/%5Cevil.test": "/", "/%2F%2Fevil.test": "/", "/%2Fevil.test": "/",
		"/\tevil.test": "/", "/\t/evil.test": "/", "/\n/evil.test": "/", " //evil.test": "/", "/.//evil.test": "/", "/a/..//evil.test": "/", "/%2e%2e//evil.test": "/", "javascript:alert(1)": "/",
		"evil.test": "/", "@evil.test": "/", "/login": "/", "/login/callback?code=x": "/", "/logout": "/", "/\u00a0": "/%C2%A0", "/" + strings.Repeat("x", 4096): "/", "/?next=//evil.test": "/?next=//evil.test",
		"/%00": "/", "/%0d%0aSet-Cookie:x": "/",
	} {
		b := s.browser()
		res := b.step(b.back("alice", next))
		if got := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || got != want {
			t.Errorf("%q leads with %d to %q, expected %q", next, res.StatusCode, got, want)
		}
		s.late.Add(int64(3 * time.Second)) // the budget of the address
	}
}

// An address that comes back from GitHub too often has to wait.
func TestTooManyLogins(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	stopped := false
	for range 30 {
		b := s.browser()
		stopped = stopped || b.step(b.back("alice", "/")).StatusCode == http.StatusTooManyRequests
	}
	if !stopped {
		t.Error("30 logins at once are let in")
	}
}

// While GitHub does not answer, the page says so: nobody is signed out, and nothing old shown.
func TestGitHubDoesNotAnswer(t *testing.T) {
	s := newSite(t, storetest.Open(t, store.Options{DSN: storetest.SQLite(t)}))
	b := s.browser()
	b.signIn("alice")
	s.github.Fault(simulator.Fault{Operation: "apps/list-installations-for-authenticated-user", Status: http.StatusBadGateway, Times: 1})
	if _, status := b.page(); status != http.StatusBadGateway {
		t.Errorf("the page answers %d", status)
	}
	if got, status := b.page(); got.Login != "alice" {
		t.Errorf("then the page answers %d", status)
	}
}
