package checks

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
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

// inert says what is wrong with a text into which a repository's words went, as
// far as can be told without a renderer.
func inert(md string) []string {
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

// renderGFM renders as GitHub does, with cmark-gfm and its extensions, except for
// what GitHub does with mentions and references afterwards.
func renderGFM(t testing.TB, md string) string {
	t.Helper()
	path, err := exec.LookPath("cmark-gfm")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("cmark-gfm is missing: install Debian's package cmark-gfm")
		}
		t.Skip("cmark-gfm (Debian's package of that name) is missing: GitHub's renderer is not asked")
	}
	cmd := exec.Command(path, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist", "-e", "footnotes")
	cmd.Stdin = strings.NewReader(md)
	out, err := cmd.Output()
	if err != nil {
		cmd = exec.Command(path, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist")
		cmd.Stdin = strings.NewReader(md)
		if out, err = cmd.Output(); err != nil {
			t.Fatalf("cmark-gfm: %v", err)
		}
	}
	return string(out)
}

var (
	codeHTML = regexp.MustCompile(`(?s)<code>.*?</code>`)
	linkHTML = regexp.MustCompile(`<a href="(https://github\.com/|https://plimsoll\.acme\.dev/)[^"]*">`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
)

// skeleton gives the tags of a page that GitHub would make of a text, and the
// running text between them. Addresses on our own sites are left out.
func skeleton(t testing.TB, md string) (tags, text string) {
	html := codeHTML.ReplaceAllString(renderGFM(t, ownMentions.ReplaceAllString(md, "")), "□")
	html = linkHTML.ReplaceAllString(html, "<a>")
	return strings.Join(anyTag.FindAllString(html, -1), " "), anyTag.ReplaceAllString(html, " ")
}

// afterwards is what GitHub makes into a link once the page is rendered.
var afterwards = regexp.MustCompile(`@[A-Za-z0-9]|#[0-9]|[A-Z]-[0-9]|\b[0-9a-f]{7,40}\b|:[a-z0-9+_-]+:`)
