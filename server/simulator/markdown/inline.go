package markdown

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// allowedTag has no attributes but those named here.
	allowedTag = regexp.MustCompile(`(?i)^</?(details( open)?|summary|sub|sup|br ?/?|kbd|b|i|strong|em|code|ins|del|hr ?/?|p)>`)
	entity     = regexp.MustCompile(`^&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});`)
	autolink   = regexp.MustCompile(`^<(https?://[^\s<>]+)>`)
	bareLink   = regexp.MustCompile(`^https?://[^\s<>]*[^\s<>?!.,:;*_~'")\]]`)
	mention    = regexp.MustCompile(`^@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,38})(?:/[a-zA-Z0-9_.-]+)?`)
	shortcode  = regexp.MustCompile(`^:([a-z0-9_+-]+):`)
)

var emoji = map[string]string{
	"x": "❌", "warning": "⚠️", "white_check_mark": "✅", "heavy_check_mark": "✔️", "no_entry": "⛔", "rocket": "🚀",
	"eyes": "👀", "tada": "🎉", "information_source": "ℹ️", "rotating_light": "🚨", "ship": "🚢", "anchor": "⚓",
	"+1": "👍", "-1": "👎", "confused": "😕", "hourglass": "⌛", "bulb": "💡", "lock": "🔒", "red_circle": "🔴", "green_circle": "🟢",
}

// signs are emoji drawn with characters that every font has: a machine without a
// font for emoji would show empty boxes.
var signs = map[rune]string{
	'❌': `<span class="sign bad">✕</span>`, '✅': `<span class="sign good">✓</span>`, '⛔': `<span class="sign bad">–</span>`,
	'👍': `<span class="sign good">+1</span>`, '👎': `<span class="sign bad">−1</span>`, '🖼': "▣", '⏪': "«", '⏳': "…",
}

// inline renders the text of a paragraph, a cell, a heading.
func inline(text string) string {
	var b strings.Builder
	spans(&b, text, 0)
	return b.String()
}

// spans writes text with its emphasis, code and links.
func spans(b *strings.Builder, text string, depth int) {
	previous := ' '
	for len(text) > 0 {
		used, ok := 0, false
		if depth < depthLimit {
			used, ok = span(b, text, previous, depth)
		}
		if !ok {
			r, size := utf8.DecodeRuneInString(text)
			if drawn, ok := signs[r]; ok {
				b.WriteString(drawn)
			} else {
				b.WriteString(html.EscapeString(text[:size]))
			}
			previous, text = r, text[size:]
			continue
		}
		previous, _ = utf8.DecodeLastRuneInString(text[:used])
		text = text[used:]
	}
}

// span writes what begins at the start of text, if something does, and says how
// many bytes it took.
func span(b *strings.Builder, text string, previous rune, depth int) (int, bool) {
	switch text[0] {
	case '\\':
		if len(text) > 1 && strings.IndexByte("\\`*_{}[]()#+-.!|<>~&@:\"'$%,/;=?^", text[1]) >= 0 {
			b.WriteString(html.EscapeString(text[1:2]))
			return 2, true
		}
	case '`':
		return codeSpan(b, text)
	case '!':
		if strings.HasPrefix(text, "![") {
			if used, label, target, ok := link(text[1:]); ok { // an image would be fetched: its text and a link
				anchor(b, target, func() { b.WriteString("🖼 " + html.EscapeString(label)) })
				return used + 1, true
			}
		}
	case '[':
		if used, label, target, ok := link(text); ok {
			anchor(b, target, func() { spans(b, label, depth+1) })
			return used, true
		}
	case '<':
		if m := autolink.FindStringSubmatch(text); m != nil {
			anchor(b, m[1], func() { b.WriteString(html.EscapeString(m[1])) })
			return len(m[0]), true
		}
		if tag := allowedTag.FindString(text); tag != "" {
			b.WriteString(strings.ToLower(tag))
			return len(tag), true
		}
	case '&':
		if m := entity.FindString(text); m != "" {
			b.WriteString(m)
			return len(m), true
		}
	case '*', '_', '~':
		return emphasis(b, text, previous, depth)
	case 'h':
		if m := bareLink.FindString(text); m != "" && !word(previous) {
			anchor(b, m, func() { b.WriteString(html.EscapeString(m)) })
			return len(m), true
		}
	case '@':
		if m := mention.FindString(text); m != "" && !word(previous) {
			b.WriteString(`<strong class="mention">` + html.EscapeString(m) + "</strong>")
			return len(m), true
		}
	case ':':
		if m := shortcode.FindStringSubmatch(text); m != nil && emoji[m[1]] != "" {
			spans(b, emoji[m[1]], depthLimit)
			return len(m[0]), true
		}
	}
	return 0, false
}

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func codeSpan(b *strings.Builder, text string) (int, bool) {
	run := len(text) - len(strings.TrimLeft(text, "`"))
	mark := text[:run]
	for from := run; ; {
		at := strings.Index(text[from:], mark)
		if at < 0 {
			b.WriteString(mark) // no end: backticks are text
			return run, true
		}
		at += from
		end := at + run
		for end < len(text) && text[end] == '`' {
			end++
		}
		if end-at != run { // a longer run is not the end
			from = end
			continue
		}
		code := strings.ReplaceAll(text[run:at], "\n", " ")
		if len(code) > 2 && code[0] == ' ' && code[len(code)-1] == ' ' && strings.TrimSpace(code) != "" {
			code = code[1 : len(code)-1]
		}
		b.WriteString("<code>" + html.EscapeString(code) + "</code>")
		return end, true
	}
}

