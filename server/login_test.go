package server_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// Somebody signs in through the front door. When the person takes the App's access back at
// GitHub, the session ends.
func TestSignIn(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		w.GitHub.UserToken("alice")
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Jar: jar}
		visit := func(path string) string {
			t.Helper()
			res, err := browser.Get(w.URL() + path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(body)
		}
		browser.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
			if strings.HasSuffix(next.URL.Path, "/oauth/authorize") {
				query := next.URL.Query()
				query.Set("login", "alice")
				next.URL.RawQuery = query.Encode()
			}
			return nil
		}
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
