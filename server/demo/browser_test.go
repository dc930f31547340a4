package demo_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"plimsoll/server/store/storetest"
)

// browser opens a tab of a headless Chromium. Without one the test says so; under
// CI=true that is a failure.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is started only in the full run")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		const missing = "no Chromium here (Debian: apt-get install chromium): the pages were not looked at in a browser"
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	ctx, closeBrowser := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true),
	)...)
	t.Cleanup(closeBrowser)
	tab, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil { // starts the browser
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(tab, time.Minute)
	t.Cleanup(cancel)
	return limited
}

// What a person does with the demo's pages: reads the comment, follows the link to
// the line that declares the use, looks at the contract's lines, asks for a new run.
func TestPagesInABrowser(t *testing.T) {
	tab := browser(t)
	w := set(t, storetest.SQLite(t))
	s := w.Stage
	_, pull := w.play()

	shows(t, tab, pull.URL(), ".talk .md", "2 consumers break if this is merged", "billing", "orders[].lines[].sku", "checkout-web")
	do(t, tab, chromedp.Click(chromedp.CSS(`.talk .md a[href*="/acme/billing/blob/"]`)))
	shows(t, tab, "", "body", ".github/plimsoll.yml", `- "orders[].lines[].sku"`)

	shows(t, tab, pull.URL()+"/files", "body", "Breaks 2 consumers", "schemas.yaml")

	first := pull.Checks(onContracts)[0].ID
	shows(t, tab, pull.URL()+"/checks", "body", "2 consumers break: billing, checkout-web", "Safe order")
	do(t, tab, chromedp.Click(chromedp.CSS(`form[action*="rerequest"] button`)))
	deadline := time.Now().Add(time.Minute)
	for pull.Checks(onContracts)[0].ID == first {
		if time.Now().After(deadline) {
			t.Fatal("the button made no new run")
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Settle()
}

func do(t *testing.T, tab context.Context, action chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, action); err != nil {
		t.Fatal(err)
	}
}

// shows goes to an address (or stays) and expects texts on the page.
func shows(t *testing.T, tab context.Context, address, element string, texts ...string) {
	t.Helper()
	if address != "" {
		do(t, tab, chromedp.Navigate(address))
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		all, err := chromedp.Run(tab, chromedp.Evaluate[string](`[...document.querySelectorAll("`+element+`")].map(e => e.innerText).join("\n")`))
		missing := missingOf(all, texts)
		if err == nil && missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not show %q (%v):\n%s", address, missing, err, all)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func missingOf(all string, texts []string) string {
	for _, text := range texts {
		if !strings.Contains(all, text) {
			return text
		}
	}
	return ""
}
