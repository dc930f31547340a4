package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/deploy/gate"
	"plimsoll/server/github/githubtest"
)

// takeBody keeps what was sent, as JSON.
func takeBody(t *testing.T, r *http.Request) map[string]any {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Errorf("%s: %v", raw, err)
	}
	return body
}

func wantJSON(t *testing.T, got map[string]any, want string) {
	t.Helper()
	var expected map[string]any
	if err := json.Unmarshal([]byte(want), &expected); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, expected) {
		text, _ := json.Marshal(got)
		t.Errorf("sent %s\nwant %s", text, want)
	}
}

func TestCheckRuns(t *testing.T) {
	f := githubtest.New(t).Tokens()
	var created, updated map[string]any
	f.HandleFunc("POST /repos/acme/orders/check-runs", func(w http.ResponseWriter, r *http.Request) {
		created = takeBody(t, r)
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"id": 77})
	})
	f.HandleFunc("PATCH /repos/acme/orders/check-runs/77", func(w http.ResponseWriter, r *http.Request) {
		updated = takeBody(t, r)
		githubtest.Answer(w, map[string]any{"id": 77})
	})
	clients := newClients(t, f)
	run := checks.CheckRun{Name: checks.ContractsRun, HeadSHA: githubtest.SHA("head"), ExternalID: "pr/7", DetailsURL: "https://plimsoll.example/7"}
	id, err := clients.CreateCheckRun(t.Context(), githubtest.Orders, run)
	if err != nil || id != 77 {
		t.Fatalf("%d, %v", id, err)
	}
	wantJSON(t, created, fmt.Sprintf(`{"name":"plimsoll/contracts","head_sha":%q,"external_id":"pr/7","details_url":"https://plimsoll.example/7","status":"in_progress"}`, githubtest.SHA("head")))

	run.Conclusion, run.Title, run.Summary, run.Text = checks.Failure, "1 consumer breaks", "checkout-web", "more"
	run.Annotations = []checks.Annotation{
		{Path: "api.yaml", StartLine: 4, EndLine: 4, StartColumn: 3, EndColumn: 9, Level: checks.Fail, Title: "removed", Message: "sku"},
		{Path: "api.yaml", StartLine: 4, EndLine: 6, StartColumn: 3, EndColumn: 9, Level: checks.Warning, Message: "several lines have no columns"},
	}
	run.Actions = []checks.Action{{Label: "Re-check", Description: "again", Identifier: "recheck"}}
	if err := clients.UpdateCheckRun(t.Context(), githubtest.Orders, 77, run); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, updated, `{"name":"plimsoll/contracts","external_id":"pr/7","details_url":"https://plimsoll.example/7",
		"status":"completed","conclusion":"failure",
		"output":{"title":"1 consumer breaks","summary":"checkout-web","text":"more","annotations":[
			{"path":"api.yaml","start_line":4,"end_line":4,"start_column":3,"end_column":9,"annotation_level":"failure","title":"removed","message":"sku"},
			{"path":"api.yaml","start_line":4,"end_line":6,"annotation_level":"warning","message":"several lines have no columns"}]},
		"actions":[{"label":"Re-check","description":"again","identifier":"recheck"}]}`)

	run.Name = ""
	asked := len(f.Requests())
	if err := clients.UpdateCheckRun(t.Context(), githubtest.Orders, 77, run); Classify(err) != ClassPermanent || len(f.Requests()) != asked {
		t.Errorf("without a name: %v", err)
	}
}

