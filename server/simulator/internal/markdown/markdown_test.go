package markdown

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// cases of Markdown and what a page shows of it.
var cases = []struct{ name, in, want string }{
	{"a paragraph breaks its lines", "one\ntwo", "<p>one<br/>\ntwo</p>"},
	{"heading", "### ❌ Removed `Order.sku`", "<h3><span class=\"sign bad\">✕</span> Removed <code>Order.sku</code></h3>"},
	{"strong and em", "**a** *b* __c__ _d_ ~~e~~", "<p><strong>a</strong> <em>b</em> <strong>c</strong> <em>d</em> <del>e</del></p>"},
	{"snake case is text", "a snake_case_name here", "<p>a snake_case_name here</p>"},
	{"code in strong", "**`a*b`**", "<p><strong><code>a*b</code></strong></p>"},
	{"long code span", "``` a`b``c ```", "<p><code>a`b``c</code></p>"},
	{"code without an end", "a ` b", "<p>a ` b</p>"},
	{"escapes", `items\[\].sku \*not\*`, "<p>items[].sku *not*</p>"},
	{"link", "[`a.yaml:4`](https://x.test/a#L4)", `<p><a href="https://x.test/a#L4" rel="nofollow noreferrer"><code>a.yaml:4</code></a></p>`},
	{"link with a script", "[a](javascript:alert)", "<p>a</p>"},
	{"bare link ends before the full stop", "see https://x.test/a.", `<p>see <a href="https://x.test/a" rel="nofollow noreferrer">https://x.test/a</a>.</p>`},
	{"image is a link", "![plot](https://x.test/p.svg)", `<p><a href="https://x.test/p.svg" rel="nofollow noreferrer">▣ plot</a></p>`},
	{"image in a link", "[![plot](p.svg)](https://x.test/p)", `<p><a href="https://x.test/p" rel="nofollow noreferrer">▣ plot</a></p>`},
	{"image without an address", "![a](data:b)", "<p>▣ a</p>"},
	{"mention", "ask @acme/checkout, not a@b", `<p>ask <strong class="mention">@acme/checkout</strong>, not a@b</p>`},
	{"two mentions", "@a, @b", `<p><strong class="mention">@a</strong>, <strong class="mention">@b</strong></p>`},
	{"no mention in code or a link", "`@a` [@b](https://x.test)", `<p><code>@a</code> <a href="https://x.test" rel="nofollow noreferrer">@b</a></p>`},
	{"mention in small print", "<sub>@a</sub>", `<p><sub><strong class="mention">@a</strong></sub></p>`},
	{"address of mail", "a@b.c", `<p><a href="mailto:a@b.c" rel="nofollow noreferrer">a@b.c</a></p>`},
	{"bare link to this machine", "(http://127.0.0.1:80/a)", `<p>(<a href="http://127.0.0.1:80/a" rel="nofollow noreferrer">http://127.0.0.1:80/a</a>)</p>`},
	{"bare link without a scheme", "www.x.test", `<p><a href="http://www.x.test" rel="nofollow noreferrer">www.x.test</a></p>`},
	{"broken mention", "@\u200bacme", "<p>@\u200bacme</p>"},
	{"comment is hidden", "a <!-- plimsoll:contracts --> b", "<p>a  b</p>"},
	{"script is text", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
	{"script in a line is text", "a <SCRIPT>b</SCRIPT> <scripted>c</scripted>", "<p>a &lt;SCRIPT&gt;b&lt;/SCRIPT&gt; c</p>"},
	{"unknown attribute", `x <sub onclick="x" title="y">a</sub>`, `<p>x <sub title="y">a</sub></p>`},
	{"unknown element", `<form action="/x"><b>a</b><input name="x"><button>b</button></form>`, "<b>a</b>b"},
	{"drawing", `a <svg onload="x"><p>b</p><a href="c">d</a></svg>`, "<p>a </p><p>b</p><a href=\"c\" rel=\"nofollow noreferrer\">d</a><p></p>"},
	{"link in HTML", `<a href="javascript:x">a</a> <a href="https://x.test" onclick="x" target="_top">b</a> <a name="c">c</a>`, `<p>a <a href="https://x.test" rel="nofollow noreferrer">b</a> c</p>`},
	{"end without a beginning", "a</div></details>", "<p>a</p>"},
	{"beginning without an end", "<details><summary>a", "<details><summary>a</summary></details>"},
	{"small print is Markdown", "<sub>Judged at [a](https://x.test)</sub>", `<p><sub>Judged at <a href="https://x.test" rel="nofollow noreferrer">a</a></sub></p>`},
	{"entity", "a &lt; b &amp; c & d", "<p>a &lt; b &amp; c &amp; d</p>"},
	{"list", "- a\n- b\n  more\n", "<ul>\n<li>a</li>\n<li>b<br/>\nmore</li>\n</ul>"},
	{"nested list", "- a\n  - b\n- c", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ul>"},
	{"loose list", "- a\n\n- b", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>"},
	{"ordered list", "1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"},
	{"task list", "- [ ] a\n- [x] b", "<ul>\n<li><input type=\"checkbox\" disabled=\"\"/> a</li>\n<li><input type=\"checkbox\" disabled=\"\" checked=\"\"/> b</li>\n</ul>"},
	{"table", "| a | b |\n|---|--:|\n| `x\\|y` | 1 |", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td><code>x|y</code></td>\n<td align=\"right\">1</td>\n</tr>\n</tbody>\n</table>"},
	{"details", "<details><summary>1 <b>change</b></summary>\n\n- a\n\n</details>", "<details><summary>1 <b>change</b></summary>\n<ul>\n<li>a</li>\n</ul>\n</details>"},
	{"fenced code", "```yaml\na: <b>\n```", "<pre><code>a: &lt;b&gt;\n</code></pre>"},
	{"quote", "> a\n> b", "<blockquote>\n<p>a<br/>\nb</p>\n</blockquote>"},
	{"rule", "a\n\n---\n", "<p>a</p>\n<hr/>"},
	{"shortcode", ":warning: 12:30:00", "<p>⚠️ 12:30:00</p>"},
	{"unclosed emphasis", "2 * 3 ** 4", "<p>2 * 3 ** 4</p>"},
	{"sign of an emoji", "✅ `✅` :x:", `<p><span class="sign good">✓</span> <code>✅</code> <span class="sign bad">✕</span></p>`},
}

func TestRender(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.TrimSpace(string(Render(c.in))); got != c.want {
				t.Errorf("%q\n got %s\nwant %s", c.in, got, c.want)
			}
		})
	}
}

