package demo_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"plimsoll/server/demo"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/browsertest"
)

// What a person does with the demo's pages: reads the comment, follows the link to
// the line that declares the use, looks at the contract's lines, asks for a new run.
func TestPagesInABrowser(t *testing.T) {
	tab := browsertest.Open(t, false)
	w := set(t, storetest.SQLite(t))
	s := w.Testbed
	_, pull := w.play()

	tab.Shows(pull.URL(), ".talk .md", "2 consumers break", "billing", "orders[].lines[].sku", "checkout-web")
	look(tab, "pull")
	tab.Do(chromedp.Click(chromedp.CSS(`.talk .md a[href*="/acme/billing/blob/"]`)))
	tab.Shows("", "body", ".github/plimsoll.yml", `- "orders[].lines[].sku"`)
	look(tab, "file")

	tab.Shows(pull.URL()+"/files", "body", "Breaks 2 consumers", "schemas.yaml")
	look(tab, "files")

	first := pull.Checks(onContracts)[0].ID
	tab.Shows(pull.URL()+"/checks", "body", "2 consumers break: billing, checkout-web", "Safe order")
	look(tab, "checks")
	for _, page := range []string{"/", "/settings/apps/plimsoll/advanced", "/-/requests", "/acme/orders"} {
		tab.Do(chromedp.Navigate(w.GitHub.URL() + page))
		look(tab, "simulator"+strings.ReplaceAll(page, "/", "-"))
	}
	tab.Shows(pull.URL()+"/checks", "body", "2 consumers break: billing, checkout-web")
	tab.Do(chromedp.Click(chromedp.CSS(`form[action*="rerequest"] button`)))
	deadline := time.Now().Add(2 * time.Minute)
	for pull.Checks(onContracts)[0].ID == first {
		if time.Now().After(deadline) {
			t.Fatal("the button made no new run")
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Settle()
}

// What a person sees when production has failed: the comment with what was done, the
// check run on what was deployed, and behind its link the evidence. With
// PLIMSOLL_SHOTS=FOLDER the pictures are kept.
func TestProductionInABrowser(t *testing.T) {
	tab := browsertest.Open(t, false)
	w := set(t, storetest.SQLite(t))
	story, pull := w.play()
	for _, name := range []string{"billing", "checkout-web"} {
		consumer := story.Consumer(name)
		if err := story.Move(consumer); err != nil {
			t.Fatal(err)
		}
		story.Deploy(consumer)
	}
	w.Settle()
	bad := w.failing(story, pull)
	tab.Shows(pull.URL(), ".talk .md", "Roll back orders in production: GET /orders: errors rose from 0.", "Roll back to", demo.RollbackCommand)
	look(tab, "pull-failing")
	w.restored(story, pull)
	tab.Shows(pull.URL(), ".talk .md", "Rolled back to", "and verified.", demo.RollbackCommand)
	look(tab, "pull-restored")
	tab.Do(chromedp.Click(chromedp.CSS(`.talk .md a[href*="/deployments/"]`)))
	tab.Shows("", "h1", "Rolled back orders in production to ")
	desktop, phone := look(tab, "evidence")
	if desktop > 2*desktopHeight || phone > 4*phoneHeight {
		t.Errorf("the evidence is %d px high on a screen and %d on a phone: more than 2 and 4 screens", desktop, phone)
	}
	tab.Do(chromedp.Click(chromedp.CSS("#configuration > summary")))
	tab.Shows("", "body", "GET /version", "GET /orders: errors", "#1", "--replay verdict/")
	tab.Shows(w.GitHub.URL()+"/acme/orders/commit/"+bad, "body", "plimsoll/deploy", "Rolled back to")
	look(tab, "commit")
	tab.Quiet()
}

// The demo's visitor signs in and reads the dashboard while two consumers would break, in
// light and in dark.
func TestDashboardInABrowser(t *testing.T) {
	w := set(t, storetest.SQLite(t))
	_, pull := w.play()
	names := map[string]string{
		"/": "overview", "/components/acme/orders/orders": "component", "/apis/acme/orders/orders": "api", "/apis/acme/orders/orders/deploy": "can-i-deploy",
		"/graph": "graph", "/deployments": "deployments", "/ledger": "ledger", "/operations": "operations",
	}
	for _, dark := range []bool{false, true} {
		tab := browsertest.Open(t, dark)
		tab.Shows(w.URL(), "h1", "Authorize")
		browsertest.Evaluate[bool](tab, `document.querySelector('button[value="`+demo.Visitor+`"]').click(); true`)
		tab.Shows("", "main", "Blocked pull requests", "acme/orders#"+strconv.Itoa(pull.Number()), "billing", "checkout-web")
		for path, name := range names {
			tab.Shows(w.URL()+path, "h1", "")
			if dark {
				name += "-dark"
			}
			look(tab, "dashboard-"+name)
		}
		tab.Quiet()
	}
}

// The screens that pages are looked at on.
const (
	desktopWidth, desktopHeight = 1280, 800
	phoneWidth, phoneHeight     = 375, 812
)

// look looks at the page on a screen and on a phone: nothing is wider than it, and a screen
// reader can read it. It gives the page's height on both, in CSS pixels.
func look(tab *browsertest.Tab, name string) (desktop, phone int) {
	tab.Size(phoneWidth, phoneHeight)
	tab.Fits()
	tab.Shot(name + "-phone")
	phone = tab.Height()
	tab.Size(desktopWidth, desktopHeight)
	tab.Fits()
	tab.Accessible()
	tab.Shot(name)
	return tab.Height(), phone
}
