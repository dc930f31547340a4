package markdowntest

import (
	"regexp"
	"strings"
)

// outsideCode takes the code spans out of Markdown (CommonMark 6.1) and undoes
// nothing else: what is left is what GitHub may read as a mention or a link.
func outsideCode(md string) string {
	var b strings.Builder
	for i := 0; i < len(md); {
		if md[i] == '\\' && i+1 < len(md) {
			b.WriteString(md[i : i+2])
			i += 2
			continue
		}
		if md[i] != '`' {
			b.WriteByte(md[i])
			i++
			continue
		}
		n := runOf(md[i:])
		end := closing(md[i+n:], n)
		if end < 0 {
			b.WriteString(md[i : i+n])
			i += n
			continue
		}
		b.WriteString("□")
		i += n + end + n
	}
	return b.String()
}

func runOf(s string) (n int) {
	for n < len(s) && s[n] == '`' {
		n++
	}
	return n
}

func closing(s string, n int) int {
	for i := 0; i < len(s); {
		if s[i] == '\n' && strings.HasPrefix(s[i:], "\n\n") {
			return -1 // a span does not leave its paragraph
		}
		if s[i] != '`' {
			i++
			continue
		}
		run := runOf(s[i:])
		if run == n {
			return i
		}
		i += run
	}
	return -1
}

var (
	ownTags     = regexp.MustCompile(`</?(details|summary|sub)>|<!-- plimsoll:contracts -->`)
	ownLinks    = regexp.MustCompile(`\]\(https://(github\.com|plimsoll\.acme\.dev)/[A-Za-z0-9%/._#?=:+-]*\)`)
	ownMentions = regexp.MustCompile(`(?m)^cc @[A-Za-z0-9/. @_-]+$`)
)

// Inert says what is wrong with a text into which a repository's words went, as
// far as it can be seen without a renderer.
func Inert(md string) []string {
	var wrong []string
	text := outsideCode(md)
	text = ownMentions.ReplaceAllString(ownLinks.ReplaceAllString(ownTags.ReplaceAllString(text, ""), "]"), "")
	for what, pattern := range map[string]string{
		"a mention":   `@[A-Za-z0-9]`,
		"HTML":        `<`,
		"a link":      `(?i)[^\\]\]\(|://[a-z0-9]|www\.[a-z0-9]|mailto:[a-z]`,
		"a reference": `#[0-9]|[A-Z]-[0-9]|\b[0-9a-f]{7,40}\b`,
		"an image":    `!\[`,
		"an emoji":    `:[a-z0-9_+-]+:`,
	} {
		if found := regexp.MustCompile(pattern).FindString(text); found != "" {
			wrong = append(wrong, what+" "+found)
		}
	}
	for line := range strings.SplitSeq(md, "\n") {
		if strings.HasPrefix(line, "|") && cells(line) != 3 {
			wrong = append(wrong, "a broken table: "+line)
		}
	}
	return wrong
}

// cells counts a table row's cells as GFM does: a pipe separates unless a
// backslash stands before it.
func cells(row string) int {
	n := 0
	for i := range len(row) {
		if row[i] == '|' && (i == 0 || row[i-1] != '\\') {
			n++
		}
	}
	return n - 1
}

// Unfenced leaves out blocks of code (CommonMark 4.5): GitHub reads nothing in them.
func Unfenced(md string) string {
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(md) {
		trimmed := strings.TrimSpace(line)
		marks := trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`"))]
		switch {
		case fence != "":
			if len(marks) >= len(fence) && marks == trimmed {
				fence = ""
			}
		case len(marks) >= 3 && !strings.Contains(trimmed[len(marks):], "`"):
			fence = marks
		default:
			b.WriteString(line)
		}
	}
	return b.String()
}
