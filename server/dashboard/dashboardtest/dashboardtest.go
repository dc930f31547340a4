// Package dashboardtest serves the dashboard from a database that a test fills, to people
// that the test makes up.
package dashboardtest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/evidence"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// Token is what forms carry.
const Token = "a-token"

// Person is a visitor that a test makes up.
type Person struct {
	Name   string
	Reads  map[int64]bool
	Writes map[int64]bool
	Boss   bool
}

var _ dashboard.Visitor = (*Person)(nil)

// Login is the person's name.
func (p *Person) Login() string { return p.Name }

// Operator reports whether the person is one.
func (p *Person) Operator() bool { return p.Boss }

// Repositories returns what the person may read.
func (p *Person) Repositories(context.Context) (map[int64]bool, error) { return p.Reads, nil }

// MayWrite reports whether the person may write.
func (p *Person) MayWrite(_ context.Context, repo contracts.RepositoryRef) (bool, error) {
	return p.Writes[repo.ID], nil
}

// CSRF is always the same token.
func (p *Person) CSRF() string { return Token }

// People are visitors by name. A request names its sender in the cookie "person".
type People map[string]*Person

var _ dashboard.Visitors = People{}

// Visitor returns whose name the cookie has.
func (p People) Visitor(r *http.Request) (dashboard.Visitor, error) {
	cookie, err := r.Cookie("person")
	if err != nil || p[cookie.Value] == nil {
		return nil, dashboard.ErrNobody
	}
	return p[cookie.Value], nil
}

// CheckCSRF compares the token of the form.
func (p People) CheckCSRF(r *http.Request) error {
	if r.PostFormValue("csrf") != Token {
		return errors.New("another token")
	}
	return nil
}

// World is a database and the frame of the dashboard on it.
type World struct {
	T      testing.TB
	Store  *store.Store
	Frame  *dashboard.Frame
	People People
	// Now is the time.
	Now time.Time
	// Evidence makes the pages of verifications.
	Evidence *evidence.Pages
	mux      *http.ServeMux
}

// Noon is the time at which a world begins.
var Noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// Open opens a world without pages.
func Open(t testing.TB, dsn string, kept bool) *World {
	t.Helper()
	w := &World{T: t, Now: Noon, People: People{}, mux: http.NewServeMux()}
	w.Store = storetest.Open(t, store.Options{DSN: dsn, Clock: func() time.Time { return w.Now }})
	reader, err := inventory.NewReader(w.Store)
	w.Must(err)
	w.Frame, err = dashboard.New(dashboard.Deps{Visitors: w.People, Inventory: inventory.Keep(reader, !kept), Now: w.Store.Now, WebURL: "https://github.test"})
	w.Must(err)
	links, err := evidence.NewLinks("", nil, 0)
	w.Must(err)
	pages := evidence.New(evidence.Config{Store: w.Store, Links: links, Now: w.Store.Now, WebURL: "https://github.test"})
	w.Evidence = pages
	w.mux.Handle(evidence.Prefix, pages)
	w.mux.Handle("/", w.Frame)
	w.mux.Handle(dashboard.DeploymentsPath, w.Frame)
	return w
}

// Must ends the test with an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Account stores an account that has the App.
func (w *World) Account(installation int64, login string) {
	w.T.Helper()
	w.Must(w.Store.PutInstallation(w.T.Context(), installation, source.Account{Login: login, ID: 100 + installation}, string(store.Active)))
}

// Register stores what a repository declares.
func (w *World) Register(r contracts.Registration) {
	w.T.Helper()
	r.DefaultBranch, r.Enrolled, r.File = "main", true, ".github/plimsoll.yml"
	open, err := w.Store.Register(w.T.Context(), r)
	w.Must(err)
	w.Must(w.Store.Settle(w.T.Context(), open))
}

// ServeHTTP answers a request.
func (w *World) ServeHTTP(to http.ResponseWriter, r *http.Request) { w.mux.ServeHTTP(to, r) }

// Get asks for a page as a person; "" is nobody.
func (w *World) Get(person, path string) *httptest.ResponseRecorder {
	w.T.Helper()
	return w.send(person, httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form as a person.
func (w *World) Post(person, path string, form url.Values) *httptest.ResponseRecorder {
	w.T.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.send(person, r)
}

func (w *World) send(person string, r *http.Request) *httptest.ResponseRecorder {
	if person != "" {
		r.AddCookie(&http.Cookie{Name: "person", Value: person})
	}
	to := httptest.NewRecorder()
	w.ServeHTTP(to, r)
	return to
}

// Page is the text of a page that is shown.
func (w *World) Page(person, path string) string {
	w.T.Helper()
	got := w.Get(person, path)
	if got.Code != http.StatusOK {
		w.T.Fatalf("%s gets %d for %s: %s", person, got.Code, path, got.Body)
	}
	return got.Body.String()
}

// Hidden fails the test unless a page is refused as one that does not exist, byte by byte.
func (w *World) Hidden(person, path, absent string) {
	w.T.Helper()
	there, missing := w.Get(person, path), w.Get(person, absent)
	if there.Code != http.StatusNotFound || missing.Code != http.StatusNotFound || there.Body.String() != missing.Body.String() {
		w.T.Errorf("%s may not read %s: %d and %d for %s", person, path, there.Code, missing.Code, absent)
	}
}

// Serve serves the world to a browser as one person.
func (w *World) Serve(person string) string {
	w.T.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "person", Value: person})
		w.ServeHTTP(to, r)
	}))
	w.T.Cleanup(server.Close)
	return server.URL
}
