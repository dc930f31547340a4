package evidence

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"plimsoll/server/testbed/browsertest"
)

// The screens that a page may be long as it opens.
const (
	desktopWidth, desktopHeight = 1280, 800
	phoneWidth, phoneHeight     = 375, 812
	mostDesktop, mostPhone      = 2, 4
)

// The page as a person sees it, for each outcome: in light and dark, on a screen and on a
// phone. With PLIMSOLL_SHOTS=FOLDER the pictures are kept.
func TestEvidenceInABrowser(t *testing.T) {
	light, dark := browsertest.Open(t, false), browsertest.Open(t, true)
	for name, s := range stories() {
		k := open(t)
		run := k.tell(s)
		server := httptest.NewServer(k.pages)
		t.Cleanup(server.Close)
		link := server.URL + strings.TrimPrefix(k.links.Of(run.Verification, 0), "https://plimsoll.acme.dev")
		for _, look := range []struct {
			name                string
			tab                 *browsertest.Tab
			width, height, most int64
			ground              string
		}{
			{"light", light, desktopWidth, desktopHeight, mostDesktop, "rgb(255, 255, 255)"},
			{"dark", dark, desktopWidth, desktopHeight, mostDesktop, "rgb(13, 17, 23)"},
			{"phone", light, phoneWidth, phoneHeight, mostPhone, "rgb(255, 255, 255)"},
		} {
			t.Run(name+" "+look.name, func(t *testing.T) {
				page := look.tab.In(t)
				page.Size(look.width, look.height)
				page.Shows(link, "h1", "orders in production")
				if ground := browsertest.Evaluate[string](page, `getComputedStyle(document.body).backgroundColor`); ground != look.ground {
					t.Errorf("the ground is %s, expected %s", ground, look.ground)
				}
				page.Fits()
				if height := page.Height(); height > int(look.most*look.height) {
					t.Errorf("the page is %d px high, more than %d screens", height, look.most)
				}
				if stroke := browsertest.Evaluate[string](page, `[...document.querySelectorAll("svg .points")].map(e => getComputedStyle(e).fill).find(f => f != "none") ?? ""`); stroke != "" {
					t.Errorf("the style sheet does not reach the plots: fill %s", stroke)
				}
				page.Shot("evidence-" + name + "-" + look.name)
				browsertest.Evaluate[bool](page, `document.querySelectorAll("details").forEach(d => d.open = true); true`)
				page.Fits()
				page.Accessible()
				page.Quiet()
			})
		}
	}
}

// A page that is open while the deployment is watched follows it, keeps open what is open,
// and ends when the verdict is there.
func TestEvidenceFollowsTheDeployment(t *testing.T) {
	tab := browsertest.Open(t, false)
	k := open(t)
	s := usual(9)
	s.minutes = 2
	run := k.tell(s)
	server := httptest.NewServer(k.pages)
	t.Cleanup(server.Close)
	link := server.URL + strings.TrimPrefix(k.links.Of(run.Verification, 0), "https://plimsoll.acme.dev")
	tab.Shows(link, "h1", "Watching orders in production: 3 of 31 samples")
	// The page waits as long as the server says; the test makes it ask at once, each time.
	tab.Do(chromedp.Click(chromedp.CSS("#signal1 > summary")))
	s.minutes = 30
	k.watch(s, 3)
	browsertest.Evaluate[bool](tab, `document.documentElement.dataset.refresh = "0.01"; const s = document.createElement("script"); s.src = "`+ScriptPath+`"; document.head.append(s); true`)
	tab.Shows("", "h1", "Roll back orders in production")
	if !browsertest.Evaluate[bool](tab, `document.querySelector("#signal1").open && !document.querySelector("#signal2").open`) {
		t.Error("what was open is not open any more")
	}
	tab.Quiet()
}
