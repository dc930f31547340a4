package plimsoll_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

// TestDocumentationLinks checks the Markdown files of the repository: relative links
// lead to files and headings that exist, and `make` targets that they name are in the
// Makefile.
func TestDocumentationLinks(t *testing.T) {
	pages, problems, err := brokenDocumentation(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if pages < 10 {
		t.Fatalf("found %d Markdown files, expected the README and the pages in docs", pages)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// TestDocumentationLinksFindsWhatIsBroken makes sure that the check above can fail.
func TestDocumentationLinksFindsWhatIsBroken(t *testing.T) {
	files := fstest.MapFS{
		"Makefile": {Data: []byte("build: ## build it\n\tgo build\n")},
		"docs/b.md": {Data: []byte("# The `b` page: it's here\n\n## Twice\n\n## Twice\n\n```sh\n# Not a heading\n```\n" +
			"<a id=\"by-hand\"></a>\n")},
		"docs/a.md": {Data: []byte("# A\n\n[fine](b.md#the-b-page-its-here) [fine](b.md#twice-1) [fine](#a) [fine](b.md#by-hand)\n" +
			"[fine](https://example.com/x#y) [fine](../Makefile) [folder](.) ![picture](b.md \"title\")\n" +
			"[gone](c.md) [gone](b.md#not-a-heading) [gone](#b)\n[outside](../../x.md)\n\n[definition]: d.md\n" +
			"`[not a link](e.md)`\n\n```\n[not a link](f.md)\nmake build && make nothing\n```\n\n`make build`, `make other V=1`, make sure\n")},
		"docs/testdata/x.md": {Data: []byte("[gone](y.md)\n")},
	}
	pages, problems, err := brokenDocumentation(files)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"docs/a.md:5: c.md does not exist",
		"docs/a.md:5: docs/b.md has no heading for #not-a-heading",
		"docs/a.md:5: docs/a.md has no heading for #b",
		"docs/a.md:6: ../../x.md leads out of the repository",
		"docs/a.md:8: d.md does not exist",
		"docs/a.md:13: the Makefile has no target nothing",
		"docs/a.md:16: the Makefile has no target other",
	}
	if pages != 2 || !slices.Equal(problems, want) {
		t.Errorf("%d pages with\n%s\nexpected 2 with\n%s", pages, strings.Join(problems, "\n"), strings.Join(want, "\n"))
	}
}

// brokenDocumentation checks every Markdown file below root, other than test data and
// what a hidden folder or a build leaves behind.
func brokenDocumentation(root fs.FS) (pages int, problems []string, err error) {
	makefile, err := fs.ReadFile(root, "Makefile")
	if err != nil {
		return 0, nil, err
	}
	d := documentation{root: root, anchors: map[string]map[string]bool{}, targets: map[string]bool{}}
	for _, match := range makeTarget.FindAllStringSubmatch(string(makefile), -1) {
		d.targets[match[1]] = true
	}
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") && base != ".github" || base == "testdata" || base == "bin"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		pages++
		return d.page(name)
	})
	return pages, d.problems, err
}

type documentation struct {
	root     fs.FS
	anchors  map[string]map[string]bool // of the pages that were asked for so far
	targets  map[string]bool
	problems []string
}

var (
	makeTarget = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
	makeCall   = regexp.MustCompile(`(?:^|&& |; )make ([a-z][a-z0-9-]*)`)
	codeSpan   = regexp.MustCompile("`+[^`]+`+")
	// inlineLink also finds pictures; a target holds no blank and no closing bracket.
	inlineLink = regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)`)
	definition = regexp.MustCompile(`^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)`)
	heading    = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$`)
	anchor     = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	linkText   = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
)

// page checks one Markdown file.
func (d *documentation) page(name string) error {
	data, err := fs.ReadFile(d.root, name)
	if err != nil {
		return err
	}
	for i, line := range markdownLines(string(data)) {
		say := func(format string, args ...any) {
			d.problems = append(d.problems, fmt.Sprintf("%s:%d: ", name, i+1)+fmt.Sprintf(format, args...))
		}
		commands := []string{strings.TrimSpace(line.text)}
		if !line.code {
			commands = nil
			for _, span := range codeSpan.FindAllString(line.text, -1) {
				commands = append(commands, strings.Trim(span, "` "))
			}
		}
		for _, command := range commands {
			for _, call := range makeCall.FindAllStringSubmatch(command, -1) {
				if !d.targets[call[1]] {
					say("the Makefile has no target %s", call[1])
				}
			}
		}
		if line.code {
			continue
		}
		text := codeSpan.ReplaceAllString(line.text, "")
		for _, match := range append(inlineLink.FindAllStringSubmatch(text, -1), definition.FindAllStringSubmatch(text, -1)...) {
			if problem := d.link(name, match[1]); problem != "" {
				say("%s", problem)
			}
		}
	}
	return nil
}

// link says what is wrong with one link of a page; "" if nothing is.
func (d *documentation) link(from, link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link + " is not a link: " + err.Error()
	}
	if u.Scheme != "" || u.Host != "" {
		return ""
	}
	to := from
	if u.Path != "" {
		to = path.Join(path.Dir(from), u.Path)
	}
	if !fs.ValidPath(to) {
		return link + " leads out of the repository"
	}
	if _, err := fs.Stat(d.root, to); err != nil {
		return link + " does not exist"
	}
	if u.Fragment == "" || path.Ext(to) != ".md" {
		return ""
	}
	if d.anchors[to] == nil {
		data, err := fs.ReadFile(d.root, to)
		if err != nil {
			return err.Error()
		}
		d.anchors[to] = anchorsOf(string(data))
	}
	if !d.anchors[to][u.Fragment] {
		return to + " has no heading for #" + u.Fragment
	}
	return ""
}

// anchorsOf are the names by which GitHub links to the headings of a page, and those
// that are written by hand.
func anchorsOf(markdown string) map[string]bool {
	anchors := map[string]bool{}
	for _, line := range markdownLines(markdown) {
		if line.code {
			continue
		}
		for _, match := range anchor.FindAllStringSubmatch(line.text, -1) {
			anchors[match[1]] = true
		}
		match := heading.FindStringSubmatch(line.text)
		if match == nil {
			continue
		}
		slug := slugOf(match[1])
		for name, n := slug, 1; ; n++ {
			if !anchors[name] {
				anchors[name] = true
				break
			}
			name = fmt.Sprintf("%s-%d", slug, n)
		}
	}
	return anchors
}

// slugOf is GitHub's rule: small letters, punctuation removed, blanks become hyphens.
func slugOf(heading string) string {
	var slug strings.Builder
	for _, r := range strings.ToLower(linkText.ReplaceAllString(heading, "$1")) {
		switch {
		case r == ' ':
			slug.WriteByte('-')
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			slug.WriteRune(r)
		}
	}
	return slug.String()
}

type markdownLine struct {
	text string
	code bool // in a fenced block, or one of its fences
}

// markdownLines gives the lines of a page, and which of them are code.
func markdownLines(markdown string) []markdownLine {
	var lines []markdownLine
	fence := ""
	for line := range strings.Lines(markdown) {
		text := strings.TrimRight(line, "\r\n")
		start := strings.TrimLeft(text, " ")
		code := fence != ""
		switch {
		case code && strings.HasPrefix(start, fence) && strings.Trim(start, fence[:1]+" ") == "":
			fence = ""
		case !code && (strings.HasPrefix(start, "```") || strings.HasPrefix(start, "~~~")):
			fence, code = start[:3], true
		}
		lines = append(lines, markdownLine{text, code})
	}
	return lines
}
