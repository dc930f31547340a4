package terminal

import (
	"strings"
	"unicode"
)

// Shown takes out of a server's text what a terminal would obey.
func Shown(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
}

// Plural gives a word in the number that n asks for.
func Plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// maxQuoted bounds how much of a line is quoted, in bytes.
const maxQuoted = 100

// Shorten cuts a line that is quoted from a file.
func Shorten(line string) string {
	if len(line) > maxQuoted {
		line = strings.ToValidUTF8(line[:maxQuoted], "") + "…"
	}
	return line
}
