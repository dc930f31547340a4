package dashboard_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/source"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/apis"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/dashboard/deployments"
	"plimsoll/server/dashboard/graph"
	"plimsoll/server/dashboard/operations"
	"plimsoll/server/dashboard/overview"
	"plimsoll/server/github"
	"plimsoll/server/queue"
	"plimsoll/server/store/storetest"
)

// outside stands for what the pages ask: the registry, the queue, GitHub. It counts what is done.
type outside struct{ acts int }

func (*outside) CanIDeploy(context.Context, source.DeployQuestion) (source.Asked, error) {
	return source.Asked{Answer: contracts.AnswerYes}, nil
}

func (*outside) CanRemove(context.Context, answers.RemoveQuestion) (source.Asked, error) {
	return source.Asked{Answer: contracts.AnswerYes}, nil
}

func (*outside) Version(ctx context.Context, _ contracts.RepositoryRef, version contracts.ContractVersion) (*openapi.Contract, error) {
	const contract = "openapi: 3.0.3\ninfo: {title: T, version: \"1\"}\npaths: {}\n"
	return openapi.Load(ctx, treetest.Map{version.Spec: contract}, version.Spec, openapi.LoadOptions{})
}

func (o *outside) Ask(context.Context, contracts.RepositoryRef, string, string, string) (commandtext.Answer, error) {
	o.acts++
	return commandtext.Answer{}, nil
}

func (*outside) Stats(context.Context) (queue.Stats, error)              { return queue.Stats{}, nil }
func (*outside) Pauses(context.Context) ([]queue.Pause, error)           { return nil, nil }
func (*outside) Loads(context.Context) ([]queue.Load, error)             { return nil, nil }
func (*outside) Jobs(context.Context, queue.Filter) ([]queue.Job, error) { return nil, nil }
func (o *outside) Retry(context.Context, string) error                   { o.acts++; return nil }
func (o *outside) Redeliver(context.Context, int64) error                { o.acts++; return nil }
func (*outside) Left(int64) (int, bool)                                  { return 0, false }
func (*outside) Deliveries(context.Context, string) ([]github.Delivery, string, error) {
	return nil, "", nil
}

// everywhere is the dashboard with all its pages.
func everywhere(t *testing.T, dsn string) (*dashboardtest.World, *outside) {
	t.Helper()
	w, o := dashboardtest.Open(t, dsn, false), &outside{}
	w.Must(overview.New(overview.Deps{Frame: w.Frame, Store: w.Store}))
	w.Must(apis.New(apis.Deps{Frame: w.Frame, Store: w.Store, Answers: o, Contracts: o, WebURL: "https://github.test"}))
	w.Must(operations.New(operations.Deps{Frame: w.Frame, Store: w.Store, Queue: o, GitHub: o, Version: "v1"}))
	w.Must(graph.New(graph.Deps{Frame: w.Frame, Store: w.Store, WebURL: "https://github.test"}))
	w.Must(deployments.New(deployments.Deps{Frame: w.Frame, Store: w.Store, Evidence: w.Evidence, Rollbacks: o}))
	w.Shop()
	return w, o
}

// instance fills the names of a pattern with what ana may read: acme's provider and its
// deployment. The other one is what is absent.
func instance(t *testing.T, pattern string) (method, path, absent string) {
	t.Helper()
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.ReplaceAll(path, "{$}", "")
	fill := func(names ...string) string { return strings.NewReplacer(names...).Replace(path) }
	known := fill("{owner}", "acme", "{repo}", "orders", "{component}", "orders", "{api}", "orders", "{installation}", "1", "{repository}", "11", "{deployment}", "3")
	missing := fill("{owner}", "acme", "{repo}", "absent", "{component}", "orders", "{api}", "orders", "{installation}", "1", "{repository}", "999", "{deployment}", "3")
	if strings.ContainsAny(known, "{}") {
		t.Fatalf("%s: say here what its names may be", pattern)
	}
	if strings.HasPrefix(known, "/graph/line/") { // of a consumer
		return method, "/graph/line/acme/web/web?api=orders", "/graph/line/acme/absent/web?api=orders"
	}
	if strings.HasPrefix(known, "/verifications/") {
		const query = "?component=orders&environment=production"
		known, missing = known+query, missing+query
	}
	return method, known, missing
}

