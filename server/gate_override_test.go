package server_test

import (
	"net/http"
	"testing"

	"plimsoll/deploy/ledger"
)

// A maintainer overrides whatever a gate says about a commit, once for each commit and
// environment. What was not said then still counts.
func TestGateOverrideOfAnyAnswer(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		w.orders.Grant("max", "maintain")
		w.orders.Grant("eve", "write")
		pull, hotfix := w.change("hotfix")
		other, next := w.change("next")
		d := w.ask(hotfix)
		w.answered(d, "report|not deployed to `staging` yet")

		w.say(pull, "eve", "/plimsoll override production I know better")
		w.saw(pull, "Only maintainers of this repository")
		w.say(other, "max", "/plimsoll override production wrong pull request")
		w.saw(other, "does not contain this pull request")
		w.answered(d, "report|not deployed to `staging` yet")
		w.entries(ledger.EntryGateOverride, hotfix, 0)

		w.say(pull, "max", "/plimsoll override Production the shop is down")
		w.saw(pull, "not deployed to `staging` yet")
		w.answered(d, "report|not deployed", "production approved|not deployed to `staging` yet|`max` **overrode** this: the shop is down")
		w.say(pull, "max", "/plimsoll override production once more")
		w.saw(pull, "The gate of `production` would let `"+hotfix[:7]+"` pass now")
		w.entries(ledger.EntryGateOverride, hotfix, 1)
		w.answered(w.ask(next), "report|not deployed to `staging` yet") // an override is of one commit

		// A failure in staging is news, which the override does not cover.
		w.service.runs(hotfix, http.StatusServiceUnavailable)
		w.stage(hotfix)
		w.pass(4)
		w.answered(w.ask(hotfix), "production rejected|not verified in `staging` (roll back)|/plimsoll override production REASON")
		w.say(pull, "max", "/plimsoll override production staging has no database")
		w.answered(w.ask(hotfix), "production approved|`max` **overrode** this: staging has no database")
		w.entries(ledger.EntryGateOverride, hotfix, 2)
		w.service.runs(hotfix, http.StatusServiceUnavailable)
		w.stage(hotfix)
		w.pass(4)
		w.answered(w.ask(hotfix), "production rejected|not verified in `staging` (roll back)") // so is the next one

		// A failure in production as well.
		w.fail(hotfix)
		w.answered(w.ask(hotfix), "production rejected|here was to roll it back")
	})
}
