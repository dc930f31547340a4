// Package browsertest looks at pages in a headless Chromium, as a person and as a screen
// reader do.
package browsertest

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// longest is how long one test may look at pages.
const longest = 4 * time.Minute

// Tab is a tab of a browser.
type Tab struct {
	t   *testing.T
	ctx context.Context
	*console
}

// console holds what a tab's console has said.
type console struct {
	mu   sync.Mutex
	said []string
}

// In is the same tab for a subtest.
func (tab *Tab) In(t *testing.T) *Tab { return &Tab{t, tab.ctx, tab.console} }

// Open opens a tab of a headless Chromium, in light or dark colours. Without a Chromium the
// test says so; under CI=true that is a failure.
func Open(t *testing.T, dark bool) *Tab {
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
	scheme := "preferredColorScheme=1"
	if dark {
		scheme = "preferredColorScheme=0"
	}
	allocated, closeBrowser := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.WSURLReadTimeout(longest), chromedp.Flag("blink-settings", scheme),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(closeBrowser)
	opened, closeTab := chromedp.NewContext(allocated)
	t.Cleanup(closeTab)
	if err := chromedp.Do(opened); err != nil { // starts the browser
		t.Fatal(err)
	}
	tab := &Tab{t: t, console: &console{}}
	if err := chromedp.Listen(opened, tab.hear); err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(opened, longest)
	t.Cleanup(cancel)
	tab.ctx = limited
	return tab
}

// hear keeps what the console says.
func (c *console) hear(event any) {
	name := fmt.Sprintf("%T", event)
	for _, kind := range []string{".EventEntryAdded", ".EventExceptionThrown", ".EventConsoleAPICalled"} {
		if strings.HasSuffix(name, kind) {
			text, _ := json.Marshal(event)
			c.mu.Lock()
			c.said = append(c.said, name+" "+string(text))
			c.mu.Unlock()
		}
	}
}

// Quiet fails the test if the console has said anything since it was last asked.
func (tab *Tab) Quiet() {
	tab.t.Helper()
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if len(tab.said) > 0 {
		tab.t.Errorf("the console says:\n%s", strings.Join(tab.said, "\n"))
		tab.said = nil
	}
}

// Do performs actions in the tab.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, actions...); err != nil {
		tab.t.Fatal(err)
	}
}

// Size makes the window as wide and high as that, in CSS pixels.
func (tab *Tab) Size(width, height int64) {
	tab.t.Helper()
	tab.Do(chromedp.EmulateViewport(width, height))
}

// Evaluate gives the value of a JavaScript expression.
func Evaluate[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	value, err := chromedp.Run(tab.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		tab.t.Fatal(err)
	}
	return value
}

// Shows goes to an address, or stays where that is empty, and waits until the elements of
// a selector hold all texts.
func (tab *Tab) Shows(address, selector string, texts ...string) {
	tab.t.Helper()
	if address != "" {
		tab.Do(chromedp.Navigate(address))
	}
	deadline := time.Now().Add(longest / 2)
	for {
		all, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](`[...document.querySelectorAll(`+quoted(selector)+`)].map(e => e.innerText).join("\n")`))
		missing := slices.IndexFunc(texts, func(text string) bool { return !strings.Contains(all, text) })
		if err == nil && missing < 0 {
			return
		}
		if time.Now().After(deadline) {
			tab.t.Fatalf("%s does not show %q (%v):\n%s", address, texts[max(missing, 0)], err, all)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Fits fails the test if the page is wider than the window.
func (tab *Tab) Fits() {
	tab.t.Helper()
	if n := Evaluate[float64](tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); n > 0 {
		tab.t.Errorf("the page is %v px wider than the window", n)
	}
}

// Height is how high the whole page is, in CSS pixels.
func (tab *Tab) Height() int {
	tab.t.Helper()
	return int(Evaluate[float64](tab, `document.documentElement.scrollHeight`))
}

// Shot keeps a picture of the whole page in the folder PLIMSOLL_SHOTS, if that is set.
func (tab *Tab) Shot(name string) {
	tab.t.Helper()
	folder := os.Getenv("PLIMSOLL_SHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(tab.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}

// axeSource is axe-core 4.14.1 (Mozilla Public License 2.0, Deque Systems), as published.
//
//go:embed axe.min.js.gz
var axeSource []byte

var axe = sync.OnceValues(func() (string, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(axeSource))
	if err != nil {
		return "", err
	}
	source, err := io.ReadAll(unpacked)
	return string(source), err
})

// Accessible fails the test for each rule of axe-core that the page breaks: WCAG 2.2, levels
// A and AA, and best practices.
func (tab *Tab) Accessible() {
	tab.t.Helper()
	source, err := axe()
	if err != nil {
		tab.t.Fatal(err)
	}
	// The debugger evaluates it, so the page's own policy on scripts holds for the page only.
	Evaluate[bool](tab, source+"\n;window.found = null; axe.run(document).then(r => { window.found = r.violations.map(v => v.id + \": \" + v.help + \": \" + v.nodes.map(n => n.html.slice(0, 200) + \" (\" + n.target + \") \" + n.any.concat(n.all, n.none).map(c => c.message).join(\"; \")).join(\" | \")).join(\"\\n\") }, e => { window.found = String(e) }); true")
	deadline := time.Now().Add(longest / 2)
	for !Evaluate[bool](tab, `window.found !== null`) {
		if time.Now().After(deadline) {
			tab.t.Fatal("axe-core does not end")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if found := Evaluate[string](tab, `window.found`); found != "" {
		tab.t.Errorf("not accessible:\n%s", found)
	}
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}
