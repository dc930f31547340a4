package login_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/github"
	"plimsoll/server/github/oauth"
	"plimsoll/server/login"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// site is a simulated GitHub with two accounts, and a server with a login.
type site struct {
	t        *testing.T
	github   *simulator.Simulator
	store    *store.Store
	people   *login.People
	server   *httptest.Server
	log      *lockedBuffer
	late     atomic.Int64 // how far the clock is ahead
	operator string       // who operates; empty: not known yet
	deploys  atomic.Int64 // how often it was asked who may deploy
	ids      map[string]int64
	acme     *simulator.Installation
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (s *site) now(context.Context) (time.Time, error) {
	return time.Now().Add(time.Duration(s.late.Load())), nil
}

// Operates and MayDeploy make the site login.Rights.
func (s *site) Operates(_ context.Context, person github.Person) (operates, settled bool, err error) {
	return person.Login == s.operator, s.operator != "", nil
}

func (s *site) MayDeploy(_ context.Context, repo contracts.RepositoryRef, login string) (bool, error) {
	s.deploys.Add(1)
	return repo.ID == s.ids["acme/orders"] && login == "alice", nil
}

// newSite is a GitHub where alice reads acme's private repository, gus that of globex, and
// everybody the public one.
func newSite(t *testing.T, db *store.Store, secrets ...string) *site {
	s := &site{t: t, store: db, github: simulator.New(simulator.Options{}), log: &lockedBuffer{}, operator: "alice", ids: map[string]int64{}}
	if err := s.github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, violation := range s.github.Violations() {
			t.Errorf("against GitHub's description: %s", violation)
		}
		_ = s.github.Close()
	})
	for name, public := range map[string]bool{"acme/orders": false, "acme/open": true, "globex/payroll": false} {
		owner, repository, _ := strings.Cut(name, "/")
		s.github.Organization(owner)
		made := s.github.NewRepository(name, simulator.RepositoryOptions{Private: !public})
		s.ids[name] = made.ID()
		made.Grant(map[string]string{"acme": "alice", "globex": "gus"}[owner], "read")
		_ = repository
	}
	for _, account := range []string{"acme", "globex"} {
		installation := s.github.Install(account)
		if account == "acme" {
			s.acme = installation
		}
		must(t, db.PutInstallation(t.Context(), installation.ID(), source.Account{Login: account, ID: installation.ID()}, "active"))
		for name, id := range s.ids {
			if owner, repository, _ := strings.Cut(name, "/"); owner == account {
				_, _, err := db.PutRepository(t.Context(), source.Repository{RepositoryRef: contracts.RepositoryRef{Installation: installation.ID(), ID: id, Owner: owner, Name: repository, Private: name != "acme/open"}, DefaultBranch: "main"})
				must(t, err)
			}
		}
	}
	s.server, s.people = s.replica(secrets...)
	s.github.SetCallbacks(s.server.URL + login.CallbackPath)
	return s
}

// replica is another server with the same database, below its own address.
func (s *site) replica(secrets ...string) (*httptest.Server, *login.People) {
	clients, err := github.New(github.Config{
		WebURL: s.github.URL(), V3URL: s.github.APIURL(), AppID: s.github.AppID(), PrivateKey: s.github.PrivateKeyPEM(), UserAgent: "test",
	})
	must(s.t, err)
	client, err := oauth.New(oauth.Config{WebURL: s.github.URL(), APIURL: s.github.APIURL(), ClientID: s.github.ClientID(), Secret: s.github.ClientSecret()})
	must(s.t, err)
	mux := http.NewServeMux()
	log := zerolog.New(s.log)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r.WithContext(log.WithContext(r.Context())))
	}))
	s.t.Cleanup(server.Close)
	if len(secrets) == 0 {
		secrets = []string{"a secret of this test"}
	}
	var keys [][]byte
	for _, secret := range secrets {
		keys = append(keys, []byte(secret))
	}
	people, err := login.New(login.Deps{Credentials: login.Credentials{OAuth: client, Secrets: keys}, GitHub: clients, Store: s.store, Rights: s, PublicURL: server.URL, Now: s.now})
	must(s.t, err)
	mux.Handle("/login", people)
	mux.Handle("/login/", people)
	mux.Handle("/logout", people)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		person, err := people.Visitor(r)
		if err != nil {
			http.Error(w, err.Error(), map[bool]int{true: http.StatusUnauthorized, false: http.StatusBadGateway}[errors.Is(err, login.ErrNobody)])
			return
		}
		if r.Method == http.MethodPost {
			if err := people.CheckCSRF(r); err != nil {
				http.Error(w, err.Error(), http.StatusForbidden)
				return
			}
		}
		readable, _ := person.Repositories(r.Context())
		var names []string
		writes := []string{}
		for name, id := range s.ids {
			if readable[id] {
				names = append(names, name)
			}
			if may, _ := person.MayWrite(r.Context(), contracts.RepositoryRef{ID: id}); may {
				writes = append(writes, name)
			}
		}
		slices.Sort(names)
		_ = json.NewEncoder(w).Encode(shown{person.Login(), person.Operator(), names, writes, person.CSRF()})
	})
	return server, people
}

