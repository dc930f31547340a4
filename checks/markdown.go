package checks

import "strings"

// Marks stand before what happens. The words beside a mark say the same.
const (
	MarkBad  = "❌"
	MarkWarn = "⚠️"
	MarkGood = "✅"
	MarkWord = "☑️"
)

// Paragraphs joins sections with blank lines and leaves out the empty ones.
func Paragraphs(sections ...string) string {
	var kept []string
	for _, s := range sections {
		if s = strings.TrimRight(s, "\n"); s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "\n\n") + "\n"
}

// List makes a bulleted list.
func List(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "- " + strings.Join(lines, "\n- ")
}

// Details folds Markdown away; the heading is our own text.
func Details(heading, body string) string {
	return "<details><summary>" + heading + "</summary>\n\n" + strings.TrimRight(body, "\n") + "\n\n</details>"
}

// Indent puts a text below an item of a list.
func Indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
