package server_test

import (
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// waived is the platform's file with waivers of stock's, one a line.
func waived(waivers ...string) string {
	list := "      waive:\n"
	for _, w := range waivers {
		list += "        - {" + w + "}\n"
	}
	return begin + ordersFile + strings.Replace(stockFile, "    health:\n", "    health:\n"+list, 1)
}

const noRunbook = `rule: runbook, reason: "it is written anew, @acme/oncall knows", until: 2026-11-30`

func newWaived(t *testing.T, dsn, file string) *platform {
	t.Helper()
	files := platformFiles()
	files[".github/plimsoll.yml"] = file
	return newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk()}, files)
}

// A waiver lets be what it covers and is shown on every pull request, until the end of
// its last day. Then the answer changes without anybody's doing.
func TestReadinessWaiverEnds(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newWaived(t, dsn, waived(noRunbook))
		gap := p.pull("no-runbook", map[string]string{"docs/runbooks/stock.md": simulator.Deleted})
		docs := p.pull("docs", map[string]string{"README.md": "more"})
		p.ready(gap, "success", "1 new gap, waived", "The new gaps are waived.", "**in force** until the end of 2026-11-30")
		p.ready(docs, "success", "No file changed that readiness checks", "**in force** until the end of 2026-11-30")
		testbedtest.Golden(t, "readiness/waiver.md", p.GitHub.Render(gap))
		testbedtest.Outcome(t, p.GitHub.Render(docs), `
			acme/platform pull 2 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: success: runbook stock 2026 11 30`)

		p.at(time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC))
		p.ready(gap, "success")
		gap.Comment("ana", "/plimsoll recheck")
		p.Settle()
		first := p.ready(gap, "success", "1 day left")
		p.at(time.Date(2026, 12, 1, 0, 1, 0, 0, time.UTC))
		if after := p.ready(gap, "failure", "1 new gap blocks: stock", "**ended** on 2026-11-30"); after.ID == first.ID {
			t.Error("a completed run was changed")
		}
		p.ready(docs, "success", "**ended** on 2026-11-30")
		testbedtest.Outcome(t, p.GitHub.Render(gap), `
			acme/platform pull 1 (open)
			comment by ana: /plimsoll recheck; :+1:
			check plimsoll/contracts: success (replaced)
			check plimsoll/contracts: success
			check plimsoll/readiness: success (replaced)
			check plimsoll/readiness: success (replaced)
			check plimsoll/readiness: failure: 1; ❌ .github/plimsoll.yml:18 RB001 stock; orders 5 10 6; stock 14 15 1; ⚠️ runbook stock 2026 11 30; 6; #❌; # ×4; [recheck]`)
		p.alive()
	})
}

// A waiver that a pull request proposes counts once it is merged; then what waited for
// it passes by itself. One that is withdrawn counts until then.
func TestReadinessWaiverIsProposed(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk()}, nil)
		gap := p.pull("no-runbook", map[string]string{"docs/runbooks/stock.md": simulator.Deleted})
		p.ready(gap, "failure", "1 new gap blocks: stock")
		waiver := p.pull("waiver", map[string]string{".github/plimsoll.yml": waived(noRunbook)})
		p.ready(waiver, "success", "**proposed** until 2026-11-30")
		testbedtest.Outcome(t, p.GitHub.Render(waiver), `
			acme/platform pull 2 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: success: 20; 25; orders 5 10 6; stock 15 15; .github/plimsoll.yml:16 runbook stock 2026 11 30; 6; # ×5`)
		if _, err := waiver.Merge(simulator.MergeCommit); err != nil {
			t.Fatal(err)
		}
		p.Settle()
		p.ready(gap, "success", "**in force** until the end of 2026-11-30")
		away := p.pull("away", map[string]string{".github/plimsoll.yml": begin + ordersFile + stockFile})
		p.ready(away, "success", "**withdrawn** here")
		if _, err := away.Merge(simulator.MergeCommit); err != nil {
			t.Fatal(err)
		}
		p.Settle()
		p.ready(gap, "failure")
		p.alive()
	})
}

// A waiver that reaches further than the policy lets it does not count, and says so.
func TestReadinessWaiverIsTooLong(t *testing.T) {
	p := newWaived(t, "", waived(noRunbook)+"policy: {max_waiver: 14d}\n")
	gap := p.pull("no-runbook", map[string]string{"docs/runbooks/stock.md": simulator.Deleted})
	p.ready(gap, "failure", "**too long**")
	testbedtest.Outcome(t, p.GitHub.Render(gap), `
		acme/platform pull 1 (open)
		check plimsoll/contracts: success
		check plimsoll/readiness: failure: 1; ❌ .github/plimsoll.yml:18 RB001 stock; orders 5 10 6; stock 14 15 1; ⚠️ runbook stock 2026 11 30; 6; #❌; # ×4; [recheck]`)
	p.alive()
}

// What a pull request that lengthens a waiver of its own gets, also from a fork: the
// base branch's waiver counts, and ends when that one ends.
func TestReadinessWaiverIsNotLengthened(t *testing.T) {
	longer := strings.Replace(noRunbook, "2026-11-30", "2027-11-30", 1)
	p := newWaived(t, "", waived(noRunbook))
	files := map[string]string{"docs/runbooks/stock.md": simulator.Deleted, ".github/plimsoll.yml": waived(longer)}
	pull := p.pull("longer", files)
	fork := p.fromFork(files)
	p.ready(pull, "success", "**withdrawn** here", "**proposed** until 2027-11-30")
	p.at(time.Date(2026, 12, 1, 0, 1, 0, 0, time.UTC))
	p.ready(pull, "failure", "**ended** on 2026-11-30", "Propose it in a separate pull request")
	p.ready(fork, "failure", "**ended** on 2026-11-30")
	p.alive()
}
