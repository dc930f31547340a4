package overview_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/dashboard/overview"
	"plimsoll/server/store/storetest"
)

func shop(t testing.TB, dsn string) *dashboardtest.World {
	t.Helper()
	w := dashboardtest.Open(t, dsn, false)
	w.Must(overview.New(overview.Deps{Frame: w.Frame, Store: w.Store}))
	w.Shop()
	return w
}

func has(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, text := range wanted {
		if !strings.Contains(page, text) {
			t.Errorf("%q is missing in\n%s", text, page)
		}
	}
}

func hasNot(t *testing.T, page string, unwanted ...string) {
	t.Helper()
	for _, text := range unwanted {
		if strings.Contains(page, text) {
			t.Errorf("%q is shown", text)
		}
	}
}

// Everybody sees what needs attention in what they may read, and nothing of the rest.
func TestOverviewByPerson(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := shop(t, dsn)
		ana, bob, eve, root := w.Page("ana", "/"), w.Page("bob", "/"), w.Page("eve", "/"), w.Page("root", "/")
		has(t, ana, "acme/orders#42", "billing</a>", "web</a>", ">verdict roll back</a>", ">verdict inconclusive</a>", "unknown key tiimeout", "uses ledger: no provider", "3 components in 3 repositories", "https://github.test/acme/orders/pull/42")
		hasNot(t, ana, "globex", "reactor")
		has(t, bob, "acme/orders#42", "web</a>", "2 components in 2 repositories")
		hasNot(t, bob, "billing", "finance", "ledger", "globex", "reactor")
		has(t, eve, "globex/reactor#7", "1 component in 1 repository")
		hasNot(t, eve, "acme", "orders#", "storefront")
		has(t, root, "There is nothing to show yet")
		hasNot(t, root, "acme", "globex")
	})
}

func TestOverviewByTeam(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	page := w.Page("ana", "/?team="+url.QueryEscape("@acme/finance"))
	has(t, page, "What needs attention: @acme/finance", "billing</a>", "uses ledger")
	hasNot(t, page, "tiimeout", "verdict inconclusive")
	has(t, w.Page("ana", "/?team=@acme/nobody"), "No component that you can see is owned by @acme/nobody")
}

// That nothing needs attention is said only where everything was read.
func TestOverviewWhereNothingNeedsAttention(t *testing.T) {
	w := dashboardtest.Open(t, storetest.SQLite(t), false)
	w.Must(overview.New(overview.Deps{Frame: w.Frame, Store: w.Store}))
	w.Account(1, "acme")
	w.People["ana"] = &dashboardtest.Person{Name: "ana", Reads: map[int64]bool{11: true, 12: true}}
	w.Register(contracts.Registration{Repository: dashboardtest.Orders, Commit: dashboardtest.Commit("orders"), Components: []contracts.Component{{Name: "orders", Owner: "@acme/orders"}}})
	calm := "Nothing needs attention"
	has(t, w.Page("ana", "/"), calm)
	has(t, w.Page("ana", "/?team=@acme/orders"), calm+" from @acme/orders")
	_, _, err := w.Store.PutRepository(t.Context(), source.Repository{RepositoryRef: dashboardtest.Web, DefaultBranch: "main"})
	w.Must(err)
	page := w.Page("ana", "/")
	has(t, page, "1 of 2 repositories have not been read yet")
	hasNot(t, page, calm)
}

// The first page asks often only while somebody waits for the first reading. Who may read no
// repository does not wait for one.
func TestOverviewAsksOftenWhileRepositoriesAreRead(t *testing.T) {
	w := dashboardtest.Open(t, storetest.SQLite(t), false)
	w.Must(overview.New(overview.Deps{Frame: w.Frame, Store: w.Store}))
	w.Account(1, "acme")
	w.People["ana"] = &dashboardtest.Person{Name: "ana", Reads: map[int64]bool{11: true}}
	w.People["new"] = &dashboardtest.Person{Name: "new"}
	const often, seldom = `data-refresh="2"`, `data-refresh="10"`
	has(t, w.Page("new", "/"), often) // right after setup
	_, _, err := w.Store.PutRepository(t.Context(), source.Repository{RepositoryRef: dashboardtest.Orders, DefaultBranch: "main"})
	w.Must(err)
	has(t, w.Page("ana", "/"), often)
	has(t, w.Page("new", "/"), seldom, "There is nothing to show yet")
	w.Register(contracts.Registration{Repository: dashboardtest.Orders, Commit: dashboardtest.Commit("orders"), Components: []contracts.Component{{Name: "orders"}}})
	has(t, w.Page("ana", "/"), seldom)
	has(t, w.Page("new", "/"), seldom)
}

