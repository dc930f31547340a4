package checks

import (
	"strings"
	"testing"

	"plimsoll/checks/markdowntest"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct {
		name, in string
		context  RenderContext
		want     string
	}{
		{"a plain name", "items[].sku", InCode, "`items[].sku`"},
		{"nothing", "", InCode, "`\"\"`"},
		{"backticks", "a`b``c", InCode, "``` a`b``c ```"},
		{"a pipe", "a|b", InCode, "`a|b`"},
		{"a pipe in a table", "a|b", InCell, "`a\\|b`"},
		{"an escaped pipe in a table", `a\|b`, InCell, "`a\\∣b`"},
		{"lines", "a\r\n\n b\tc", InCode, "`a b c`"},
		{"a directional override", "exe.\u202etxt", InCode, "`exe.txt`"},
		{"a joiner", "pay\u200bpal", InPlain, "paypal"},
		{"not UTF-8", "a\xffb", InPlain, "a\uFFFDb"},
		{"controls", "a\x1b[31mb\x00", InPlain, "a[31mb"},
		{"a mention", "@acme/all", InProse, "@" + zeroWidth + "acme/all"},
		{"a mention in code", "@acme/all", InCode, "`@acme/all`"},
		{"an address", "see https://evil.example", InProse, "see https:" + zeroWidth + "//evil.example"},
		{"an issue", "fixes #12", InProse, `fixes \#` + zeroWidth + "12"},
		{"HTML", "<b>&amp;", InProse, "&lt;b&gt;&amp;amp;"},
		{"a link", "[a](b)", InProse, `\[a\](b)`},
		{"emphasis", "*a* _b_ ~c~", InProse, `\*a\* \_b\_ \~c\~`},
		{"a commit", "deadbeef1", InProse, "deadbe" + zeroWidth + "ef1"},
		{"a word in hexadecimal letters", "added", InProse, "added"},
		{"a list", "- a", InProse, `\- a`},
		{"a numbered list", "12. a", InProse, `12\. a`},
		{"a heading", "# a", InProse, `\#` + zeroWidth + " a"},
		{"an emoji", ":a:b:", InProse, `\:` + zeroWidth + "a:" + zeroWidth + "b:"},
		{"a dash within", "a - b", InProse, "a - b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Escape(c.in, c.context); got != c.want {
				t.Errorf("escape(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestEscapeIsShort(t *testing.T) {
	long := strings.Repeat("ß", 10_000)
	if got := len([]rune(Escape(long, InPlain))); got != longestProse {
		t.Errorf("a plain text keeps %d characters, want %d", got, longestProse)
	}
	if got := len([]rune(Escape(long, InCode))); got != longestName+2 {
		t.Errorf("a name keeps %d characters, want %d and two backticks", got-2, longestName)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range markdowntest.Fragments {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		prose, span, cell := Escape(a, InProse), Escape(b, InCode), Escape(b, InCell)
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
		if again := Escape(Escape(a, InPlain), InPlain); again != Escape(a, InPlain) {
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
		if got := Marked(c.in, InCode); got != c.want {
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
		if got := Fenced("yaml", c.in); got != c.want {
			t.Errorf("fenced(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
