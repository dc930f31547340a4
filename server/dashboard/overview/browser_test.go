package overview_test

import (
	"testing"

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

// Everything can be reached with the keyboard, and the focus stays where it is when the page
// shows something new.
func TestOverviewByKeyboard(t *testing.T) {
	w := shop(t, storetest.SQLite(t))
	tab := browsertest.Open(t, false)
	tab.Shows(w.Serve("ana")+"/", "h1", "What needs attention")
	browsertest.Evaluate[bool](tab, `document.querySelector('a[href="/components/acme/billing/billing"]').focus(); true`)
	browsertest.Evaluate[bool](tab, `document.documentElement.dataset.refresh = "0.05"; const s = document.createElement("script"); s.src = "/deployments/live.js"; document.head.append(s); window.before = document.querySelector("main"); true`)
	w.Deploy(dashboardtest.Billing, 9, "billing", "staging", "billing", -1, "inconclusive")
	tab.Shows("", "main", "billing in staging: verdict inconclusive")
	if href := browsertest.Evaluate[string](tab, `document.activeElement.getAttribute("href") ?? document.activeElement.tagName`); href != "/components/acme/billing/billing" {
		t.Errorf("the focus is on %s", href)
	}
	tab.Quiet()
}