// A page that may not be read is refused as one that does not exist, to every other person
// and tenant.
func TestComponentsOfOthersAreNotFound(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	for person, paths := range map[string][]string{
		"bob":  {"/components/acme/billing/billing", "/components/globex/reactor/reactor"},
		"eve":  {"/components/acme/billing/billing", "/components/acme/orders/orders", "/components/acme/web/web"},
		"ana":  {"/components/globex/reactor/reactor", "/components/acme/orders/web"},
		"root": {"/components/acme/orders/orders", "/components/globex/reactor/reactor"},
	} {
		for _, path := range paths {
			w.Hidden(person, path, "/components/acme/absent/absent")
		}
	}
	hasNot(t, w.Page("bob", "/components"), "billing", "globex")
	hasNot(t, w.Page("bob", "/components?q=billing"), "acme/billing")
	hasNot(t, w.Page("eve", "/components"), "acme")
}

func TestComponent(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := shop(t, dsn)
		orders := w.Page("ana", "/components/acme/orders/orders")
		has(t, orders, "@acme/orders", "production", "staging", "roll back", "verified", "2 uses", "Deployment frequency", "https://github.test/acme/orders/blob/"+dashboardtest.Commit("orders")+"/.github/plimsoll.yml#L2")
		// Bob may not read one of the two consumers: it does not count.
		has(t, w.Page("bob", "/components/acme/orders/orders"), "1 use<")
		has(t, w.Page("ana", "/components/ACME/Billing/billing"), "no provider that you can see", "provided by <a href=\"/components/acme/orders/orders\">")
		web := w.Page("bob", "/components/acme/web/web")
		has(t, web, "unknown key tiimeout", "correct the key")
		// The API of another account that has the name is not the one that is used.
		w.Register(contracts.Registration{Repository: dashboardtest.Other, Commit: dashboardtest.Commit("more"), Components: []contracts.Component{{
			Name: "reactor", Provides: []contracts.Provided{{API: "ledger", Spec: "openapi.yaml"}},
		}}})
		w.People["both"] = &dashboardtest.Person{Name: "both", Reads: map[int64]bool{11: true, 12: true, 13: true, 21: true}}
		has(t, w.Page("both", "/components/acme/billing/billing"), "no provider that you can see")
	})
}

func TestNobodyIsSentToTheLogin(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	for path, next := range map[string]string{"/": "%2F", "/components?q=a%26b": "%2Fcomponents%3Fq%3Da%2526b", "/components/acme/orders/orders": "%2Fcomponents%2Facme%2Forders%2Forders"} {
		got := w.Get("", path)
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/login?next="+next {
			t.Errorf("%s: %d to %s", path, got.Code, got.Header().Get("Location"))
		}
	}
	for _, path := range []string{"/absent", "/components/acme"} {
		if got := w.Get("ana", path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// Names that would be markup are text, and links stay where they are.
func TestHostileNamesAreText(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	const name = `"><script>alert(1)</script>&/../x`
	w.Register(contracts.Registration{Repository: dashboardtest.Web, Commit: dashboardtest.Commit("evil"), Components: []contracts.Component{{
		Name: name, Owner: `javascript:alert(1)"><b>`, Consumes: []contracts.Consumed{{API: name}}, Position: contracts.Position{File: `"><img src=x>`, Line: 1},
	}}, Problems: []contracts.Problem{{Message: `<img src=x onerror=alert(1)>`}}})
	for _, path := range []string{"/", "/components", "/components/acme/web/" + url.PathEscape(name), "/?team=" + url.QueryEscape(`"><script>`), "/components?q=" + url.QueryEscape(`"><script>`)} {
		page := w.Page("ana", path)
		hasNot(t, page, "<script>alert", "<img", `"><script>`, `href="javascript:`, "<b>\"")
	}
	has(t, w.Page("ana", "/components"), html.EscapeString("/components/acme/web/"+url.PathEscape(name)))
}

func TestHeaders(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	for _, path := range []string{"/", "/absent", "/components"} {
		h := w.Get("ana", path).Header()
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: %s", path, csp)
		}
		if h.Get("Cache-Control") != "private, no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
	}
	if page := w.Page("ana", "/"); strings.Contains(page, "<script>") || strings.Contains(page, " onclick") || strings.Contains(page, " style=") {
		t.Error("there is script or style in the page")
	}
}
