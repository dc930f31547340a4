package story

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	colour  = regexp.MustCompile("\x1b\\[[0-9;]*m")
	leading = regexp.MustCompile(`^(?:\s*(?:\d+\. |- )?)`)
)

// wrapped breaks a line at spaces so that none is longer than width, colours not counted.
// What follows is indented as far as the text of the first line. A word that fits into no
// line, such as an address, stays where it is.
func wrapped(line string, width int) string {
	length := func(s string) int { return utf8.RuneCountInString(colour.ReplaceAllString(s, "")) }
	if length(line) <= width {
		return line
	}
	start := leading.FindString(line)
	indent := strings.Repeat(" ", length(start))
	lines := []string{start}
	for i, word := range strings.Split(line[len(start):], " ") {
		last := lines[len(lines)-1]
		switch {
		case i == 0:
			lines[0] += word
		case length(last)+1+length(word) > width && length(indent)+length(word) <= width && word != "":
			lines[len(lines)-1] = strings.TrimRight(last, " ")
			lines = append(lines, indent+word)
		default:
			lines[len(lines)-1] = last + " " + word
		}
	}
	return strings.Join(lines, "\n")
}
