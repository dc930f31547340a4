package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// TestAutoInactive: a success makes inactive what GitHub says it does, and no more.
func TestAutoInactive(t *testing.T) {
	for _, c := range []struct {
		name        string
		environment string // of the prior deployment; the new one goes to staging
		prior       simulator.DeployOptions
		state       string
		new         simulator.StatusOptions
		inactive    bool
	}{
		{name: "the same environment", environment: "staging", state: "success", inactive: true},
		{name: "another task", environment: "staging", prior: simulator.DeployOptions{Task: "rollback"}, state: "success", inactive: true},
		{name: "another environment", environment: "qa", state: "success"},
		{name: "a production environment", environment: "staging", prior: simulator.DeployOptions{Production: true}, state: "success"},
		{name: "a transient environment", environment: "staging", prior: simulator.DeployOptions{Transient: true}, state: "success"},
		{name: "not successful", environment: "staging", state: "in_progress"},
		{name: "failed", environment: "staging", state: "failure"},
		{name: "switched off", environment: "staging", state: "success", new: simulator.StatusOptions{KeepOthers: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			defer w.noViolations()
			prior := w.orders.Deploy(c.environment, "main", c.prior)
			prior.Report(c.state, simulator.StatusOptions{})
			w.orders.Deploy("staging", "main", simulator.DeployOptions{}).Report("success", c.new)
			want := []string{c.state}
			if c.inactive {
				want = append(want, "inactive")
			}
			if got := prior.Statuses(); !slices.Equal(got, want) {
				t.Errorf("the prior deployment's statuses: %q, want %q", got, want)
			}
		})
	}
}

// TestAutoInactiveIsNotForLaterOnes: a deployment that succeeds late leaves alone
// what was made after it.
func TestAutoInactiveIsNotForLaterOnes(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	first := w.orders.Deploy("staging", "main", simulator.DeployOptions{})
	second := w.orders.Deploy("staging", "main", simulator.DeployOptions{})
	second.Status("success", "")
	first.Status("success", "")
	if got := second.Statuses(); !slices.Equal(got, []string{"success"}) {
		t.Errorf("the later deployment's statuses: %q", got)
	}
	production := w.orders.Deploy("production", "main", simulator.DeployOptions{})
	production.Status("success", "")
	w.orders.Deploy("production", "main", simulator.DeployOptions{}).Status("success", "")
	if got := production.Statuses(); !slices.Equal(got, []string{"success"}) {
		t.Errorf("an environment called production is one: %q", got)
	}
}

// TestTheAppsStatusAndAutoInactive: auto_inactive of the App's own call.
func TestTheAppsStatusAndAutoInactive(t *testing.T) {
	for body, want := range map[string][]string{
		`{"state":"success","auto_inactive":false}`: {"success"},
		`{"state":"success","auto_inactive":true}`:  {"success", "inactive"},
		`{"state":"success"}`:                       {"success", "inactive"},
		`{"state":"failure"}`:                       {"success"},
	} {
		w := newWorld(t)
		prior := w.orders.Deploy("staging", "main", simulator.DeployOptions{})
		prior.Status("success", "")
		d := w.orders.Deploy("staging", "main", simulator.DeployOptions{})
		path := fmt.Sprintf("/repos/acme/orders/deployments/%d/statuses", d.ID())
		if status, _, answer := w.send("POST", path, w.token(nil), body); status != http.StatusCreated {
			t.Fatalf("%s: %d %s", body, status, answer)
		}
		if got := prior.Statuses(); !slices.Equal(got, want) {
			t.Errorf("after %s: %q, want %q", body, got, want)
		}
		w.noViolations()
	}
}

// told is what an answer or a delivery tells of a deployment.
type told struct {
	ID               int64
	Ref, Environment string
	Description      *string
	Payload          any
	Production       *bool `json:"production_environment"`
	Transient        *bool `json:"transient_environment"`
}

