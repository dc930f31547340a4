package graph

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/store/storetest"
)

func shop(t testing.TB, dsn string) *dashboardtest.World {
	t.Helper()
	w := dashboardtest.Open(t, dsn, false)
	w.Must(New(Deps{Frame: w.Frame, Store: w.Store, WebURL: "https://github.test"}))
	w.Shop()
	return w
}

func TestGraphByPerson(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := shop(t, dsn)
		for person, names := range map[string][2][]string{
			"ana": {{"web uses orders of orders", "billing uses orders of orders"}, {"reactor"}},
			"bob": {{"web uses orders of orders"}, {"billing", "reactor"}},
			"eve": {{"No use of an API matches"}, {"orders", "acme"}},
		} {
			page := w.Page(person, "/graph")
			for _, text := range names[0] {
				if !strings.Contains(page, text) {
					t.Errorf("%s misses %q in\n%s", person, text, page)
				}
			}
			for _, text := range names[1] {
				if strings.Contains(page, text) {
					t.Errorf("%s sees %q", person, text)
				}
			}
		}
		// Every edge leads straight to the line that declares the use.
		if page := w.Page("ana", "/graph"); strings.Count(page, `<a href="/graph/line/acme/web/web?api=orders"`) != 2 {
			t.Errorf("an edge leads elsewhere:\n%s", page)
		}
		if got := w.Get("ana", "/graph/line/acme/web/web?api=orders"); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "https://github.test/acme/web/blob/"+dashboardtest.Commit("web")+"/.github/plimsoll.yml#L11" {
			t.Errorf("%d to %s", got.Code, got.Header().Get("Location"))
		}
		w.Hidden("ana", "/graph/line/acme/web/web?api=absent", "/graph/line/acme/web/absent?api=orders")
		w.Hidden("bob", "/graph/line/acme/billing/billing?api=orders", "/graph/line/acme/absent/billing?api=orders")
		if page := w.Page("ana", "/graph?q=billing"); strings.Contains(page, "web uses") || !strings.Contains(page, "billing uses") {
			t.Error("the search does not decide what is drawn")
		}
	})
}

func TestHostileNamesInTheGraph(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	w.Register(contracts.Registration{Repository: dashboardtest.Web, Commit: dashboardtest.Commit("evil"), Components: []contracts.Component{{
		Name: `"><script>alert(1)</script>`, Consumes: []contracts.Consumed{{API: "orders"}},
	}}})
	if page := w.Page("ana", "/graph"); strings.Contains(page, "<script>alert") {
		t.Error("a name is markup")
	}
}

// Every edge leads to the right, unless it closes a cycle, and no two nodes share a place.
func TestLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		nodes := 1 + r.IntN(40)
		var edges [][2]int
		for range r.IntN(3 * nodes) {
			if a, b := r.IntN(nodes), r.IntN(nodes); a != b {
				edges = append(edges, [2]int{a, b})
			}
		}
		places := layout(nodes, edges, 10)
		taken := map[place]bool{}
		for _, p := range places {
			if taken[p] || p.row >= 10 {
				t.Fatalf("%v: %v", places, p)
			}
			taken[p] = true
		}
		for _, e := range acyclic(nodes, edges) {
			if places[e[0]].layer >= places[e[1]].layer {
				t.Fatalf("%v is not to the left of %v", places[e[0]], places[e[1]])
			}
		}
	}
	if forward := acyclic(3, [][2]int{{0, 1}, {1, 2}, {2, 0}}); len(forward) != 2 {
		t.Errorf("of a cycle of 3, %v are left", forward)
	}
}

func TestGraphInABrowser(t *testing.T) {
	shop(t, storetest.SQLite(t)).Look(t, "ana", map[string]string{"graph": "/graph"})
}

// BenchmarkGraphOf500 lays out and draws 500 components with 1,500 uses.
func BenchmarkGraphOf500(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	repo := &inventory.Repository{RepositoryRef: contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "all"}}
	nodes, index := make([]*inventory.Component, 500), map[*inventory.Component]int{}
	for i := range nodes {
		nodes[i] = &inventory.Component{Repository: repo, Component: contracts.Component{Name: fmt.Sprintf("component-%03d", i)}}
		index[nodes[i]] = i
	}
	var pairs [][2]int
	var edges []edge
	for range 1500 {
		from, to := r.IntN(500), r.IntN(100)
		api := &inventory.API{Provider: nodes[to]}
		pairs, edges = append(pairs, [2]int{from, to}), append(edges, edge{Consumer: nodes[from], Provider: nodes[to], API: api, Path: "/apis/acme/all/api"})
	}
	for b.Loop() {
		if draw(nodes, layout(len(nodes), pairs, mostRows), edges, index) == "" {
			b.Fatal("nothing is drawn")
		}
	}
}
