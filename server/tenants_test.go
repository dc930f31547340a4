package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"plimsoll/config"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// A metric server belongs to the accounts that the operator names, by default to the
// App's owner alone. To others it does not exist, and it is never asked.
func TestMetricServerOfAnotherAccount(t *testing.T) {
	for name, c := range map[string]struct {
		accounts     []config.Account
		repositories []config.RepositoryPattern
		conclusion   string
		asked        bool
	}{
		"everybody's":          {[]config.Account{"*"}, nil, "failure", true},
		"its own":              {[]config.Account{"globex", "ACME"}, nil, "failure", true},
		"its own repository's": {[]config.Account{"ACME"}, []config.RepositoryPattern{"Acme/Plat*"}, "failure", true},
		"another account's":    {[]config.Account{"globex"}, nil, "neutral", false},
		"the App's owner's":    {[]config.Account{}, nil, "neutral", false},
		"the owner, by name":   {[]config.Account{"plimsoll-makers"}, nil, "neutral", false},
		"another repository's": {[]config.Account{"*"}, []config.RepositoryPattern{"acme/plat", "globex/*"}, "neutral", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				server := newMetricServer(t, "http_requests_total")
				datasources := named("default", server.URL)
				datasources[0].Accounts, datasources[0].Repositories = c.accounts, c.repositories
				p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk(), Datasources: datasources}, nil)
				p.ready(p.pull("lag", newAlert(`stock_lag_seconds{job="stock"} > 60`)), c.conclusion)
				if asked := server.asked.Load() > 0; asked != c.asked {
					t.Errorf("asked: %v, expected %v", asked, c.asked)
				}
				p.alive()
			})
		})
	}
}

// The same for hosts that may be probed.
func TestProbesOfAnotherAccount(t *testing.T) {
	local := []config.Allowed{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}
	for name, c := range map[string]struct {
		rules  config.ProbeRules
		probed bool
	}{
		"its own":           {config.ProbeRules{Allow: local, Accounts: []config.Account{"acme"}}, true},
		"another account's": {config.ProbeRules{Allow: local, Accounts: []config.Account{"globex"}, Tenants: []config.ProbeTenant{{Allow: local, Accounts: []config.Account{"globex"}}}}, false},
		"the App's owner's": {config.ProbeRules{Allow: local}, false},
		"a tenant's repositories": {config.ProbeRules{Tenants: []config.ProbeTenant{
			{Allow: local, Accounts: []config.Account{"acme"}, Repositories: []config.RepositoryPattern{"acme/ord*"}},
		}}, true},
		"another repository's": {config.ProbeRules{Allow: local, Accounts: []config.Account{"*"}, Repositories: []config.RepositoryPattern{"acme/web", "globex/*"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			everyWatchingWith(t, "", func(w *watching) { w.probed = &c.rules }, func(t *testing.T, w *watching) {
				_, commit := w.change("good")
				w.service.runs(commit, http.StatusOK)
				w.deploy(commit)
				w.pass(6)
				runs := w.orders.Checks(commit, "plimsoll/deploy")
				verified := len(runs) == 1 && runs[0].Conclusion == "success"
				if verified != c.probed {
					t.Errorf("%+v, expected it to be probed: %v", runs, c.probed)
				}
			})
		})
	}
}

// selectors answers like a metric server without series, and keeps what is asked for.
type selectors struct {
	mu      sync.Mutex
	queries []string
	names   []string
}

func (s *selectors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var data any = map[string]any{"resultType": "vector", "result": []any{}}
	switch query := r.FormValue("query"); {
	case strings.HasSuffix(r.URL.Path, "/values"):
		s.names = append(s.names, strings.Join(r.Form["match[]"], " "))
		data = []string{"http_requests_total", "stock_lag_seconds"}
	case strings.HasSuffix(r.URL.Path, "/query_range"):
		data = map[string]any{"resultType": "matrix", "result": []any{}}
		fallthrough
	default:
		s.queries = append(s.queries, query)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
}

// A metric server that tenants share: whatever a repository writes, every selector carries
// the operator's matchers. The honest twin has none.
func TestMatchersOfAMetricServer(t *testing.T) {
	const attack = `max(stock_lag{namespace="globex"} or on() {__name__=~"zz.+"} or max_over_time(stock_lag{a="}"}[10m:1m] offset 5m)) # {namespace="acme"}`
	for name, matchers := range map[string][]config.Matcher{"forced": {`namespace="acme"`}, "none": nil} {
		t.Run(name, func(t *testing.T) {
			everyWatchingWith(t, "", func(w *watching) {
				server := httptest.NewServer(&selectors{})
				w.metricsSeen = server.Config.Handler.(*selectors)
				w.t.Cleanup(server.Close)
				w.metrics = named("default", server.URL)
				w.metrics[0].Matchers = matchers
				w.file = watchedFile + "          signals:\n            - {preset: http, match: {job: orders}}\n            - {name: lag, query: '" + attack + "', better: down}\n"
			}, func(t *testing.T, w *watching) {
				_, commit := w.change("good")
				w.service.runs(commit, http.StatusOK)
				w.deploy(commit)
				w.pass(3)
				w.metricsSeen.mu.Lock()
				defer w.metricsSeen.mu.Unlock()
				if len(w.metricsSeen.queries) == 0 || !strings.Contains(strings.Join(w.metricsSeen.queries, "\n"), "zz.+") {
					t.Fatalf("asked: %q", w.metricsSeen.queries)
				}
				for _, query := range w.metricsSeen.queries {
					expr, err := parser.ParseExpr(query)
					if err != nil {
						t.Fatalf("%s: %s", query, err)
					}
					for _, selector := range parser.ExtractSelectors(expr) {
						carries := false
						for _, m := range selector {
							carries = carries || m.String() == `namespace="acme"`
						}
						if carries != (matchers != nil) {
							t.Errorf("%s: a selector carries the matcher: %v", query, carries)
						}
					}
				}
			})
		})
	}
}

// Names of metrics are listed by the same matchers.
func TestMatchersOfMetricNames(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		seen := &selectors{}
		server := httptest.NewServer(seen)
		t.Cleanup(server.Close)
		datasources := named("default", server.URL)
		datasources[0].Matchers = []config.Matcher{`namespace="acme"`}
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk(), Datasources: datasources}, nil)
		p.ready(p.pull("lag", newAlert(`stock_lag_seconds{job="stock"} > 60`)), "success")
		if len(seen.names) != 1 || seen.names[0] != `{namespace="acme"}` {
			t.Errorf("names are listed by %q", seen.names)
		}
		p.alive()
	})
}

