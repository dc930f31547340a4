package github

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/server/github/githubtest"
)

func TestPullRequest(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		pull := pullAnswer(7, githubtest.SHA("head"))
		head := pull["head"].(map[string]any)
		switch r.PathValue("number") {
		case "8":
			head["repo"] = map[string]any{"id": 20, "name": "orders", "private": true, "owner": map[string]any{"login": "bob"}}
		case "9":
			head["repo"] = nil
		case "10":
			pull["merged"], pull["draft"], pull["state"] = true, true, "closed"
		case "11":
			head["sha"] = "HEAD"
		}
		githubtest.Answer(w, pull)
	})
	clients := newClients(t, f)
	want := PullRequest{Repository: githubtest.Orders, Number: 7, State: "open", Title: "Drop sku", Author: "ann", BaseRef: "main", BaseSHA: githubtest.SHA("base"), HeadRef: "drop-sku", HeadSHA: githubtest.SHA("head"), HeadRepository: githubtest.Orders}
	for number, change := range map[int]func(*PullRequest){
		7: func(*PullRequest) {},
		8: func(p *PullRequest) {
			p.Fork, p.HeadRepository = true, contracts.RepositoryRef{Installation: 1, ID: 20, Owner: "bob", Name: "orders", Private: true}
		},
		9:  func(p *PullRequest) { p.Fork, p.HeadRepository = true, contracts.RepositoryRef{} },
		10: func(p *PullRequest) { p.Merged, p.Draft, p.State = true, true, "closed" },
	} {
		expected := want
		change(&expected)
		if got, err := clients.PullRequest(t.Context(), githubtest.Orders, number); err != nil || got != expected {
			t.Errorf("%d: %+v, %v", number, got, err)
		}
	}
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 11); Classify(err) != ClassRetry {
		t.Errorf("a head that is no SHA: %v", err)
	}
}

func TestOpenPullRequests(t *testing.T) {
	f := githubtest.New(t).Tokens()
	broken, circle := false, false
	f.HandleFunc("GET /repos/acme/orders/pulls", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("state") != "open" || q.Get("base") != "main" || q.Get("per_page") != "100" {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		var page int
		_, _ = fmt.Sscan(q.Get("page"), &page)
		if page == 2 && broken {
			githubtest.Refusal(w, 502, "Server Error")
			return
		}
		if circle {
			w.Header().Set("Link", fmt.Sprintf(`<%s/x?page=1>; rel="next"`, f.URL))
		} else if page < 3 {
			w.Header().Set("Link", fmt.Sprintf(`<%s/x?page=%d>; rel="next", <%s/x?page=3>; rel="last"`, f.URL, page+1, f.URL))
		}
		githubtest.Answer(w, []any{pullAnswer(page*10, githubtest.SHA("head")), pullAnswer(page*10+1, githubtest.SHA("head"))})
	})
	clients := newClients(t, f)
	var numbers []int
	for pull, err := range clients.OpenPullRequests(t.Context(), githubtest.Orders, "main") {
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, pull.Number)
	}
	if !reflect.DeepEqual(numbers, []int{10, 11, 20, 21, 30, 31}) {
		t.Errorf("%v", numbers)
	}
	// Whoever has enough is asked for nothing more.
	before := len(f.Requests())
	for range clients.OpenPullRequests(t.Context(), githubtest.Orders, "main") {
		break
	}
	if n := len(f.Requests()) - before; n != 1 {
		t.Errorf("%d requests for the first", n)
	}
	// A server that leads back to the first page does not keep us for ever.
	circle = true
	seen := 0
	for _, err := range clients.OpenPullRequests(t.Context(), githubtest.Orders, "main") {
		if err != nil || seen == 4 {
			t.Fatalf("%d, %v", seen, err)
		}
		seen++
	}
	circle, broken = false, true
	count, last := 0, error(nil)
	for _, err := range clients.OpenPullRequests(t.Context(), githubtest.Orders, "main") {
		count, last = count+1, err
	}
	if count != 3 || Classify(last) != ClassRetry {
		t.Errorf("%d, %v", count, last)
	}
}

