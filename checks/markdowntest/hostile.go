package markdowntest

import (
	"math/rand/v2"
	"strings"
)

// Fragments are what breaks Markdown, mentions or links; hostile strings are made
// of them.
var Fragments = []string{
	"`", "``", "```", "|", `\`, `\|`, "\n", "\n\n", "\r", "\t", " ", "@", "@everyone", "@acme/all", "a@b.example", "#", "#1", "acme/orders#2", "GH-3",
	"http://Evil.example", "https://Evil.example/?a=b&c", "www.evil.example", "mailto:a@b.example", "ftp://Evil.example", "//", ":", ":tada:", "[", "]", "](", ")", "[x](https://Evil.example)", "![x](https://Evil.example/i.png)",
	"<", ">", "<b>", "</details>", "<script>alert(1)</script>", "<!--", "-->", "&", "&lt;", "&#64;everyone", "*", "**", "_", "__", "~", "~~", "$", "$$", "$`x`$", "- ", "+ ", "* ", "1. ", "1) ", "# ", "> ", "---", "===", "    x", "[ ] ", "[^1]",
	"a", "sku", "größe", "名前", "\u202e", "\u200b", "\ufeff", "\x00", "\x1b[31m", "\xff", "\u2028", "|---|---|", "deadbeef00", "0123456789abcdef0123456789abcdef01234567", "xmpp:a@b.example", "=", "!", "‹s›", "‹v›", "{", "}", "\"", "'", "...", "://x",
}

// Evil makes one hostile string.
func Evil(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(7) {
		b.WriteString(Fragments[r.IntN(len(Fragments))])
	}
	return b.String()
}
