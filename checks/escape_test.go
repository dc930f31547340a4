package checks

import (
	"strings"
	"testing"

	"plimsoll/checks/markdowntest"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct {
		name, in string
		place    place
		want     string
	}{
		{"a plain name", "items[].sku", inCode, "`items[].sku`"},
		{"nothing", "", inCode, "`\"\"`"},
		{"backticks", "a`b``c", inCode, "``` a`b``c ```"},
		{"a pipe", "a|b", inCode, "`a|b`"},
		{"a pipe in a table", "a|b", inCell, "`a\\|b`"},
		{"an escaped pipe in a table", `a\|b`, inCell, "`a\\∣b`"},
		{"lines", "a\r\n\n b\tc", inCode, "`a b c`"},
		{"a directional override", "exe.\u202etxt", inCode, "`exe.txt`"},
		{"a joiner", "pay\u200bpal", inPlain, "paypal"},
		{"not UTF-8", "a\xffb", inPlain, "a\uFFFDb"},
		{"controls", "a\x1b[31mb\x00", inPlain, "a[31mb"},
		{"a mention", "@acme/all", inProse, "@" + zeroWidth + "acme/all"},
		{"a mention in code", "@acme/all", inCode, "`@acme/all`"},
		{"an address", "see https://evil.example", inProse, "see https:" + zeroWidth + "//evil.example"},
		{"an issue", "fixes #12", inProse, `fixes \#` + zeroWidth + "12"},
		{"HTML", "<b>&amp;", inProse, "&lt;b&gt;&amp;amp;"},
		{"a link", "[a](b)", inProse, `\[a\](b)`},
		{"emphasis", "*a* _b_ ~c~", inProse, `\*a\* \_b\_ \~c\~`},
		{"a commit", "deadbeef1", inProse, "deadbe" + zeroWidth + "ef1"},
		{"a word in hexadecimal letters", "added", inProse, "added"},
		{"a list", "- a", inProse, `\- a`},
		{"a numbered list", "12. a", inProse, `12\. a`},
		{"a heading", "# a", inProse, `\#` + zeroWidth + " a"},
		{"an emoji", ":a:b:", inProse, `\:` + zeroWidth + "a:" + zeroWidth + "b:"},
		{"a dash within", "a - b", inProse, "a - b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := escape(c.in, c.place); got != c.want {
				t.Errorf("escape(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestEscapeIsShort(t *testing.T) {
	long := strings.Repeat("ß", 10_000)
	if got := len([]rune(escape(long, inPlain))); got != longestProse {
		t.Errorf("a plain text keeps %d characters, want %d", got, longestProse)
	}
	if got := len([]rune(escape(long, inCode))); got != longestName+2 {
		t.Errorf("a name keeps %d characters, want %d and two backticks", got-2, longestName)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range markdowntest.Fragments {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		prose, span, cell := escape(a, inProse), escape(b, inCode), escape(b, inCell)
		for _, md := range []string{
			"- " + prose + " " + span + ", " + prose + ".\n",
			"- " + span + " " + prose + " (" + span + ")\n",
			"| " + cell + " | [" + cell + "](https://github.com/x) | " + cell + " " + cell + " |\n",
		} {
			if wrong := markdowntest.Inert(md); len(wrong) > 0 {
				t.Fatalf("%q, %q: %s\n%s", a, b, strings.Join(wrong, "; "), md)
			}
			if strings.Count(md, "\n") != 1 {
				t.Fatalf("%q, %q: more than one line", a, b)
			}
		}
		if again := escape(escape(a, inPlain), inPlain); again != escape(a, inPlain) {
			t.Fatalf("%q: a plain text changes when it is escaped again", a)
		}
	})
}

func TestMarked(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"expected `health.endpoint`, such as GET /healthz", "expected `health.endpoint`, such as GET /healthz"},
		{"`a` and `b`", "`a` and `b`"},
		{"no *stars* in `*code*`", `no \*stars\* in ` + "`*code*`"},
		{"one ` alone", "one \\` alone"},
		{"`a``b`", "\\`a\\`\\`b\\`"},
		{"``", "\\`\\`"},
		{"@all `@all`", "@" + zeroWidth + "all `@all`"},
	} {
		if got := marked(c.in, inCode); got != c.want {
			t.Errorf("marked(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestFenced(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a: 1\n", "```yaml\na: 1\n```"},
		{"```\nx\n```", "````yaml\n```\nx\n```\n````"},
		{"a\r\nb\rc\u2028d\u202e\x1b[31m\te", "```yaml\na\nb\nc\nd[31m\te\n```"},
		{"  indented\n\n", "```yaml\n  indented\n```"},
	} {
		if got := fenced("yaml", c.in); got != c.want {
			t.Errorf("fenced(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
