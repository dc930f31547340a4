package openapi

import (
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// names are the URIs and anchors that the documents of a contract declare (JSON Schema
// 2020-12, sections 8.2.1 and 8.2.2). Most contracts declare none.
type names struct {
	base    map[*document.Doc]string
	uris    map[string]document.Node
	inner   map[*document.Doc][]innerResource // the outer before the inner
	anchors map[anchorKey]document.Node
	dynamic map[string][]document.Node // by $dynamicAnchor
}

// innerResource is a part of a document that has an $id: references in it start there.
type innerResource struct {
	node document.Node
	uri  string
}

type anchorKey struct {
	resource document.Node
	name     string
}

// fileURI gives the URI of a file of the repository.
func fileURI(file string) string {
	return (&url.URL{Scheme: "file", Path: "/" + file}).String()
}

func resolveURI(base, reference string) (string, error) {
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	r, err := url.Parse(reference)
	if err != nil {
		return "", err
	}
	u := b.ResolveReference(r)
	u.Fragment = ""
	return u.String(), nil
}

// within gives the innermost resource that holds a node: a part of the document with an
// $id, or the document itself. base is its URI, "" where nothing in the contract has one.
func (s *names) within(d *document.Doc, n document.Node) (resource document.Node, base string) {
	inner := s.inner[d]
	for k := len(inner) - 1; k >= 0; k-- {
		if n.Below(inner[k].node) {
			return inner[k].node, inner[k].uri
		}
	}
	return d.Root(), s.base[d]
}

// key identifies the target of a reference. It is the text, unless that alone does not
// say where the reference leads to.
func (s *names) key(d *document.Doc, ref document.Ref) string {
	key := ref.Target
	if n, base := s.within(d, ref.Value); n != d.Root() {
		key += " in " + base
	}
	if ref.Dynamic() {
		key += " dynamic"
	}
	return key
}

func (s *names) anchor(resource document.Node, name string) document.Node {
	return s.anchors[anchorKey{resource, name}]
}

// declare collects what a document declares.
func (l *loader) declare(d *document.Doc) error {
	if !l.c.version.jsonSchema() {
		return nil
	}
	s := &l.names
	if s.uris == nil {
		*s = names{base: map[*document.Doc]string{}, uris: map[string]document.Node{}, inner: map[*document.Doc][]innerResource{},
			anchors: map[anchorKey]document.Node{}, dynamic: map[string][]document.Node{}}
	}
	root := d.Root()
	base := fileURI(d.File)
	s.uris[base] = root
	if self := document.FirstValid(root.Get("$self"), root.Get("$id")); self.Kind() == document.String {
		uri, err := resolveURI(base, strings.TrimSuffix(self.Text(), "#"))
		if err != nil {
			return notURI(self)
		}
		if base != uri {
			if err := s.add(uri, root, self); err != nil {
				return err
			}
		}
		base = uri
	}
	s.base[d] = base
	return l.declareNames(d)
}

func (l *loader) declareNames(d *document.Doc) error {
	s := &l.names
	var ids, anchors []document.Node
	for key, value := range d.Names() {
		holder := holderOf(value)
		if holder == d.Root() && key == "$id" || quoted(value.Path()) {
			continue
		}
		if key == "$id" {
			ids = append(ids, value)
		} else {
			anchors = append(anchors, value)
		}
	}
	// an $id may stand behind those of the schemas inside its own
	slices.SortFunc(ids, func(a, b document.Node) int { return cmp.Compare(holderOf(a).Index(), holderOf(b).Index()) })
	for _, id := range ids {
		holder := holderOf(id)
		_, base := s.within(d, holder)
		uri, err := resolveURI(base, strings.TrimSuffix(id.Text(), "#"))
		if err != nil {
			return notURI(id)
		}
		if err := s.add(uri, holder, id); err != nil {
			return err
		}
		s.inner[d] = append(s.inner[d], innerResource{holder, uri})
	}
	for _, value := range anchors {
		holder := holderOf(value)
		resource, _ := s.within(d, holder)
		key := anchorKey{resource, value.Text()}
		if other, ok := s.anchors[key]; ok && other != holder {
			return &contracts.Problem{Position: PositionOf(value), Message: fmt.Sprintf("duplicate anchor %q; the first is %s", value.Text(), placeOf(other, value)),
				Hint: "rename one of them"}
		}
		s.anchors[key] = holder
		if value.KeyNode().Text() == "$dynamicAnchor" {
			s.dynamic[value.Text()] = append(s.dynamic[value.Text()], holder)
		}
	}
	return nil
}

// add declares a URI, at the value that says it.
func (s *names) add(uri string, n, at document.Node) error {
	if other, ok := s.uris[uri]; ok && other != n {
		return &contracts.Problem{Position: PositionOf(at), Message: fmt.Sprintf("duplicate identifier %s; the first is %s", uri, placeOf(other, at)),
			Hint: "change one of them"}
	}
	s.uris[uri] = n
	return nil
}

// placeOf says where a node is, for a fault at another one.
func placeOf(n, from document.Node) string {
	line, column := n.Position()
	if n.Doc() == from.Doc() {
		return fmt.Sprintf("at %d:%d", line, column)
	}
	return fmt.Sprintf("in %s at %d:%d", path.Base(n.Doc().File), line, column)
}

// holderOf gives the object that a member's value stands in.
func holderOf(n document.Node) document.Node {
	line := n.Ancestors()
	return line[len(line)-1]
}

func notURI(n document.Node) error {
	return &contracts.Problem{Position: PositionOf(n), Message: fmt.Sprintf("%q is not a URI reference", n.Text())}
}
