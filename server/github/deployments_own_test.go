package github

import (
	"maps"
	"net/http"
	"testing"

	"plimsoll/deploy"
	"plimsoll/server/github/githubtest"
)

// Statuses of ours are known by the App that GitHub names; where it names none, as on
// github.com, by the App's user. A person can't take that name.
func TestOwnStatusesAreMarked(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /app", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, map[string]any{"id": githubtest.AppID, "slug": "plimsoll"})
	})
	by := func(login, kind string) map[string]any { return map[string]any{"login": login, "type": kind} }
	f.HandleFunc("GET /repositories/10/deployments/5/statuses", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, []any{
			map[string]any{"id": 7, "state": "failure", "created_at": "2026-11-02T12:06:00Z", "creator": by("plimsoll[bot]", "Bot"), "performed_via_github_app": nil},
			map[string]any{"id": 6, "state": "failure", "created_at": "2026-11-02T12:05:00Z", "creator": by("other[bot]", "Bot"), "performed_via_github_app": nil},
			map[string]any{"id": 5, "state": "failure", "created_at": "2026-11-02T12:04:00Z", "creator": by("plimsoll", "User"), "performed_via_github_app": nil},
			map[string]any{"id": 4, "state": "failure", "created_at": "2026-11-02T12:03:00Z", "performed_via_github_app": map[string]any{"id": githubtest.AppID}},
			map[string]any{"id": 3, "state": "success", "created_at": "2026-11-02T12:02:00Z", "performed_via_github_app": map[string]any{"id": githubtest.AppID + 1}},
			map[string]any{"id": 2, "state": "in_progress", "created_at": "2026-11-02T12:01:00Z", "performed_via_github_app": nil},
		})
	})
	statuses, err := newClients(t, f).DeploymentStatuses(t.Context(), githubtest.Orders, 5)
	own := map[int64]bool{}
	for _, s := range statuses {
		own[s.ID] = s.Own
	}
	want := map[int64]bool{7: true, 6: false, 5: false, 4: true, 3: false, 2: false}
	if err != nil || !maps.Equal(own, want) || statuses[4].State != deploy.Success {
		t.Errorf("%+v, %v", statuses, err)
	}
}

func TestDeploymentsThatSayTooLittleAreRefused(t *testing.T) {
	f := githubtest.New(t).Tokens()
	f.HandleFunc("GET /repositories/10/deployments/5", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, map[string]any{"id": 5, "sha": "main"})
	})
	f.HandleFunc("GET /repositories/10/deployments", func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, []any{map[string]any{"sha": githubtest.SHA("c")}})
	})
	f.HandleFunc("GET /repositories/10/deployments/5/statuses", func(w http.ResponseWriter, _ *http.Request) { githubtest.Answer(w, []any{map[string]any{"id": 1}}) })
	clients := newClients(t, f)
	if _, err := clients.Deployment(t.Context(), githubtest.Orders, 5); Classify(err) != ClassRetry {
		t.Errorf("a commit that is none: %v", err)
	}
	if _, _, err := clients.Deployments(t.Context(), githubtest.Orders, ""); Classify(err) != ClassRetry {
		t.Errorf("a deployment without an id: %v", err)
	}
	if _, err := clients.DeploymentStatuses(t.Context(), githubtest.Orders, 5); Classify(err) != ClassRetry {
		t.Errorf("a status without a state: %v", err)
	}
}
