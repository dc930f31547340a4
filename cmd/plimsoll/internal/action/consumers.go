package action

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/contracts/evidence"
)

// readConsumers reads the declarations that the step names; nil if it names none. Declarations
// that lie in the repository itself are read as its base branch has them: a pull request can't
// take away the consumers that it breaks.
func readConsumers(ctx context.Context, c commits, names []string) (*evidence.Declarations, []string, error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	var given []evidence.Given
	var roots []string
	for _, name := range names {
		name = path.Clean(filepath.ToSlash(name))
		one, err := c.committed(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		if one == nil {
			folder, err := onDisk(name)
			if err != nil {
				return nil, nil, err
			}
			defer folder.tree.Close()
			one = &evidence.Given{Tree: folder.tree, Prefix: folder.prefix, File: folder.file}
		}
		given, roots = append(given, *one), append(roots, one.Prefix)
	}
	declarations, err := evidence.ReadDeclarations(ctx, given...)
	if err != nil {
		return nil, nil, err
	}
	if len(declarations.APIs()) == 0 {
		return nil, nil, fmt.Errorf("--consumers: these paths declare no use of an API: %q (checkouts, or folders with a plimsoll.yml of each consumer)", names)
	}
	return declarations, roots, nil
}

// committed gives a path that the repository itself has; nil if it has not.
func (c commits) committed(ctx context.Context, name string) (*evidence.Given, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) || name == "." {
		return nil, nil
	}
	for _, tree := range []*git.Tree{c.baseTree, c.headTree} {
		folder := tree.Below(name)
		files, err := folder.Files(ctx)
		if err != nil {
			return nil, err
		}
		if len(files) > 0 {
			return &evidence.Given{Tree: folder, Prefix: name}, nil
		}
		if tree.Has(name) {
			return &evidence.Given{Tree: tree, Prefix: ".", File: name}, nil
		}
	}
	return nil, nil
}

// diskFolder is a folder of the workspace that is not the repository's.
type diskFolder struct {
	tree         *evidence.Folder
	prefix, file string
}

func onDisk(name string) (diskFolder, error) {
	var out diskFolder
	info, err := os.Stat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return out, fmt.Errorf("--consumers %s: no such file or folder (check it out in a step before this one)", name)
	}
	if err != nil {
		return out, fmt.Errorf("--consumers: %w", err)
	}
	out.prefix = name
	if !info.IsDir() {
		out.prefix, out.file = path.Dir(name), path.Base(name)
	}
	out.tree, err = evidence.Dir(filepath.FromSlash(out.prefix))
	return out, err
}
