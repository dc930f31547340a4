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

// Contract is one version of an API's description: the file that was named and
// every file that it refers to. It does not change and may be shared.
type Contract struct {
	path    string
	root    *document.Doc
	docs    map[string]*document.Doc
	targets map[*document.Doc]*targets
	version specVersion
	notes   []contracts.Problem
}

// targets are what the $refs of one file mean. A few texts stand for most of them.
type targets struct {
	of    []int32 // by $ref: its text; -1: data that looks like a $ref
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

// Line gives the text of a line of one of the contract's files, counted from 1;
// "" where there is none.
func (c *Contract) Line(file string, line int) string {
	if d := c.docs[file]; d != nil {
		return d.Line(line)
	}
	return ""
}

// Documents gives every file that was read, parsed, by its path.
func (c *Contract) Documents() iter.Seq2[string, *document.Doc] { return maps.All(c.docs) }

// Document gives one of the contract's files, parsed; nil where there is none.
func (c *Contract) Document(file string) *document.Doc { return c.docs[file] }

// Notes are things worth saying that do not hinder the use of the contract, such
// as parts of a newer OpenAPI version that were not looked at.
func (c *Contract) Notes() []contracts.Problem { return c.notes }

// Weight estimates the memory that the contract holds, in bytes.
func (c *Contract) Weight() int {
	sum := 0
	for _, d := range c.docs {
		sum += d.Weight()
	}
	return sum
}

// position gives the place of a node in the repository's files.
func PositionOf(n document.Node) contracts.Position {
	if !n.Valid() {
		return contracts.Position{}
	}
	line, column := n.Position()
	return contracts.Position{File: n.Doc().File, Line: line, Column: column}
}

// maxRefChain bounds $refs that lead to $refs.
const maxRefChain = 64

// deref follows $refs to what they mean; a chain that does not end gives the
// zero Node.
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

// follow takes one $ref.
func (c *Contract) Follow(n document.Node) (document.Node, bool) {
	ref := n.Get("$ref")
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
