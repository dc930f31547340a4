package readycheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/contracts"
)

// largestBlob bounds what is read of one file of a commit, as for files on disk.
const largestBlob = 32 << 20

// commitTree is a folder of a commit, without symbolic links and submodules.
type commitTree struct {
	rev        string
	repository *git.Repository
	files      []contracts.File // sorted by path
}

var _ contracts.Tree = (*commitTree)(nil)

// treeAt gives the folder as a commit has it.
func (f *workFolder) treeAt(ctx context.Context, commit, rev string) (*commitTree, error) {
	files, err := f.git.Files(ctx, commit, f.git.Within())
	if err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", rev, err)
	}
	tree := &commitTree{rev: rev, repository: f.git}
	for _, file := range files {
		tree.files = append(tree.files, contracts.File{Path: file.Path, SHA: file.ID, Size: file.Size})
	}
	// git sorts folders as if their names ended in a slash
	slices.SortFunc(tree.files, func(a, b contracts.File) int { return cmp.Compare(a.Path, b.Path) })
	return tree, nil
}

// Files lists the regular files.
func (c *commitTree) Files(context.Context) ([]contracts.File, error) { return c.files, nil }

// ReadFile gives the content of a regular file.
func (c *commitTree) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	at, found := slices.BinarySearchFunc(c.files, file, func(f contracts.File, name string) int { return cmp.Compare(f.Path, name) })
	if !found {
		return nil, fmt.Errorf("read %s:%s: %w", c.rev, file, fs.ErrNotExist)
	}
	data, err := c.repository.Read(ctx, c.files[at].SHA, largestBlob)
	if errors.Is(err, git.ErrTooLarge) {
		return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: "too large to read"}
	}
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", c.rev, file, err)
	}
	return data, nil
}
