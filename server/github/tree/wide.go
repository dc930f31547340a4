package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"plimsoll/contracts"
	"plimsoll/server/github"
)

// maxTreeRequests bounds what listing one commit may cost.
const maxTreeRequests = 300

// wideTree is a commit whose recursive listing GitHub truncates (100,000 entries
// or 7 MB). A file is found by walking down its directories. All files are listed
// by fetching the largest subtrees that are not truncated. What was fetched is kept,
// so a walk that a rate limit ended continues where it stopped.
type wideTree struct {
	*blobs
	root string

	listed chan struct{} // holds one value while somebody lists
	all    *listing
}

var _ contracts.Tree = (*wideTree)(nil)

// ReadFile returns the bytes of a regular file. They are shared.
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
type directory []github.TreeEntry

func (d directory) bytes() int64 {
	n := int64(0)
	for _, e := range d {
		n += int64(len(e.Path)+len(e.SHA)) + 96
	}
	return n
}

// directory fetches one level of a tree.
func (t *wideTree) directory(ctx context.Context, sha string) (directory, error) {
	return fetched(ctx, t.reader.objects, keyOf(t.repo, directoryObject, sha), func(ctx context.Context) (directory, error) {
		answer, err := t.reader.source.FetchTree(ctx, t.repo, sha, false)
		if err != nil {
			return nil, explained(err)
		}
		if answer.Truncated {
			return nil, tooManyFiles()
		}
		return answer.Entries, nil
	})
}

func find(entries []github.TreeEntry, name string) (github.TreeEntry, bool) {
	for _, e := range entries {
		if e.Path == name {
			return e, true
		}
	}
	return github.TreeEntry{}, false
}

// treeWalk collects the files of one wideTree.
type treeWalk struct {
	tree     *wideTree
	found    *listing
	requests int
}

// below adds one directory whose listing is truncated: its files, and its
// subdirectories, each in one request or again level by level.
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
		whole, err := w.tree.reader.listing(ctx, w.tree.repo, e.SHA)
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
		if len(w.found.files) > github.MaxFiles {
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

// explained replaces the client's error about a tree that is too large.
func explained(err error) error {
	if errors.Is(err, github.ErrTooManyFiles) {
		return tooManyFiles()
	}
	return err
}

func tooManyFiles() error {
	return &contracts.Problem{
		Position: contracts.Position{File: "."},
		Message:  fmt.Sprintf("the repository has more files than can be listed (%d files in %d requests)", github.MaxFiles, maxTreeRequests),
		Hint:     "name the contract and the evidence files in plimsoll.yml: files named there are still read",
	}
}
