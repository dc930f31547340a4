package deployments_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/dashboard/deployments"
	"plimsoll/server/store/storetest"
)

// asked collects who asked to roll back what.
type asked struct {
	by, ids, sources []string
	refuse           string
}

func (a *asked) Ask(_ context.Context, _ contracts.RepositoryRef, id, login, source string) (commandtext.Answer, error) {
	if a.refuse != "" {
		return commandtext.Answer{Text: a.refuse, Refused: true}, nil
	}
	a.by, a.ids, a.sources = append(a.by, login), append(a.ids, id), append(a.sources, source)
	return commandtext.Answer{}, nil
}

func shop(t testing.TB, dsn string) (*dashboardtest.World, *asked) {
	t.Helper()
	w, a := dashboardtest.Open(t, dsn, false), &asked{}
	w.Must(deployments.New(deployments.Deps{Frame: w.Frame, Store: w.Store, Evidence: w.Evidence, Rollbacks: a}))
	w.Shop()
	return w, a
}

var (
	bad   = dashboard.RunPath(1, 11, 3, "orders", "production", "")
	other = dashboard.RunPath(2, 21, 6, "reactor", "production", "")
)

func check(t *testing.T, page string, wanted, unwanted []string) {
	t.Helper()
	for _, text := range wanted {
		if !strings.Contains(page, text) {
			t.Errorf("%q is missing in\n%s", text, page)
		}
	}
	for _, text := range unwanted {
		if strings.Contains(page, text) {
			t.Errorf("%q is shown", text)
		}
	}
}

func TestDeploymentsByPerson(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w, _ := shop(t, dsn)
		check(t, w.Page("ana", "/deployments"), []string{">orders<", ">web<", ">billing<", "roll back", "watching"}, []string{"reactor"})
		check(t, w.Page("bob", "/deployments"), []string{">orders<", ">web<"}, []string{"billing", "reactor"})
		check(t, w.Page("eve", "/deployments"), []string{">reactor<"}, []string{"orders", "acme"})
		check(t, w.Page("root", "/deployments"), []string{"No deployment in the last 14 days"}, []string{"orders<"})
		check(t, w.Page("ana", "/deployments?environment=staging"), []string{">orders<"}, []string{">web<"})
		check(t, w.Page("ana", bad), []string{"orders in production", "GET /healthz", "/rollback?component=orders"}, nil)
		check(t, w.Page("bob", bad), []string{"orders in production"}, []string{"/rollback?"})
	})
}

// A deployment of a repository that may not be read is refused as one that does not exist, in
// whatever way it is named.
func TestDeploymentsOfOthersAreNotFound(t *testing.T) {
	w, a := shop(t, storetest.SQLite(t))
	absent := dashboard.RunPath(1, 999, 3, "orders", "production", "")
	for person, paths := range map[string][]string{
		"eve": {bad, strings.Replace(bad, "/1/11/", "/2/11/", 1)}, "root": {bad, other}, "ana": {other, strings.Replace(other, "/2/21/", "/1/21/", 1), strings.Replace(other, "/2/21/", "/1/11/", 1)},
		"bob": {dashboard.RunPath(1, 13, 5, "billing", "production", "")},
	} {
		for _, path := range paths {
			w.Hidden(person, path, absent)
			w.Hidden(person, strings.Replace(path, "?", "/rollback?", 1), absent)
		}
	}
	form := url.Values{"csrf": {dashboardtest.Token}, "once": {"00000000-0000-4000-8000-000000000000"}}
	for _, person := range []string{"eve", "bob", "root"} { // bob reads it and may not write
		if got := w.Post(person, strings.Replace(bad, "?", "/rollback?", 1), form); got.Code != http.StatusNotFound {
			t.Errorf("%s gets %d", person, got.Code)
		}
	}
	if len(a.ids) > 0 {
		t.Errorf("rolled back: %v", a.ids)
	}
}

func TestRollBack(t *testing.T) {
	w, a := shop(t, storetest.SQLite(t))
	path := strings.Replace(bad, "?", "/rollback?", 1)
	check(t, w.Page("ana", path), []string{"Roll back orders in production?", `name="csrf" value="` + dashboardtest.Token, "The ledger names you"}, nil)
	once := url.Values{"csrf": {dashboardtest.Token}, "once": {"00000000-0000-4000-8000-000000000001"}}
	for _, wrong := range []url.Values{{}, {"csrf": {"forged"}, "once": once["once"]}} {
		if got := w.Post("ana", path, wrong); got.Code != http.StatusForbidden {
			t.Errorf("%v: %d", wrong, got.Code)
		}
	}
	if got := w.Post("ana", path, once); got.Code != http.StatusSeeOther || got.Header().Get("Location") != bad {
		t.Errorf("%d to %s", got.Code, got.Header().Get("Location"))
	}
	if len(a.by) != 1 || a.by[0] != "ana" || a.sources[0] != "dashboard/00000000-0000-4000-8000-000000000001" {
		t.Errorf("asked by %v: %v", a.by, a.sources)
	}
	a.refuse = "✗ Not rolling back `orders`:\n\n- a newer deployment runs"
	got := w.Post("ana", path, once)
	check(t, got.Body.String(), []string{"Not rolled back", "a newer deployment runs"}, []string{"`orders`"})
}

func TestLedgerByPerson(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w, _ := shop(t, dsn)
		// What bob agreed to for web on a pull request of billing, which he may not read.
		w.Must(w.Store.Append(t.Context(), ledger.Entry{
			Installation: 1, Kind: ledger.EntryAcknowledgement, Repository: 12, Component: "web", Commit: dashboardtest.Commit("secret"), Actor: "carol", Body: []byte(`{"provider":13}`),
		}))
		check(t, w.Page("ana", "/ledger"), []string{"acme/orders", "acme/billing", "verdict", "carol"}, []string{"globex", "in part"})
		bob := w.Page("bob", "/ledger")
		check(t, bob, []string{"acme/orders", "in part"}, []string{"billing", "globex", "carol", dashboardtest.Commit("secret")})
		check(t, w.Page("bob", "/ledger?actor=carol"), []string{"No entry matches"}, nil)
		check(t, w.Page("ana", "/ledger?kind=verdict&repository=acme/orders"), []string{"acme/orders"}, []string{"acme/web"})
		for _, path := range []string{"/ledger.jsonl", "/ledger.csv"} {
			check(t, w.Page("ana", path), []string{dashboardtest.Commit("orders"), "carol"}, []string{dashboardtest.Commit("reactor")})
			check(t, w.Page("bob", path), []string{dashboardtest.Commit("orders")}, []string{"billing", "carol", "reactor", dashboardtest.Commit("secret")})
			check(t, w.Page("root", path), nil, []string{"orders", "reactor"})
		}
	})
}

func TestDeploymentsInABrowser(t *testing.T) {
	w, _ := shop(t, storetest.SQLite(t))
	w.Look(t, "ana", map[string]string{
		"deployments": "/deployments", "run": bad, "watching": dashboard.RunPath(1, 13, 5, "billing", "production", ""),
		"rollback": strings.Replace(bad, "?", "/rollback?", 1), "ledger": "/ledger",
	})
}
