package github

import (
	"net/http"
	"testing"

	"plimsoll/deploy"
)

// Reports of ours are known by the App that made them, not by a name.
func TestOwnStatusesAreMarked(t *testing.T) {
	f := newFake(t).tokens()
	f.HandleFunc("GET /repositories/10/deployments/5/statuses", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, []any{
			map[string]any{"id": 4, "state": "failure", "created_at": "2026-11-02T12:03:00Z", "performed_via_github_app": map[string]any{"id": testApp}},
			map[string]any{"id": 3, "state": "success", "created_at": "2026-11-02T12:02:00Z", "performed_via_github_app": map[string]any{"id": testApp + 1}},
			map[string]any{"id": 2, "state": "in_progress", "created_at": "2026-11-02T12:01:00Z", "performed_via_github_app": nil},
		})
	})
	statuses, err := newClients(t, f).DeploymentStatuses(t.Context(), orders, 5)
	if err != nil || len(statuses) != 3 || !statuses[0].Own || statuses[1].Own || statuses[2].Own || statuses[1].State != deploy.Success {
		t.Errorf("%+v, %v", statuses, err)
	}
}

func TestDeploymentsThatSayTooLittleAreRefused(t *testing.T) {
	f := newFake(t).tokens()
	f.HandleFunc("GET /repositories/10/deployments/5", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]any{"id": 5, "sha": "main"}) })
	f.HandleFunc("GET /repositories/10/deployments", func(w http.ResponseWriter, _ *http.Request) { answer(w, []any{map[string]any{"sha": sha("c")}}) })
	f.HandleFunc("GET /repositories/10/deployments/5/statuses", func(w http.ResponseWriter, _ *http.Request) { answer(w, []any{map[string]any{"id": 1}}) })
	clients := newClients(t, f)
	if _, err := clients.Deployment(t.Context(), orders, 5); Classify(err) != ClassRetry {
		t.Errorf("a commit that is none: %v", err)
	}
	if _, _, err := clients.Deployments(t.Context(), orders, ""); Classify(err) != ClassRetry {
		t.Errorf("a deployment without an id: %v", err)
	}
	if _, err := clients.DeploymentStatuses(t.Context(), orders, 5); Classify(err) != ClassRetry {
		t.Errorf("a status without a state: %v", err)
	}
}
