package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// worseStock takes the probes from a component that had everything.
func worseStock() map[string]string {
	return map[string]string{"services/stock/k8s/app.yaml": deployment("stock", "")}
}

// Whatever a pull request says about how it is to be evaluated, from a branch or from a
// fork, it is evaluated as the base branch says.
func TestReadinessCannotBeSwitchedOff(t *testing.T) {
	const file = ".github/plimsoll.yml"
	whole := begin + ordersFile + stockFile
	instead := func(old, now string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("the file does not hold %q", old)
		}
		return strings.Replace(whole, old, now, 1)
	}
	waiving := func(rule string) string {
		return instead("    health:\n      endpoint", "    health:\n      waive: [{rule: "+rule+", reason: later, until: 2026-12-01}]\n      endpoint")
	}
	for name, test := range map[string]struct {
		says  string
		texts []string
	}{
		"component removed":     {begin + ordersFile, []string{"`stock` checked as declared on `main`"}},
		"all removed":           {"version: 1\ncomponents: []\n", []string{"checked as declared on `main`"}},
		"component renamed":     {instead("name: stock\n", "name: store\n"), nil},
		"renamed and moved":     {strings.NewReplacer("name: stock\n", "name: store\n", "path: services/stock", "path: services/store").Replace(whole), nil},
		"path elsewhere":        {instead("path: services/stock", "path: services/none"), nil},
		"no production":         {instead("      production:\n        verify:", "      production:\n        production: false\n        verify:"), []string{"`stock` checked as declared on `main`"}},
		"environment renamed":   {instead("      production:\n        verify:", "      live:\n        verify:"), []string{"`stock` checked as declared on `main`"}},
		"environment removed":   {instead("    environments:\n      production:\n        verify:\n          for: 10m\n          probes:\n            - get: /version\n              expect: {json: {sha: \"{{deployment.sha}}\"}}\n          signals:\n            - preset: http\n              match: {job: stock}\n        rollback: {by: deployment}\n", ""), []string{"`stock` checked as declared on `main`"}},
		"policy loosened":       {whole + "policy: {block: []}\n", nil},
		"another rule blocks":   {whole + "policy: {block: [runbook]}\n", nil},
		"waives the theme":      {waiving("health"), []string{"**proposed**", "Propose it in a separate pull request"}},
		"waives all":            {waiving("all"), []string{"is invalid"}},
		"manifests given away":  {whole + "  - {name: junk, path: services/stock/k8s}\n", []string{"`stock` checked as declared on `main`"}},
		"waives the rule":       {waiving("HC003"), []string{"**proposed**"}},
		"file deleted":          {simulator.Deleted, []string{"`orders` and `stock` checked as declared on `main`"}},
		"file broken":           {"version: 1\ncomponents: [\n", nil},
		"file of another shape": {"version: 1\ncomponents: {}\nx: y\n", nil},
		"file a link":           {simulator.SymbolicLink("../README.md"), nil},
		"file elsewhere":        {simulator.Deleted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, testbed.Options{Queue: brisk()}, nil)
			files := worseStock()
			files[file] = test.says
			if name == "file elsewhere" {
				files["plimsoll.yml"] = "version: 1\ncomponents: []\npolicy: {block: []}\n"
			}
			pull := p.pull("off", files)
			p.ready(pull, "failure", append(test.texts, "Deployment stock has no readiness probe")...)
			fork := p.fromFork(files)
			p.ready(fork, "failure", append(test.texts, "Deployment stock has no readiness probe")...)
			p.alive()
		})
	}
}

