package server_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"plimsoll/config"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// browserOf is the browser of a person who is signed in at GitHub. visit gives the text of a page.
func browserOf(w *world, login string) (visit func(path string) string) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(next.URL.Path, "/oauth/authorize") {
			query := next.URL.Query()
			query.Set("login", login)
			next.URL.RawQuery = query.Encode()
		}
		return nil
	}}
	return func(path string) string {
		w.t.Helper()
		res, err := browser.Get(w.URL() + path)
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		return string(body)
	}
}

// Somebody signs in through the front door. When the person takes the App's access back at
// GitHub, the session ends.
func TestSignIn(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		w.GitHub.UserToken("alice")
		visit := browserOf(w, "alice")
		if page := visit("/logout"); !strings.Contains(page, "You are signed out") {
			t.Errorf("before the login:\n%s", page)
		}
		visit("/login")
		if page := visit("/logout"); !strings.Contains(page, `name="csrf"`) {
			t.Errorf("after the login:\n%s", page)
		}
		w.GitHub.RevokeAuthorization("alice")
		w.Settle()
		if page := visit("/logout"); !strings.Contains(page, "You are signed out") {
			t.Errorf("after the access was taken back:\n%s", page)
		}
	})
}

// Operators, the secrets of sessions and the client's secret are replaced while people are
// signed in. Somebody who is taken from the operators is none at once.
func TestReplacedSettingsOfSessions(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		w.GitHub.UserToken("alice")
		visit := browserOf(w, "alice")
		const signedIn, signedOut, operator = `name="csrf"`, "You are signed out", `href="/operations"`
		expect := func(when, path, text string, there bool) {
			t.Helper()
			if page := visit(path); strings.Contains(page, text) != there {
				t.Errorf("%s: is %q at %s: %t\n%s", when, text, path, !there, page)
			}
		}
		w.reload(func(conf *config.Server) { conf.Operators = []config.Operator{"alice"} })
		visit("/login")
		expect("named as an operator", "/", operator, true)
		w.reload(func(conf *config.Server) { conf.Operators = []config.Operator{"bob"} })
		expect("no operator any more", "/", operator, false)
		expect("no operator any more", "/logout", signedIn, true)

		secrets := func(all ...string) func(*config.Server) {
			return func(conf *config.Server) {
				conf.SessionSecrets = nil
				for _, one := range all {
					conf.SessionSecrets = append(conf.SessionSecrets, config.SessionSecret{Secret: config.NewSecret(one)})
				}
			}
		}
		first, second := strings.Repeat("first ", 8), strings.Repeat("second ", 8)
		w.reload(secrets(first))
		expect("sealed with a secret that is gone", "/logout", signedOut, true)
		visit("/login")
		w.reload(secrets(second, first))
		expect("the secret is still accepted", "/logout", signedIn, true)
		w.reload(secrets(second))
		expect("the secret is not accepted any more", "/logout", signedOut, true)

		w.GitHub.SetClientSecret("a new secret of the client")
		visit("/login")
		expect("signed in with the old secret of the client", "/logout", signedOut, true)
		w.reload(func(conf *config.Server) {
			conf.GitHub.OAuth.ClientSecret = config.NewSecret("a new secret of the client")
		})
		visit("/login")
		expect("signed in with the new secret of the client", "/logout", signedIn, true)
		w.alive()
	})
}
