package compare

import (
	"fmt"
	"os"
	"path/filepath"

	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
)

// bound keeps what is read inside one folder. Contracts are read through [os.Root], so
// that neither $ref nor a symbolic link leads out of it.
type bound struct {
	root     string // absolute
	resolved string // root without symbolic links
	folder   *evidence.Folder
}

// newBound opens a folder; there is no bound without one. Close it after use.
func newBound(within string) (*bound, error) {
	if within == "" {
		return nil, nil
	}
	root, err := filepath.Abs(within)
	if err != nil {
		return nil, err
	}
	folder, err := evidence.Dir(root)
	if err != nil {
		return nil, err
	}
	b := &bound{root: root, folder: folder}
	if b.resolved, err = filepath.EvalSymlinks(root); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bound) close() {
	if b != nil {
		b.folder.Close()
	}
}

// check refuses a path outside the folder before anything at it is looked at.
func (b *bound) check(name string) error {
	if b == nil {
		return nil
	}
	full, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	if !liesIn(b.root, full) {
		return b.outside(name)
	}
	return nil
}

// checkConsumers refuses files and folders of consumers that lie outside, also by a
// symbolic link, and what is neither a file nor a folder.
func (b *bound) checkConsumers(names []string) error {
	if b == nil {
		return nil
	}
	for _, name := range names {
		if err := b.check(name); err != nil {
			return err
		}
		info, err := os.Stat(name)
		if err != nil {
			continue // the reader of consumers says so
		}
		resolved, err := filepath.EvalSymlinks(name)
		if err != nil {
			return err
		}
		if resolved, err = filepath.Abs(resolved); err != nil {
			return err
		}
		if !info.IsDir() && filepath.Base(filepath.Dir(resolved)) == ".github" { // its repository is read as well
			resolved = filepath.Dir(filepath.Dir(resolved))
		}
		if !liesIn(b.resolved, resolved) && !liesIn(b.root, resolved) {
			return b.outside(name)
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return &contracts.Problem{Position: contracts.Position{File: name}, Message: "not a regular file", Hint: "give a file or a folder"}
		}
	}
	return nil
}

func (b *bound) outside(name string) error {
	return &contracts.Problem{Position: contracts.Position{File: name}, Message: fmt.Sprintf("it is outside the folder %s", b.root),
		Hint: "give a path inside that folder, or REV:PATH for a file in its git repository"}
}

// liesIn reports whether a path is a folder or lies in it.
func liesIn(folder, file string) bool {
	rel, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(rel)
}
