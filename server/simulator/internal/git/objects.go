// Package git holds the git objects of the simulated repositories: it reads and writes
// commits, trees and blobs, and finds merge bases, histories and differences. A
// repository and its forks share one Objects, as on GitHub.
//
// It must not know of accounts, pull requests or requests. What a script names and is
// not there is a programming error and panics.
package git

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/memory"
)

// Objects holds git objects: those of a loaded folder, which is only read, and new ones,
// which stay in memory.
type Objects struct {
	storer.EncodedObjectStorer
	loaded    storer.EncodedObjectStorer // nil for a repository that was made
	diffs     map[[2]plumbing.Hash][]FileChange
	relations map[[2]plumbing.Hash]relation
}

// New returns an empty store.
func New() *Objects {
	return &Objects{
		EncodedObjectStorer: &memory.NewStorage().ObjectStorage,
		diffs:               map[[2]plumbing.Hash][]FileChange{},
		relations:           map[[2]plumbing.Hash]relation{},
	}
}

var _ storer.EncodedObjectStorer = (*Objects)(nil)

// EncodedObject looks in memory first, then in the folder.
func (o *Objects) EncodedObject(kind plumbing.ObjectType, hash plumbing.Hash) (plumbing.EncodedObject, error) {
	found, err := o.EncodedObjectStorer.EncodedObject(kind, hash)
	if err != nil && o.loaded != nil {
		return o.loaded.EncodedObject(kind, hash)
	}
	return found, err
}

// EncodedObjectSize returns the size of an object in bytes.
func (o *Objects) EncodedObjectSize(hash plumbing.Hash) (int64, error) {
	size, err := o.EncodedObjectStorer.EncodedObjectSize(hash)
	if err != nil && o.loaded != nil {
		return o.loaded.EncodedObjectSize(hash)
	}
	return size, err
}

// HasEncodedObject reports an error if there is no such object.
func (o *Objects) HasEncodedObject(hash plumbing.Hash) error {
	if err := o.EncodedObjectStorer.HasEncodedObject(hash); err == nil || o.loaded == nil {
		return err
	}
	return o.loaded.HasEncodedObject(hash)
}

// Commit reads a commit.
func (o *Objects) Commit(hash plumbing.Hash) (*gitobject.Commit, error) {
	return gitobject.GetCommit(o, hash)
}

// MustCommit reads a commit that must be there.
func (o *Objects) MustCommit(hash plumbing.Hash) *gitobject.Commit {
	c, err := o.Commit(hash)
	if err != nil {
		panic(fmt.Sprintf("simulator: read commit %s: %v", hash, err))
	}
	return c
}

