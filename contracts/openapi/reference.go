package openapi

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// resolveAll finds the targets of all $refs and reads the files that they lead to. What
// a URL or a dynamic anchor names may be declared in any file, so that these references
// wait until all files are read.
func (l *loader) resolveAll(root *document.Doc) error {
	queue := []*document.Doc{root}
	var waiting []*document.Doc
	for last := false; ; {
		for len(queue) > 0 {
			d := queue[0]
			queue = queue[1:]
			found, waits, err := l.resolve(d, last)
			if err != nil {
				return err
			}
			queue = append(queue, found...)
			if waits {
				waiting = append(waiting, d)
			}
		}
		if len(waiting) == 0 {
			return nil
		}
		queue, waiting, last = waiting, nil, true
	}
}

// Marks of a $ref that has no target.
const (
	noTarget = -1 // data that looks like a $ref
	waits    = -2 // its target may be in a file that is not read yet
)

// resolve finds the targets of all $refs of a document. It reads further files as needed
// and gives those that are new. Unless it is the last time, some references may wait.
func (l *loader) resolve(d *document.Doc, last bool) (found []*document.Doc, waiting bool, err error) {
	t := l.c.targets[d]
	if t == nil {
		t = &targets{of: make([]int32, d.Refs()), text: map[string]int32{}}
		for k := range t.of {
			t.of[k] = waits
		}
		l.c.targets[d] = t
		if err := l.declare(d); err != nil {
			return nil, false, err
		}
	}
	for k, have := range t.of {
		if have != waits {
			continue
		}
		if k%4096 == 0 && l.ctx.Err() != nil {
			return nil, false, l.ctx.Err()
		}
		ref := d.Ref(k)
		key := l.names.key(d, ref)
		if id, ok := t.text[key]; ok {
			t.of[k] = id
			continue
		}
		if !last && l.mustWait(d, ref) {
			waiting = true
			continue
		}
		t.of[k] = noTarget
		n, fresh, err := l.target(d, ref)
		if fresh != nil {
			found = append(found, fresh)
		}
		if err == nil && n.Valid() {
			err = l.checkTarget(ref, n)
		}
		if err != nil {
			if problem, ok := errors.AsType[*contracts.Problem](err); ok && quoted(ref.Value.Path()) && problem.File == d.File {
				continue // inside an example or an extension: data, no reference
			}
			return nil, false, err
		}
		if n.Valid() {
			t.of[k] = int32(len(t.nodes))
			t.text[key] = t.of[k]
			t.nodes = append(t.nodes, n)
		}
	}
	return found, waiting, nil
}

// mustWait tells whether the target of a reference is known only when all files are read.
func (l *loader) mustWait(d *document.Doc, ref document.Ref) bool {
	if !l.c.version.jsonSchema() {
		return false
	}
	file, _, _ := strings.Cut(ref.Target, "#")
	holder, _ := l.names.within(d, ref.Value)
	return isRemote(file) || file != "" && holder != d.Root() || ref.Dynamic()
}

// target finds the target of one reference.
func (l *loader) target(d *document.Doc, ref document.Ref) (document.Node, *document.Doc, error) {
	if ref.Dynamic() && !l.c.version.jsonSchema() {
		return document.Node{}, nil, nil // no keyword in OpenAPI 3.0
	}
	resource, fresh, err := l.resource(d, ref)
	if err != nil || !resource.Valid() {
		return document.Node{}, nil, err
	}
	_, fragment, _ := strings.Cut(ref.Target, "#")
	n := l.fragment(resource, fragment)
	if !n.Valid() {
		problem := &contracts.Problem{Position: PositionOf(ref.Value), Path: ref.Target,
			Message: fmt.Sprintf("refers to %s, which does not exist", ref.Target), Hint: "correct the $ref or add what it names"}
		if fragment != "" && fragment[0] != '/' && !l.c.version.jsonSchema() {
			problem.Hint = "OpenAPI 3.0 knows no $anchor; write a path such as #/components/schemas/Order"
		}
		return n, fresh, problem
	}
	if ref.Dynamic() {
		n, err = l.dynamic(ref, n, unescape(fragment))
	}
	return n, fresh, err
}

// fragment finds what a fragment names in a resource: a JSON pointer or an anchor.
func (l *loader) fragment(resource document.Node, fragment string) document.Node {
	if fragment != "" && fragment[0] != '/' {
		return l.names.anchor(resource, unescape(fragment))
	}
	f := l.finders[resource.Doc()]
	if f == nil {
		f = document.NewFinder(resource.Doc())
		l.finders[resource.Doc()] = f
	}
	n := f.Find(resource, unescape(fragment))
	if !n.Valid() && strings.Contains(fragment, "%") {
		n = f.Find(resource, fragment)
	}
	return n
}