// shown is what a page knows of its visitor.
type shown struct {
	Login    string
	Operator bool
	Reads    []string
	Writes   []string
	CSRF     string
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser is somebody's browser.
type browser struct {
	*http.Client
	site *site
	at   string
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &browser{&http.Client{Jar: jar}, s, s.server.URL}
}

// step follows no redirect.
func (b *browser) step(address string) *http.Response {
	b.site.t.Helper()
	once := *b.Client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := once.Get(address)
	must(b.site.t, err)
	b.site.t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// back begins a login and gives the address by which GitHub sends the person back.
func (b *browser) back(as, next string) string {
	b.site.t.Helper()
	begun := b.step(b.at + "/login?next=" + url.QueryEscape(next))
	if begun.StatusCode != http.StatusFound {
		b.site.t.Fatalf("/login answers %d", begun.StatusCode)
	}
	return b.step(begun.Header.Get("Location") + "&login=" + as).Header.Get("Location")
}

func (b *browser) signIn(as string) {
	b.site.t.Helper()
	if res := b.step(b.back(as, "/")); res.StatusCode != http.StatusSeeOther {
		b.site.t.Fatalf("the callback answers %d", res.StatusCode)
	}
}

func (b *browser) page() (shown, int) {
	b.site.t.Helper()
	res := b.step(b.at + "/")
	var page shown
	if res.StatusCode == http.StatusOK {
		must(b.site.t, json.NewDecoder(res.Body).Decode(&page))
	}
	return page, res.StatusCode
}

func (b *browser) post(path string, form url.Values) int {
	b.site.t.Helper()
	res, err := b.PostForm(b.at+path, form)
	must(b.site.t, err)
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

func (b *browser) cookies() []*http.Cookie {
	at, _ := url.Parse(b.at)
	return b.Jar.Cookies(at)
}

func (b *browser) session() string {
	for _, c := range b.cookies() {
		if strings.HasSuffix(c.Name, "plimsoll-session") {
			return c.Value
		}
	}
	return ""
}

// Somebody sees what GitHub lets the person read: nothing of another tenant, what is public,
// nothing of an organisation without a session of its single sign-on.
func TestWhatPeopleSee(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := newSite(t, db)
		alice, gus, nobody := s.browser(), s.browser(), s.browser()
		if _, status := nobody.page(); status != http.StatusUnauthorized {
			t.Errorf("nobody gets %d", status)
		}
		alice.signIn("alice")
		gus.signIn("gus")
		for b, want := range map[*browser]shown{
			alice: {"alice", true, []string{"acme/open", "acme/orders"}, []string{"acme/orders"}, ""},
			gus:   {"gus", false, []string{"acme/open", "globex/payroll"}, []string{}, ""},
		} {
			got, status := b.page()
			got.CSRF = ""
			if status != http.StatusOK || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%d %v, expected %v", status, got, want)
			}
		}
		// Kept for 5 minutes, then asked again.
		s.github.SignedOn("acme", "alice", false)
		if got, _ := alice.page(); !slices.Contains(got.Reads, "acme/orders") {
			t.Error("GitHub's answer is not kept")
		}
		s.late.Store(int64(5 * time.Minute))
		if got, _ := alice.page(); slices.Contains(got.Reads, "acme/orders") {
			t.Error("without single sign-on, a private repository is shown")
		}
		s.github.SignedOn("acme", "alice", true)
		s.late.Store(int64(10 * time.Minute))
		if got, _ := alice.page(); !slices.Contains(got.Reads, "acme/orders") {
			t.Error("after single sign-on, nothing is shown")
		}
		s.acme.Suspend()
		s.late.Store(int64(15 * time.Minute))
		if got, _ := alice.page(); slices.Contains(got.Reads, "acme/orders") {
			t.Error("of a suspended installation, a private repository is shown")
		}
		for _, secret := range []string{alice.session(), gus.session(), "ghu_"} {
			if strings.Contains(s.log.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, s.log)
			}
		}
	})
}

