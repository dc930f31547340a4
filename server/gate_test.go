package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// gatedFile is watchedFile with a staging environment that comes before production.
var gatedFile = strings.Replace(watchedFile, "      production:\n", "      staging:\n        verify: {for: 3m, every: 1m, probes: [{get: /healthz}]}\n      production:\n        after: [staging]\n        gate: true\n", 1)

// gated is the service with a staging environment that comes before production, whose
// protection rule asks.
func gated(w *watching) {
	w.orders.CommitAs("ana", "main", "Gate it", map[string]string{".github/plimsoll.yml": gatedFile})
	w.orders.Environment("production", true)
	w.Settle()
}

// stage deploys a commit to staging.
func (w *watching) stage(commit string) {
	d := w.orders.Deploy("staging", commit, simulator.DeployOptions{Creator: "bob"})
	d.Status("success", w.url)
	w.Settle()
}

// ask asks whether a commit may go to production.
func (w *watching) ask(commit string) *simulator.Deployment {
	d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob", WorkflowRun: true})
	w.Settle()
	return d
}

// answered holds a gate to its answers: what each begins with and contains.
func (w *watching) answered(d *simulator.Deployment, want ...string) {
	w.t.Helper()
	got := d.Gate()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(want); i++ {
		ok = !slices.ContainsFunc(strings.Split(want[i], "|"), func(part string) bool { return !strings.Contains(got[i], part) })
	}
	if !ok {
		w.t.Errorf("the gate was answered:\n%s\nexpected %q", strings.Join(got, "\n"), want)
	}
}

// What is verification in progress in staging holds the gate; when it is verified there the gate
// opens by itself.
func TestGateHeldAndReleased(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders staging 4
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders staging 4; GET /healthz 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		gate production report: ⏳ production; orders staging; orders ×2
		gate production report: ⏳ production; orders staging; orders ×2
		gate production approved: ✅ production; orders staging; commit1 orders; orders`, func(t *testing.T, w *watching) {
		gated(w)
		_, commit := w.change("good")
		w.service.runs(commit, http.StatusOK)
		d := w.ask(commit)
		w.answered(d, "report|not deployed to `staging` yet")
		w.stage(commit)
		w.pass(1)
		w.answered(d, "report|not deployed", "report|verification in progress in `staging`")
		w.pass(4)
		w.answered(d, "report|not deployed", "report|verification in progress", "production approved|verified in `staging`")
		w.pass(2)
		w.answered(d, "report|not deployed", "report|verification in progress", "production approved|verified in `staging`")
	})
}

// What failed in staging does not go on, and what failed in production does not come
// back; what was verified there does, at once.
func TestGateRefuses(t *testing.T) {
	everyWatching(t, "verify/gate-refuses.md", func(t *testing.T, w *watching) {
		gated(w)
		_, good := w.change("good")
		w.service.runs(good, http.StatusOK)
		w.stage(good)
		w.pass(4)
		first := w.ask(good)
		w.answered(first, "production approved|verified in `staging`")
		first.Status("success", w.url)
		w.Settle()
		w.pass(6)
		w.concluded(good, "success", "verified")

		_, bad := w.change("bad")
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.stage(bad)
		w.pass(4)
		w.answered(w.ask(bad), "production rejected|not verified in `staging` (roll back)")
		w.answered(w.ask(good), "production approved|verified in `staging`")
	})
}

// A deployment that never comes to staging is refused in the end; a gate that nobody
// has declared, or of a repository that takes no part, is not in the way.
func TestGateOfWhatNeverComes(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		plain := w.GitHub.NewRepository("acme/plain", simulator.RepositoryOptions{Private: true})
		plain.CommitAs("ana", "main", "Begin", map[string]string{"README.md": "x"})
		plain.Environment("production", true)
		w.Settle()
		d := plain.Deploy("production", "main", simulator.DeployOptions{WorkflowRun: true})
		w.Settle()
		w.answered(d, "production approved|knows no component")
		w.orders.Environment("production", true)
		_, open := w.change("open")
		w.answered(w.ask(open), "production approved|no gate is declared")

		gated(w)
		_, never := w.change("never")
		asked := w.ask(never)
		w.pass(16)
		w.answered(asked, "report|not deployed to `staging` yet", "production rejected|was never deployed to `staging`")
	})
}

// An error opens no gate.
func TestGateThroughFaults(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		_, commit := w.change("good")
		w.service.runs(commit, http.StatusOK)
		w.stage(commit)
		w.pass(4)
		w.GitHub.Fault(simulator.Fault{Operation: "actions/review-custom-gates-for-run", Times: 2, Status: http.StatusBadGateway})
		d := w.ask(commit)
		w.answered(d)
		for range 5 {
			w.pass(1)
		}
		w.answered(d, "production approved|verified in `staging`")
	})
}

// A gate may ask before anything is known of its repository, even that the App is
// installed there: it is read then, and an error on the way opens nothing.
func TestGateOfARepositoryThatNobodyHasRead(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.GitHub.Organization("globex")
		fresh := w.GitHub.NewRepository("globex/fresh", simulator.RepositoryOptions{Private: true})
		fresh.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": gatedFile})
		fresh.Environment("production", true)
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "deployment_protection_rule" {
				return simulator.Send
			}
			return simulator.Drop
		})
		w.GitHub.Install("globex")
		asked := fresh.Deploy("production", "main", simulator.DeployOptions{WorkflowRun: true})
		w.Settle()
		w.answered(asked, "report|not deployed to `staging` yet")

		broken := w.GitHub.NewRepository("globex/broken", simulator.RepositoryOptions{Private: true})
		broken.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": "version: 1\ncomponent: []\n"})
		broken.Environment("production", true)
		asked = broken.Deploy("production", "main", simulator.DeployOptions{WorkflowRun: true})
		w.Settle()
		w.answered(asked, "production rejected|`plimsoll.yml` has errors")
	})
}