func TestOwnCheckRuns(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders/commits/{sha}/check-runs", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("app_id") != fmt.Sprint(githubtest.AppID) || q.Get("filter") != "all" {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		run := func(id, app int, status, conclusion string) map[string]any {
			r := map[string]any{"id": id, "name": "plimsoll/contracts", "head_sha": githubtest.SHA("head"), "external_id": "pr/7", "status": status, "app": map[string]any{"id": app}}
			if conclusion != "" {
				r["conclusion"] = conclusion
			}
			return r
		}
		if q.Get("page") == "1" {
			w.Header().Set("Link", `<`+f.URL+`/x?page=2>; rel="next"`)
			githubtest.Answer(w, map[string]any{"total_count": 3, "check_runs": []any{run(1, githubtest.AppID, "in_progress", ""), run(2, 999, "completed", "success")}})
			return
		}
		githubtest.Answer(w, map[string]any{"total_count": 3, "check_runs": []any{run(3, githubtest.AppID, "completed", "failure")}})
	})
	clients := newClients(t, f)
	runs, err := clients.OwnCheckRuns(t.Context(), githubtest.Orders, githubtest.SHA("head"))
	want := []RunState{
		{ID: 3, Name: "plimsoll/contracts", HeadSHA: githubtest.SHA("head"), ExternalID: "pr/7", Status: "completed", Conclusion: checks.Failure},
		{ID: 1, Name: "plimsoll/contracts", HeadSHA: githubtest.SHA("head"), ExternalID: "pr/7", Status: "in_progress"},
	}
	if err != nil || !reflect.DeepEqual(runs, want) {
		t.Errorf("%+v, %v", runs, err)
	}
	if _, err := clients.OwnCheckRuns(t.Context(), githubtest.Orders, "main"); Classify(err) != ClassPermanent {
		t.Errorf("a branch: %v", err)
	}
}

func comment(id int, body, login, kind string, app int) map[string]any {
	c := map[string]any{"id": id, "body": body, "user": map[string]any{"login": login, "type": kind}, "performed_via_github_app": nil}
	if app != 0 {
		c["performed_via_github_app"] = map[string]any{"id": app}
	}
	return c
}

func TestFindComment(t *testing.T) {
	const marker = "<!-- plimsoll:contracts -->"
	other := comment(90, "hello", "bob", "User", 0)
	tests := map[string]struct {
		pages [][]map[string]any
		want  int64
	}{
		"none":                       {[][]map[string]any{{other}}, 0},
		"own":                        {[][]map[string]any{{other, comment(5, "x "+marker+" y", "plimsoll[bot]", "Bot", githubtest.AppID)}}, 5},
		"own on the third page":      {[][]map[string]any{{other}, {other}, {comment(5, marker, "plimsoll[bot]", "Bot", githubtest.AppID)}}, 5},
		"the first of two":           {[][]map[string]any{{comment(5, marker, "plimsoll[bot]", "Bot", githubtest.AppID)}, {comment(6, marker, "plimsoll[bot]", "Bot", githubtest.AppID)}}, 5},
		"own, without the App":       {[][]map[string]any{{comment(5, marker, "Plimsoll[bot]", "Bot", 0)}}, 5},
		"marker quoted by a person":  {[][]map[string]any{{comment(5, "> "+marker, "bob", "User", 0)}}, 0},
		"marker by another App":      {[][]map[string]any{{comment(5, marker, "plimsoll[bot]", "Bot", 999)}}, 0},
		"marker by another bot":      {[][]map[string]any{{comment(5, marker, "other[bot]", "Bot", 0)}}, 0},
		"a person with the bot name": {[][]map[string]any{{comment(5, marker, "plimsoll[bot]", "User", 0)}}, 0},
		"another marker":             {[][]map[string]any{{comment(5, "<!-- plimsoll:deploy -->", "plimsoll[bot]", "Bot", githubtest.AppID)}}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := githubtest.New(t).Tokens()
			f.HandleFunc("GET /app", func(w http.ResponseWriter, _ *http.Request) {
				githubtest.Answer(w, map[string]any{"id": githubtest.AppID, "slug": "plimsoll"})
			})
			f.HandleFunc("GET /repos/acme/orders/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
				var page int
				_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
				if page < len(test.pages) {
					w.Header().Set("Link", fmt.Sprintf(`<%s/x?page=%d>; rel="next"`, f.URL, page+1))
				}
				githubtest.Answer(w, test.pages[page-1])
			})
			clients := newClients(t, f)
			for range 2 { // the slug is asked for once
				if id, err := clients.FindComment(t.Context(), githubtest.Orders, 7, marker); err != nil || id != test.want {
					t.Errorf("%d, %v, want %d", id, err, test.want)
				}
			}
			asked := 0
			for _, r := range f.Requests() {
				if r == "GET /app" {
					asked++
				}
			}
			if asked > 1 {
				t.Errorf("asked who we are %d times", asked)
			}
		})
	}
}

// A server whose pages never end.
func TestFindCommentEnds(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
		var page int
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		w.Header().Set("Link", fmt.Sprintf(`<%s/x?page=%d>; rel="next"`, f.URL, page+1))
		githubtest.Answer(w, []any{})
	})
	if id, err := newClients(t, f).FindComment(t.Context(), githubtest.Orders, 7, "marker"); err != nil || id != 0 {
		t.Errorf("%d, %v", id, err)
	}
	if n := len(f.Requests()); n != maxCommentPages {
		t.Errorf("%d pages", n)
	}
}

