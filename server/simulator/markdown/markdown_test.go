package markdown_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"plimsoll/server/simulator/markdown"
)

func TestRender(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a paragraph breaks its lines", "one\ntwo", "<p>one<br>\ntwo</p>"},
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
		{"image is a link", "![plot](https://x.test/p.svg)", `<p><a href="https://x.test/p.svg" rel="nofollow noreferrer">🖼 plot</a></p>`},
		{"mention", "ask @acme/checkout, not a@b.c", `<p>ask <strong class="mention">@acme/checkout</strong>, not a@b.c</p>`},
		{"broken mention", "@\u200bacme", "<p>@\u200bacme</p>"},
		{"comment is hidden", "a <!-- plimsoll:contracts --> b", "<p>a  b</p>"},
		{"script is text", "<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
		{"attribute is text", `x <sub onclick="x">a</sub>`, "<p>x &lt;sub onclick=&#34;x&#34;&gt;a</sub></p>"},
		{"small print is Markdown", "<sub>Judged at [a](https://x.test)</sub>", `<p><sub>Judged at <a href="https://x.test" rel="nofollow noreferrer">a</a></sub></p>`},
		{"entity", "a &lt; b &amp; c & d", "<p>a &lt; b &amp; c &amp; d</p>"},
		{"list", "- a\n- b\n  more\n", "<ul>\n<li>a\n</li>\n<li>b<br>\nmore\n</li>\n</ul>"},
		{"nested list", "- a\n  - b\n- c", "<ul>\n<li>a\n<ul>\n<li>b\n</li>\n</ul>\n</li>\n<li>c\n</li>\n</ul>"},
		{"loose list", "- a\n\n- b", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>"},
		{"ordered list", "1. a\n2. b", "<ol>\n<li>a\n</li>\n<li>b\n</li>\n</ol>"},
		{"task list", "- [ ] a\n- [x] b", "<ul>\n<li>☐ a\n</li>\n<li>☑ b\n</li>\n</ul>"},
		{"table", "| a | b |\n|---|--:|\n| `x\\|y` | 1 |", "<table>\n<thead><tr><th>a</th><th>b</th></tr></thead>\n<tbody>\n<tr><td><code>x|y</code></td><td class=\"right\">1</td></tr>\n</tbody></table>"},
		{"details", "<details><summary>1 <b>change</b></summary>\n\n- a\n\n</details>", "<details><summary>1 <b>change</b></summary>\n<ul>\n<li>a\n</li>\n</ul>\n</details>"},
		{"fenced code", "```yaml\na: <b>\n```", "<pre><code>a: &lt;b&gt;\n</code></pre>"},
		{"quote", "> a\n> b", "<blockquote>\n<p>a<br>\nb</p>\n</blockquote>"},
		{"rule", "a\n\n---\n", "<p>a</p>\n<hr>"},
		{"shortcode", ":warning: 12:30:00", "<p>⚠️ 12:30:00</p>"},
		{"unclosed emphasis", "2 * 3 ** 4", "<p>2 * 3 ** 4</p>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.TrimSpace(string(markdown.Render(c.in))); got != c.want {
				t.Errorf("%q\n got %s\nwant %s", c.in, got, c.want)
			}
		})
	}
}

// harmless lists the elements that may come out, with their attributes.
var harmless = map[string][]string{
	"p": nil, "br": nil, "h1": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "hr": nil, "pre": nil, "code": nil,
	"blockquote": nil, "ul": nil, "ol": nil, "li": nil, "table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": nil, "td": {"class"},
	"details": {"open"}, "summary": nil, "sub": nil, "sup": nil, "kbd": nil, "b": nil, "i": nil, "strong": {"class"}, "em": nil, "ins": nil,
	"del": nil, "span": {"class"}, "a": {"href", "rel"},
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"# a\n\n- b\n  > c\n\n| d | e |\n|---|---|\n| `f` | [g](https://h) |", "<details open><summary>x</summary>\n\n```\n</code><script>\n```",
		"[a](\"><script>)", "**a _b** c_", "<a href=javascript:1>", "![x](data:a)", "\\<b onclick=1>", "`<b>`", "> > > > > > > > > > > > > > > a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		rendered := string(markdown.Render(source))
		z := html.NewTokenizer(strings.NewReader(rendered))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			if kind == html.TextToken || kind == html.EndTagToken {
				continue
			}
			token := z.Token()
			allowed, known := harmless[token.Data]
			if !known {
				t.Fatalf("%q gives <%s>: %s", source, token.Data, rendered)
			}
			for _, attribute := range token.Attr {
				if !strings.Contains(strings.Join(allowed, " "), attribute.Key) {
					t.Fatalf("%q gives <%s %s>", source, token.Data, attribute.Key)
				}
				if attribute.Key == "href" && strings.Contains(strings.ToLower(strings.SplitN(attribute.Val, "/", 2)[0]), "script:") {
					t.Fatalf("%q links to %s", source, attribute.Val)
				}
			}
		}
	})
}
