package git

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	fdiff "github.com/go-git/go-git/v5/plumbing/format/diff"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/utils/merkletrie"
)

// FileChange is one file of a comparison, in GitHub's words.
type FileChange struct {
	Path, Previous       string
	Status               string // added, removed, modified, renamed
	Blob                 plumbing.Hash
	Additions, Deletions int
	Patch                string // "" for binary and large files
}

// patchLimit is the size in bytes of a file above which GitHub shows no patch.
const patchLimit = 1 << 20

// Diff lists what changed from one tree to another, by path. It keeps its results,
// because trees never change.
func (o *Objects) Diff(from, to plumbing.Hash) []FileChange {
	key := [2]plumbing.Hash{from, to}
	if known, ok := o.diffs[key]; ok {
		return known
	}
	changes, err := gitobject.DiffTreeWithOptions(context.Background(), o.Tree(from), o.Tree(to), gitobject.DefaultDiffTreeOptions)
	if err != nil {
		panic(fmt.Sprintf("simulator: compare trees %s and %s: %v", from, to, err))
	}
	list := make([]FileChange, 0, len(changes))
	for _, change := range changes {
		list = append(list, o.fileChange(change))
	}
	slices.SortFunc(list, func(a, b FileChange) int { return strings.Compare(a.Path, b.Path) })
	o.diffs[key] = list
	return list
}

// Tree reads a tree, nil for the zero hash.
func (o *Objects) Tree(hash plumbing.Hash) *gitobject.Tree {
	if hash.IsZero() {
		return nil
	}
	t, err := gitobject.GetTree(o, hash)
	if err != nil {
		panic(fmt.Sprintf("simulator: read tree %s: %v", hash, err))
	}
	return t
}

func (o *Objects) fileChange(change *gitobject.Change) FileChange {
	action, err := change.Action()
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	result := FileChange{Path: change.To.Name, Blob: change.To.TreeEntry.Hash, Status: "modified"}
	switch {
	case action == merkletrie.Insert:
		result.Status = "added"
	case action == merkletrie.Delete:
		result.Path, result.Blob, result.Status = change.From.Name, change.From.TreeEntry.Hash, "removed"
	case change.From.Name != change.To.Name:
		result.Status, result.Previous = "renamed", change.From.Name
	}
	before, after := o.text(change.From), o.text(change.To)
	if len(before) > patchLimit || len(after) > patchLimit {
		result.Additions, result.Deletions = countLines(before, after)
		return result
	}
	patch, err := change.Patch()
	if err != nil {
		panic(fmt.Sprintf("simulator: patch of %s: %v", result.Path, err))
	}
	for _, stat := range patch.Stats() {
		result.Additions += stat.Addition
		result.Deletions += stat.Deletion
	}
	var out bytes.Buffer
	if err := fdiff.NewUnifiedEncoder(&out, fdiff.DefaultContextLines).Encode(patch); err != nil {
		panic(fmt.Sprintf("simulator: patch of %s: %v", result.Path, err))
	}
	if _, hunks, found := strings.Cut(out.String(), "\n@@ "); found { // GitHub leaves the file header out
		result.Patch = strings.TrimSuffix("@@ "+hunks, "\n")
	}
	return result
}

// text returns the content of one side of a change, nil if it has none.
func (o *Objects) text(e gitobject.ChangeEntry) []byte {
	if e.TreeEntry.Hash.IsZero() || !e.TreeEntry.Mode.IsFile() {
		return nil
	}
	content, err := o.Blob(e.TreeEntry.Hash)
	if err != nil {
		return nil
	}
	return content
}

// countLines counts added and removed lines of large files without regard to order:
// near enough where no patch is shown, and linear.
func countLines(before, after []byte) (additions, deletions int) {
	count := map[string]int{}
	for line := range bytes.Lines(before) {
		count[string(line)]--
	}
	for line := range bytes.Lines(after) {
		count[string(line)]++
	}
	for _, n := range count {
		if n > 0 {
			additions += n
		} else {
			deletions -= n
		}
	}
	return additions, deletions
}
