package overview_test

import (
	"strings"
	"testing"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy"
	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/browsertest"
)

func TestOverviewInABrowser(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	w.People["new"] = &dashboardtest.Person{Name: "new"}
	w.Look(t, "ana", map[string]string{
		"overview": "/", "components": "/components", "nothing-found": "/components?q=absent",
		"component": "/components/acme/orders/orders", "consumer": "/components/acme/billing/billing",
	})
	w.Look(t, "new", map[string]string{"overview-empty": "/"})
}

// refresh has the page's script ask for the newest state now, as it does by itself later.
func refresh(tab *browsertest.Tab) {
	browsertest.Evaluate[bool](tab, `document.documentElement.dataset.refresh = "0.01"; { const s = document.createElement("script"); s.src = "/deployments/live.js"; document.head.append(s) }; true`)
}

// An open page of a component follows readiness and verdicts without a reload: a pull request
// begins to fail and passes again, a deployment is watched and then verified.
func TestComponentFollowsReadinessAndVerdicts(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	tab := browsertest.Open(t, false)
	tab.Shows(w.Serve("ana")+"/components/acme/orders/orders", "#readiness + ul", "Every rule for this component")
	browsertest.Evaluate[bool](tab, `window.opened = true; true`)
	follows := func(selector string, texts ...string) {
		t.Helper()
		refresh(tab)
		tab.Shows("", selector, texts...)
		if !browsertest.Evaluate[bool](tab, `window.opened === true`) {
			t.Errorf("the page was reloaded for %q", texts)
		}
	}
	w.Verdict(dashboardtest.Orders, 43, checks.ReadinessRun, checks.Failure)
	follows("#readiness + ul", "acme/orders#43 fails plimsoll/readiness")
	w.Verdict(dashboardtest.Orders, 43, checks.ReadinessRun, checks.Success)
	v := w.Deploy(dashboardtest.Orders, 9, "orders", "production", "next", -time.Minute, "")
	follows("#live + ul", "production: "+dashboardtest.Commit("next")[:7]+" watching")
	if shown := browsertest.Evaluate[string](tab, `document.querySelector("#readiness + ul").innerText`); strings.Contains(shown, "#43") {
		t.Errorf("a pull request that passes is shown as one that fails:\n%s", shown)
	}
	w.End(v, deploy.Verified)
	follows("#live + ul", "production: "+dashboardtest.Commit("next")[:7]+" verified")
	tab.Quiet()
}

// Everything can be reached with the keyboard, and the focus stays where it is when the page
// shows something new.
func TestOverviewByKeyboard(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	tab := browsertest.Open(t, false)
	tab.Shows(w.Serve("ana")+"/", "h1", "What needs attention")
	browsertest.Evaluate[bool](tab, `document.querySelector('a[href="/components/acme/billing/billing"]').focus(); true`)
	w.Deploy(dashboardtest.Billing, 9, "billing", "staging", "billing", -1, "inconclusive")
	refresh(tab)
	tab.Shows("", "main", "billing in staging: verdict inconclusive")
	if href := browsertest.Evaluate[string](tab, `document.activeElement.getAttribute("href") ?? document.activeElement.tagName`); href != "/components/acme/billing/billing" {
		t.Errorf("the focus is on %s", href)
	}
	tab.Quiet()
}
