package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

const checkName = "plimsoll/contracts"

// ownRun makes a check run of our App.
func (w *world) ownRun(head, name, conclusion string) int64 {
	w.t.Helper()
	run, _, err := w.installation().Checks.CreateCheckRun(w.t.Context(), "acme", "orders", github.CreateCheckRunOptions{Name: name, HeadSHA: head, Conclusion: &conclusion})
	if err != nil {
		w.t.Fatal(err)
	}
	return run.GetID()
}

// TestListCheckRuns lists the runs of three Apps with each parameter of GitHub's.
func TestListCheckRuns(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	head := w.pull().HeadSHA()
	names := map[int64]string{}
	names[w.ownRun(head, checkName, "failure")] = "own 1"
	names[w.orders.ForeignCheckRun(simulator.GitHubActions, head, checkName, "success").ID] = "actions 1"
	names[w.ownRun(head, checkName, "failure")] = "own 2"
	names[w.ownRun(head, "other", "success")] = "own other"
	names[w.orders.ForeignCheckRun("impostor", head, checkName, "success").ID] = "impostor"
	names[w.orders.ForeignCheckRun(simulator.GitHubActions, "more", checkName, "").ID] = "actions 2"
	names[w.orders.ForeignCheckRun(simulator.GitHubActions, "main", checkName, "success").ID] = "another commit"

	str := github.String
	for _, c := range []struct {
		name    string
		options github.ListCheckRunsOptions
		want    string
	}{
		{"latest is the default", github.ListCheckRunsOptions{}, "actions 2, impostor, own other, own 2"},
		{"latest", github.ListCheckRunsOptions{Filter: str("latest")}, "actions 2, impostor, own other, own 2"},
		{"all", github.ListCheckRunsOptions{Filter: str("all")}, "actions 2, impostor, own other, own 2, actions 1, own 1"},
		{"a name", github.ListCheckRunsOptions{CheckName: str(checkName)}, "actions 2, impostor, own 2"},
		{"all of a name", github.ListCheckRunsOptions{CheckName: str(checkName), Filter: str("all")}, "actions 2, impostor, own 2, actions 1, own 1"},
		{"our App", github.ListCheckRunsOptions{AppID: github.Int64(w.sim.AppID()), Filter: str("all")}, "own other, own 2, own 1"},
		{"GitHub Actions", github.ListCheckRunsOptions{AppID: github.Int64(15368)}, "actions 2"},
		{"no App", github.ListCheckRunsOptions{AppID: github.Int64(1)}, ""},
		{"a status", github.ListCheckRunsOptions{Status: str("in_progress")}, "actions 2"},
		{"a page", github.ListCheckRunsOptions{ListOptions: github.ListOptions{PerPage: 2, Page: 2}}, "own other, own 2"},
	} {
		list, _, err := w.installation().Checks.ListCheckRunsForRef(t.Context(), "acme", "orders", head, &c.options)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, run := range list.CheckRuns {
			got = append(got, names[run.GetID()])
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}

	suites, _, err := w.installation().Checks.ListCheckSuitesForRef(t.Context(), "acme", "orders", head, nil)
	if err != nil || suites.GetTotal() != 3 {
		t.Errorf("check suites: %v, %v", suites, err)
	}
	suites, _, err = w.installation().Checks.ListCheckSuitesForRef(t.Context(), "acme", "orders", head, &github.ListCheckSuiteOptions{AppID: github.Int(15368), CheckName: str(checkName)})
	if err != nil || suites.GetTotal() != 1 || suites.CheckSuites[0].GetApp().GetSlug() != "github-actions" || suites.CheckSuites[0].GetStatus() != "in_progress" {
		t.Errorf("check suites of GitHub Actions: %v, %v", suites, err)
	}
	suites, _, err = w.installation().Checks.ListCheckSuitesForRef(t.Context(), "acme", "orders", head, &github.ListCheckSuiteOptions{CheckName: str("nothing")})
	if err != nil || suites.GetTotal() != 0 {
		t.Errorf("check suites with a run called nothing: %v, %v", suites, err)
	}
}

// TestForeignCheckRuns: our App hears of another App's run and cannot change it, and the
// newest run of the name decides.
func TestForeignCheckRuns(t *testing.T) {
	w := newWorld(t)
	p := w.pull()
	own := w.ownRun(p.HeadSHA(), checkName, "failure")
	w.settle()
	seen := len(w.hook.events())

	foreign := w.orders.ForeignCheckRun(simulator.GitHubActions, p.HeadSHA(), checkName, "success")
	w.settle()
	if got := w.hook.events()[seen:]; !slices.Equal(got, []string{"check_run.created", "check_run.completed"}) {
		t.Errorf("delivered %q", got)
	}
	e := last[*github.CheckRunEvent](t, w.hook)
	if run := e.GetCheckRun(); run.GetID() != foreign.ID || run.GetApp().GetID() != 15368 || run.GetApp().GetSlug() != "github-actions" || run.GetConclusion() != "success" ||
		run.GetCheckSuite().GetApp().GetID() != 15368 || run.PullRequests[0].GetNumber() != p.Number() || e.GetSender().GetLogin() != "github-actions[bot]" || e.GetInstallation().GetID() != w.install.ID() {
		t.Errorf("completed: %v", e)
	}
	if foreign.App != "github-actions" || p.Checks()[0].ID != own || len(p.Checks()) != 1 {
		t.Errorf("foreign %+v, own %+v", foreign, p.Checks())
	}
	if newest, ok := w.orders.NewestCheck(p.HeadSHA(), checkName); !ok || newest.ID != foreign.ID {
		t.Errorf("newest: %+v", newest)
	}
	w.orders.ForeignCheckRun("impostor", "main", "n", "")
	w.settle()
	if e := last[*github.CheckRunEvent](t, w.hook); e.GetAction() != "created" || e.GetCheckRun().GetStatus() != "in_progress" {
		t.Errorf("in progress: %v", e)
	}

	token, path := w.token(nil), fmt.Sprintf("/repos/acme/orders/check-runs/%d", foreign.ID)
	if status, _, _ := w.send("GET", path, token, ""); status != http.StatusOK {
		t.Errorf("read a foreign run: %d", status)
	}
	w.noViolations()
	if status, _, _ := w.send("PATCH", path, token, `{"name":"plimsoll/contracts","conclusion":"failure"}`); status != http.StatusForbidden {
		t.Errorf("change a foreign run: %d", status)
	}
	w.violated("belongs to github-actions")
	if status, _, _ := w.send("POST", path+"/rerequest", token, ""); status != http.StatusForbidden {
		t.Errorf("rerequest a foreign run: %d", status)
	}
	w.violated("belongs to github-actions")

	own = w.ownRun(p.HeadSHA(), checkName, "failure")
	if newest, _ := w.orders.NewestCheck("more", checkName); newest.ID != own {
		t.Errorf("newest after our own: %+v", newest)
	}
	if _, ok := w.orders.NewestCheck("more", "nothing"); ok {
		t.Error("a check that nobody made")
	}
}

// TestForeignCheckRunsNeedThePermission: without checks the App hears nothing.
func TestForeignCheckRunsNeedThePermission(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.install.SetPermissions(map[string]string{"metadata": "read", "contents": "read"})
	w.settle()
	seen := len(w.hook.events())
	w.orders.ForeignCheckRun(simulator.GitHubActions, "main", checkName, "success")
	w.settle()
	if got := w.hook.events()[seen:]; len(got) != 0 {
		t.Errorf("delivered %q", got)
	}
}

// TestPagesShowForeignCheckRuns: as on GitHub everybody's checks stand side by side, and
// "Re-run" of another App's run does not reach ours.
func TestPagesShowForeignCheckRuns(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	w.ownRun(p.HeadSHA(), checkName, "failure")
	foreign := w.orders.ForeignCheckRun(simulator.GitHubActions, p.HeadSHA(), checkName, "success")
	if body := w.page("/acme/orders/pull/1", http.StatusOK); !strings.Contains(body, "by GitHub Actions: Successful") || !strings.Contains(body, "1 failing, 1 successful") && !strings.Contains(body, "1 successful, 1 failing") {
		t.Errorf("page: %s", body)
	}
	text := w.sim.Render(p)
	for _, want := range []string{"## check plimsoll/contracts: failure\n", "## check plimsoll/contracts: success (by github-actions)\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	w.settle()
	seen := len(w.hook.events())
	response, err := http.Post(fmt.Sprintf("%s/acme/orders/runs/%d/rerequest", w.sim.URL(), foreign.ID), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	w.settle()
	if got := w.hook.events()[seen:]; len(got) != 0 {
		t.Errorf("delivered %q", got)
	}
}

func TestForeignCheckRunsThatNobodyMakesPanic(t *testing.T) {
	w := newWorld(t)
	for name, do := range map[string]func(){
		"our own App":  func() { w.orders.ForeignCheckRun("plimsoll", "main", "n", "success") },
		"no App":       func() { w.orders.ForeignCheckRun("", "main", "n", "success") },
		"a conclusion": func() { w.orders.ForeignCheckRun("ci", "main", "n", "passed") },
		"a commit":     func() { w.orders.ForeignCheckRun("ci", "nowhere", "n", "success") },
	} {
		func() {
			defer func() {
				if told, ok := recover().(string); !ok || !strings.HasPrefix(told, "simulator: ") {
					t.Errorf("%s: %v", name, told)
				}
			}()
			do()
		}()
	}
}