func TestDeploymentsAreTold(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.orders.Tag("v1.2.0", "main")
	w.orders.Deploy("production", "v1.2.0", simulator.DeployOptions{Payload: `{"as":"text"}`})
	w.orders.Deploy("review-7", "main", simulator.DeployOptions{Transient: true, Payload: map[string]any{"pr": 7}, Description: "Review app"})
	w.orders.Deploy("eu", w.orders.Head("main"), simulator.DeployOptions{Production: true})
	w.settle()
	_, _, answer := w.send("GET", "/repos/acme/orders/deployments", w.token(nil), "")
	var answered []told
	if err := json.Unmarshal([]byte(answer), &answered); err != nil || len(answered) != 3 {
		t.Fatalf("%v in %s", err, answer)
	}
	slices.Reverse(answered)
	var delivered []told
	for _, d := range w.sim.Deliveries() {
		var payload struct{ Deployment told }
		if err := json.Unmarshal(d.Payload, &payload); err != nil {
			t.Fatal(err)
		}
		if d.Event == "deployment" {
			delivered = append(delivered, payload.Deployment)
		}
	}
	for i, want := range []string{
		`production v1.2.0 production=true transient=false {"as":"text"}`,
		`review-7 main production=false transient=true map[pr:7]`,
		`eu ` + w.orders.Head("main") + ` production=true transient=false map[]`,
	} {
		for _, from := range [][]told{answered, delivered} {
			d := from[i]
			if got := fmt.Sprintf("%s %s production=%t transient=%t %v", d.Environment, d.Ref, *d.Production, *d.Transient, d.Payload); got != want {
				t.Errorf("told %s\nwant %s", got, want)
			}
		}
	}
	if got := answered[1].Description; got == nil || *got != "Review app" {
		t.Errorf("description %v", got)
	}
}

func TestDeploymentsAreListed(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	first := w.orders.Head("main")
	second := w.orders.Commit("main", "More", map[string]string{"a": "b"})
	names := map[int64]string{}
	deploy := func(name, environment, ref, task string) {
		names[w.orders.Deploy(environment, ref, simulator.DeployOptions{Task: task}).ID()] = name
	}
	deploy("a", "production", first, "")
	deploy("b", "production", "main", "")
	deploy("c", "staging", "main", "")
	deploy("d", "production", second, "rollback")
	for query, want := range map[string]string{
		"":                                   "d c b a",
		"?environment=production":            "d b a",
		"?environment=none":                  "d c b a",
		"?sha=" + first:                      "a",
		"?sha=" + second:                     "d c b",
		"?ref=main":                          "c b",
		"?task=rollback":                     "d",
		"?task=deploy&environment=staging":   "c",
		"?environment=nowhere":               "",
		"?per_page=3":                        "d c b",
		"?per_page=3&page=2":                 "a",
		"?environment=production&per_page=2": "d b",
		"?environment=production&per_page=2&page=2": "a",
	} {
		status, _, answer := w.send("GET", "/repos/acme/orders/deployments"+query, w.token(nil), "")
		var list []told
		if err := json.Unmarshal([]byte(answer), &list); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %v", query, status, err)
		}
		var got []string
		for _, d := range list {
			got = append(got, names[d.ID])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// TestReport: what a status may say beside its state.
func TestReport(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	d := w.orders.Deploy("staging", "main", simulator.DeployOptions{})
	d.Report("in_progress", simulator.StatusOptions{Environment: "staging-2", Description: "Half of it", LogURL: "https://ci.test/1"})
	d.Report("success", simulator.StatusOptions{EnvironmentURL: "https://staging.test"})
	_, _, answer := w.send("GET", fmt.Sprintf("/repos/acme/orders/deployments/%d/statuses", d.ID()), w.token(nil), "")
	var list []struct {
		State, Description, Environment string
		EnvironmentURL                  string `json:"environment_url"`
		LogURL                          string `json:"log_url"`
	}
	if err := json.Unmarshal([]byte(answer), &list); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(list), "[{success  staging-2 https://staging.test } {in_progress Half of it staging-2  https://ci.test/1}]"; got != want {
		t.Errorf("told %s\nwant %s", got, want)
	}
}
