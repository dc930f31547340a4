package evidence

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab opens a tab of a headless Chromium, in light or dark. complaints gives what its
// console says. Without a Chromium the test says so; under CI=true that is a failure.
func tab(t *testing.T, dark bool) (ctx context.Context, complaints func() []string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is started only in the full run")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
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
	allocated, closeBrowser := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WSURLReadTimeout(4*time.Minute),
		chromedp.Flag("blink-settings", scheme), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(closeBrowser)
	opened, closeTab := chromedp.NewContext(allocated)
	t.Cleanup(closeTab)
	if err := chromedp.Do(opened); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []string
	if err := chromedp.Listen(opened, func(event any) {
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
	limited, cancel := context.WithTimeout(opened, 4*time.Minute)
	t.Cleanup(cancel)
	return limited, func() []string { mu.Lock(); defer mu.Unlock(); return all }
}

func evaluate[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(tab, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// The page as a person sees it: in light and dark, on a screen and on a phone. With
// PLIMSOLL_SHOTS=FOLDER the pictures are kept.
func TestEvidenceInABrowser(t *testing.T) {
	k := open(t)
	s := usual(9)
	s.fails = func(m int) bool { return m == 3 || m == 6 }
	run := k.tell(s)
	server := httptest.NewServer(k.pages)
	t.Cleanup(server.Close)
	link := server.URL + strings.TrimPrefix(k.links.Of(run.Verification, 0), "https://plimsoll.acme.dev")
	for _, look := range []struct {
		name  string
		dark  bool
		width int64
	}{{"light", false, 1100}, {"dark", true, 1100}, {"phone", false, 375}} {
		t.Run(look.name, func(t *testing.T) {
			page, complaints := tab(t, look.dark)
			if err := chromedp.Do(page, chromedp.EmulateViewport(look.width, 900), chromedp.Navigate(link)); err != nil {
				t.Fatal(err)
			}
			ground := evaluate[string](t, page, `getComputedStyle(document.body).backgroundColor`)
			if want := map[bool]string{false: "rgb(255, 255, 255)", true: "rgb(13, 17, 23)"}[look.dark]; ground != want {
				t.Errorf("the ground is %s, expected %s", ground, want)
			}
			if n := evaluate[float64](t, page, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); n > 0 {
				t.Errorf("the page is %v wider than the window", n)
			}
			if stroke := evaluate[string](t, page, `getComputedStyle(document.querySelector("svg .points")).fill`); stroke != "none" {
				t.Errorf("the style sheet does not reach the plots: fill %s", stroke)
			}
			if title := evaluate[string](t, page, `document.querySelector("h1").innerText`); !strings.Contains(title, "Roll back orders in production: errors 0.") {
				t.Errorf("the page begins with %q", title)
			}
			if n := evaluate[float64](t, page, `document.querySelectorAll("svg > title").length - document.querySelectorAll("svg").length`); n != 0 {
				t.Error("a plot has no title")
			}
			if folder := os.Getenv("PLIMSOLL_SHOTS"); folder != "" {
				picture, err := chromedp.Run(page, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(folder, look.name+".png"), picture, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if said := complaints(); len(said) > 0 {
				t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
			}
		})
	}
}