// Whoever installs a public App is served only if the operator names the account, by default
// the App's owner alone. Of others nothing is read, and they are told how to be let in.
func TestAccountsThatAreServed(t *testing.T) {
	for name, c := range map[string]struct {
		accounts []config.Account
		served   bool
	}{
		"named":           {[]config.Account{"globex", "ACME"}, true},
		"everybody":       {[]config.Account{"*"}, true},
		"another account": {[]config.Account{"globex"}, false},
		"the App's owner": {[]config.Account{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDSN(t, func(t *testing.T, dsn string) {
				w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Accounts: c.accounts})
				var pull *simulator.PullRequest
				used := w.Used(func() { pull = w.pull("drop-price", map[string]string{"openapi.yaml": without("price")}) })
				if c.served {
					w.expect(pull, "failure", "web")
					return
				}
				w.expect(pull, "neutral", "This Plimsoll server does not serve acme", "ask its operator to add `acme`")
				for _, e := range used {
					if e.Operation != "checks/create" && e.Operation != "checks/list-for-ref" && e.Operation != "apps/create-installation-access-token" {
						t.Errorf("an account that is not served costs %s", e.Operation)
					}
				}
				w.shop.CommitAs("ana", "main", "Change", map[string]string{"README.md": "more"})
				if used := w.Used(func() { pull.Push("More", map[string]string{"README.md": "x"}) }); len(used) != 0 {
					t.Errorf("a push to it costs %d requests: %+v", len(used), used)
				}
				w.alive()
			})
		})
	}
}

// An account whose installation is not known yet, because the event about it was lost, is
// not served before it is known.
func TestAccountThatIsNotKnownIsNotServed(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := testbedtest.Open(t, testbed.Options{DSN: dsn, Queue: brisk(), Accounts: []config.Account{"globex"}})
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "installation" {
				return simulator.Vanish
			}
			return simulator.Send
		})
		for _, account := range []string{"acme", "globex"} {
			one := w.GitHub.NewRepository(account+"/one", simulator.RepositoryOptions{Private: true})
			two := w.GitHub.NewRepository(account+"/two", simulator.RepositoryOptions{Private: true})
			installation := w.GitHub.Install(account, one)
			w.Settle()
			read := slices.ContainsFunc(w.Used(func() { installation.Add(two) }), func(e simulator.Exchange) bool { return strings.Contains(e.Path, "/"+account+"/") })
			if read != (account == "globex") {
				t.Errorf("repositories of %s were read: %t", account, read)
			}
		}
	})
}

// A name in the operator's file means the account that had it first: that account keeps what
// it was given under another name, and an account that takes the name gets nothing.
func TestAccountThatTakesAName(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Accounts: []config.Account{"acme"}})
		taker := w.GitHub.NewRepository("globex/shop", simulator.RepositoryOptions{Private: true})
		taker.CommitAs("eve", "main", "Begin", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
		w.GitHub.Install("globex")
		w.GitHub.RenameAccount("acme", "apex")
		w.Settle()
		w.GitHub.RenameAccount("globex", "acme")
		w.Settle()
		taker.CommitAs("eve", "change", "Change", map[string]string{"openapi.yaml": without("price")})
		pull := taker.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "eve"})
		w.Settle()
		w.expectNewest(pull, "neutral", "This Plimsoll server does not serve acme")
		w.expect(w.pull("drop-price", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
		w.conditions(`"renamed_accounts":[{"name":"acme","account":"apex","taken_by":`)
		w.alive()
	})
}
