package git

import (
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// Deleted as the content of a file removes it.
const Deleted = "\x00deleted"

// special begins contents that carry a mode.
const special = "\x00mode"

// SymbolicLink as the content of a file makes it a link to a path.
func SymbolicLink(target string) string { return special + filemode.Symlink.String() + target }

// Submodule as the content of a file makes it a submodule at a commit.
func Submodule(sha string) string { return special + filemode.Submodule.String() + sha }

// Executable as the content of a file makes it executable.
func Executable(content string) string { return special + filemode.Executable.String() + content }

// WriteContent stores the content of a file, which may carry a mode.
func (o *Objects) WriteContent(content string) Entry {
	marked, ok := strings.CutPrefix(content, special)
	if !ok {
		return Entry{filemode.Regular, o.WriteBlob([]byte(content))}
	}
	digits := len(filemode.Regular.String())
	mode, err := filemode.New(marked[:digits])
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	if mode == filemode.Submodule {
		return Entry{mode, plumbing.NewHash(marked[digits:])}
	}
	return Entry{mode, o.WriteBlob([]byte(marked[digits:]))}
}

// ContentAt reads a file of a commit.
func (o *Objects) ContentAt(commit plumbing.Hash, path string) ([]byte, bool) {
	tree := o.Tree(o.TreeOf(commit))
	if tree == nil {
		return nil, false
	}
	found, err := tree.FindEntry(path)
	if err != nil || !found.Mode.IsFile() {
		return nil, false
	}
	content, err := o.Blob(found.Hash)
	return content, err == nil
}