// What a person sees who takes a component out of the file, breaks the file, or puts
// in a waiver of their own.
func TestReadinessPagesOfWhoWouldSwitchItOff(t *testing.T) {
	eachPlatform(t, func(t *testing.T, p *platform) {
		for _, page := range []struct{ name, says, want string }{
			{"removed", begin + ordersFile, `
				acme/platform pull 1 (open)
				check plimsoll/contracts: success: 1; #✅
				check plimsoll/readiness: failure: 2; ❌ HC003 services/stock/k8s/app.yaml:11 stock ×2; ⚠️ main stock; orders 5 10 6; stock 14 15 2; 6; #❌; # ×4; services/stock/k8s/app.yaml:11 failure ×2; [recheck]`},
			{"broken", "version: 1\ncomponents: [\n", `
				acme/platform pull 2 (open)
				check plimsoll/contracts: failure: 1; ❌; .github/plimsoll.yml:2 failure; [recheck]
				check plimsoll/readiness: failure: 1; ❌; ❌ HC003 services/stock/k8s/app.yaml:11 stock ×2; orders 5 10 6; stock 14 15 2; 6; #❌; # ×4; .github/plimsoll.yml:2 failure; services/stock/k8s/app.yaml:11 failure ×2; [recheck]`},
			{"own-waiver", strings.Replace(begin+ordersFile+stockFile, "    health:\n      endpoint", "    health:\n      waive:\n        - {rule: HC003, reason: it starts slowly, until: 2026-12-01}\n      endpoint", 1), `
				acme/platform pull 3 (open)
				check plimsoll/contracts: success
				check plimsoll/readiness: failure: 2; ❌ HC003 services/stock/k8s/app.yaml:11 stock ×2; orders 5 10 6; stock 14 15 2; .github/plimsoll.yml:16 HC003 stock 2026 12 01; 6; #❌; # ×4; services/stock/k8s/app.yaml:11 failure ×2; [recheck]`},
		} {
			files := worseStock()
			files[".github/plimsoll.yml"] = page.says
			pull := p.pull(page.name, files)
			p.ready(pull, "failure")
			testbedtest.Outcome(t, p.GitHub.Render(pull), page.want)
		}
		files := worseStock()
		files[".github/plimsoll.yml"] = simulator.Deleted
		fork := p.fromFork(files)
		p.ready(fork, "failure", "`orders` and `stock` checked as declared on `main`")
		testbedtest.Outcome(t, p.GitHub.Render(fork), `
			acme/platform pull 4 (open)
			check plimsoll/contracts: success: 1; #✅
			check plimsoll/readiness: failure: 2; ❌ HC003 services/stock/k8s/app.yaml:11 stock ×2; ⚠️ main orders stock; orders 5 10 6; stock 14 15 2; 6; #❌; # ×4; services/stock/k8s/app.yaml:11 failure ×2; [recheck]`)
	})
}

// A service that is taken out with all its files is let go.
func TestReadinessLetsAServiceGo(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk()}, nil)
		pull := p.pull("away", map[string]string{
			".github/plimsoll.yml": begin + ordersFile, "services/stock/openapi.yaml": simulator.Deleted, "services/stock/k8s/app.yaml": simulator.Deleted,
			"docs/runbooks/stock.md": simulator.Deleted, "ops/alerts/stock.yml": simulator.Deleted,
		})
		if check := p.ready(pull, "success", "No new gaps"); strings.Contains(check.Summary, "stock") {
			t.Errorf("a service that is gone is still judged:\n%s", check.Summary)
		}
		p.alive()
	})
}

// Once merged by somebody who may, the new word counts.
func TestReadinessFollowsWhatIsMerged(t *testing.T) {
	p := newPlatform(t, testbed.Options{Queue: brisk()}, nil)
	lax := p.pull("lax", map[string]string{".github/plimsoll.yml": begin + ordersFile + stockFile + "policy: {block: [runbook]}\n"})
	p.ready(lax, "success")
	worse := p.pull("worse", worseStock())
	first := p.ready(worse, "failure")
	if _, err := lax.Merge(simulator.MergeCommit); err != nil {
		t.Fatal(err)
	}
	p.Settle()
	if again := p.ready(worse, "neutral", "not blocking"); again.ID == first.ID {
		t.Error("a completed run was changed")
	}
	p.ready(p.pull("no-runbook", map[string]string{"docs/runbooks/stock.md": simulator.Deleted}), "failure", "1 new gap blocks: stock")
	p.alive()
}
