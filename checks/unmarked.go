package checks

import (
	"html"
	"regexp"
	"strings"
)

// Unmarked gives Markdown that this package has made as plain text, line by line: what is
// escaped in it stands as it was, links are their text. It reads what escape, code and
// link write, and no more of Markdown than that.
func Unmarked(markdown string) string {
	lines := strings.Split(markdown, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "- "); ok {
			line = "• " + rest
		}
		lines[i] = unmarkedLine(line)
	}
	return strings.Join(lines, "\n")
}

// address is the second half of a link.
var address = regexp.MustCompile(`^\]\([^()\s]*\)`)

func unmarkedLine(s string) string {
	var out, prose strings.Builder
	flush := func() {
		out.WriteString(html.UnescapeString(strings.ReplaceAll(prose.String(), zeroWidth, "")))
		prose.Reset()
	}
	for s != "" {
		switch {
		case len(s) > 1 && s[0] == '\\' && strings.IndexByte("\\`*_[]#|~$-+=:!.)", s[1]) >= 0:
			flush()
			out.WriteByte(s[1])
			s = s[2:]
		case s[0] == '`':
			fence := s[:len(s)-len(strings.TrimLeft(s, "`"))]
			inside, rest, closed := strings.Cut(s[len(fence):], fence)
			if !closed {
				inside, rest = "", s[len(fence):]
			}
			flush()
			if len(fence) > 1 {
				inside = strings.TrimSuffix(strings.TrimPrefix(inside, " "), " ")
			}
			out.WriteString(inside)
			s = rest
		case s[0] == '*', s[0] == '[':
			s = s[1:]
		case s[0] == ']':
			if link := address.FindString(s); link != "" {
				s = s[len(link):]
				continue
			}
			fallthrough
		default:
			prose.WriteByte(s[0])
			s = s[1:]
		}
	}
	flush()
	return out.String()
}
