package github

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// blobReader reads a file of which path and SHA are known. Every Tree of this
// package is one.
type blobReader interface {
	read(ctx context.Context, file contracts.File) ([]byte, error)
}

// Overlay is the tree base with some files changed or added and some removed: the
// head of a pull request is the merge base's tree with what compare lists, and so
// needs no request for its tree. base must come from [Clients.Tree] or Overlay,
// and the changed files from the same repository.
//
// The size of a changed file may be unknown (-1): compare does not tell it, nor
// whether a new path is a symbolic link or a submodule. What base knows to be one
// stays one.
func Overlay(base contracts.Tree, changed []contracts.File, removed []string) contracts.Tree {
	return OverlayWith(base, changed, removed, nil)
}

// OverlayWith is Overlay where head reads the head's own tree: it is asked what a
// changed path is that can't be read as a file.
func OverlayWith(base contracts.Tree, changed []contracts.File, removed []string, head func(context.Context) (contracts.Tree, error)) contracts.Tree {
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
		if Classify(err) == ClassNotFound {
			err = o.whatIs(ctx, path, err)
		}
		return content, err
	}
	if o.removed[path] {
		return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
	}
	return o.base.ReadFile(ctx, path)
}

// whatIs gives the problem of a path that is a submodule, whose SHA is no blob's;
// for all else that is not found, that.
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

// special tells whether base knows path to be no regular file.
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

// DiffTrees lists what changed from base to head, sorted by path: what compare
// would list, for comparisons that are too large for it. A path that went and
// came again elsewhere with the same content is renamed, where that is not
// ambiguous.
func DiffTrees(ctx context.Context, base, head contracts.Tree) ([]ChangedFile, error) {
	old, err := base.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("list files of base: %w", err)
	}
	now, err := head.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("list files of head: %w", err)
	}
	var changes []ChangedFile
	for len(old) > 0 || len(now) > 0 {
		order := 0
		switch {
		case len(old) == 0:
			order = 1
		case len(now) == 0:
			order = -1
		default:
			order = strings.Compare(old[0].Path, now[0].Path)
		}
		switch {
		case order < 0:
			changes = append(changes, ChangedFile{Path: old[0].Path, Status: FileRemoved, SHA: old[0].SHA})
			old = old[1:]
		case order > 0:
			changes = append(changes, ChangedFile{Path: now[0].Path, Status: FileAdded, SHA: now[0].SHA})
			now = now[1:]
		default:
			if old[0].SHA != now[0].SHA {
				changes = append(changes, ChangedFile{Path: now[0].Path, Status: FileModified, SHA: now[0].SHA})
			}
			old, now = old[1:], now[1:]
		}
	}
	return joinRenames(changes), nil
}

// joinRenames makes one rename of a removal and an addition that are the only ones
// with their content.
func joinRenames(changes []ChangedFile) []ChangedFile {
	removed, added := map[string][]int{}, map[string][]int{}
	for i, c := range changes {
		switch c.Status {
		case FileRemoved:
			removed[c.SHA] = append(removed[c.SHA], i)
		case FileAdded:
			added[c.SHA] = append(added[c.SHA], i)
		}
	}
	gone := map[int]bool{}
	for sha, from := range removed {
		if to := added[sha]; len(from) == 1 && len(to) == 1 {
			changes[to[0]].Status, changes[to[0]].Previous = FileRenamed, changes[from[0]].Path
			gone[from[0]] = true
		}
	}
	kept := changes[:0]
	for i, c := range changes {
		if !gone[i] {
			kept = append(kept, c)
		}
	}
	return kept
}
