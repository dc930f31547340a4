package checks

import (
	"math/rand/v2"
	"testing"

	"plimsoll/checks/markdowntest"
)

// Whatever a repository says comes out of Markdown as it went in.
func TestUnmarkedIsWhatWasEscaped(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 5000 {
		s := markdowntest.Evil(r)
		plain := Escape(s, InPlain)
		if got := Unmarked("**" + Escape(s, InCode) + ":** x"); plain != "" && got != Escape(s, InPlain)+": x" {
			t.Fatalf("%q as code: %q, expected %q", s, got, Escape(s, InPlain)+": x")
		}
		if got := Unmarked("x " + Escape(s, InProse) + " y"); got != "x "+plain+" y" {
			t.Fatalf("%q as prose (%q): %q, expected %q", s, Escape(s, InProse), got, "x "+plain+" y")
		}
	}
}

func TestUnmarked(t *testing.T) {
	for in, want := range map[string]string{
		"⏪ **Roll back to [`798bb7b`](https://github.test/acme/orders/commit/798bb7b)?** It is.": "⏪ Roll back to 798bb7b? It is.",
		"- a\n- `b`\n\npress *Roll back*": "• a\n• b\n\npress Roll back",
		"``a`b``":                         "a`b",
		"`":                               "",
		"array\\[\\] ]":                   "array[] ]",
	} {
		if got := Unmarked(in); got != want {
			t.Errorf("%q: %q, expected %q", in, got, want)
		}
	}
}
