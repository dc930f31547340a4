// Package markdown renders the text of comments, issues and check runs as GitHub shows
// it: GitHub Flavored Markdown, with raw HTML sanitised, mentions and emoji.
//
// Two things differ from GitHub, so that a simulated page never fetches anything from
// elsewhere and needs no special font: an image becomes a link to it, and emoji become
// characters that every font has. The package must not know of repositories, accounts
// or requests: a mention is marked whether or not anybody has that name.
package markdown

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
	dom "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Render returns the HTML of a Markdown text. As in GitHub's comments, a line break in a
// paragraph is a line break on the page. Text that nests too deeply is shown as it is.
func Render(source string) template.HTML {
	around := &dom.Node{Type: dom.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := dom.ParseFragment(bytes.NewReader(convert(source)), around)
	if err != nil {
		return template.HTML("<pre>" + template.HTMLEscapeString(source) + "</pre>\n") //nolint:gosec // escaped
	}
	var out strings.Builder
	for _, node := range nodes {
		around.AppendChild(node)
	}
	sanitize(around)
	for node := range around.ChildNodes() {
		if err := dom.Render(&out, node); err != nil { // a void element with content, which a parsed tree has not
			panic("markdown: " + err.Error())
		}
	}
	return template.HTML(out.String()) //nolint:gosec // sanitised
}

// address matches what GitHub makes a link of: unlike goldmark's own pattern also an
// address whose host is a number or has no dot, such as localhost. goldmark asks it only
// after a blank or one of *_~(, GitHub after every character but a letter.
var address = regexp.MustCompile(`^(?:https?|ftp)://[\pL\pN](?:[^\s<]*[^\s<;'"])?`)

var parser = goldmark.New(
	goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
		extension.Strikethrough,
		extension.TaskList,
		extension.NewLinkify(extension.WithLinkifyURLRegexp(address)),
	),
	goldmark.WithRendererOptions(
		html.WithHardWraps(),
		html.WithUnsafe(), // sanitize comes after
		renderer.WithNodeRenderers(util.Prioritized(tagFilter{}, 100)),
	),
)

// convert returns the HTML of a Markdown text before it is sanitised.
func convert(source string) []byte {
	var out bytes.Buffer
	if err := parser.Convert([]byte(source), &out); err != nil { // writing to a buffer does not fail
		panic("markdown: " + err.Error())
	}
	return out.Bytes()
}

// tagFilter writes raw HTML as GitHub's extension of that name does: tags that would
// change how the rest of the page is read become text.
// https://github.github.com/gfm/#disallowed-raw-html-extension-
type tagFilter struct{}

var filteredTag = regexp.MustCompile(`(?i)<(/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)(?:[\s>/]|$))`)

// RegisterFuncs implements renderer.NodeRenderer.
func (f tagFilter) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindRawHTML, f.inline)
	register.Register(ast.KindHTMLBlock, f.block)
}

func (tagFilter) inline(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		write(w, node.(*ast.RawHTML).Segments.Value(source))
	}
	return ast.WalkSkipChildren, nil
}

func (tagFilter) block(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		write(w, node.Lines().Value(source))
		return ast.WalkContinue, nil
	}
	if block := node.(*ast.HTMLBlock); block.HasClosure() {
		write(w, block.ClosureLine.Value(source))
	}
	return ast.WalkContinue, nil
}

func write(w util.BufWriter, raw []byte) {
	_, _ = w.Write(filteredTag.ReplaceAll(raw, []byte("&lt;$1")))
}
