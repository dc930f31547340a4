package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// newFloor is a platform in an organisation that says what holds for all.
func newFloor(t *testing.T, dsn, organisation, file string) (p *platform, home *simulator.Repository) {
	t.Helper()
	p = newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk()}, map[string]string{"README.md": "first"})
	home = p.repository(".github", map[string]string{"plimsoll.yml": organisation})
	p.Settle()
	files := platformFiles()
	files[".github/plimsoll.yml"] = file
	p.shop = p.repository("floored", files)
	p.Settle()
	return p, home
}

// gaps opens a pull request that takes away a runbook, and one that takes away probes.
func (p *platform) gaps() (runbook, probes *simulator.PullRequest) {
	p.t.Helper()
	return p.pull("no-runbook", map[string]string{"docs/runbooks/stock.md": simulator.Deleted}), p.pull("no-probes", worseStock())
}

// The organisation says which rules block; a repository may have more of them block,
// and never fewer.
func TestReadinessFloorOfTheOrganisation(t *testing.T) {
	const floor = "version: 1\npolicy: {block: [runbook]}\n"
	whole := begin + ordersFile + stockFile
	for name, c := range map[string]struct{ file, runbook, probes string }{
		"nothing said": {whole, "failure", "neutral"},
		"tightened":    {whole + "policy: {block: [health]}\n", "failure", "failure"},
		"loosened":     {whole + "policy: {block: []}\n", "failure", "neutral"},
		"another":      {whole + "policy: {block: [owner]}\n", "failure", "neutral"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := newFloor(t, "", floor, c.file)
			runbook, probes := p.gaps()
			p.ready(runbook, c.runbook)
			p.ready(probes, c.probes)
			p.alive()
		})
	}
}

// What a change of the organisation's file means for the pull requests that are open:
// they are evaluated by it at once, in every repository.
func TestReadinessFloorIsRaised(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p, home := newFloor(t, dsn, "version: 1\npolicy: {block: [runbook]}\n", begin+ordersFile+stockFile+"policy: {block: []}\n")
		runbook, probes := p.gaps()
		p.ready(runbook, "failure")
		p.ready(probes, "neutral")
		testbedtest.Outcome(t, p.GitHub.Render(probes), `
			acme/floored pull 2 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: neutral: 2; 19; 25; ⚠️ HC003 services/stock/k8s/app.yaml:11 stock ×2; orders 5 10 6; stock 14 15 2; 6; #⚠️; # ×4; services/stock/k8s/app.yaml:11 warning ×2; [recheck]`)
		home.CommitAs("ana", "main", "All of health", map[string]string{"plimsoll.yml": "version: 1\npolicy: {block: [health], max_waiver: 30d}\n"})
		p.Settle()
		p.ready(runbook, "neutral")
		p.ready(probes, "failure")
		home.CommitAs("ana", "main", "Break it", map[string]string{"plimsoll.yml": "version: 1\npolicy: {block: [\n"})
		p.Settle()
		p.ready(probes, "failure") // the last good word counts on
		p.alive()
	})
}

// Defaults of the organisation's hold for every component, and what a repository says
// itself goes first.
func TestReadinessDefaultsOfTheOrganisation(t *testing.T) {
	const organisation = `version: 1
defaults:
  owner: "@acme/platform"
  health:
    runbook: docs/runbook.md
  environments:
    production:
      verify:
        for: 10m
        probes:
          - get: /version
            expect: {json: {sha: "{{deployment.sha}}"}}
        signals:
          - preset: http
            match: {job: any}
`
	p, _ := newFloor(t, "", organisation, begin+ordersFile)
	pull := p.pull("add", map[string]string{
		".github/plimsoll.yml": begin + ordersFile + "  - name: billing\n    path: services/billing\n    environments:\n      production: {}\n",
		"docs/runbook.md":      "# All of it\n",
	})
	check := p.ready(pull, "failure", "block: billing")
	testbedtest.Outcome(t, p.GitHub.Render(pull), `
		acme/floored pull 1 (open)
		check plimsoll/contracts: success
		check plimsoll/readiness: failure: 2; ❌ .github/plimsoll.yml:8 HC001 billing; ❌ .github/plimsoll.yml:8 AL001 billing; ✅ RB001 orders; orders 9 12 4; billing 7 9 2; 4; #❌ ×2; #; .github/plimsoll.yml:8 failure ×2; [recheck]`)
	for _, gone := range []string{"(`OW001`): `billing`", "(`RB001`): `billing`", "(`VF001`): `billing`"} {
		if strings.Contains(check.Text, gone) {
			t.Errorf("%s although the organisation's defaults have it", gone)
		}
	}
	p.alive()
}
