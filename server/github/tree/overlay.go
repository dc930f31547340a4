package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/github"
)

// blobReader reads a file whose path and SHA are known. Every Tree of this package
// is one.
type blobReader interface {
	read(ctx context.Context, file contracts.File) ([]byte, error)
}

// Overlay is the tree base with some files changed or added and some removed. The
// head of a pull request is the merge base's tree with the files of the comparison
// changed, so its tree needs no request. base must come from [Reader.Tree] or Overlay,
// and the changed files from the same repository.
//
// The size of a changed file may be unknown (-1): a comparison states neither the size
// nor whether a new path is a symbolic link or a submodule. A path that base knows as
// one of these stays one. To find out what else a changed path is that can't be read as a
// file, the function head reads the head's own tree; nil: that stays unknown.
func Overlay(base contracts.Tree, changed []contracts.File, removed []string, head func(context.Context) (contracts.Tree, error)) contracts.Tree {
	o := &overlay{base: base, head: head, changed: make(map[string]contracts.File, len(changed)), removed: make(map[string]bool, len(removed))}
	for _, path := range removed {
		o.removed[path] = true
	}
	for _, file := range changed {
		if fs.ValidPath(file.Path) && file.Path != "." {
			o.changed[file.Path] = file
			delete(o.removed, file.Path)
		}
	}
	return o
}

// Changes splits the files of a comparison into those that [Overlay] takes as changed
// and as removed.
func Changes(files []source.ChangedFile) (changed []contracts.File, removed []string) {
	for _, f := range files {
		switch f.Status {
		case github.FileRemoved:
			removed = append(removed, f.Path)
		case github.FileUnchanged:
		default:
			changed = append(changed, contracts.File{Path: f.Path, SHA: f.SHA, Size: unknownSize})
			if f.Status == github.FileRenamed {
				removed = append(removed, f.Previous)
			}
		}
	}
	return changed, removed
}

// HeadTree returns the files of a comparison's head, given those of its merge base. If
// GitHub's list of changed files is cut off, the tree of the head is read and compared
// with base. The second result is the complete list.
func (r *Reader) HeadTree(ctx context.Context, repo contracts.RepositoryRef, base contracts.Tree, comparison source.Comparison) (contracts.Tree, []source.ChangedFile, error) {
	read := func(ctx context.Context) (contracts.Tree, error) { return r.Tree(ctx, repo, comparison.Head) }
	if comparison.Complete {
		changed, removed := Changes(comparison.Files)
		return Overlay(base, changed, removed, read), comparison.Files, nil
	}
	tree, err := read(ctx)
	if err != nil {
		return nil, nil, err
	}
	files, err := Diff(ctx, base, tree)
	if err != nil {
		return nil, nil, fmt.Errorf("list what %s changes: %w", comparison.Head, err)
	}
	return tree, files, nil
}

type overlay struct {
	base    contracts.Tree
	changed map[string]contracts.File
	removed map[string]bool
	head    func(context.Context) (contracts.Tree, error)
}

var _ contracts.Tree = (*overlay)(nil)

// ReadFile reads a changed file by its SHA, any other from base.
func (o *overlay) ReadFile(ctx context.Context, path string) ([]byte, error) {
	if file, ok := o.changed[path]; ok {
		if s, ok := o.special(path); ok {
			return nil, notFollowed(path, s)
		}
		content, err := o.read(ctx, file)
		if github.Classify(err) == github.ClassNotFound {
			err = o.whatIs(ctx, path, err)
		}
		return content, err
	}
	if o.removed[path] {
		return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
	}
	return o.base.ReadFile(ctx, path)
}

// whatIs returns the problem of a path that is a submodule, whose SHA is not that of a
// blob. For everything else it returns notFound.
func (o *overlay) whatIs(ctx context.Context, path string, notFound error) error {
	if o.head == nil {
		return notFound
	}
	head, err := o.head(ctx)
	if err != nil {
		return notFound
	}
	_, err = head.ReadFile(ctx, path)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return problem
	}
	return notFound
}

func (o *overlay) read(ctx context.Context, file contracts.File) ([]byte, error) {
	reader, ok := o.base.(blobReader)
	if !ok {
		return nil, fmt.Errorf("read %s: no blobs below a %T", file.Path, o.base)
	}
	return reader.read(ctx, file)
}

// special tells whether base knows that path is not a regular file.
func (o *overlay) special(path string) (special, bool) {
	switch base := o.base.(type) {
	case *tree:
		for _, s := range base.listing.special {
			if s.path == path {
				return s, true
			}
		}
	case *overlay:
		if !base.removed[path] {
			return base.special(path)
		}
	}
	return special{}, false
}

// Files lists base's files as changed, sorted by path.
func (o *overlay) Files(ctx context.Context) ([]contracts.File, error) {
	base, err := o.base.Files(ctx)
	if err != nil {
		return nil, err
	}
	added := slices.Sorted(maps.Keys(o.changed))
	files := make([]contracts.File, 0, len(base)+len(added))
	for _, file := range base {
		for len(added) > 0 && added[0] < file.Path {
			files = o.appendChanged(files, added[0])
			added = added[1:]
		}
		if len(added) > 0 && added[0] == file.Path {
			files = append(files, o.changed[added[0]])
			added = added[1:]
			continue
		}
		if !o.removed[file.Path] {
			files = append(files, file)
		}
	}
	for _, path := range added {
		files = o.appendChanged(files, path)
	}
	return files, nil
}

func (o *overlay) appendChanged(files []contracts.File, path string) []contracts.File {
	if _, ok := o.special(path); ok {
		return files
	}
	return append(files, o.changed[path])
}