// Somebody who signs in before the account that decides who operates is known is no operator
// at first, and one a few seconds later: not minutes.
func TestOperatorWhoSignsInEarly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := newSite(t, db)
		s.operator = ""
		alice := s.browser()
		alice.signIn("alice")
		if got, status := alice.page(); status != http.StatusOK || got.Operator {
			t.Errorf("%d, %+v before the account is known", status, got)
		}
		s.operator = "alice"
		s.late.Store(int64(5 * time.Second))
		if got, status := alice.page(); status != http.StatusOK || !got.Operator {
			t.Errorf("%d, %+v a few seconds after the account is known", status, got)
		}
	})
}

// A session ends at sign-out, when its time is over, when GitHub refuses the token, when the
// person takes the access back; and it holds on every replica until then.
func TestSessionsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := newSite(t, db)
		other, _ := s.replica()
		ended := func(b *browser, why string) {
			t.Helper()
			for _, at := range []string{s.server.URL, other.URL} {
				b.at = at
				if _, status := b.page(); status != http.StatusUnauthorized {
					t.Errorf("%s: the session goes on with %d", why, status)
				}
			}
		}
		signedIn := func() *browser {
			t.Helper()
			b := s.browser()
			b.signIn("alice")
			for _, at := range []string{other.URL, s.server.URL} { // cookies belong to a host, not a port
				b.at = at
				if got, status := b.page(); got.Login != "alice" {
					t.Errorf("a replica answers %d", status)
				}
			}
			return b
		}
		b := signedIn()
		stolen := s.browser()
		stolen.Jar.SetCookies(mustParse(t, s.server.URL), b.cookies())
		page, _ := b.page()
		if status := b.post("/logout", url.Values{"csrf": {page.CSRF}}); status != http.StatusOK {
			t.Errorf("signing out answers %d", status)
		}
		ended(b, "signed out")
		ended(stolen, "signed out, with a copied cookie")

		b = signedIn()
		s.late.Store(int64(8 * time.Hour))
		ended(b, "after 8 hours")
		s.late.Store(0)

		b = signedIn()
		s.github.RevokeAuthorization("alice") // no webhook here: GitHub refuses the token
		s.late.Store(int64(5 * time.Minute))
		ended(b, "GitHub refuses the token")
		s.late.Store(0)

		b = signedIn()
		person, err := findPerson(s)
		must(t, err)
		must(t, db.EndSessionsOf(t.Context(), person))
		ended(b, "access taken back")
	})
}

func findPerson(s *site) (int64, error) {
	clients, err := github.New(github.Config{WebURL: s.github.URL(), V3URL: s.github.APIURL(), AppID: s.github.AppID(), PrivateKey: s.github.PrivateKeyPEM()})
	if err != nil {
		return 0, err
	}
	person, err := clients.UserOf(s.t.Context(), s.github.AppUserToken("alice"))
	return person.ID, err
}

func mustParse(t *testing.T, address string) *url.URL {
	u, err := url.Parse(address)
	must(t, err)
	return u
}
