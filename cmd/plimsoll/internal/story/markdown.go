package story

import (
	"regexp"
	"strings"
)

var (
	markdownLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	markdownMark = strings.NewReplacer("**", "", "`", "", "<sub>", "", "</sub>", "")
)

// summaryLines gives the first part of a Markdown summary, up to its first table
// or fold, as lines for a terminal.
func summaryLines(markdown string) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(markdown), "\n") {
		if strings.HasPrefix(line, "|") || strings.HasPrefix(line, "<details") {
			break
		}
		line = markdownMark.Replace(markdownLink.ReplaceAllString(line, "$1"))
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