func TestHead(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repositories/10/commits/{ref}", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.EscapedPath() {
		case "/repositories/10/commits/heads%2Frelease%2F1.0":
			githubtest.Answer(w, map[string]any{"sha": githubtest.SHA("tip"), "commit": map[string]any{"tree": map[string]any{"sha": githubtest.SHA("tree")}}})
		default:
			githubtest.Refusal(w, 422, "No commit found for SHA: "+r.PathValue("ref"))
		}
	})
	clients := newClients(t, f)
	commit, tree, err := clients.Head(t.Context(), githubtest.Orders, "release/1.0")
	if err != nil || commit != githubtest.SHA("tip") || tree != githubtest.SHA("tree") {
		t.Errorf("%s, %s, %v", commit, tree, err)
	}
	if _, _, err := clients.Head(t.Context(), githubtest.Orders, "../../../../app"); Classify(err) != ClassNotFound {
		t.Errorf("%v", err)
	}
}

func TestRepository(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, map[string]any{"id": 10, "name": "Orders", "private": true, "fork": true, "default_branch": "main", "owner": map[string]any{"login": "Acme"}})
	})
	f.HandleFunc("GET /repos/acme/gone", func(w http.ResponseWriter, _ *http.Request) { githubtest.Refusal(w, 404, "Not Found") })
	f.HandleFunc("GET /repositories/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != "11" {
			githubtest.Refusal(w, 404, "Not Found")
			return
		}
		githubtest.Answer(w, map[string]any{"id": 11, "name": "there", "owner": map[string]any{"login": "acme"}})
	})
	clients := newClients(t, f)
	got, err := clients.Repository(t.Context(), githubtest.Orders)
	want := Repository{Ref: contracts.RepositoryRef{Installation: 1, ID: 10, Owner: "Acme", Name: "Orders", Private: true}, DefaultBranch: "main", Fork: true}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = clients.Repository(t.Context(), contracts.RepositoryRef{Installation: 1, ID: 11, Owner: "acme", Name: "gone"})
	if err != nil || got.Ref.FullName() != "acme/there" {
		t.Errorf("by id: %+v, %v", got, err)
	}
	for _, id := range []int64{0, 12} {
		if _, err := clients.Repository(t.Context(), contracts.RepositoryRef{Installation: 1, ID: id, Owner: "acme", Name: "gone"}); Classify(err) != ClassNotFound {
			t.Errorf("id %d: %v", id, err)
		}
	}
}

func TestInstallations(t *testing.T) {
	f := githubtest.New(t).Tokens()
	next := func(w http.ResponseWriter, page string) {
		w.Header().Set("Link", fmt.Sprintf(`<%s/x?page=%s>; rel="next"`, f.URL, page))
	}
	f.HandleFunc("GET /app/installations", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			t.Error("not asked as the App")
		}
		if r.URL.Query().Get("page") == "1" {
			next(w, "2")
			githubtest.Answer(w, []any{map[string]any{"id": 1, "account": map[string]any{"login": "acme", "id": 3, "type": "Organization"}, "repository_selection": "all",
				"permissions": map[string]string{"merge_queues": "read"}, "events": []string{"push"}, "suspended_at": nil}})
			return
		}
		githubtest.Answer(w, []any{map[string]any{"id": 2, "account": map[string]any{"login": "bob", "type": "User"}, "repository_selection": "selected", "suspended_at": "2026-01-01T00:00:00Z"}})
	})
	f.HandleFunc("GET /installation/repositories", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "token token-1" {
			t.Error("not asked for the installation")
		}
		if r.URL.Query().Get("page") != "3" {
			next(w, "3")
		}
		githubtest.Answer(w, map[string]any{"total_count": 300, "repositories": []any{map[string]any{"id": 10, "name": "orders", "owner": map[string]any{"login": "acme"}, "default_branch": "main"}}})
	})
	clients := newClients(t, f)
	first, page, err := clients.Installations(t.Context(), 0)
	want := []Installation{{ID: 1, Account: "acme", AccountID: 3, AccountType: "Organization", Selection: "all",
		Permissions: map[string]string{"merge_queues": "read"}, Events: []string{"push"}}}
	if err != nil || page != 2 || !reflect.DeepEqual(first, want) {
		t.Errorf("%+v, %d, %v", first, page, err)
	}
	second, page, err := clients.Installations(t.Context(), page)
	if err != nil || page != 0 || len(second) != 1 || !second[0].Suspended || second[0].Selection != "selected" {
		t.Errorf("%+v, %d, %v", second, page, err)
	}
	listed, err := clients.InstallationRepositories(t.Context(), 1, 2)
	if err != nil || listed.Next != 3 || listed.Total != 300 || len(listed.Repositories) != 1 ||
		listed.Repositories[0].Ref != githubtest.Orders || listed.Repositories[0].DefaultBranch != "main" {
		t.Errorf("%+v, %v", listed, err)
	}
	if last, err := clients.InstallationRepositories(t.Context(), 1, 3); err != nil || last.Next != 0 {
		t.Errorf("%+v, %v", last, err)
	}
	if _, err := clients.InstallationRepositories(t.Context(), 0, 1); Classify(err) != ClassPermanent {
		t.Errorf("no installation: %v", err)
	}
}

