package demo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"plimsoll/server/demo"
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
		chromedp.ExecPath(path), chromedp.WSURLReadTimeout(4*time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true),
	)...)
	t.Cleanup(closeBrowser)
	tab, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil { // starts the browser
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(tab, 4*time.Minute)
	t.Cleanup(cancel)
	return limited
}

// What a person does with the demo's pages: reads the comment, follows the link to
// the line that declares the use, looks at the contract's lines, asks for a new run.
func TestPagesInABrowser(t *testing.T) {
	tab := browser(t)
	w := set(t, storetest.SQLite(t))
	s := w.Testbed
	_, pull := w.play()

	shows(t, tab, pull.URL(), ".talk .md", "2 consumers break if this is merged", "billing", "orders[].lines[].sku", "checkout-web")
	do(t, tab, chromedp.Click(chromedp.CSS(`.talk .md a[href*="/acme/billing/blob/"]`)))
	shows(t, tab, "", "body", ".github/plimsoll.yml", `- "orders[].lines[].sku"`)

	shows(t, tab, pull.URL()+"/files", "body", "Breaks 2 consumers", "schemas.yaml")

	first := pull.Checks(onContracts)[0].ID
	shows(t, tab, pull.URL()+"/checks", "body", "2 consumers break: billing, checkout-web", "Safe order")
	do(t, tab, chromedp.Click(chromedp.CSS(`form[action*="rerequest"] button`)))
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
	tab := browser(t)
	complaints := console(t, tab)
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
	do(t, tab, chromedp.EmulateViewport(1100, 900))
	shows(t, tab, pull.URL(), ".talk .md", "Roll back orders in production: GET /orders: errors rose from 0.", "Roll back to", demo.RollbackCommand)
	shot(t, tab, "pull-failing")
	w.restored(story, pull)
	shows(t, tab, pull.URL(), ".talk .md", "Rolled back to", "and verified.", demo.RollbackCommand)
	shot(t, tab, "pull-restored")
	do(t, tab, chromedp.Click(chromedp.CSS(`.talk .md a[href*="/deployments/"]`)))
	shows(t, tab, "", "h1", "Rolled back orders in production to ")
	do(t, tab, chromedp.Click(chromedp.CSS("details.fold:nth-of-type(2) > summary")))
	shows(t, tab, "", "body", "GET /version", "GET /orders: errors", "#1", "--replay verdict/")
	shot(t, tab, "evidence")
	shows(t, tab, w.GitHub.URL()+"/acme/orders/commit/"+bad, "body", "plimsoll/deploy", "Rolled back to")
	shot(t, tab, "commit")
	if said := complaints(); len(said) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
}

// console gives what the tab's console says.
func console(t *testing.T, tab context.Context) (complaints func() []string) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	if err := chromedp.Listen(tab, func(event any) {
		switch name := fmt.Sprintf("%T", event); {
		case strings.HasSuffix(name, ".EventEntryAdded"), strings.HasSuffix(name, ".EventExceptionThrown"), strings.HasSuffix(name, ".EventConsoleAPICalled"):
			text, _ := json.Marshal(event)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, name+" "+string(text))
		}
	}); err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// shot keeps a picture of the page where somebody wants to look at it.
func shot(t *testing.T, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("PLIMSOLL_SHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		t.Fatal(err)
	}
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
	deadline := time.Now().Add(2 * time.Minute)
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