// link reads [label](target) and says how many bytes it took.
func link(text string) (used int, label, target string, ok bool) {
	depth, at := 0, -1
	for i := 0; i < len(text) && at < 0; i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				at = i
			}
		}
	}
	if at < 0 || at+1 >= len(text) || text[at+1] != '(' {
		return 0, "", "", false
	}
	end := strings.IndexByte(text[at:], ')')
	if end < 0 {
		return 0, "", "", false
	}
	target = strings.TrimSpace(text[at+2 : at+end])
	target, _, _ = strings.Cut(target, " ") // a title
	return at + end + 1, text[1:at], strings.Trim(target, "<>"), true
}

// anchor writes a link where its target is one that a page may have, else only what
// it holds.
func anchor(b *strings.Builder, target string, inner func()) {
	parsed, err := url.Parse(target)
	safe := err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https" || parsed.Scheme == "mailto" || parsed.Scheme == "" && parsed.Host == "")
	if safe {
		b.WriteString(`<a href="` + html.EscapeString(target) + `" rel="nofollow noreferrer">`)
	}
	inner()
	if safe {
		b.WriteString("</a>")
	}
}

// emphasis reads **strong**, *emphasised*, __strong__, _emphasised_ and ~~deleted~~.
func emphasis(b *strings.Builder, text string, previous rune, depth int) (int, bool) {
	mark := text[:1]
	run := len(text) - len(strings.TrimLeft(text, mark))
	if mark == "_" && word(previous) || run > 3 || mark == "~" && run != 2 {
		b.WriteString(html.EscapeString(text[:run]))
		return run, true
	}
	width := min(run, 2)
	tag := map[string]string{"*1": "em", "_1": "em", "*2": "strong", "_2": "strong", "~2": "del"}[mark+string(rune('0'+width))]
	rest := text[width:]
	if rest == "" || rest[0] == ' ' || rest[0] == '\n' {
		b.WriteString(html.EscapeString(text[:run]))
		return run, true
	}
	end := closing(rest, text[:width])
	if end < 0 {
		b.WriteString(html.EscapeString(text[:run]))
		return run, true
	}
	b.WriteString("<" + tag + ">")
	spans(b, rest[:end], depth+1)
	b.WriteString("</" + tag + ">")
	return width + end + width, true
}

// closing finds the mark that ends an emphasis: outside code, not after a blank, and
// not part of a longer run.
func closing(text, mark string) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == '`':
			run := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
			if end := strings.Index(text[i+run:], text[i:i+run]); end >= 0 {
				i += run + end + run - 1
			} else {
				i += run - 1
			}
		case strings.HasPrefix(text[i:], mark):
			run := len(text[i:]) - len(strings.TrimLeft(text[i:], mark[:1]))
			after, _ := utf8.DecodeRuneInString(text[i+run:])
			if run >= len(mark) && run != 3-len(mark) && i > 0 && text[i-1] != ' ' && (mark[0] != '_' || i+run == len(text) || !word(after)) {
				return i
			}
			i += run - 1
		}
	}
	return -1
}

// tagsOnly escapes everything but the allowed tags: HTML blocks hold no Markdown.
func tagsOnly(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		if tag := allowedTag.FindString(text); tag != "" {
			b.WriteString(strings.ToLower(tag))
			text = text[len(tag):]
			continue
		}
		if m := entity.FindString(text); m != "" {
			b.WriteString(m)
			text = text[len(m):]
			continue
		}
		_, size := utf8.DecodeRuneInString(text)
		b.WriteString(html.EscapeString(text[:size]))
		text = text[size:]
	}
	return b.String()
}
