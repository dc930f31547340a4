package server_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// visitor is somebody's browser. At GitHub the person agrees to the login.
type visitor struct {
	t      *testing.T
	bed    *testbedtest.Testbed
	client *http.Client
}

func visitorOf(t *testing.T, bed *testbedtest.Testbed, login string) *visitor {
	t.Helper()
	bed.GitHub.UserToken(login) // the person exists
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, bed, &http.Client{Jar: jar, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(next.URL.Path, "/oauth/authorize") {
			query := next.URL.Query()
			query.Set("login", login)
			next.URL.RawQuery = query.Encode()
		}
		return nil
	}}}
}

// get asks for a page, and follows where it is sent.
func (v *visitor) get(path string) (page string, status int, at *url.URL) {
	v.t.Helper()
	res, err := v.client.Get(v.bed.URL() + path)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(res)
}

func (v *visitor) post(path string, form url.Values) (page string, status int, at *url.URL) {
	v.t.Helper()
	res, err := v.client.PostForm(v.bed.URL()+path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(res)
}

func (v *visitor) read(res *http.Response) (page string, status int, at *url.URL) {
	v.t.Helper()
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return string(body), res.StatusCode, res.Request.URL
}

// sees fails the test unless a page is shown that holds a text.
func (v *visitor) sees(path, text string) (page string) {
	v.t.Helper()
	page, status, at := v.get(path)
	if status != http.StatusOK || at.Path != strings.SplitN(path, "?", 2)[0] || !strings.Contains(page, text) {
		v.t.Fatalf("%s: %d at %s without %q:\n%s", path, status, at, text, page)
	}
	return page
}

// field is the value of a hidden field of a page's form.
func field(page, name string) string {
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// GitHub refuses a person's token in the middle of a session, and no webhook says why. The next
// look at what the person may read ends the session: the page says so, shows nothing else, and
// leads back to where the person was. Nobody else's session ends.
func TestSessionWhoseTokenGitHubRefuses(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		c := &clock{now: testbedtest.Noon}
		w := newWorld(t, testbed.Options{DSN: dsn, GitHub: testbedtest.GitHubAt(t, c.Now), Clock: c.Now})
		for _, login := range []string{"alice", "bob"} {
			w.shop.Grant(login, "read")
		}
		alice, bob := visitorOf(t, w.Testbed, "alice"), visitorOf(t, w.Testbed, "bob")
		alice.sees("/components?q=shop", "acme/shop")
		bob.sees("/components?q=shop", "acme/shop")

		w.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Vanish })
		w.GitHub.RevokeAuthorization("alice")
		w.Settle()
		c.set(c.Now().Add(5 * time.Minute)) // as long as GitHub's answer is kept
		page, status, at := alice.get("/components?q=shop")
		if status != http.StatusOK || at.Path != "/login/ended" || !strings.Contains(page, "Your session has ended") || !strings.Contains(page, `href="/login?next=%2fcomponents%3fq%3dshop"`) {
			t.Errorf("%d at %s:\n%s", status, at, page)
		}
		for _, path := range []string{"/components?q=shop", "/", "/components/acme/shop/shop"} {
			once := *alice.client
			once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			res, err := once.Get(w.URL() + path)
			if err != nil {
				t.Fatal(err)
			}
			if page, status, _ := alice.read(res); status != http.StatusSeeOther || strings.Contains(page, "<main") || !strings.HasPrefix(res.Header.Get("Location"), "/login?next=") {
				t.Errorf("%s after the session: %d to %s:\n%s", path, status, res.Header.Get("Location"), page)
			}
		}
		bob.sees("/components?q=shop", "acme/shop")
		if _, _, at := bob.get("/login/ended?next=%2Fcomponents"); at.Path != "/components" {
			t.Errorf("a session that counts is said to have ended, at %s", at)
		}
		bob.sees("/components?q=shop", "acme/shop")
		alice.sees("/components?q=shop", "acme/shop") // having agreed again
	})
}

