package simulator

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

// fileChange is one file of a comparison, in GitHub's words.
type fileChange struct {
	path, previous       string
	status               string // added, removed, modified, renamed
	blob                 plumbing.Hash
	additions, deletions int
	patch                string // "" for binary and large files
}

// patchLimit is the size in bytes of a file above which GitHub shows no patch.
const patchLimit = 1 << 20

// diff lists what changed from one tree to another, by path. Results are kept:
// trees never change.
func (o *objects) diff(from, to plumbing.Hash) []fileChange {
	key := [2]plumbing.Hash{from, to}
	if known, ok := o.diffs[key]; ok {
		return known
	}
	changes, err := gitobject.DiffTreeWithOptions(context.Background(), o.tree(from), o.tree(to), gitobject.DefaultDiffTreeOptions)
	if err != nil {
		panic(fmt.Sprintf("simulator: compare trees %s and %s: %v", from, to, err))
	}
	list := make([]fileChange, 0, len(changes))
	for _, change := range changes {
		list = append(list, o.fileChange(change))
	}
	slices.SortFunc(list, func(a, b fileChange) int { return strings.Compare(a.path, b.path) })
	o.diffs[key] = list
	return list
}

func (o *objects) tree(hash plumbing.Hash) *gitobject.Tree {
	if hash.IsZero() {
		return nil
	}
	t, err := gitobject.GetTree(o, hash)
	if err != nil {
		panic(fmt.Sprintf("simulator: read tree %s: %v", hash, err))
	}
	return t
}

func (o *objects) fileChange(change *gitobject.Change) fileChange {
	action, err := change.Action()
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	result := fileChange{path: change.To.Name, blob: change.To.TreeEntry.Hash, status: "modified"}
	switch {
	case action == merkletrie.Insert:
		result.status = "added"
	case action == merkletrie.Delete:
		result.path, result.blob, result.status = change.From.Name, change.From.TreeEntry.Hash, "removed"
	case change.From.Name != change.To.Name:
		result.status, result.previous = "renamed", change.From.Name
	}
	before, after := o.text(change.From), o.text(change.To)
	if len(before) > patchLimit || len(after) > patchLimit {
		result.additions, result.deletions = countLines(before, after)
		return result
	}
	patch, err := change.Patch()
	if err != nil {
		panic(fmt.Sprintf("simulator: patch of %s: %v", result.path, err))
	}
	for _, stat := range patch.Stats() {
		result.additions += stat.Addition
		result.deletions += stat.Deletion
	}
	var out bytes.Buffer
	if err := fdiff.NewUnifiedEncoder(&out, fdiff.DefaultContextLines).Encode(patch); err != nil {
		panic(fmt.Sprintf("simulator: patch of %s: %v", result.path, err))
	}
	if _, hunks, found := strings.Cut(out.String(), "\n@@ "); found { // GitHub leaves the file header out
		result.patch = strings.TrimSuffix("@@ "+hunks, "\n")
	}
	return result
}

// text gives the content of one side of a change, nil where there is none.
func (o *objects) text(e gitobject.ChangeEntry) []byte {
	if e.TreeEntry.Hash.IsZero() || !e.TreeEntry.Mode.IsFile() {
		return nil
	}
	content, err := o.blob(e.TreeEntry.Hash)
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
