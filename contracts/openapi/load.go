package openapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	// Change, if set, makes another document of the first file, such as one with overlays.
	Change func(context.Context, *document.Doc) (*document.Doc, error)
	// Like, if set, is another version of the contract. It speeds up parsing where the two
	// are equal and does not change the result.
	Like *Contract
}

// Load reads a contract and every file that it refers to. If a file of the user is at
// fault, the error wraps a *contracts.Problem with file, line and column.
func Load(ctx context.Context, src contracts.Source, file string, opts LoadOptions) (*Contract, error) {
	l := &loader{ctx: ctx, src: src, limits: opts.Limits.withDefaults(), cache: opts.Cache, like: opts.Like, change: opts.Change,
		c: &Contract{path: file, docs: map[string]*document.Doc{}, targets: map[*document.Doc]*targets{}}, finders: map[*document.Doc]*document.Finder{}}
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
	change func(context.Context, *document.Doc) (*document.Doc, error)
	c      *Contract
	total  int

	finders map[*document.Doc]*document.Finder
	names   names
}

func (l *loader) load() error {
	root, err := l.read(l.c.path, document.Ref{})
	if err != nil {
		return err
	}
	if l.change != nil {
		if root, err = l.change(l.ctx, root); err != nil {
			return err
		}
		l.c.docs[l.c.path] = root
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
	if err := l.resolveAll(root); err != nil {
		return err
	}
	if err := l.checkShape(); err != nil {
		return err
	}
	if err := l.checkKinds(); err != nil {
		return err
	}
	return l.resolveSecurity()
}

// read reads and parses one file. ref is the reference to it; the first file has none.
func (l *loader) read(file string, ref document.Ref) (*document.Doc, error) {
	from := PositionOf(ref.Value)
	target, _, _ := strings.Cut(ref.Target, "#")
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
		return nil, &contracts.Problem{Position: from, Message: fmt.Sprintf("%s has the extension of a program or an image, so it is not read as a contract", cmp.Or(target, file)),
			Hint: "rename it to end in .yaml or .json"}
	}
	data, err := l.src.ReadFile(l.ctx, file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && from.File != "" {
			return nil, &contracts.Problem{Position: from, Message: fmt.Sprintf("refers to %s, which does not exist", target),
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
