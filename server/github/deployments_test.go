package github_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"plimsoll/deploy"
	"plimsoll/server/github"
	"plimsoll/server/simulator"
)

func TestSimulatedDeployments(t *testing.T) {
	noon := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	p := newWorld(t, func(o *simulator.Options) { o.Clock = func() time.Time { return noon } })
	first := p.orders.Deploy("production", "main", simulator.DeployOptions{Creator: "ana", Payload: map[string]any{"component": "orders"}})
	first.Report("in_progress", simulator.StatusOptions{})
	first.Report("success", simulator.StatusOptions{EnvironmentURL: "https://orders.example.com"})
	preview := p.orders.Deploy("pr-1", "main", simulator.DeployOptions{Transient: true, Payload: "a text"})
	want := deploy.Deployment{
		ID: first.ID(), Commit: first.SHA(), Ref: "main", Task: "deploy", Environment: "production", Production: true, Creator: "ana",
		Payload: json.RawMessage(`{"component":"orders"}`), CreatedAt: noon,
	}
	got, err := p.clients.Deployment(t.Context(), p.ref, first.ID())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	newest, more, err := p.clients.Deployments(t.Context(), p.ref, "")
	if err != nil || more || len(newest) != 2 || newest[0].ID != preview.ID() || !newest[0].Transient || newest[0].Production || string(newest[0].Payload) != `"a text"` || newest[1].ID != first.ID() {
		t.Errorf("got %+v, more %t, %v", newest, more, err)
	}
	if only, _, err := p.clients.Deployments(t.Context(), p.ref, "pr-1"); err != nil || len(only) != 1 || only[0].ID != preview.ID() {
		t.Errorf("by environment: %+v, %v", only, err)
	}
	statuses, err := p.clients.DeploymentStatuses(t.Context(), p.ref, first.ID())
	if err != nil || len(statuses) != 2 || statuses[0].State != deploy.Success || statuses[0].URL != "https://orders.example.com" || statuses[0].Environment != "production" || !statuses[0].At.Equal(noon) || statuses[0].Own {
		t.Errorf("got %+v, %v", statuses, err)
	}
	p.orders.Rename("shop")
	if _, err := p.clients.Deployment(t.Context(), p.ref, first.ID()); err != nil {
		t.Errorf("after a rename: %v", err)
	}
	if _, err := p.clients.Deployment(t.Context(), p.ref, 12345); github.Classify(err) != github.ClassNotFound {
		t.Errorf("a deployment that is not there: %v", err)
	}
}

func TestSimulatedDeploymentsAreBounded(t *testing.T) {
	p := newWorld(t)
	var last *simulator.Deployment
	for i := range 101 {
		last = p.orders.Deploy(fmt.Sprint("pr-", i), "main", simulator.DeployOptions{})
	}
	newest, more, err := p.clients.Deployments(t.Context(), p.ref, "")
	if err != nil || !more || len(newest) != 100 || newest[0].ID != last.ID() {
		t.Errorf("%d deployments, more %t, %v", len(newest), more, err)
	}
	for range 350 {
		last.Status("in_progress", "")
	}
	last.Status("success", "")
	ctx, count := github.WithCount(t.Context())
	statuses, err := p.clients.DeploymentStatuses(ctx, p.ref, last.ID())
	if err != nil || len(statuses) != 300 || statuses[0].State != deploy.Success || count.Network() != github.MaxStatusPages {
		t.Errorf("%d statuses in %d requests, %v", len(statuses), count.Network(), err)
	}
}

func TestSimulatedReleases(t *testing.T) {
	p := newWorld(t)
	old := p.orders.Head("main")
	p.orders.Release("ios-app/4.2", "", simulator.ReleaseOptions{})
	p.orders.Commit("main", "Go on", map[string]string{"README.md": "more"})
	p.orders.Release("v5", "", simulator.ReleaseOptions{})
	p.orders.Release("v6-rc", "", simulator.ReleaseOptions{Prerelease: true})
	p.orders.Release("v6", "", simulator.ReleaseOptions{Draft: true})
	releases, err := p.clients.Releases(t.Context(), p.ref)
	if err != nil || len(releases) != 2 || releases[0].Tag != "v5" || releases[1].Tag != "ios-app/4.2" || releases[1].PublishedAt.IsZero() {
		t.Fatalf("%+v, %v", releases, err)
	}
	if commit, err := p.clients.TagCommit(t.Context(), p.ref, "ios-app/4.2"); err != nil || commit != old {
		t.Errorf("%s, %v, expected %s", commit, err, old)
	}
	if _, err := p.clients.TagCommit(t.Context(), p.ref, "v7"); github.Classify(err) != github.ClassNotFound {
		t.Errorf("a tag that is not there: %v", err)
	}
}