// TestDeepNesting: what HTML parsers refuse for its depth is shown as text.
func TestDeepNesting(t *testing.T) {
	deep := strings.Repeat("> ", 600) + "<b>a"
	if got := string(Render(deep)); !strings.HasPrefix(got, "<pre>&gt; ") || strings.Contains(got, "<b>") {
		t.Errorf("got %.60s", got)
	}
}

// TestGitHubReadsTheSame renders every case with GitHub's own renderer: what comes out
// before it is sanitised is the same.
func TestGitHubReadsTheSame(t *testing.T) {
	path, err := exec.LookPath("cmark-gfm")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("cmark-gfm is missing: install Debian's package cmark-gfm")
		}
		t.Skip("cmark-gfm (Debian's package of that name) is missing: GitHub's renderer is not asked")
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			command := exec.Command(path, "--unsafe", "--hardbreaks", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist", "-e", "tagfilter")
			command.Stdin = strings.NewReader(c.in)
			github, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := tokens(t, convert(c.in)), tokens(t, github); !slices.Equal(got, want) {
				t.Errorf("%q\n     got %q\n  GitHub %q", c.in, got, want)
			}
		})
	}
}

// tokens lists the tags and texts of HTML in one spelling: attributes sorted, blanks as
// one, and without the language of a code block, which no page shows.
func tokens(t *testing.T, raw []byte) []string {
	t.Helper()
	var list []string
	z := html.NewTokenizer(bytes.NewReader(raw))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		token.Data = strings.Join(strings.Fields(token.Data), " ")
		if token.Type == html.SelfClosingTagToken {
			token.Type = html.StartTagToken
		}
		token.Attr = slices.DeleteFunc(token.Attr, func(a html.Attribute) bool { return token.Data == "code" && a.Key == "class" })
		slices.SortFunc(token.Attr, func(a, b html.Attribute) int { return strings.Compare(a.Key, b.Key) })
		if token.Type != html.TextToken || token.Data != "" {
			list = append(list, token.String())
		}
	}
	return list
}

// harmless lists the elements that may come out, with their attributes beside those
// that every element may have.
var harmless = map[string]string{"strong": "class", "span": "class", "a": "href rel", "input": "type disabled checked"}

const (
	plain    = "p br h1 h2 h3 h4 h5 h6 hr pre code tt blockquote ul ol li table thead tbody tfoot tr th td details summary sub sup kbd b i strong em ins del div dl dt dd q samp var ruby rt rp s strike caption figure figcaption abbr bdo cite dfn mark small span time wbr a input"
	anywhere = "align abbr colspan rowspan datetime dir height width hspace vspace valign lang open start title"
)

func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"# a\n\n- b\n  > c\n\n| d | e |\n|---|---|\n| `f` | [g](https://h) |", "<details open><summary>x</summary>\n\n```\n</code><script>\n```",
		"[a](\"><script>)", "**a _b** c_", "<a href=javascript:1>", "![x](data:a)", "\\<b onclick=1>", "`<b>`", "> > > > > > > > > > > > > > > a",
		"<svg><script>x</script></svg>", "<math><mi xlink:href=javascript:x>", "<table><a href=x>y<td>", "<input type=checkbox onclick=x>", "@a :x: ✅",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		rendered := string(Render(source))
		z := html.NewTokenizer(strings.NewReader(rendered))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			if kind == html.TextToken || kind == html.EndTagToken {
				continue
			}
			token := z.Token()
			if !slices.Contains(strings.Fields(plain), token.Data) {
				t.Fatalf("%q gives <%s>: %s", source, token.Data, rendered)
			}
			for _, attribute := range token.Attr {
				if !slices.Contains(strings.Fields(anywhere+" "+harmless[token.Data]), attribute.Key) {
					t.Fatalf("%q gives <%s %s>", source, token.Data, attribute.Key)
				}
				if attribute.Key == "href" && strings.Contains(strings.ToLower(strings.SplitN(attribute.Val, "/", 2)[0]), "script:") {
					t.Fatalf("%q links to %s", source, attribute.Val)
				}
			}
		}
	})
}
