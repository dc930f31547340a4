package openapi

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// Contract is one version of an API's description: its file and every file that the file
// refers to. It is immutable and safe for concurrent use.
type Contract struct {
	path    string
	root    *document.Doc
	docs    map[string]*document.Doc
	targets map[*document.Doc]*targets
	version specVersion
	gaps    []Gap
	// mappings are the entries of all mappings of discriminators.
	mappings []document.Node
	// schemeURIs are the security schemes that requirements name by a URI, by the member.
	schemeURIs map[document.Node]document.Node
}

// targets are the targets of the $refs of one file. Most $refs share a few texts.
type targets struct {
	of    []int32 // by $ref: the index of its text; -1 for data that looks like a $ref
	text  map[string]int32
	nodes []document.Node // by text
}

// Root is the top of the contract's first file.
func (c *Contract) Root() document.Node { return c.root.Root() }

// Path is the path of the contract's first file.
func (c *Contract) Path() string { return c.path }

// Files gives every file that was read, sorted.
func (c *Contract) Files() []string {
	files := make([]string, 0, len(c.docs))
	for name := range c.docs {
		files = append(files, name)
	}
	slices.Sort(files)
	return files
}

// Line gives the text of a line of one of the contract's files, or "". Lines are counted
// from 1.
func (c *Contract) Line(file string, line int) string {
	if d := c.docs[file]; d != nil {
		text, _ := d.TextOf(file, line)
		return text
	}
	text, _ := c.root.TextOf(file, line)
	return text
}

// Documents gives every file that was read, parsed, by its path.
func (c *Contract) Documents() iter.Seq2[string, *document.Doc] { return maps.All(c.docs) }

// Document gives one of the contract's files, parsed, or nil.
func (c *Contract) Document(file string) *document.Doc { return c.docs[file] }

// Weight estimates the memory that the contract holds, in bytes.
func (c *Contract) Weight() int {
	sum := 0
	for _, d := range c.docs {
		sum += d.Weight()
	}
	return sum
}

// PositionOf gives the position of a node in the repository's files.
func PositionOf(n document.Node) contracts.Position {
	if !n.Valid() {
		return contracts.Position{}
	}
	line, column := n.Position()
	return contracts.Position{File: n.File(), Line: line, Column: column}
}

// maxRefChain bounds chains of $refs.
const maxRefChain = 64

// Deref follows a chain of $refs to its target. A chain that does not end gives the zero
// Node.
func (c *Contract) Deref(n document.Node) document.Node {
	for range maxRefChain {
		next, ok := c.Follow(n)
		if !ok {
			return n
		}
		n = next
	}
	return document.Node{}
}

// Follow follows one $ref. It tells whether the node has one.
func (c *Contract) Follow(n document.Node) (document.Node, bool) { return c.follow(n, "$ref") }

// FollowDynamic is Follow for $dynamicRef.
func (c *Contract) FollowDynamic(n document.Node) (document.Node, bool) {
	return c.follow(n, "$dynamicRef")
}

func (c *Contract) follow(n document.Node, keyword string) (document.Node, bool) {
	ref := n.Get(keyword)
	if ref.Kind() != document.String {
		return n, false
	}
	k, to := ref.RefsIn()
	if k >= to {
		return n, false
	}
	t := c.targets[n.Doc()]
	if t.of[k] < 0 {
		return document.Node{}, true
	}
	return t.nodes[t.of[k]], true
}

// Digest is a hash of all files of the contract: equal digests mean equal contracts,
// wherever they are stored.
func (c *Contract) Digest() [sha256.Size]byte {
	h := sha256.New()
	for _, file := range c.Files() {
		name := ""
		if file != c.path {
			var err error
			if name, err = filepath.Rel(filepath.Dir(c.path), file); err != nil {
				name = file
			}
		}
		text := c.docs[file].Source()
		fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(text))
		h.Write([]byte(text))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
