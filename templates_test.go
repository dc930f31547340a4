package plimsoll_test

import (
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"golang.org/x/net/html"
)

// withinSentence are the elements that do not end a sentence.
var withinSentence = []string{"a", "b", "code", "em", "small", "span", "strong", "time"}

// headings are the elements that a person reads at a glance.
var headings = []string{"title", "h1", "h2", "h3", "summary", "button", "label", "th"}

// mostHeadingWords is how long a heading may be, as in TestReportsArePlain.
const mostHeadingWords = 20

// pageTexts are the texts of templates of pages.
type pageTexts struct{ texts, headings []text }

// templatesOf collects what the templates of pages in a package and those below it say, with
// the names that screen readers read.
func templatesOf(t *testing.T, root string) (all pageTexts) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "testdata" {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".html" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return all.add(path, string(source))
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// add collects what one file says.
func (p *pageTexts) add(path, source string) error {
	tree, trees := parse.New(path), map[string]*parse.Tree{}
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(source, "", "", trees); err != nil {
		return err
	}
	trees[path] = tree
	at := token.Position{Filename: path}
	for _, one := range trees {
		for _, page := range variants(one.Root) {
			p.read(at, page)
		}
	}
	for _, texts := range []*[]text{&p.texts, &p.headings} {
		slices.SortFunc(*texts, func(a, b text) int {
			return strings.Compare(a.position.Filename+"\x00"+a.text, b.position.Filename+"\x00"+b.text)
		})
		*texts = slices.Compact(*texts)
	}
	return nil
}

// variants executes a template without data: each alternative of each condition is in at least
// one of the pages, and what is inserted is one word.
func variants(list *parse.ListNode) []string {
	pages := []string{""}
	if list == nil {
		return pages
	}
	for _, node := range list.Nodes {
		var next []string
		switch n := node.(type) {
		case *parse.TextNode:
			next = []string{string(n.Text)}
		case *parse.ActionNode:
			if len(n.Pipe.Decl) > 0 {
				continue
			}
			next = []string{"X"}
		case *parse.IfNode:
			next = append(variants(n.List), variants(n.ElseList)...)
		case *parse.WithNode:
			next = append(variants(n.List), variants(n.ElseList)...)
		case *parse.RangeNode:
			next = append(variants(n.List), variants(n.ElseList)...)
		default:
			continue
		}
		joined := make([]string, max(len(pages), len(next)))
		for i := range joined {
			joined[i] = pages[i%len(pages)] + next[i%len(next)]
		}
		pages = joined
	}
	return pages
}

// read collects the texts of a page: what stands between elements that end a sentence.
func (p *pageTexts) read(at token.Position, page string) {
	var now strings.Builder
	heading, code := "", 0
	flush := func() {
		said := strings.Join(strings.Fields(now.String()), " ")
		now.Reset()
		if !strings.Contains(said, " ") {
			return
		}
		p.texts = append(p.texts, text{at, said})
		if heading != "" {
			p.headings = append(p.headings, text{at, said})
		}
	}
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			flush()
			return
		}
		one := z.Token()
		switch kind {
		case html.TextToken:
			if code == 0 {
				now.WriteString(one.Data)
			}
			continue
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, attribute := range one.Attr {
				if slices.Contains([]string{"title", "aria-label", "alt"}, attribute.Key) && strings.Contains(attribute.Val, " ") {
					p.texts = append(p.texts, text{at, attribute.Val})
				}
			}
		}
		if one.Data == "code" {
			if kind == html.StartTagToken {
				code++
				now.WriteString("CODE")
			} else {
				code--
			}
		}
		if slices.Contains(withinSentence, one.Data) {
			continue
		}
		flush()
		if heading = ""; kind == html.StartTagToken && slices.Contains(headings, one.Data) {
			heading = one.Data
		}
	}
}

// The pages for people who have logged in, who log in and who set the server up say everything
// in their templates as plainly as reports do.
func TestTemplatesArePlain(t *testing.T) {
	for root, least := range map[string]int{"server/dashboard": 150, "server/evidence": 20, "server/login": 1, "server/setup": 15, "cmd/plimsoll": 8} {
		all := templatesOf(t, root)
		if len(all.texts) < least {
			t.Errorf("%s: only %d texts were found", root, len(all.texts))
		}
		for _, one := range all.texts {
			plain(t, one)
		}
		for _, one := range all.headings {
			if words := len(strings.Fields(one.text)); words > mostHeadingWords {
				t.Errorf("%s: %d words in the heading %q", one.position, words, one.text)
			}
		}
	}
}

// What the test above reads of a page: sentences over elements and conditions, every
// alternative, and names for screen readers; not what is code.
func TestTemplatesAreReadAsPeopleDo(t *testing.T) {
	var all pageTexts
	const source = `{{define "main"}}<h1>Two words</h1><p>{{if .A}}It is <a href="/" title="A title here">{{.Name}}</a>{{else if .B}}Then <code>not this</code>{{else}}Or this{{end}}, at last.</p>{{end}}`
	if err := all.add("page.html", source); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, one := range all.texts {
		said = append(said, one.text)
	}
	if got, want := fmt.Sprintf("%q", said), fmt.Sprintf("%q", []string{"A title here", "It is X, at last.", "Or this, at last.", "Then CODE, at last.", "Two words"}); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(all.headings) != 1 || all.headings[0].text != "Two words" {
		t.Errorf("the headings are %+v", all.headings)
	}
}
