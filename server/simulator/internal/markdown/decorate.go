package markdown

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	dom "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	mention   = regexp.MustCompile(`^@[a-zA-Z0-9][a-zA-Z0-9-]{0,38}(?:/[a-zA-Z0-9_.-]+)?`)
	shortcode = regexp.MustCompile(`^:([a-z0-9_+-]+):`)
)

// emoji by shortcode: those that are used here.
var emoji = map[string]string{
	"x": "❌", "warning": "⚠️", "white_check_mark": "✅", "heavy_check_mark": "✔️", "no_entry": "⛔", "rocket": "🚀",
	"eyes": "👀", "tada": "🎉", "information_source": "ℹ️", "rotating_light": "🚨", "ship": "🚢", "anchor": "⚓",
	"+1": "👍", "-1": "👎", "confused": "😕", "hourglass": "⌛", "bulb": "💡", "lock": "🔒", "red_circle": "🔴", "green_circle": "🟢",
}

// sign is what an emoji is drawn as: text, in a span of that class where it has one.
type sign struct{ text, class string }

// signs stand for emoji: on a machine without a font for emoji a reader would see empty
// boxes.
var signs = map[rune]sign{
	'❌': {"✕", "sign bad"}, '✅': {"✓", "sign good"}, '⛔': {"–", "sign bad"}, '👍': {"+1", "sign good"}, '👎': {"−1", "sign bad"},
	'🖼': {"▣", ""}, '⏪': {"«", ""}, '⏳': {"…", ""},
}

// decorate marks the mentions and emoji of a text. As on GitHub, code has neither and a
// link has no mentions.
func decorate(node *dom.Node) {
	if within(node, atom.Code, atom.Pre, atom.Tt) {
		return
	}
	inLink := within(node, atom.A)
	rest, previous := node.Data, ' '
	var plain strings.Builder
	put := func(element, class, text string) {
		insertText(node, plain.String())
		plain.Reset()
		marked := &dom.Node{Type: dom.ElementNode, Data: element, DataAtom: atom.Lookup([]byte(element)), Attr: []dom.Attribute{{Key: "class", Val: class}}}
		marked.AppendChild(&dom.Node{Type: dom.TextNode, Data: text})
		node.Parent.InsertBefore(marked, node)
	}
	for rest != "" {
		if m := mention.FindString(rest); m != "" && !inLink && !word(previous) {
			put("strong", "mention", m)
			previous, rest = rune(m[len(m)-1]), rest[len(m):]
			continue
		}
		if m := shortcode.FindStringSubmatch(rest); m != nil && emoji[m[1]] != "" {
			rest = emoji[m[1]] + rest[len(m[0]):]
		}
		r, size := utf8.DecodeRuneInString(rest)
		if drawn, known := signs[r]; known && drawn.class != "" {
			put("span", drawn.class, drawn.text)
		} else if known {
			plain.WriteString(drawn.text)
		} else {
			plain.WriteString(rest[:size])
		}
		previous, rest = r, rest[size:]
	}
	insertText(node, plain.String())
	node.Parent.RemoveChild(node)
}

func insertText(before *dom.Node, text string) {
	if text != "" {
		before.Parent.InsertBefore(&dom.Node{Type: dom.TextNode, Data: text}, before)
	}
}

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
