package dashboardtest

import (
	"testing"

	"plimsoll/server/testbed/browsertest"
)

// Look opens pages in a browser as one person: in light and dark, on a screen and on a phone.
// No page may be wider than the window, none may break a rule of axe-core, and the console
// says nothing. With PLIMSOLL_SHOTS=FOLDER the pictures are kept.
func (w *World) Look(t *testing.T, person string, paths map[string]string) {
	light, dark := browsertest.Open(t, false), browsertest.Open(t, true)
	address := w.Serve(person)
	for _, look := range []struct {
		name          string
		tab           *browsertest.Tab
		width, height int64
	}{
		{"light", light, 1280, 800}, {"dark", dark, 1280, 800}, {"phone", light, 375, 812}, {"phone-dark", dark, 375, 812},
	} {
		for name, path := range paths {
			t.Run(name+" "+look.name, func(t *testing.T) {
				tab := look.tab.In(t)
				tab.Size(look.width, look.height)
				tab.Shows(address+path, "h1", "")
				tab.Fits()
				readable(t, tab)
				tab.Shot("dashboard-" + name + "-" + look.name)
				browsertest.Evaluate[bool](tab, `document.querySelectorAll("details").forEach(d => d.open = true); true`)
				tab.Fits()
				tab.Accessible()
				tab.Quiet()
			})
		}
	}
}

// readable fails the test if a table breaks words to become narrow enough: it scrolls instead,
// and only the first column of a matrix, which stays in view, may break. It also fails if a button
// or link of a list is squeezed into the column of its mark.
func readable(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	if n := browsertest.Evaluate[float64](tab, `[...document.querySelectorAll(".scroll table:not(.matrix) :is(th, td)")].filter(e => getComputedStyle(e).overflowWrap === "anywhere").length`); n > 0 {
		t.Errorf("%v cells of tables break words", n)
	}
	if squeezed := browsertest.Evaluate[string](tab, `[...document.querySelectorAll(".lines li > a, .lines li > form")].filter(e => e.getBoundingClientRect().width < 40).map(e => e.innerText).join("; ")`); squeezed != "" {
		t.Errorf("squeezed: %s", squeezed)
	}
}
