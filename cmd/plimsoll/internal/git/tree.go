package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// LargestBlob bounds what is read of one file of a commit, as for files on disk.
const LargestBlob = 32 << 20

// Tree is a folder of a commit, without symbolic links and submodules.
type Tree struct {
	rev        string
	repository *Repository
	files      []contracts.File // sorted by path
}

var _ contracts.Tree = (*Tree)(nil)

// Tree gives a folder of a commit; rev names the commit in errors. It is empty where the
// commit has no such folder.
func (r *Repository) Tree(ctx context.Context, commit, rev, folder string) (*Tree, error) {
	files, err := r.Files(ctx, commit, folder)
	if err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", rev, err)
	}
	tree := &Tree{rev: rev, repository: r}
	for _, file := range files {
		tree.files = append(tree.files, contracts.File{Path: file.Path, SHA: file.ID, Size: file.Size})
	}
	// git sorts folders as if their names ended in a slash
	slices.SortFunc(tree.files, func(a, b contracts.File) int { return cmp.Compare(a.Path, b.Path) })
	return tree, nil
}

// Files lists the regular files.
func (c *Tree) Files(context.Context) ([]contracts.File, error) { return c.files, nil }

// ReadFile gives the content of a regular file.
func (c *Tree) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at, found := slices.BinarySearchFunc(c.files, file, func(f contracts.File, name string) int { return cmp.Compare(f.Path, name) })
	if !found {
		return nil, fmt.Errorf("read %s:%s: %w", c.rev, file, fs.ErrNotExist)
	}
	data, err := c.repository.Read(ctx, c.files[at].SHA, LargestBlob)
	if errors.Is(err, ErrTooLarge) {
		return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: "too large to read"}
	}
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", c.rev, file, err)
	}
	return data, nil
}

// Has reports whether the tree has a regular file.
func (c *Tree) Has(file string) bool {
	_, found := slices.BinarySearchFunc(c.files, file, func(f contracts.File, name string) int { return cmp.Compare(f.Path, name) })
	return found
}

// Below gives a folder of the tree.
func (c *Tree) Below(folder string) *Tree {
	below := &Tree{rev: c.rev, repository: c.repository}
	for _, f := range c.files {
		if rest, ok := strings.CutPrefix(f.Path, folder+"/"); ok {
			f.Path = rest
			below.files = append(below.files, f)
		}
	}
	return below
}
