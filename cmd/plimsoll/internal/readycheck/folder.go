package readycheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"plimsoll/checks/readiness"
	"plimsoll/checks/readiness/kustomize"
	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/server/sandbox"
)

// workFolder is a folder on disk and, where it lies in one, its git repository. As a
// tree it leaves out what git ignores, and a file that can't be read is a problem of
// that file alone.
type workFolder struct {
	*evidence.Folder
	dir string
	// git is nil where no git repository could be opened; noGit says why.
	git   *git.Repository
	noGit error
	// owner and name on GitHub, as far as the remote says.
	owner, name string
	// metrics asks the metric server that was named; nil without one.
	metrics readiness.Metrics
	// kustomize builds in a process of its own: what is checked may be somebody else's.
	kustomize kustomize.Builder
	// files are listed once: many ask.
	files []contracts.File
}

var _ contracts.Tree = (*workFolder)(nil)

func openFolder(ctx context.Context, dir string) (*workFolder, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s: --readiness needs a folder", dir)
	}
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	tree, err := evidence.Dir(dir)
	if err != nil {
		return nil, err
	}
	builders, err := sandbox.New(sandbox.Config{})
	if err != nil {
		return nil, err
	}
	f := &workFolder{Folder: tree, dir: dir, name: filepath.Base(full), kustomize: builders.For(0)}
	f.findGit(ctx, full)
	return f, ctx.Err()
}

// findGit opens the git repository that the folder is in, if any.
func (f *workFolder) findGit(ctx context.Context, full string) {
	f.git, f.noGit = git.Open(ctx, full)
	switch {
	case errors.Is(f.noGit, git.ErrNotInstalled) && !belowGit(full):
		f.noGit = git.ErrNoRepository
	case f.noGit != nil:
	case !f.git.HasWorkTree():
		_ = f.git.Close() // nothing was read
		f.git, f.noGit = nil, git.ErrNoRepository
	default:
		if m := remoteName.FindStringSubmatch(f.git.RemoteURL(ctx)); m != nil {
			f.owner, f.name = m[1], m[2]
		}
	}
}

// belowGit looks for a git repository without git.
func belowGit(folder string) bool {
	for ; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, ".git")); err == nil {
			return true
		}
		if folder == filepath.Dir(folder) {
			return false
		}
	}
}

// Close ends what was opened.
func (f *workFolder) Close() error {
	err := f.Folder.Close()
	if f.git != nil {
		err = errors.Join(err, f.git.Close())
	}
	return err
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
	ignored, err := f.git.Ignored(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(files, func(file contracts.File) bool { return ignored[file.Path] }), nil
}

// ReadFile gives a file's content. What is there and can't be read is a
// [contracts.Problem], so that the rest is evaluated all the same.
func (f *workFolder) ReadFile(ctx context.Context, file string) ([]byte, error) {
	data, err := f.Folder.ReadFile(ctx, file)
	if err == nil || ctx.Err() != nil || errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	message := "can't be read"
	if errors.Is(err, fs.ErrPermission) {
		message = "permission denied"
	} else if strings.Contains(err.Error(), "more than") {
		message = "too large to read"
	}
	return nil, &contracts.Problem{Position: contracts.Position{File: file}, Message: message}
}

// evaluated gives the tree that is checked: the folder's files, or those of a commit.
func (f *workFolder) evaluated(ctx context.Context, commit string) (tree contracts.Tree, rev string, err error) {
	if commit == "" {
		return f, "", nil
	}
	if f.git == nil {
		return nil, "", f.noGit
	}
	rev = commit[:min(len(commit), 7)]
	tree, err = f.git.Tree(ctx, commit, rev, f.git.Within())
	return tree, rev, err
}

func (f *workFolder) repository(tree contracts.Tree, file *config.Repository) readiness.Repository {
	return readiness.Repository{Tree: tree, File: file, Owner: f.owner, Name: f.name, Metrics: f.metrics, Kustomize: f.kustomize}
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
		return fmt.Errorf("%w; and %d more (run plimsoll validate to list all)", &first, len(all)-1)
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
