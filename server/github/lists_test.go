package github

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
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
	want := source.PullRequest{Repository: githubtest.Orders, Number: 7, Open: true, Author: "ann", BaseRef: "main", BaseSHA: githubtest.SHA("base"), HeadSHA: githubtest.SHA("head"), Merging: true}
	for number, change := range map[int]func(*source.PullRequest){
		7:  func(*source.PullRequest) {},
		8:  func(p *source.PullRequest) { p.Fork = true },
		9:  func(p *source.PullRequest) { p.Fork = true },
		10: func(p *source.PullRequest) { p.Merged, p.Draft, p.Open, p.Merging = true, true, false, false },
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
		if q.Get("state") != "open" || q.Has("base") || q.Get("per_page") != "100" {
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
	open, err := clients.OpenPullRequests(t.Context(), githubtest.Orders)
	var numbers []int
	for _, pull := range open {
		numbers = append(numbers, pull.Number)
	}
	if err != nil || !reflect.DeepEqual(numbers, []int{10, 11, 20, 21, 30, 31}) {
		t.Errorf("%v, %v", numbers, err)
	}
	// A server that leads back to the first page does not keep us for ever.
	circle = true
	if open, err := clients.OpenPullRequests(t.Context(), githubtest.Orders); err != nil || len(open) != 2 {
		t.Errorf("in a circle: %d, %v", len(open), err)
	}
	// Half of the list is none.
	circle, broken = false, true
	if open, err := clients.OpenPullRequests(t.Context(), githubtest.Orders); len(open) != 0 || Classify(err) != ClassRetry {
		t.Errorf("broken off: %d, %v", len(open), err)
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
	commit, err := clients.Head(t.Context(), githubtest.Orders, "release/1.0")
	if err != nil || commit.SHA != githubtest.SHA("tip") || commit.Tree != githubtest.SHA("tree") {
		t.Errorf("%+v, %v", commit, err)
	}
	if _, err := clients.Head(t.Context(), githubtest.Orders, "../../../../app"); Classify(err) != ClassNotFound || !errors.Is(err, fs.ErrNotExist) {
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
	want := source.Repository{RepositoryRef: contracts.RepositoryRef{Installation: 1, ID: 10, Owner: "Acme", Name: "Orders", Private: true}, DefaultBranch: "main"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = clients.Repository(t.Context(), contracts.RepositoryRef{Installation: 1, ID: 11, Owner: "acme", Name: "gone"})
	if err != nil || got.FullName() != "acme/there" {
		t.Errorf("by id: %+v, %v", got, err)
	}
	for _, id := range []int64{0, 12} {
		if _, err := clients.Repository(t.Context(), contracts.RepositoryRef{Installation: 1, ID: id, Owner: "acme", Name: "gone"}); Classify(err) != ClassNotFound || !errors.Is(err, fs.ErrNotExist) {
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
	want := []source.Installation{{ID: 1, Account: "acme", AccountID: 3, AccountType: "Organization", Selection: "all",
		Permissions: map[string]string{"merge_queues": "read"}, Events: []string{"push"}}}
	if err != nil || page != 2 || !reflect.DeepEqual(first, want) {
		t.Errorf("%+v, %d, %v", first, page, err)
	}
	second, page, err := clients.Installations(t.Context(), page)
	if err != nil || page != 0 || len(second) != 1 || !second[0].Suspended || second[0].Selection != "selected" {
		t.Errorf("%+v, %d, %v", second, page, err)
	}
	listed, page, total, err := clients.InstallationRepositories(t.Context(), 1, 2)
	if err != nil || page != 3 || total != 300 || len(listed) != 1 || listed[0].RepositoryRef != githubtest.Orders || listed[0].DefaultBranch != "main" {
		t.Errorf("%+v, %d, %d, %v", listed, page, total, err)
	}
	if _, page, _, err := clients.InstallationRepositories(t.Context(), 1, 3); err != nil || page != 0 {
		t.Errorf("%d, %v", page, err)
	}
	if _, _, _, err := clients.InstallationRepositories(t.Context(), 0, 1); Classify(err) != ClassPermanent {
		t.Errorf("no installation: %v", err)
	}
}

func TestDeliveries(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	f := githubtest.New(t)
	f.HandleFunc("GET /app/hook/deliveries", func(w http.ResponseWriter, r *http.Request) {
		if cursor := r.URL.Query().Get("cursor"); cursor == "" {
			w.Header().Set("Link", fmt.Sprintf(`<%s/x?per_page=100&cursor=c2>; rel="next"`, f.URL))
		}
		githubtest.Answer(w, []map[string]any{{"id": 9, "guid": "g", "delivered_at": at, "status_code": 502, "event": "push", "action": nil, "installation_id": 1, "repository_id": 10}})
	})
	clients := newClients(t, f)
	for cursor, further := range map[string]string{"": "c2", "c2": ""} {
		page, next, err := clients.Deliveries(t.Context(), cursor)
		want := []Delivery{{ID: 9, GUID: "g", Event: "push", DeliveredAt: at, Status: 502, InstallationID: 1, RepositoryID: 10}}
		if err != nil || next != further || !reflect.DeepEqual(page, want) {
			t.Errorf("%q: %+v, %q, %v", cursor, page, next, err)
		}
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