// Blob reads the content of a file.
func (o *Objects) Blob(hash plumbing.Hash) ([]byte, error) {
	b, err := gitobject.GetBlob(o, hash)
	if err != nil {
		return nil, err
	}
	r, err := b.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func (o *Objects) store(kind plumbing.ObjectType, encode func(plumbing.EncodedObject) error) plumbing.Hash {
	encoded := &plumbing.MemoryObject{}
	encoded.SetType(kind)
	if err := encode(encoded); err != nil {
		panic(fmt.Sprintf("simulator: encode %s: %v", kind, err))
	}
	hash, err := o.SetEncodedObject(encoded)
	if err != nil {
		panic(fmt.Sprintf("simulator: store %s: %v", kind, err))
	}
	return hash
}

// WriteBlob stores the content of a file.
func (o *Objects) WriteBlob(content []byte) plumbing.Hash {
	return o.store(plumbing.BlobObject, func(e plumbing.EncodedObject) error {
		w, err := e.Writer()
		if err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
}

// Entry is a file of a tree.
type Entry struct {
	Mode filemode.FileMode
	Hash plumbing.Hash
}

// Files lists all files below a tree, by path.
func (o *Objects) Files(tree plumbing.Hash) map[string]Entry {
	list := map[string]Entry{}
	if tree.IsZero() {
		return list
	}
	o.Walk(tree, "", func(path string, e gitobject.TreeEntry) bool {
		if e.Mode != filemode.Dir {
			list[path] = Entry{e.Mode, e.Hash}
		}
		return true
	})
	return list
}

// Walk visits the entries of a tree and its subtrees in git's order until visit returns
// false. It reports whether it visited all.
func (o *Objects) Walk(tree plumbing.Hash, prefix string, visit func(path string, e gitobject.TreeEntry) bool) bool {
	t, err := gitobject.GetTree(o, tree)
	if err != nil {
		panic(fmt.Sprintf("simulator: read tree %s: %v", tree, err))
	}
	for _, e := range t.Entries {
		path := prefix + e.Name
		if !visit(path, e) {
			return false
		}
		if e.Mode == filemode.Dir && !o.Walk(e.Hash, path+"/", visit) {
			return false
		}
	}
	return true
}

// WriteTree stores the tree of files and its subtrees.
func (o *Objects) WriteTree(files map[string]Entry) plumbing.Hash {
	direct := map[string]gitobject.TreeEntry{}
	below := map[string]map[string]Entry{}
	for path, e := range files {
		folder, rest, nested := strings.Cut(path, "/")
		if !nested {
			direct[path] = gitobject.TreeEntry{Name: path, Mode: e.Mode, Hash: e.Hash}
			continue
		}
		if below[folder] == nil {
			below[folder] = map[string]Entry{}
		}
		below[folder][rest] = e
	}
	for folder, content := range below {
		direct[folder] = gitobject.TreeEntry{Name: folder, Mode: filemode.Dir, Hash: o.WriteTree(content)}
	}
	entries := slices.Collect(maps.Values(direct))
	slices.SortFunc(entries, func(a, b gitobject.TreeEntry) int { return strings.Compare(treeKey(a), treeKey(b)) })
	t := &gitobject.Tree{Entries: entries}
	return o.store(plumbing.TreeObject, t.Encode)
}

// treeKey is what git sorts a tree by: a folder as if its name ended in a slash.
func treeKey(e gitobject.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}

// WriteCommit stores a commit by an account with that login.
func (o *Objects) WriteCommit(tree plumbing.Hash, parents []plumbing.Hash, login string, at time.Time, message string) plumbing.Hash {
	signature := gitobject.Signature{Name: login, Email: login + "@users.noreply.github.test", When: at}
	c := &gitobject.Commit{Author: signature, Committer: signature, Message: message, TreeHash: tree, ParentHashes: parents}
	return o.store(plumbing.CommitObject, c.Encode)
}

// MergeBase returns the newest common ancestor, zero without one.
func (o *Objects) MergeBase(a, b plumbing.Hash) plumbing.Hash { return o.relate(a, b).base }

// Log lists the commits that head reaches and base does not (zero: all), newest first.
// Limit 0 means all. The caller may change the list.
func (o *Objects) Log(base, head plumbing.Hash, limit int) []*gitobject.Commit {
	if !base.IsZero() {
		list := o.relate(base, head).onlyTwo
		if limit > 0 && len(list) > limit {
			list = list[:limit]
		}
		return slices.Clone(list)
	}
	var list []*gitobject.Commit
	iter := gitobject.NewCommitIterCTime(o.MustCommit(head), nil, nil)
	_ = iter.ForEach(func(c *gitobject.Commit) error { // ends at the edge of a shallow clone
		if limit > 0 && len(list) == limit {
			return storer.ErrStop
		}
		list = append(list, c)
		return nil
	})
	return list
}

// ThreeWay merges head into base, file by file. It returns the merged tree and the paths
// that both sides changed differently.
func (o *Objects) ThreeWay(ancestor, base, head plumbing.Hash) (tree plumbing.Hash, conflicts []string) {
	was, ours, theirs := o.Files(o.TreeOf(ancestor)), o.Files(o.TreeOf(base)), o.Files(o.TreeOf(head))
	paths := map[string]bool{}
	for _, side := range []map[string]Entry{was, theirs} {
		for path := range side {
			paths[path] = true
		}
	}
	merged := maps.Clone(ours)
	for path := range paths {
		switch {
		case theirs[path] == was[path] || theirs[path] == ours[path]:
		case ours[path] != was[path]:
			conflicts = append(conflicts, path)
		case theirs[path] == Entry{}:
			delete(merged, path)
		default:
			merged[path] = theirs[path]
		}
	}
	slices.Sort(conflicts)
	return o.WriteTree(merged), conflicts
}

// TreeOf returns the tree of a commit, zero for the zero commit.
func (o *Objects) TreeOf(commit plumbing.Hash) plumbing.Hash {
	if commit.IsZero() {
		return plumbing.ZeroHash
	}
	return o.MustCommit(commit).TreeHash
}

// ParentOf returns the first parent, zero for a root commit.
func (o *Objects) ParentOf(c *gitobject.Commit) plumbing.Hash {
	if len(c.ParentHashes) == 0 {
		return plumbing.ZeroHash
	}
	return c.ParentHashes[0]
}
