package github

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"plimsoll/contracts"
)

// maxTreeRequests bounds what listing one commit may cost.
const maxTreeRequests = 300

// wideTree is a commit whose recursive listing GitHub truncates (100,000 entries
// or 7 MB). A file is found by walking down its directories; all files are listed
// by asking for the largest sub-trees that come whole. What was fetched is kept,
// so that a walk that a limit broke off goes on where it was.
type wideTree struct {
	*blobs
	root string

	listed chan struct{} // one place: whoever has it may list
	all    *listing
}

var _ contracts.Tree = (*wideTree)(nil)

// ReadFile gives the bytes of a regular file. They are shared.
func (t *wideTree) ReadFile(ctx context.Context, path string) ([]byte, error) {
	if !fs.ValidPath(path) || path == "." {
		return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
	}
	sha, walked, rest := t.root, "", path
	for {
		entries, err := t.directory(ctx, sha)
		if err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", path, t.repo.FullName(), err)
		}
		name, below, more := strings.Cut(rest, "/")
		entry, ok := find(entries, name)
		here := walked + name
		switch {
		case !ok:
			return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
		case entry.Type == "commit":
			return nil, notFollowed(path, special{here, "submodule"})
		case entry.Mode == modeLink:
			return nil, notFollowed(path, special{here, "symbolic link"})
		case more && entry.Type == "tree":
			sha, walked, rest = entry.SHA, here+"/", below
		case !more && entry.Type == "blob":
			return t.read(ctx, contracts.File{Path: path, SHA: entry.SHA, Size: entry.Size})
		default:
			return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
		}
	}
}

// Files lists every regular file, sorted by path. The slice is shared.
func (t *wideTree) Files(ctx context.Context) ([]contracts.File, error) {
	select {
	case t.listed <- struct{}{}:
		defer func() { <-t.listed }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if t.all == nil {
		walk := &treeWalk{tree: t, found: new(listing)}
		if err := walk.below(ctx, t.root, ""); err != nil {
			return nil, fmt.Errorf("list files of %s: %w", t.repo.FullName(), err)
		}
		walk.found.sort()
		t.all = walk.found
	}
	return t.all.files, nil
}

// directory is one level of a tree.
type directory []treeEntry

func (d directory) bytes() int64 {
	n := int64(0)
	for _, e := range d {
		n += int64(len(e.Path)+len(e.SHA)) + 96
	}
	return n
}

// directory fetches one level of a tree.
func (t *wideTree) directory(ctx context.Context, sha string) (directory, error) {
	return fetched(ctx, t.clients.objects, keyOf(t.repo, directoryObject, sha), func(ctx context.Context) (directory, error) {
		answer, err := t.clients.fetchTree(ctx, t.repo, sha, false)
		if err != nil {
			return nil, err
		}
		if answer.Truncated {
			return nil, tooManyFiles()
		}
		return answer.Entries, nil
	})
}

func find(entries []treeEntry, name string) (treeEntry, bool) {
	for _, e := range entries {
		if e.Path == name {
			return e, true
		}
	}
	return treeEntry{}, false
}

// treeWalk collects the files of one wideTree.
type treeWalk struct {
	tree     *wideTree
	found    *listing
	requests int
}

// below adds one directory that is known not to come whole: its files, and its
// sub-directories each in one request, or in turn level by level.
func (w *treeWalk) below(ctx context.Context, sha, prefix string) error {
	if err := w.spend(); err != nil {
		return err
	}
	entries, err := w.tree.directory(ctx, sha)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type != "tree" {
			w.found.add(e, prefix)
			continue
		}
		if !fs.ValidPath(prefix + e.Path) {
			continue
		}
		if err := w.spend(); err != nil {
			return err
		}
		whole, err := w.tree.clients.listing(ctx, w.tree.repo, e.SHA)
		if err != nil {
			return err
		}
		below := prefix + e.Path + "/"
		if whole.truncated {
			if err := w.below(ctx, e.SHA, below); err != nil {
				return err
			}
			continue
		}
		for _, f := range whole.files {
			f.Path = below + f.Path
			w.found.files = append(w.found.files, f)
		}
		for _, s := range whole.special {
			w.found.special = append(w.found.special, special{below + s.path, s.kind})
		}
		if len(w.found.files) > MaxFiles {
			return tooManyFiles()
		}
	}
	return nil
}

func (w *treeWalk) spend() error {
	w.requests++
	if w.requests > maxTreeRequests {
		return tooManyFiles()
	}
	return nil
}

func tooManyFiles() error {
	return &contracts.Problem{
		Position: contracts.Position{File: "."},
		Message:  fmt.Sprintf("the repository has more files than can be listed (%d files in %d requests)", MaxFiles, maxTreeRequests),
		Hint:     "name the contract and the evidence files in plimsoll.yml: files named there are still read",
	}
}