// resource finds the document, or the part of one that has an $id, that a reference
// leads into.
func (l *loader) resource(d *document.Doc, ref document.Ref) (resource document.Node, fresh *document.Doc, err error) {
	file, _, _ := strings.Cut(ref.Target, "#")
	holder, base := l.names.within(d, ref.Value)
	if file == "" {
		return holder, nil, nil
	}
	if strings.HasPrefix(file, "/") && !isRemote(file) {
		return document.Node{}, nil, &contracts.Problem{Position: PositionOf(ref.Value), Message: fmt.Sprintf("refers to %s, an absolute path", ref.Target),
			Hint: "write the path relative to this file"}
	}
	if base != "" {
		uri, err := resolveURI(base, file)
		if err != nil {
			return document.Node{}, nil, notURI(ref.Value)
		}
		if n, ok := l.names.uris[uri]; ok {
			return n, nil, nil
		}
		if holder != d.Root() && !isRemote(file) {
			if local, ok := strings.CutPrefix(base, fileURI("")); ok {
				return l.open(path.Join(path.Dir(unescape(local)), unescape(file)), ref)
			}
			return document.Node{}, nil, remote(ref)
		}
		// a file that has a URI for a name refers to the files beside it
	}
	if isRemote(file) {
		return document.Node{}, nil, remote(ref)
	}
	return l.open(path.Join(path.Dir(d.File), unescape(file)), ref)
}

func remote(ref document.Ref) error {
	return &contracts.Problem{Position: PositionOf(ref.Value),
		Message: fmt.Sprintf("refers to %s; contracts are read from the repository only", ref.Target),
		Hint:    "copy the file into the repository and refer to it by a relative path"}
}

// open gives the root of a file of the contract and reads the file if it is new. It
// gives nothing where the reference is data.
func (l *loader) open(name string, ref document.Ref) (root document.Node, fresh *document.Doc, err error) {
	name = path.Clean(name)
	if strings.HasPrefix(name, "../") || name == ".." {
		return document.Node{}, nil, &contracts.Problem{Position: PositionOf(ref.Value),
			Message: fmt.Sprintf("refers to %s, which is outside the repository", ref.Target)}
	}
	if doc := l.c.docs[name]; doc != nil {
		return doc.Root(), nil, nil
	}
	if quoted(ref.Value.Path()) {
		return document.Node{}, nil, nil
	}
	if fresh, err = l.read(name, ref); err != nil {
		return document.Node{}, nil, err
	}
	return fresh.Root(), fresh, nil
}

// dynamic gives the target of a $dynamicRef, given the target that it has as a plain
// $ref. Where several schemas have the dynamic anchor, the way by which the schema is
// reached decides, which is not followed.
func (l *loader) dynamic(ref document.Ref, static document.Node, anchor string) (document.Node, error) {
	if static.Get("$dynamicAnchor").Str() != anchor || anchor == "" {
		return static, nil
	}
	if all := l.names.dynamic[anchor]; len(all) > 1 {
		other := all[0]
		if other == static {
			other = all[1]
		}
		return document.Node{}, &contracts.Problem{Position: PositionOf(ref.Value), Path: ref.Target,
			Message: fmt.Sprintf("the schema that %s means depends on how it is reached; another schema has this $dynamicAnchor %s", ref.Target, placeOf(other, ref.Value)),
			Hint:    "write a $ref to the schema that is meant"}
	}
	return static, nil
}

// isRemote tells whether a reference is a URL, not a path.
func isRemote(file string) bool {
	if strings.HasPrefix(file, "//") {
		return true
	}
	scheme, _, ok := strings.Cut(file, ":")
	if !ok || len(scheme) < 2 {
		return false
	}
	return !strings.ContainsAny(scheme, "/.")
}

// unescape decodes valid percent-encoding and keeps the rest.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			var v byte
			if _, err := fmt.Sscanf(s[i+1:i+3], "%02x", &v); err == nil {
				b.WriteByte(v)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// quoted tells whether a path leads into data: examples, defaults, enums or extensions.
// A $ref there is not a reference.
func quoted(where []string) bool {
	for i, step := range where {
		parent := ""
		if i > 0 {
			parent = where[i-1]
		}
		switch parent {
		case "properties", "patternProperties", "schemas", "responses", "parameters", "headers", "definitions", "$defs", "callbacks", "paths", "content", "securitySchemes":
			continue // a name, whatever it is
		}
		switch {
		case step == "example", step == "default", step == "enum", step == "const", strings.HasPrefix(step, "x-"):
			return true
		case step == "examples" && parent != "components":
			// an Example Object may itself be a reference; its value is data
			return true
		}
	}
	return false
}
