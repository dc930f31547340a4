package checks

import (
	"math/rand/v2"
	"strings"
	"testing"
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

// fragments are what breaks Markdown, mentions or links; hostile strings are made
// of them.
var fragments = []string{
	"`", "``", "```", "|", `\`, `\|`, "\n", "\n\n", "\r", "\t", " ", "@", "@everyone", "@acme/all", "a@b.example", "#", "#1", "acme/orders#2", "GH-3",
	"http://evil.example", "https://evil.example/?a=b&c", "www.evil.example", "mailto:a@b.example", "ftp://evil.example", "//", ":", ":tada:", "[", "]", "](", ")", "[x](https://evil.example)", "![x](https://evil.example/i.png)",
	"<", ">", "<b>", "</details>", "<script>alert(1)</script>", "<!--", "-->", "&", "&lt;", "&#64;everyone", "*", "**", "_", "__", "~", "~~", "$", "$$", "$`x`$", "- ", "+ ", "* ", "1. ", "1) ", "# ", "> ", "---", "===", "    x", "[ ] ", "[^1]",
	"a", "sku", "größe", "名前", "\u202e", "\u200b", "\ufeff", "\x00", "\x1b[31m", "\xff", "\u2028", "|---|---|", "deadbeef00", "0123456789abcdef0123456789abcdef01234567", "xmpp:a@b.example", "=", "!", "‹s›", "‹v›", "{", "}", "\"", "'", "...", "://x",
}

func evil(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(7) {
		b.WriteString(fragments[r.IntN(len(fragments))])
	}
	return b.String()
}

// TestHostileStringsStayInert puts made-up hostile strings wherever a repository
// has a say, and reads every text with a small reader of Markdown.
func TestHostileStringsStayInert(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for range 400 {
		s := evil(r)
		for what, md := range texts(hostile(s)) {
			if wrong := inert(md); len(wrong) > 0 {
				t.Fatalf("%q makes in the %s: %s\n%s", s, what, strings.Join(wrong, "; "), md)
			}
		}
	}
}

// TestHostileStringsRender asks GitHub's own renderer: whatever a repository
// says, the page has the same tags in the same order as with a harmless word.
func TestHostileStringsRender(t *testing.T) {
	want := map[string]string{}
	for what, md := range texts(hostile("sku")) {
		want[what], _ = skeleton(t, md)
	}
	r := rand.New(rand.NewPCG(13, 17))
	for range 40 {
		s := evil(r)
		for what, md := range texts(hostile(s)) {
			tags, text := skeleton(t, md)
			if tags != want[what] {
				t.Fatalf("%q changes the page of the %s\n%s\n%s", s, what, md, renderGFM(t, md))
			}
			if found := afterwards.FindString(text); found != "" {
				t.Fatalf("%q leaves %q in the %s\n%s", s, found, what, md)
			}
		}
	}
}

// texts are every Markdown text of a report.
func texts(r Report) map[string]string {
	run := ContractReport(r)
	comment := ContractComment(r)
	broken := ConfigurationBroken(ReadinessRun, r)
	failed := PermanentError(ContractsRun, headSHA, 1, OverLimit(r.FileProblems[0].Message, r.FileProblems[0].Message, r.FileProblems[0].Message))
	return map[string]string{
		"summary": run.Summary, "text": run.Text, "comment": comment.body(comment.Owners),
		"broken file": broken.Summary, "explanation": failed.Summary,
	}
}

func FuzzHostileReport(f *testing.F) {
	for _, s := range fragments {
		f.Add(s)
	}
	f.Add(strings.Join(fragments, " "))
	f.Fuzz(func(t *testing.T, s string) {
		for what, md := range texts(hostile(s)) {
			if wrong := inert(md); len(wrong) > 0 {
				t.Fatalf("%s: %s\n%s", what, strings.Join(wrong, "; "), md)
			}
		}
		run := ContractReport(hostile(s))
		withinLimits(t, run)
		for _, a := range run.Annotations {
			if strings.ContainsAny(a.Message, "\x00\x1b\u202e") || strings.ContainsAny(a.Title, "\n\r") {
				t.Fatalf("an annotation holds what cannot be seen: %+v", a)
			}
		}
	})
}

func FuzzEscape(f *testing.F) {
	for _, s := range fragments {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		prose, span, cell := escape(a, inProse), escape(b, inCode), escape(b, inCell)
		for _, md := range []string{
			"- " + prose + " " + span + ", " + prose + ".\n",
			"- " + span + " " + prose + " (" + span + ")\n",
			"| " + cell + " | [" + cell + "](https://github.com/x) | " + cell + " " + cell + " |\n",
		} {
			if wrong := inert(md); len(wrong) > 0 {
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