// sent asks for a page, or sends its form with the right token.
func sent(w *dashboardtest.World, person, method, path string) *httptest.ResponseRecorder {
	if method == http.MethodPost {
		return w.Post(person, path, url.Values{"csrf": {dashboardtest.Token}, "once": {"00000000-0000-4000-8000-000000000001"}, "job": {"j1"}, "delivery": {"5"}})
	}
	return w.Get(person, path)
}

// operatorsOnly are below this path.
const operatorsOnly = "/operations"

// Every page, form and file of the dashboard, those that will be added too: nobody gets it
// without a login; a person of another tenant gets what is absent, and reads nothing of this
// one; forms count with their token only; and the headers are those of all pages.
func TestEverywhere(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w, o := everywhere(t, dsn)
		patterns := w.Frame.Patterns()
		if len(patterns) < 17 {
			t.Fatalf("only %q", patterns)
		}
		for _, pattern := range patterns {
			method, path, absent := instance(t, pattern)
			headers(t, pattern, sent(w, "ana", method, path))
			nobody := sent(w, "", method, path)
			if headers(t, pattern, nobody); nobody.Code != http.StatusSeeOther || !strings.HasPrefix(nobody.Header().Get("Location"), dashboard.LoginPath+"?next=") {
				t.Errorf("%s: nobody gets %d", pattern, nobody.Code)
			}
			before := o.acts
			for _, person := range []string{"eve", "root"} {
				if person == "root" && strings.HasPrefix(path, operatorsOnly) {
					continue
				}
				got := sent(w, person, method, path)
				headers(t, pattern, got)
				for _, theirs := range []string{"acme/web", "acme/billing", "billing", ">orders<", dashboardtest.Commit("orders"), dashboardtest.Commit("web"), `"repository":11`, "acme,"} {
					if strings.Contains(got.Body.String(), theirs) {
						t.Errorf("%s: %s reads %q of another tenant:\n%s", pattern, person, theirs, got.Body)
					}
				}
				named := path != absent
				if operators := strings.HasPrefix(path, operatorsOnly); named || operators || method == http.MethodPost {
					if there, missing := got, sent(w, person, method, absent); there.Code != http.StatusNotFound || there.Body.String() != missing.Body.String() {
						t.Errorf("%s: %s gets %d, and %d for what is absent", pattern, person, there.Code, missing.Code)
					}
				} else if got.Code != http.StatusOK {
					t.Errorf("%s: %s gets %d", pattern, person, got.Code)
				}
			}
			person := "ana" // the honest twin
			if strings.HasPrefix(path, operatorsOnly) {
				person = "root"
			}
			if method == http.MethodPost {
				if got := w.Post(person, path, url.Values{"csrf": {"forged"}}); got.Code != http.StatusForbidden {
					t.Errorf("%s without its token: %d", pattern, got.Code)
				}
			}
			if o.acts != before {
				t.Errorf("%s: somebody else has acted", pattern)
			}
			if got := sent(w, person, method, path); got.Code != http.StatusOK && got.Code != http.StatusSeeOther {
				t.Errorf("%s: %s gets %d", pattern, person, got.Code)
			} else if method == http.MethodPost && o.acts != before+1 {
				t.Errorf("%s: nothing was done", pattern)
			}
		}
	})
}

// headers fails the test unless an answer has the headers that all have.
func headers(t *testing.T, pattern string, got *httptest.ResponseRecorder) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "private, no-store",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Robots-Tag": "noindex",
	} {
		if !strings.Contains(got.Header().Get(name), want) {
			t.Errorf("%s: %s is %q", pattern, name, got.Header().Get(name))
		}
	}
	policy := got.Header().Get("Content-Security-Policy")
	for _, part := range []string{"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%s: the policy is %q", pattern, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("%s: the policy is %q", pattern, policy)
	}
}

// Every page that the packages make is among those that the test above visits.
func TestEveryPackageIsVisited(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	visited := []string{"apis", "deployments", "graph", "operations", "overview"}
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "dashboardtest" && entry.Name() != "inventory" && !slices.Contains(visited, entry.Name()) {
			t.Errorf("%s has no page in everywhere", entry.Name())
		}
	}
}
