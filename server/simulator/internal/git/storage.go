package git

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// openStorage opens a git repository on disk: a work tree, one made by `git worktree`, or
// a bare repository. It does what go-git's PlainOpen does, without go-git's own package,
// which would link every way to fetch and push (SSH, HTTP) into the program.
func openStorage(dir string) (*filesystem.Storage, error) {
	root := filepath.Join(dir, ".git")
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		root = dir // bare
	} else if err != nil {
		return nil, err
	}
	if linked, err := pathIn(root, "gitdir: "); err != nil {
		return nil, err
	} else if linked != "" {
		root = linked
	}
	shared, err := pathIn(filepath.Join(root, "commondir"), "")
	if err != nil {
		return nil, err
	}
	var common billy.Filesystem // nil: the repository is all in one folder
	if shared != "" {
		common = osfs.New(shared)
	}
	opened := filesystem.NewStorage(dotgit.NewRepositoryFilesystem(osfs.New(root), common), cache.NewObjectLRUDefault())
	if _, err := opened.Reference(plumbing.HEAD); errors.Is(err, plumbing.ErrReferenceNotFound) {
		return nil, ErrNoRepository
	}
	conf, err := opened.Config()
	if err != nil {
		return nil, err
	}
	for _, extension := range conf.Raw.Section("extensions").Options {
		if !slices.Contains(knownExtensions, strings.ToLower(extension.Key)) {
			return nil, fmt.Errorf("git extension %s is not supported", extension.Key)
		}
	}
	return opened, nil
}

// knownExtensions of the repository format change nothing for a reader of branches, tags
// and objects.
var knownExtensions = []string{"noop", "noop-v1"}

// pathIn reads a path from a file of git's, after a prefix; relative paths start at the
// file's folder. It is empty where there is no such file.
func pathIn(file, prefix string) (string, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	path, ok := strings.CutPrefix(strings.TrimSpace(string(data)), prefix)
	if !ok {
		return "", fmt.Errorf("%s does not begin with %q", file, prefix)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	return path, nil
}
