package openapi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// Limits bound the size of a contract. A zero field takes the default.
type Limits struct {
	FileBytes  int // of one file; 32 MiB
	TotalBytes int // of all files together; 64 MiB
	Files      int // 200
	Depth      int // of nesting; 20,000
	Aliases    int // values that YAML aliases may add; 200,000
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.FileBytes, 32<<20)
	set(&l.TotalBytes, 64<<20)
	set(&l.Files, 200)
	set(&l.Depth, 20_000)
	set(&l.Aliases, 200_000)
	return l
}

// LoadOptions set how a contract is loaded. The zero value is valid.
type LoadOptions struct {
	Limits Limits
	// Cache, if set, keeps parsed files by their content.
	Cache *Cache
	// Like, if set, is another version of the contract. It speeds up parsing where the two
	// are equal and does not change the result.
	Like *Contract
}

// Load reads a contract and every file that it refers to. If a file of the user is at
// fault, the error wraps a *contracts.Problem with file, line and column.
func Load(ctx context.Context, src contracts.Source, file string, opts LoadOptions) (*Contract, error) {
	l := &loader{ctx: ctx, src: src, limits: opts.Limits.withDefaults(), cache: opts.Cache, like: opts.Like,
		c: &Contract{path: file, docs: map[string]*document.Doc{}, targets: map[*document.Doc]*targets{}}}
	if err := l.load(); err != nil {
		return nil, fmt.Errorf("load contract %s: %w", file, err)
	}
	return l.c, nil
}

// loader reads one contract's files.
type loader struct {
	ctx    context.Context
	src    contracts.Source
	limits Limits
	cache  *Cache
	like   *Contract // may be nil
	c      *Contract
	total  int
}

func (l *loader) load() error {
	root, err := l.read(l.c.path, contracts.Position{})
	if err != nil {
		return err
	}
	l.c.root = root
	if err := l.checkVersion(root); err != nil {
		return err
	}
	if l.c.version.swagger {
		if root, err = convertSwagger(l.ctx, root, l.limits); err != nil {
			return err
		}
		l.c.root, l.c.docs[l.c.path] = root, root
	}
	queue := []*document.Doc{root}
	finders := map[*document.Doc]*document.Finder{}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		found, err := l.resolve(d, finders)
		if err != nil {
			return err
		}
		queue = append(queue, found...)
	}
	return l.checkShape()
}

// read reads and parses one file. from is the position of the reference to it.
func (l *loader) read(file string, from contracts.Position) (*document.Doc, error) {
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	if len(l.c.docs) >= l.limits.Files {
		return nil, &contracts.Problem{Position: from, Message: fmt.Sprintf("the contract consists of more than %d files", l.limits.Files),
			Hint: "bundle it into fewer files"}
	}
	if !contracts.MayBeContract(file) {
		if from.File == "" {
			from.File = file
		}
		return nil, &contracts.Problem{Position: from, Message: fmt.Sprintf("%s has the extension of a program or an image, so it is not read as a contract", file),
			Hint: "rename it to end in .yaml or .json"}
	}
	data, err := l.src.ReadFile(l.ctx, file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && from.File != "" {
			return nil, &contracts.Problem{Position: from, Message: fmt.Sprintf("refers to %s, which does not exist", file),
				Hint: "correct the path; it is relative to the file that holds the $ref"}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %w", &contracts.Problem{Position: contracts.Position{File: file}, Message: "no such file"}, err)
		}
		return nil, err
	}
	if len(data) > l.limits.FileBytes {
		return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(data), l.limits.FileBytes)}
	}
	if l.total += len(data); l.total > l.limits.TotalBytes {
		return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: fmt.Sprintf("the files of the contract have more than %d bytes together", l.limits.TotalBytes)}
	}
	d, err := l.parse(file, data)
	if err != nil {
		if fault, ok := errors.AsType[*document.Error](err); ok {
			return nil, &contracts.Problem{Position: contracts.Position{File: file, Line: fault.Line, Column: fault.Column}, Message: fault.Message, Hint: fault.Hint}
		}
		return nil, err
	}
	l.c.docs[file] = d
	return d, nil
}

func (l *loader) parse(file string, data []byte) (*document.Doc, error) {
	limits := document.Limits{Bytes: l.limits.FileBytes, Depth: l.limits.Depth, Aliases: l.limits.Aliases}
	var like *document.Doc
	if l.like != nil && file == l.c.path { // the large files are contracts of one file
		like = l.like.root
	}
	if l.cache == nil {
		return document.ParseLike(file, data, limits, like)
	}
	return l.cache.parse(file, data, limits, like)
}

// resolve finds the targets of all $refs of a document. It reads further files as needed
// and gives those that are new.
func (l *loader) resolve(d *document.Doc, finders map[*document.Doc]*document.Finder) ([]*document.Doc, error) {
	t := &targets{of: make([]int32, d.Refs()), text: map[string]int32{}}
	var found []*document.Doc
	for k := range t.of {
		if k%4096 == 0 && l.ctx.Err() != nil {
			return nil, l.ctx.Err()
		}
		ref := d.Ref(k)
		if id, ok := t.text[ref.Target]; ok {
			t.of[k] = id
			continue
		}
		t.of[k] = -1
		n, fresh, err := l.target(d, ref, finders)
		if err != nil {
			if problem, ok := errors.AsType[*contracts.Problem](err); ok && quoted(ref.Value.Path()) && problem.File == d.File {
				continue // inside an example or an extension: data, no reference
			}
			return nil, err
		}
		if fresh != nil {
			found = append(found, fresh)
		}
		if n.Valid() {
			t.of[k] = int32(len(t.nodes))
			t.text[ref.Target] = t.of[k]
			t.nodes = append(t.nodes, n)
		}
	}
	l.c.targets[d] = t
	return found, nil
}

// target finds the target of one $ref.
func (l *loader) target(d *document.Doc, ref document.Ref, finders map[*document.Doc]*document.Finder) (document.Node, *document.Doc, error) {
	file, pointer, _ := strings.Cut(ref.Target, "#")
	if isRemote(file) {
		return document.Node{}, nil, &contracts.Problem{Position: PositionOf(ref.Value),
			Message: fmt.Sprintf("refers to %s; contracts are read from the repository only", ref.Target),
			Hint:    "copy the file into the repository and refer to it by a relative path"}
	}
	doc := d
	var fresh *document.Doc
	if file != "" {
		name := path.Join(path.Dir(d.File), unescape(file))
		if strings.HasPrefix(name, "../") || name == ".." {
			return document.Node{}, nil, &contracts.Problem{Position: PositionOf(ref.Value),
				Message: fmt.Sprintf("refers to %s, which is outside the repository", ref.Target)}
		}
		if doc = l.c.docs[name]; doc == nil {
			if quoted(ref.Value.Path()) {
				return document.Node{}, nil, nil
			}
			var err error
			if doc, err = l.read(name, PositionOf(ref.Value)); err != nil {
				return document.Node{}, nil, err
			}
			fresh = doc
		}
	}
	f := finders[doc]
	if f == nil {
		f = document.NewFinder(doc)
		finders[doc] = f
	}
	n := f.Find(unescape(pointer))
	if !n.Valid() && strings.Contains(pointer, "%") {
		n = f.Find(pointer)
	}
	if !n.Valid() {
		return n, fresh, &contracts.Problem{Position: PositionOf(ref.Value), Path: ref.Target,
			Message: fmt.Sprintf("refers to %s, which does not exist", ref.Target), Hint: "correct the $ref or add what it names"}
	}
	return n, fresh, nil
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