// Where the operator's file names no operators, those are the owners of the organisation that
// owns the App. Members, people with rights in repositories and owners of other organisations
// are none.
func TestOperatorsByDefault(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		const makers = "plimsoll-makers" // owns the simulated App
		w.GitHub.Organization(makers)
		w.GitHub.Organization("globex")
		w.GitHub.Member(makers, "olga", "admin")
		w.GitHub.Member(makers, "mia", "member")
		w.GitHub.Member("globex", "gus", "admin")
		w.shop.Grant("ana", "admin")
		olga := visitorOf(t, w.Testbed, "olga")
		if _, status, _ := olga.get("/operations"); status != http.StatusNotFound {
			t.Errorf("before the owner has installed the App: %d", status)
		}
		w.GitHub.Install(makers)
		w.GitHub.Install("globex")
		w.Settle()
		visitorOf(t, w.Testbed, "olga").sees("/operations", "acme")
		for _, login := range []string{"mia", "gus", "ana"} {
			page, status, _ := visitorOf(t, w.Testbed, login).get("/operations")
			if status != http.StatusNotFound || strings.Contains(page, "acme") {
				t.Errorf("%s gets %d:\n%s", login, status, page)
			}
		}
	})
}

// The button of the dashboard, from the page to the verdict: a person with write access presses
// it, the App deploys what was verified before, and the page shows how that ended. A person of
// another account gets what does not exist, one who only reads no button.
func TestRollbackByTheDashboard(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back("rollback: {by: deployment}"))
		w.orders.Grant("carol", "write")
		w.orders.Grant("rob", "read")
		w.GitHub.NewRepository("globex/reactor", simulator.RepositoryOptions{Private: true}).Grant("eve", "admin")
		w.GitHub.Install("globex")
		w.Settle()
		_, good := w.change("good")
		w.verified(good)
		_, bad := w.change("bad")
		w.fails(bad)
		carol, rob, eve := visitorOf(t, w.Testbed, "carol"), visitorOf(t, w.Testbed, "rob"), visitorOf(t, w.Testbed, "eve")
		list := carol.sees("/deployments", "roll back")
		run := html.UnescapeString(regexp.MustCompile(`href="(/verifications/[^"]*)" aria-label="roll back`).FindStringSubmatch(list)[1])
		ask := strings.Replace(run, "?", "/rollback?", 1)
		carol.sees(run, "Roll back…")
		if page := rob.sees(run, "orders"); strings.Contains(page, "Roll back…") {
			t.Error("who only reads is offered to roll back")
		}
		form := carol.sees(ask, "Roll back orders in production?")
		sent := url.Values{"csrf": {field(form, "csrf")}, "once": {field(form, "once")}}
		for name, other := range map[string]*visitor{"rob": rob, "eve": eve} {
			own := url.Values{"csrf": {field(other.sees("/", "What needs attention"), "csrf")}, "once": sent["once"]}
			if page, status, _ := other.post(ask, own); status != http.StatusNotFound || strings.Contains(page, "orders") {
				t.Errorf("%s gets %d:\n%s", name, status, page)
			}
			if _, status, _ := other.post(ask, sent); status != http.StatusForbidden {
				t.Errorf("%s with another's token gets %d", name, status)
			}
		}
		for _, path := range []string{run, ask} {
			if page, status, _ := eve.get(path); status != http.StatusNotFound || strings.Contains(page, "orders") {
				t.Errorf("eve gets %d for %s:\n%s", status, path, page)
			}
		}
		w.Settle()
		if n := len(w.rollbacks()); n != 0 {
			t.Fatalf("%d deployments go back, expected none", n)
		}
		if page, status, at := carol.post(ask, sent); status != http.StatusOK || at.RequestURI() != run {
			t.Fatalf("%d at %s:\n%s", status, at, page)
		}
		carol.post(ask, sent) // pressed twice
		w.Settle()
		d := w.rolledBack(good)
		if page := carol.sees(run, "carol"); strings.Contains(page, "Roll back…") {
			t.Error("the button is offered again")
		}
		w.service.runs(good, http.StatusOK)
		d.Status("in_progress", "")
		d.Status("success", w.url)
		w.Settle()
		w.pass(5)
		carol.sees(run, "Rolled back")
		carol.sees("/deployments", "verified")
		w.rolledBack(good)
	})
}
