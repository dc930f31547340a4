package handlers

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"plimsoll"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/publication"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/tracker"
	"plimsoll/handlers/verification"
	"plimsoll/handlers/work"
)

// routes is the table without what its handlers call.
func routes(t *testing.T) *Routes {
	t.Helper()
	r, err := newRoutes(table(Deps{App: 1}))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRoute(t *testing.T) {
	const tail = `"installation":{"id":7},"repository":{"id":42,"default_branch":"main"}`
	tests := []struct {
		name, event, payload string
		kind, key            string
		ignore               string // part of the reason
	}{
		{"opened", "pull_request", `{"action":"opened","pull_request":{"number":3},` + tail + `}`, "pull_request", "repo/42/pull/3", ""},
		{"synchronize", "pull_request", `{"action":"synchronize","pull_request":{"number":3},` + tail + `}`, "pull_request", "repo/42/pull/3", ""},
		{"ready", "pull_request", `{"action":"ready_for_review","pull_request":{"number":3},` + tail + `}`, "pull_request", "repo/42/pull/3", ""},
		{"closed", "pull_request", `{"action":"closed","pull_request":{"number":3},` + tail + `}`, "pull_request", "repo/42/pull/3", ""},
		{"labeled", "pull_request", `{"action":"labeled","pull_request":{"number":3},` + tail + `}`, "pull_request", "repo/42/pull/3", "labeled"},
		{"title edited", "pull_request", `{"action":"edited","pull_request":{"number":3},"changes":{"title":{"from":"a"}},` + tail + `}`, "pull_request", "repo/42/pull/3", "edited"},
		{"base edited", "pull_request", `{"action":"edited","pull_request":{"number":3},"changes":{"base":{"ref":{"from":"a"}}},` + tail + `}`, "pull_request", "repo/42/pull/3", ""},
		{"re-run", "check_run", `{"action":"rerequested","check_run":{"name":"plimsoll/contracts","external_id":"pr/9"},` + tail + `}`, "check_run", "repo/42/pull/9", ""},
		{"re-run by list", "check_run", `{"action":"rerequested","check_run":{"name":"plimsoll/contracts","pull_requests":[{"number":9}]},` + tail + `}`, "check_run", "repo/42/pull/9", ""},
		{"re-run without a pull request", "check_run", `{"action":"rerequested","check_run":{"name":"plimsoll/contracts","external_id":"pr/x"},` + tail + `}`, "check_run", "", "no pull request"},
		{"own run created", "check_run", `{"action":"created","check_run":{"name":"plimsoll/contracts","app":{"id":1}},` + tail + `}`, "check_run", "", "our own"},
		{"somebody else's run under our name", "check_run", `{"action":"created","check_run":{"name":"plimsoll/contracts","head_sha":"abc","app":{"id":2}},` + tail + `}`, "check_run/foreign", "repo/42/foreign/abc", ""},
		{"and into another base", "check_run", `{"action":"completed","check_run":{"name":"plimsoll/readiness (dev)","head_sha":"abc","app":{"id":2}},` + tail + `}`, "check_run/foreign", "repo/42/foreign/abc", ""},
		{"somebody else's run under another name", "check_run", `{"action":"created","check_run":{"name":"build","head_sha":"abc","app":{"id":2}},` + tail + `}`, "check_run", "", "build"},
		{"re-run of a deployment", "check_run", `{"action":"rerequested","check_run":{"name":"plimsoll/deploy","external_id":"verify/7"},` + tail + `}`, "check_run/e2c0e5789a785e8b", "verify/7", ""},
		{"somebody else's run", "check_run", `{"action":"rerequested","check_run":{"name":"build","external_id":"pr/9"},` + tail + `}`, "check_run", "", "build"},
		{"re-run all", "check_suite", `{"action":"rerequested","check_suite":{"head_sha":"abc"},` + tail + `}`, "check_suite", "repo/42/suite/abc", ""},
		{"suite requested", "check_suite", `{"action":"requested","check_suite":{"head_sha":"abc"},` + tail + `}`, "check_suite", "", "requested"},
		{"push to main", "push", `{"ref":"refs/heads/main",` + tail + `}`, "push", "repo/42", ""},
		{"push elsewhere", "push", `{"ref":"refs/heads/main-2",` + tail + `}`, "push", "repo/42", "default branch"},
		{"tag called main", "push", `{"ref":"refs/tags/main",` + tail + `}`, "push", "repo/42", "default branch"},
		{"branch deleted", "push", `{"ref":"refs/heads/main","deleted":true,` + tail + `}`, "push", "repo/42", "default branch"},
		{"renamed", "repository", `{"action":"renamed",` + tail + `}`, "repository", "repo/42", ""},
		{"repository created", "repository", `{"action":"created",` + tail + `}`, "repository", "", "created"},
		{"installed", "installation", `{"action":"created","installation":{"id":7}}`, "installation/created", "installation/7", ""},
		{"suspended", "installation", `{"action":"suspend","installation":{"id":7}}`, "installation/suspend", "installation/7", ""},
		{"no installation", "push", `{"ref":"refs/heads/main","repository":{"id":42,"default_branch":"main"}}`, "push", "", "no installation"},
		{"text edited, links changed", "pull_request", `{"action":"edited","pull_request":{"number":3,"body":"Depends-on: acme/web#4"},"changes":{"body":{"from":"a"}},` + tail + `}`, "pull_request", "repo/42/pull/3", ""},
		{"text edited, links as before", "pull_request", `{"action":"edited","pull_request":{"number":3,"body":"b"},"changes":{"body":{"from":"a"}},` + tail + `}`, "pull_request", "", "edited"},
		{"group destroyed", "merge_group", `{"action":"destroyed","merge_group":{"head_sha":"abc"},` + tail + `}`, "merge_group", "repo/42/group/abc", ""},
		{"organisation renamed", "installation_target", `{"action":"renamed","installation":{"id":7}}`, "installation_target", "installation/7", ""},
		{"action of tomorrow", "installation", `{"action":"paused","installation":{"id":7}}`, "installation", "", "action paused"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			route, err := routes(t).Route(test.event, []byte(test.payload))
			if err != nil {
				t.Fatal(err)
			}
			if route.Kind != test.kind || (test.ignore == "" && route.Key != test.key) {
				t.Errorf("kind %q key %q, expected %q %q", route.Kind, route.Key, test.kind, test.key)
			}
			if (route.Ignore == "") != (test.ignore == "") || !strings.Contains(route.Ignore, test.ignore) {
				t.Errorf("ignored for %q, expected %q", route.Ignore, test.ignore)
			}
		})
	}
}

