package markdowntest

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Render renders as GitHub does, with cmark-gfm and its extensions, except for
// what GitHub does with mentions and references Afterwards.
func Render(t testing.TB, md string) string {
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

// Skeleton gives the tags of a page that GitHub would make of a text, and the
// running text between them. Addresses on our own sites are left out.
func Skeleton(t testing.TB, md string) (tags, text string) {
	html := codeHTML.ReplaceAllString(Render(t, ownMentions.ReplaceAllString(md, "")), "□")
	html = linkHTML.ReplaceAllString(html, "<a>")
	return strings.Join(anyTag.FindAllString(html, -1), " "), anyTag.ReplaceAllString(html, " ")
}

// Afterwards is what GitHub makes into a link once the page is rendered.
var Afterwards = regexp.MustCompile(`@[A-Za-z0-9]|#[0-9]|[A-Z]-[0-9]|\b[0-9a-f]{7,40}\b|:[a-z0-9+_-]+:`)
