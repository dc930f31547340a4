package story

import "testing"

func TestWrapped(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"short", "  - one two", "  - one two"},
		{"a list item keeps its indentation", "  - one two three four", "  - one two\n    three four"},
		{"colours take no space", "\x1b[1mone\x1b[0m two \x1b[1mthree\x1b[0m", "\x1b[1mone\x1b[0m two \x1b[1mthree\x1b[0m"},
		{"a word that is longer than a line", "see https://example.com/x now", "see https://example.com/x\nnow"},
		{"columns stay apart", "12:00  errors  much", "12:00  errors\nmuch"},
		{"characters, not bytes", "äöü äöü äöü äö", "äöü äöü äöü äö"},
	} {
		if got := wrapped(c.line, 14); got != c.want {
			t.Errorf("%s:\n%q, expected\n%q", c.name, got, c.want)
		}
	}
}
