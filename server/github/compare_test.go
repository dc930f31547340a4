package github

import (
	"fmt"
	"net/http"
	"plimsoll/server/github/githubtest"
	"testing"
)

func TestCompareManyFiles(t *testing.T) {
	for n, complete := range map[int]bool{0: true, MaxCompareFiles - 1: true, MaxCompareFiles: false} {
		f := githubtest.New(t).Tokens()
		f.HandleFunc("GET /repos/acme/orders/compare/{basehead}", func(w http.ResponseWriter, _ *http.Request) {
			files := []map[string]any{}
			for i := range n {
				files = append(files, map[string]any{"filename": fmt.Sprint("new", i), "previous_filename": fmt.Sprint("old", i), "status": "renamed", "sha": githubtest.SHA("x")})
			}
			githubtest.Answer(w, githubtest.CompareAnswer(files...))
		})
		comparison, err := newClients(t, f).Compare(t.Context(), githubtest.Orders, githubtest.SHA("base"), githubtest.SHA("head"))
		if err != nil || comparison.Complete != complete || len(comparison.Files) != n {
			t.Errorf("%d files: %d, complete %t, %v", n, len(comparison.Files), comparison.Complete, err)
		}
	}
}

func TestCompareIncompleteAnswer(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repos/acme/orders/compare/{basehead}", func(w http.ResponseWriter, _ *http.Request) { githubtest.Answer(w, map[string]any{}) })
	clients := newClients(t, f)
	if _, err := clients.Compare(t.Context(), githubtest.Orders, githubtest.SHA("base"), githubtest.SHA("head")); Classify(err) != ClassRetry {
		t.Error(err)
	}
	if _, err := clients.Compare(t.Context(), githubtest.Orders, "", githubtest.SHA("head")); Classify(err) != ClassPermanent {
		t.Error(err)
	}
}