func TestFailedDeliveries(t *testing.T) {
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	entry := func(id int, guid string, minute, status int) map[string]any {
		return map[string]any{"id": id, "guid": guid, "delivered_at": start.Add(time.Duration(minute) * time.Minute), "status_code": status,
			"event": "push", "action": nil, "installation_id": 1, "repository_id": 10}
	}
	pages := map[string][]map[string]any{
		"": {
			entry(9, "mended", 90, 202),
			entry(8, "twice", 80, 500),
			entry(7, "fine", 70, 200),
			entry(6, "no answer", 60, 0),
		},
		"c2": {
			entry(5, "mended", 50, 500),
			entry(4, "twice", 40, 502),
			entry(3, "redirected", 30, 302),
			entry(2, "once", 20, 401),
			entry(1, "too old", -1, 500),
		},
	}
	f := githubtest.New(t)
	f.HandleFunc("GET /app/hook/deliveries", func(w http.ResponseWriter, r *http.Request) {
		cursor := r.URL.Query().Get("cursor")
		page, ok := pages[cursor]
		if !ok {
			t.Errorf("asked beyond the time: %s", r.URL.RawQuery)
		}
		next := map[string]string{"": "c2", "c2": "c3"}[cursor]
		w.Header().Set("Link", fmt.Sprintf(`<%s/x?per_page=100&cursor=%s>; rel="next"`, f.URL, next))
		githubtest.Answer(w, page)
	})
	failed, err := newClients(t, f).FailedDeliveries(t.Context(), start)
	want := []Delivery{
		{ID: 2, GUID: "once", Event: "push", DeliveredAt: start.Add(20 * time.Minute), Status: 401, InstallationID: 1, RepositoryID: 10},
		{ID: 6, GUID: "no answer", Event: "push", DeliveredAt: start.Add(60 * time.Minute), InstallationID: 1, RepositoryID: 10},
		{ID: 8, GUID: "twice", Event: "push", DeliveredAt: start.Add(80 * time.Minute), Status: 500, InstallationID: 1, RepositoryID: 10},
	}
	if err != nil || !reflect.DeepEqual(failed, want) {
		t.Errorf("%+v, %v", failed, err)
	}
}

func TestRedeliver(t *testing.T) {
	f := githubtest.New(t)
	f.HandleFunc("POST /app/hook/deliveries/{id}/attempts", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "8" {
			w.WriteHeader(http.StatusAccepted)
			githubtest.Answer(w, map[string]any{})
			return
		}
		githubtest.Refusal(w, 404, "Not Found")
	})
	clients := newClients(t, f)
	if err := clients.Redeliver(t.Context(), 8); err != nil {
		t.Error(err)
	}
	if err := clients.Redeliver(t.Context(), 9); Classify(err) != ClassNotFound {
		t.Error(err)
	}
}
