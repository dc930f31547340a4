package markdown

import (
	"net/url"
	"slices"
	"strings"

	dom "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// elements that GitHub lets through, but for those that fetch something. Of all others
// only the content stays.
// https://github.com/gjtorikian/html-pipeline/blob/v2.14.3/lib/html/pipeline/sanitization_filter.rb
var elements = newSet(
	"h1 h2 h3 h4 h5 h6 br b i strong em a pre code tt div ins del sup sub p ol ul table thead tbody tfoot " +
		"blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure figcaption " +
		"abbr bdo cite dfn mark small span time wbr")

// attributes that every element may have, beside href of a link.
var attributes = newSet("align abbr colspan rowspan datetime dir height width hspace vspace valign lang open start title")

// schemes of addresses that a link may lead to. An address without one is of this site.
var schemes = []string{"http", "https", "mailto"}

func newSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// sanitize leaves below a node only what a page may show, and marks mentions and emoji.
func sanitize(parent *dom.Node) {
	for _, node := range slices.Collect(parent.ChildNodes()) {
		switch node.Type {
		case dom.TextNode:
			decorate(node)
		case dom.ElementNode:
			sanitizeElement(node)
		default: // a comment
			parent.RemoveChild(node)
		}
	}
}

func sanitizeElement(node *dom.Node) {
	switch {
	case node.Namespace != "":
		unwrap(node)
	case node.DataAtom == atom.Img:
		linkImage(node)
	case node.DataAtom == atom.Input && attribute(node, "type") == "checkbox": // of a task list
		kept := []dom.Attribute{{Key: "type", Val: "checkbox"}, {Key: "disabled"}}
		if slices.ContainsFunc(node.Attr, func(a dom.Attribute) bool { return a.Key == "checked" }) {
			kept = append(kept, dom.Attribute{Key: "checked"})
		}
		node.Attr = kept
	case node.DataAtom == atom.A:
		target := attribute(node, "href")
		if !mayLead(target) {
			unwrap(node)
			return
		}
		node.Attr = linkTo(target)
		sanitize(node)
	case elements[node.Data]:
		node.Attr = slices.DeleteFunc(node.Attr, func(a dom.Attribute) bool { return a.Namespace != "" || !attributes[a.Key] })
		sanitize(node)
	default:
		unwrap(node)
	}
}

// unwrap puts a node's sanitised content into its place.
func unwrap(node *dom.Node) {
	sanitize(node)
	for _, child := range slices.Collect(node.ChildNodes()) {
		node.RemoveChild(child)
		node.Parent.InsertBefore(child, node)
	}
	node.Parent.RemoveChild(node)
}

// linkImage puts a link to an image into its place. Within a link only its text stays.
func linkImage(node *dom.Node) {
	text := &dom.Node{Type: dom.TextNode, Data: "🖼 " + attribute(node, "alt")}
	target := attribute(node, "src")
	place := text
	if mayLead(target) && !within(node, atom.A) {
		place = &dom.Node{Type: dom.ElementNode, Data: "a", DataAtom: atom.A, Attr: linkTo(target)}
		place.AppendChild(text)
	}
	node.Parent.InsertBefore(place, node)
	node.Parent.RemoveChild(node)
	decorate(text)
}

func linkTo(target string) []dom.Attribute {
	return []dom.Attribute{{Key: "href", Val: target}, {Key: "rel", Val: "nofollow noreferrer"}}
}

// mayLead reports whether a page may link to an address.
func mayLead(target string) bool {
	parsed, err := url.Parse(target)
	if err != nil || target == "" {
		return false
	}
	return slices.Contains(schemes, parsed.Scheme) || parsed.Scheme == "" && parsed.Host == ""
}

func attribute(node *dom.Node, key string) string {
	for _, a := range node.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// within reports whether a node is in one of these elements.
func within(node *dom.Node, of ...atom.Atom) bool {
	for parent := range node.Ancestors() {
		if slices.Contains(of, parent.DataAtom) {
			return true
		}
	}
	return false
}
