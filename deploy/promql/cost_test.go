package promql

import (
	"strings"
	"testing"
)

func TestMeasure(t *testing.T) {
	for text, want := range map[string]Cost{
		``:                             {},
		`up`:                           {Tokens: 1},
		`sum(rate(a[5m])) > 1 # b`:     {Tokens: 11},
		`a{b="[^/]"}`:                  {Tokens: 6},
		`a{b=~"c"}`:                    {Tokens: 6, Patterns: 2},
		"a{b=~ # why\n \"[^/]\"}":      {Tokens: 7, Patterns: 5, Wide: 500},
		`a{b!~'[^/]'}`:                 {Tokens: 6, Patterns: 5, Wide: 500},
		"a{b=~`[^/]`}":                 {Tokens: 6, Patterns: 5, Wide: 500},
		`a{b=~"[^/]{3}"}`:              {Tokens: 6, Patterns: 18, Wide: 1500},
		`a{b=~"(((("}`:                 {Tokens: 6},
		`a{b=~"\x5b^/]"}`:              {Tokens: 6, Patterns: 5, Wide: 500},
		strings.Repeat("-", 100) + "a": {Tokens: 11},
	} {
		if got := Measure(text, 10); got != want {
			t.Errorf("%s: %+v, expected %+v", text, got, want)
		}
	}
}

// A thousand of the widest class in a thousand repeats ends where the counting ends.
func TestMeasureIsBounded(t *testing.T) {
	text := `a{b=~"` + strings.Repeat(`([^/]{9}){9}`, 3000) + `"}`
	if got := Measure(text, 10); got.Wide != mostPatterns || got.Patterns > mostPatterns {
		t.Errorf("%+v", got)
	}
}

func TestShorten(t *testing.T) {
	if got := Shorten("a\n  b" + strings.Repeat("é", 400)); len([]rune(got)) != 301 || !strings.HasPrefix(got, "a bé") || !strings.HasSuffix(got, "é…") {
		t.Errorf("%q", got)
	}
}
