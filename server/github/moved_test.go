package github

import (
	"bytes"
	"net/http"
	"plimsoll/server/github/githubtest"
	"strings"
	"testing"
)

func TestRenamedRepository(t *testing.T) {
	f := githubtest.New(t).Tokens()
	moved := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(r.URL.Path, "/repos/acme/orders", "/repositories/10", 1), status)
		}
	}
	f.HandleFunc(pullPath, moved(301))
	f.HandleFunc("GET /repositories/10/pulls/7", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	f.HandleFunc("POST /repos/acme/orders/issues/7/comments", moved(301))
	f.HandleFunc("PATCH /repos/acme/orders/issues/comments/5", moved(307))
	f.HandleFunc("POST /repositories/10/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
		body := new(bytes.Buffer)
		_, _ = body.ReadFrom(r.Body)
		if strings.TrimSpace(body.String()) != `{"body":"hello"}` {
			t.Errorf("body %q", body)
		}
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"id": 5})
	})
	f.HandleFunc("PATCH /repositories/10/issues/comments/5", func(w http.ResponseWriter, _ *http.Request) { githubtest.Answer(w, map[string]any{"id": 5}) })
	clients := newClients(t, f)
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
		t.Error(err)
	}
	if id, err := clients.CreateComment(t.Context(), githubtest.Orders, 7, "hello"); err != nil || id != 5 {
		t.Errorf("%d, %v", id, err)
	}
	if err := clients.EditComment(t.Context(), githubtest.Orders, 5, "hello"); err != nil {
		t.Error(err)
	}
}

// The old name was given to another repository: nothing of it is taken for ours.
func TestNameThatChangedHands(t *testing.T) {
	f := githubtest.New(t).Tokens()
	outsider := map[string]any{"id": 99, "name": "orders", "owner": map[string]any{"login": "acme"}}
	f.HandleFunc("GET /repos/acme/orders", func(w http.ResponseWriter, _ *http.Request) { githubtest.Answer(w, outsider) })
	f.HandleFunc("GET /repositories/10", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, map[string]any{"id": 10, "name": "orders-old", "default_branch": "trunk", "owner": map[string]any{"login": "acme"}, "archived": true})
	})
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		pull := pullAnswer(7, githubtest.SHA("head"))
		pull["base"].(map[string]any)["repo"] = outsider
		githubtest.Answer(w, pull)
	})
	clients := newClients(t, f)
	repository, err := clients.Repository(t.Context(), githubtest.Orders)
	if err != nil || repository.Name != "orders-old" || repository.ID != 10 || repository.Installation != 1 ||
		repository.DefaultBranch != "trunk" || !repository.Archived {
		t.Errorf("%+v, %v", repository, err)
	}
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); Classify(err) != ClassNotFound {
		t.Errorf("pull request of a stranger: %v", err)
	}
}