func TestComments(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("POST /repos/acme/orders/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
		wantJSON(t, takeBody(t, r), `{"body":"hello <b>"}`)
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"id": 5})
	})
	f.HandleFunc("PATCH /repos/acme/orders/issues/comments/{id}", func(w http.ResponseWriter, r *http.Request) {
		switch r.PathValue("id") {
		case "5":
			wantJSON(t, takeBody(t, r), `{"body":"again"}`)
			githubtest.Answer(w, map[string]any{"id": 5})
		case "6":
			githubtest.Refusal(w, 404, "Not Found")
		case "7":
			githubtest.Refusal(w, 410, "Gone")
		default:
			githubtest.Refusal(w, 403, "Repository was archived so is read-only.")
		}
	})
	f.HandleFunc("POST /repos/acme/orders/issues/comments/5/reactions", func(w http.ResponseWriter, r *http.Request) {
		wantJSON(t, takeBody(t, r), `{"content":"+1"}`)
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"id": 1, "content": "+1"})
	})
	clients := newClients(t, f)
	if id, err := clients.CreateComment(t.Context(), githubtest.Orders, 7, "hello <b>"); err != nil || id != 5 {
		t.Errorf("%d, %v", id, err)
	}
	if err := clients.EditComment(t.Context(), githubtest.Orders, 5, "again"); err != nil {
		t.Error(err)
	}
	for _, id := range []int64{6, 7} {
		if err := clients.EditComment(t.Context(), githubtest.Orders, id, "again"); !errors.Is(err, fs.ErrNotExist) || Classify(err) != ClassNotFound {
			t.Errorf("deleted comment %d: %v", id, err)
		}
	}
	if err := clients.EditComment(t.Context(), githubtest.Orders, 8, "again"); errors.Is(err, fs.ErrNotExist) || Classify(err) != ClassArchived {
		t.Errorf("archived: %v", err)
	}
	if err := clients.React(t.Context(), githubtest.Orders, 5, "+1"); err != nil {
		t.Error(err)
	}
}

// An uninstalled App is no deleted comment: a new one would not help.
func TestEditCommentWithoutInstallation(t *testing.T) {
	f := githubtest.New(t)
	f.HandleFunc("POST /app/installations/1/access_tokens", func(w http.ResponseWriter, _ *http.Request) { githubtest.Refusal(w, 404, "Not Found") })
	if err := newClients(t, f).EditComment(t.Context(), githubtest.Orders, 5, "x"); errors.Is(err, fs.ErrNotExist) || Classify(err) != ClassNotFound {
		t.Error(err)
	}
}

func TestAnswerGate(t *testing.T) {
	f := githubtest.New(t).Tokens()
	var sent []map[string]any
	f.HandleFunc("POST /repos/acme/orders/actions/runs/42/deployment_protection_rule", func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, takeBody(t, r))
		w.WriteHeader(http.StatusNoContent)
	})
	clients := newClients(t, f)
	for _, state := range []gate.State{gate.Approved, gate.Rejected, gate.Held} {
		if err := clients.AnswerGate(t.Context(), githubtest.Orders, 42, "production", state, "because"); err != nil {
			t.Fatal(err)
		}
	}
	wantJSON(t, sent[0], `{"environment_name":"production","state":"approved","comment":"because"}`)
	wantJSON(t, sent[1], `{"environment_name":"production","state":"rejected","comment":"because"}`)
	wantJSON(t, sent[2], `{"environment_name":"production","comment":"because"}`)
}

func TestCollaboratorPermission(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders/collaborators/{login}/permission", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.PathValue("login"), "[bot]") {
			githubtest.Refusal(w, 404, "not a user")
			return
		}
		githubtest.Answer(w, map[string]any{"permission": "write", "role_name": "maintain", "user": map[string]any{"login": "ann"}})
	})
	clients := newClients(t, f)
	if p, err := clients.CollaboratorPermission(t.Context(), githubtest.Orders, "ann"); err != nil || p != (Permission{Legacy: "write", Role: "maintain"}) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := clients.CollaboratorPermission(t.Context(), githubtest.Orders, "other[bot]"); Classify(err) != ClassNotFound {
		t.Error(err)
	}
}
