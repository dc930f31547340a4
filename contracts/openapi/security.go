package openapi

import (
	"path/filepath"
	"slices"
	"strings"

	"plimsoll/contracts/document"
)

// Security gives the security requirements of an operation: its own or the document's.
func (c *Contract) Security(op *Operation) document.Node {
	if own := op.Node.Get("security"); own.Valid() {
		return own
	}
	return c.root.Root().Get("security")
}

// SecurityScheme gives the scheme that a member of a requirement names, and the name by which
// schemes are compared. A URI (since 3.2) that leads to a scheme of the components means the
// same as its name there. The scheme is not there if nothing declares it.
func (c *Contract) SecurityScheme(member document.Node, name string) (key string, scheme document.Node) {
	shared := c.schemes()
	if n := shared.Get(name); n.Valid() {
		return name, c.Deref(n)
	}
	n := c.schemeURIs[member]
	if !n.Valid() {
		return name, n
	}
	where := n.Path()
	if len(where) > 0 {
		if last := where[len(where)-1]; !shared.Get(last).Valid() || shared.Get(last) == n {
			return last, c.Deref(n)
		}
	}
	file, err := filepath.Rel(filepath.Dir(c.path), n.Doc().File)
	if err != nil {
		file = n.Doc().File
	}
	return file + "#/" + strings.Join(where, "/"), c.Deref(n)
}

// SecurityByURI tells whether a requirement names its scheme by a URI.
func (c *Contract) SecurityByURI() bool { return len(c.schemeURIs) > 0 }

func (c *Contract) schemes() document.Node {
	return c.root.Root().Get("components").Get("securitySchemes")
}

// resolveSecurity finds the schemes that requirements name by a URI (OpenAPI 3.2, Security
// Requirement Object), and reads the files in which they are.
func (l *loader) resolveSecurity() error {
	if !l.c.version.since32() {
		return nil
	}
	lists := []document.Node{l.c.Root().Get("security")}
	ops := l.c.Operations()
	for _, op := range slices.Clone(ops) {
		ops = append(ops, l.c.Callbacks(op)...)
	}
	for _, op := range ops {
		lists = append(lists, op.Node.Get("security"))
	}
	for _, list := range lists {
		for _, requirement := range list.Items() {
			for name, member := range requirement.Members() {
				if l.c.schemes().Get(name).Valid() || !strings.ContainsAny(name, "#/:") {
					continue
				}
				if err := l.resolveScheme(name, member); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *loader) resolveScheme(name string, member document.Node) error {
	ref := document.Ref{Target: name, Value: member.KeyNode()}
	n, fresh, err := l.target(member.Doc(), ref)
	if err == nil && fresh != nil {
		err = l.resolveAll(fresh)
	}
	if err == nil {
		err = expectKind(n, name, "a security scheme", document.Object)
	}
	if err != nil {
		return err
	}
	if l.c.schemeURIs == nil {
		l.c.schemeURIs = map[document.Node]document.Node{}
	}
	l.c.schemeURIs[member] = n
	return nil
}
