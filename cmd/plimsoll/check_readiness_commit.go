package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/contracts"
)

// largestBlob bounds what is read of one file of a commit, as for files on disk.
const largestBlob = 32 << 20

// commitTree is a folder of a commit.
type commitTree struct {
	rev  string
	tree *object.Tree // nil: the commit has no such folder
	size func(plumbing.Hash) (int64, error)
	// files are listed once: many ask.
	files []contracts.File
}

var _ contracts.Tree = (*commitTree)(nil)

// treeAt gives the folder as a commit has it.
func (f *workFolder) treeAt(commit *object.Commit, rev string) (*commitTree, error) {
	tree, err := commit.Tree()
	if err == nil && f.within != "." {
		if tree, err = tree.Tree(f.within); errors.Is(err, object.ErrDirectoryNotFound) {
			tree, err = nil, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the tree of %s: %w", rev, err)
	}
	return &commitTree{rev: rev, tree: tree, size: f.git.Storer.EncodedObjectSize}, nil
}

// Files lists the regular files: no symbolic links, no submodules.
func (c *commitTree) Files(ctx context.Context) (files []contracts.File, err error) {
	if c.files == nil && c.tree != nil {
		c.files, err = c.list(ctx)
	}
	return c.files, err
}

func (c *commitTree) list(ctx context.Context) ([]contracts.File, error) {
	walker := object.NewTreeWalker(c.tree, true, nil)
	defer walker.Close()
	var files []contracts.File
	for {
		name, entry, err := walker.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, fmt.Errorf("list the files of %s: %w", c.rev, err)
		}
		if !regular(entry.Mode) {
			continue
		}
		size, err := c.size(entry.Hash)
		if err != nil {
			return nil, fmt.Errorf("list the files of %s: %s: %w", c.rev, name, err)
		}
		files = append(files, contracts.File{Path: name, SHA: entry.Hash.String(), Size: size})
	}
	// git sorts folders as if their names ended in a slash
	slices.SortFunc(files, func(a, b contracts.File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// ReadFile gives the content of a regular file.
func (c *commitTree) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	missing := fmt.Errorf("read %s:%s: %w", c.rev, file, fs.ErrNotExist)
	if c.tree == nil || !fs.ValidPath(file) {
		return nil, missing
	}
	entry, err := c.tree.FindEntry(file)
	if errors.Is(err, object.ErrEntryNotFound) || errors.Is(err, object.ErrDirectoryNotFound) || err == nil && !regular(entry.Mode) {
		return nil, missing
	}
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", c.rev, file, err)
	}
	if size, err := c.size(entry.Hash); err == nil && size > largestBlob {
		return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: "too large to be read"}
	}
	blob, err := c.tree.TreeEntryFile(entry)
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", c.rev, file, err)
	}
	reader, err := blob.Reader()
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", c.rev, file, err)
	}
	data, err := io.ReadAll(reader)
	return data, errors.Join(err, reader.Close())
}

func regular(mode filemode.FileMode) bool {
	return mode == filemode.Regular || mode == filemode.Executable || mode == filemode.Deprecated
}
