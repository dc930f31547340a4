package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"plimsoll/checks/readiness"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
)

// workFolder is a folder on disk and, where it lies in one, its git repository. As a
// tree it leaves out what git ignores, and a file that can't be read is a problem of
// that file alone.
type workFolder struct {
	*evidence.Folder
	dir string
	// git is nil where the folder is in no git repository.
	git  *git.Repository
	work *git.Worktree
	// within is the folder below the work tree's root; "." for the root.
	within string
	// owner and name on GitHub, as far as the remote says.
	owner, name string
	// metrics asks the metric server that was named; nil without one.
	metrics readiness.Metrics
	// files are listed once: many ask.
	files []contracts.File
}

var _ contracts.Tree = (*workFolder)(nil)

func openFolder(ctx context.Context, dir string) (*workFolder, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s: --readiness takes a folder", dir)
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	tree, err := evidence.Dir(dir)
	if err != nil {
		return nil, err
	}
	f := &workFolder{Folder: tree, dir: dir, within: ".", name: filepath.Base(full)}
	f.findGit(full)
	return f, ctx.Err()
}

// findGit finds the git repository that the folder is in, if any.
func (f *workFolder) findGit(full string) {
	repo, err := git.PlainOpenWithOptions(full, &git.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	if err != nil {
		return
	}
	work, err := repo.Worktree()
	if err != nil {
		return
	}
	root, err := filepath.EvalSymlinks(work.Filesystem.Root())
	if err != nil {
		return
	}
	if full, err = filepath.EvalSymlinks(full); err != nil {
		return
	}
	within, err := filepath.Rel(root, full)
	if err != nil || strings.HasPrefix(within, "..") {
		return
	}
	f.git, f.work, f.within = repo, work, filepath.ToSlash(within)
	if origin, err := repo.Remote("origin"); err == nil && len(origin.Config().URLs) > 0 {
		if m := remoteName.FindStringSubmatch(origin.Config().URLs[0]); m != nil {
			f.owner, f.name = m[1], m[2]
		}
	}
}

// remoteName is the end of a remote's address: https://github.com/acme/orders.git,
// git@github.com:acme/orders.git.
var remoteName = regexp.MustCompile(`[/:]([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9._-]+?)(?:\.git)?/?$`)

// Files lists what git would commit of the folder.
func (f *workFolder) Files(ctx context.Context) (files []contracts.File, err error) {
	if f.files == nil {
		f.files, err = f.list(ctx)
	}
	return f.files, err
}

func (f *workFolder) list(ctx context.Context) ([]contracts.File, error) {
	files, err := f.Folder.Files(ctx)
	if err != nil || f.git == nil {
		return files, err
	}
	patterns, err := gitignore.ReadPatterns(f.work.Filesystem, nil)
	if err != nil {
		return nil, fmt.Errorf("read what git ignores: %w", err)
	}
	if len(patterns) == 0 {
		return files, nil
	}
	tracked := map[string]bool{}
	if index, err := f.git.Storer.Index(); err == nil {
		for _, entry := range index.Entries {
			tracked[entry.Name] = true
		}
	}
	ignored := gitignore.NewMatcher(patterns)
	kept := files[:0]
	for _, file := range files {
		name := file.Path
		if f.within != "." {
			name = f.within + "/" + name
		}
		if tracked[name] || !ignored.Match(strings.Split(name, "/"), false) {
			kept = append(kept, file)
		}
	}
	return kept, nil
}

// ReadFile gives a file's content. What is there and can't be read is a
// [contracts.Problem], so that the rest is judged all the same.
func (f *workFolder) ReadFile(ctx context.Context, file string) ([]byte, error) {
	data, err := f.Folder.ReadFile(ctx, file)
	if err == nil || ctx.Err() != nil || errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	message := "can't be read"
	if errors.Is(err, fs.ErrPermission) {
		message = "may not be read: permission denied"
	} else if strings.Contains(err.Error(), "more than") {
		message = "too large to be read"
	}
	return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: message}
}

func (f *workFolder) repository(tree contracts.Tree, file *config.Repository) readiness.Repository {
	return readiness.Repository{Tree: tree, File: file, Owner: f.owner, Name: f.name, Metrics: f.metrics}
}

// declared reads the repository file of a tree, the organisation's under it; nil where
// there is none. rev names the tree in errors; empty for the folder itself.
func (f *workFolder) declared(ctx context.Context, tree contracts.Tree, rev string, organisation *config.Repository) (*config.Repository, config.Errors, error) {
	files, err := tree.Files(ctx)
	if err != nil {
		return nil, nil, err
	}
	paths := make([]string, len(files))
	for i, file := range files {
		paths[i] = file.Path
	}
	name, notes := config.Find(paths)
	if name == "" {
		return nil, notes, nil
	}
	data, err := tree.ReadFile(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := config.ParseRepository(name, data)
	if err != nil {
		return nil, nil, brokenFile(err, f.dir, rev)
	}
	merged, loose := config.Merge(parsed, organisation)
	return readiness.Named(merged, f.name), append(notes, loose...), nil
}

// brokenFile gives the first error of a file in one line, where the user finds it.
func brokenFile(err error, dir, rev string) error {
	all, ok := errors.AsType[config.Errors](err)
	if !ok || len(all) == 0 {
		return err
	}
	first := *all[0]
	if rev != "" {
		first.File = rev + ":" + first.File
	} else {
		first.File = filepath.Join(dir, filepath.FromSlash(first.File))
	}
	if len(all) > 1 {
		return fmt.Errorf("%w; and %d more (plimsoll validate says them all)", &first, len(all)-1)
	}
	return &first
}

// organisationFile reads the organisation's file; nil where none is given.
func organisationFile(name string) (*config.Repository, error) {
	if name == "" {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the organisation's file: %w", err)
	}
	file, err := config.ParseRepository(filepath.ToSlash(name), data)
	if err != nil {
		return nil, brokenFile(err, "", "")
	}
	return file, nil
}