// Intake asks Handles first, so neither happens unless a row was taken out of the table.
func TestNoRow(t *testing.T) {
	if route, err := routes(t).Route("star", []byte(`{}`)); err == nil {
		t.Errorf("an event without a row has the route %+v", route)
	}
	if err := routes(t).Handle(t.Context(), "star", "d-1", []byte(`{}`)); err == nil {
		t.Error("an event without a row was handled")
	}
}

func TestOneRowForEachEvent(t *testing.T) {
	if _, err := newRoutes(append(table(Deps{}), row{event: "push"})); err == nil {
		t.Error("two rows for push gave no error")
	}
}

func TestNewNeedsEveryDependency(t *testing.T) {
	whole := Deps{
		App: 1, Queue: struct{ work.Queue }{}, Sessions: struct{ Sessions }{},
		Pulls: PullRequests{
			&pulls.Evaluator{}, &pulls.ReadinessEvaluator{}, &commands.Buttons{}, &publication.Publisher{},
			struct{ source.Pulls }{}, struct{ source.OwnRuns }{}, &verification.Reporter{},
		},
		Repositories: Repositories{&registry.Indexer{}, &registry.Invalidator{}, struct{ registry.Accounts }{}},
		Comments:     Comments{&commands.Missed{}, struct{ LateDeliveries }{}},
		Deployments: Deployments{
			&tracker.Tracker{}, struct{ gates.AskedGates }{}, func(context.Context) (time.Time, error) { return time.Time{}, nil },
		},
	}
	if _, err := New(whole); err != nil {
		t.Fatal(err)
	}
	for name, take := range map[string]func(d *Deps){
		"App":         func(d *Deps) { d.App = 0 },
		"Queue":       func(d *Deps) { d.Queue = nil },
		"Sessions":    func(d *Deps) { d.Sessions = nil },
		"Evaluator":   func(d *Deps) { d.Pulls.Evaluator = nil },
		"Readiness":   func(d *Deps) { d.Pulls.Readiness = nil },
		"Buttons":     func(d *Deps) { d.Pulls.Buttons = nil },
		"Publisher":   func(d *Deps) { d.Pulls.Publisher = nil },
		"Open":        func(d *Deps) { d.Pulls.Open = nil },
		"Runs":        func(d *Deps) { d.Pulls.Runs = nil },
		"Indexer":     func(d *Deps) { d.Repositories.Indexer = nil },
		"Invalidator": func(d *Deps) { d.Repositories.Invalidator = nil },
		"Accounts":    func(d *Deps) { d.Repositories.Accounts = nil },
		"Tracker":     func(d *Deps) { d.Deployments.Tracker = nil },
		"Gates":       func(d *Deps) { d.Deployments.Gates = nil },
		"Now":         func(d *Deps) { d.Deployments.Now = nil },
	} {
		without := whole
		take(&without)
		if _, err := New(without); err == nil {
			t.Errorf("no error without %s", name)
		}
	}
}

// Every event of app.yml has a row. The only other rows are for events that GitHub sends
// without a subscription.
func TestManifestAsksForTheEventsOfTheTable(t *testing.T) {
	var manifest struct {
		Events []string `yaml:"default_events"`
	}
	if err := yaml.Unmarshal(plimsoll.AppManifest, &manifest); err != nil {
		t.Fatal(err)
	}
	asked := append(manifest.Events, "installation", "installation_repositories", "installation_target", "github_app_authorization")
	handled := routes(t).Handles()
	slices.Sort(asked)
	slices.Sort(handled)
	if !slices.Equal(asked, handled) {
		t.Errorf("app.yml asks for %q\nthe table has  %q", asked, handled)
	}
}

func TestRouteRefusesWhatIsNoPayload(t *testing.T) {
	for _, payload := range []string{"", "[]", `"x"`, `{"action":1}`, `{"repository":{"id":"42"}}`} {
		if _, err := routes(t).Route("push", []byte(payload)); err == nil {
			t.Errorf("%q was taken for a payload", payload)
		}
	}
}

// Repositories added twice in a row must both be read: only what reads its
// subject again may be merged.
func TestInstallationRepositoriesAreNotMerged(t *testing.T) {
	first, err := routes(t).Route("installation_repositories", []byte(`{"action":"added","installation":{"id":7},"repositories_added":[{"id":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	second, err := routes(t).Route("installation_repositories", []byte(`{"action":"added","installation":{"id":7},"repositories_added":[{"id":2}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if first.Key != second.Key {
		t.Errorf("keys %q and %q: they have to be done in order", first.Key, second.Key)
	}
	if first.Kind == second.Kind {
		t.Errorf("both have kind %q: one would swallow the other", first.Kind)
	}
}
