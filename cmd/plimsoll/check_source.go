package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/contracts"
)

// opener finds contracts by what the user wrote: a file, or REV:PATH.
type opener struct{}

// source gives where a contract's files come from and the contract's path there.
func (opener) source(name string) (contracts.Source, string, error) {
	if _, err := os.Stat(name); err == nil {
		full, err := filepath.Abs(name)
		if err != nil {
			return nil, "", err
		}
		return disk{}, strings.TrimPrefix(filepath.ToSlash(full), "/"), nil
	}
	rev, file, ok := strings.Cut(name, ":")
	if !ok || rev == "" || file == "" {
		return nil, "", &contracts.Problem{Position: contracts.Position{File: name}, Message: "there is no such file",
			Hint: "give a file, or REV:PATH for a file in the git repository at hand"}
	}
	src, err := openRevision(rev)
	if err != nil {
		return nil, "", err
	}
	if strings.HasPrefix(file, "./") || strings.HasPrefix(file, "../") {
		file = path.Join(src.here, file)
	}
	return src, path.Clean(file), nil
}

// display gives a path as the user would write it.
func (opener) display(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, ok := strings.CutPrefix("/"+file, filepath.ToSlash(here)+"/"); ok {
		return rel
	}
	if _, err := os.Stat("/" + file); err == nil && filepath.IsAbs("/"+file) && strings.Contains(file, "/") {
		if _, err := os.Stat(file); err != nil {
			return "/" + file
		}
	}
	return file
}

// disk reads files by their full path without the leading slash.
type disk struct{}

var _ contracts.Source = disk{}

func (disk) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.FromSlash("/" + file))
}

// revision reads files of one commit.
type revision struct {
	name string
	tree *object.Tree
	here string // the working directory, from the repository's root
}

var _ contracts.Source = (*revision)(nil)

func openRevision(rev string) (*revision, error) {
	repo, err := git.PlainOpenWithOptions(".", &git.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if err != nil {
		return nil, fmt.Errorf("open the git repository at hand: %w", err)
	}
	hash, err := repo.ResolveRevision(plumbing.Revision(rev))
	if err != nil {
		return nil, fmt.Errorf("find revision %s in the git repository at hand: %w", rev, err)
	}
	commit, err := repo.CommitObject(*hash)
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", hash, err)
	}
	tree, err := commit.Tree()
	if err != nil {
		return nil, fmt.Errorf("read the tree of %s: %w", hash, err)
	}
	out := &revision{name: rev, tree: tree}
	if work, err := repo.Worktree(); err == nil {
		if here, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(work.Filesystem.Root(), here); err == nil && !strings.HasPrefix(rel, "..") {
				out.here = filepath.ToSlash(rel)
			}
		}
	}
	return out, nil
}

func (r *revision) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entry, err := r.tree.File(file)
	if errors.Is(err, object.ErrFileNotFound) {
		return nil, fmt.Errorf("read %s:%s: %w", r.name, file, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", r.name, file, err)
	}
	reader, err := entry.Reader()
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", r.name, file, err)
	}
	data, err := io.ReadAll(reader)
	return data, errors.Join(err, reader.Close())
}
