package openapi

import (
	"regexp"
	"strings"
	"testing"
)

// TestMatchesAnyText: a pattern counts as no limit only if it is found in every text.
func TestMatchesAnyText(t *testing.T) {
	for _, pattern := range []string{"", "^", "$", "^^", ".*", "^.*", ".*$", "^.*$", "^.*?$", "^(.*)$", "^(?:.*)$", "^.{0,}$", "^[\\s\\S]*$", "[\\w\\W]*", "^(.|\\n)*$", "^(.|\\s)*$",
		"a*", "[a-z]*", "^a?", "a{0,3}$", "(a|b*)", "^a|b*", "x|", "^x$|.*", "^a?.*b?$", "^(.*)+$", "^(a|.*)$", "(a*)+"} {
		if !NewView(&Contract{}).MatchesAnyText(pattern) {
			t.Errorf("%q limits something", pattern)
		}
		re, err := regexp.Compile("(?s)" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"", "a", "zz", "ab1 ", "é\n\nx"} {
			if !re.MatchString(text) {
				t.Errorf("%q does not match %q", pattern, text)
			}
		}
	}
	for _, pattern := range []string{"a", "^$", "^.+$", ".", "^.{1,}$", "^.{0,10}$", "^a*$", "^[^a]*$", "\\A.*", "(?i)a*", "^(?=a).*$", "a*$b*", "$^", "[[:alpha:]]*", "[^[:alpha:]]*", "[]a]*", "[^]a]*", "\\bx*", "\\Q*\\E",
		"^.*$x", "^\\d*\\D*$", "(", "^[a-z]*$", "^.*a$", strings.Repeat(".*", 60)} {
		if NewView(&Contract{}).MatchesAnyText(pattern) {
			t.Errorf("%q limits nothing", pattern)
		}
	}
}
