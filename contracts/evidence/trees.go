package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"plimsoll/contracts"
)

// Folder is a tree of files on disk. What lies outside its root is never read,
// by whatever path or symbolic link; links are not listed.
type Folder struct{ root *os.Root }

var _ contracts.Tree = (*Folder)(nil)

// Dir opens a folder as a tree. Close it when done.
func Dir(root string) (*Folder, error) {
	opened, err := os.OpenRoot(root)
	if err != nil {
		if fault, ok := errors.AsType[*fs.PathError](err); ok {
			err = fault.Err
		}
		return nil, fmt.Errorf("%s: %w", root, err)
	}
	return &Folder{root: opened}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// largestFile bounds what is read of one file on disk, 32 MiB as for contracts.
const largestFile = 32 << 20

// ReadFile gives the content of a regular file below the root.
func (f *Folder) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !fs.ValidPath(file) {
		return nil, fmt.Errorf("read %s: %w", file, fs.ErrNotExist)
	}
	info, err := f.root.Stat(filepath.FromSlash(file))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file: %w", file, fs.ErrNotExist)
	}
	opened, err := f.root.Open(filepath.FromSlash(file))
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	data, err := io.ReadAll(io.LimitReader(opened, largestFile+1))
	if err == nil && len(data) > largestFile {
		err = fmt.Errorf("read %s: more than %d bytes", file, largestFile)
	}
	return data, err
}

// skippedFolders hold what was installed or built, not what was written.
var skippedFolders = []string{".git", "node_modules", "vendor", ".venv", "__pycache__"}

// Files lists every regular file, sorted by path. Content is named by size and
// time of change, so that listing reads no file. Folders that hold installed
// packages (node_modules, vendor, …) are left out.
func (f *Folder) Files(ctx context.Context) ([]contracts.File, error) {
	var files []contracts.File
	err := fs.WalkDir(f.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(skippedFolders, path.Base(name)) {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		files = append(files, contracts.File{Path: name, SHA: fmt.Sprintf("%x-%x", info.Size(), info.ModTime().UnixNano()), Size: info.Size()})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	slices.SortFunc(files, func(a, b contracts.File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// subtree is a part of a folder on disk, its paths counted from root.
type subtree struct {
	tree  contracts.Tree
	root  string
	files []contracts.File
}

var _ contracts.Tree = subtree{}

func (s subtree) Files(context.Context) ([]contracts.File, error) { return s.files, nil }

func (s subtree) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if !fs.ValidPath(file) {
		return nil, fmt.Errorf("read %s: %w", file, fs.ErrNotExist)
	}
	return s.tree.ReadFile(ctx, s.root+file)
}

// relocateRegistration puts a folder before every position.
func relocateRegistration(r *contracts.Registration, prefix string) {
	move := func(p *contracts.Position) {
		if p.File != "" {
			p.File = path.Join(prefix, p.File)
		}
	}
	moved := map[*[]contracts.Pattern]bool{nil: true} // lists may be shared
	for i := range r.Problems {
		move(&r.Problems[i].Position)
	}
	for i := range r.Components {
		move(&r.Components[i].Position)
		for j := range r.Components[i].Consumes {
			usage := &r.Components[i].Consumes[j].Usage
			move(&usage.Evidence.Position)
			if usage.Baseline.Path != "" {
				usage.Baseline.Path = path.Join(prefix, usage.Baseline.Path)
			}
			for k := range usage.Operations {
				use := &usage.Operations[k]
				move(&use.Evidence.Position)
				for _, list := range []*[]contracts.Pattern{use.Reads, use.Sends} {
					if !moved[list] {
						moved[list] = true
						for l := range *list {
							move(&(*list)[l].Position)
						}
					}
				}
			}
		}
	}
}
