package simulator

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

// objects holds git objects: those of a folder that was loaded, which are only
// read, and new ones, which stay in memory.
type objects struct {
	storer.EncodedObjectStorer
	loaded    storer.EncodedObjectStorer // nil for a repository that was made
	diffs     map[[2]plumbing.Hash][]fileChange
	relations map[[2]plumbing.Hash]relation
}

func newObjects() *objects {
	return &objects{
		EncodedObjectStorer: &memory.NewStorage().ObjectStorage,
		diffs:               map[[2]plumbing.Hash][]fileChange{},
		relations:           map[[2]plumbing.Hash]relation{},
	}
}

var _ storer.EncodedObjectStorer = (*objects)(nil)

// EncodedObject looks in memory first, then in the folder.
func (o *objects) EncodedObject(kind plumbing.ObjectType, hash plumbing.Hash) (plumbing.EncodedObject, error) {
	found, err := o.EncodedObjectStorer.EncodedObject(kind, hash)
	if err != nil && o.loaded != nil {
		return o.loaded.EncodedObject(kind, hash)
	}
	return found, err
}

// EncodedObjectSize gives the size of an object in bytes.
func (o *objects) EncodedObjectSize(hash plumbing.Hash) (int64, error) {
	size, err := o.EncodedObjectStorer.EncodedObjectSize(hash)
	if err != nil && o.loaded != nil {
		return o.loaded.EncodedObjectSize(hash)
	}
	return size, err
}

// HasEncodedObject says whether there is such an gitobject.
func (o *objects) HasEncodedObject(hash plumbing.Hash) error {
	if err := o.EncodedObjectStorer.HasEncodedObject(hash); err == nil || o.loaded == nil {
		return err
	}
	return o.loaded.HasEncodedObject(hash)
}

func (o *objects) commit(hash plumbing.Hash) (*gitobject.Commit, error) {
	return gitobject.GetCommit(o, hash)
}

func (o *objects) mustCommit(hash plumbing.Hash) *gitobject.Commit {
	c, err := o.commit(hash)
	if err != nil {
		panic(fmt.Sprintf("simulator: read commit %s: %v", hash, err))
	}
	return c
}

func (o *objects) blob(hash plumbing.Hash) ([]byte, error) {
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

func (o *objects) store(kind plumbing.ObjectType, encode func(plumbing.EncodedObject) error) plumbing.Hash {
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

func (o *objects) writeBlob(content []byte) plumbing.Hash {
	return o.store(plumbing.BlobObject, func(e plumbing.EncodedObject) error {
		w, err := e.Writer()
		if err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
}

// entry is a file of a tree.
type entry struct {
	mode filemode.FileMode
	hash plumbing.Hash
}

// files lists all files below a tree, by path.
func (o *objects) files(tree plumbing.Hash) map[string]entry {
	list := map[string]entry{}
	if tree.IsZero() {
		return list
	}
	o.walk(tree, "", func(path string, e gitobject.TreeEntry) bool {
		if e.Mode != filemode.Dir {
			list[path] = entry{e.Mode, e.Hash}
		}
		return true
	})
	return list
}

// walk visits the entries of a tree and its sub-trees in git's order until visit
// says no.
func (o *objects) walk(tree plumbing.Hash, prefix string, visit func(path string, e gitobject.TreeEntry) bool) bool {
	t, err := gitobject.GetTree(o, tree)
	if err != nil {
		panic(fmt.Sprintf("simulator: read tree %s: %v", tree, err))
	}
	for _, e := range t.Entries {
		path := prefix + e.Name
		if !visit(path, e) {
			return false
		}
		if e.Mode == filemode.Dir && !o.walk(e.Hash, path+"/", visit) {
			return false
		}
	}
	return true
}

// writeTree stores the tree of files and its sub-trees.
func (o *objects) writeTree(files map[string]entry) plumbing.Hash {
	direct := map[string]gitobject.TreeEntry{}
	below := map[string]map[string]entry{}
	for path, e := range files {
		folder, rest, nested := strings.Cut(path, "/")
		if !nested {
			direct[path] = gitobject.TreeEntry{Name: path, Mode: e.mode, Hash: e.hash}
			continue
		}
		if below[folder] == nil {
			below[folder] = map[string]entry{}
		}
		below[folder][rest] = e
	}
	for folder, content := range below {
		direct[folder] = gitobject.TreeEntry{Name: folder, Mode: filemode.Dir, Hash: o.writeTree(content)}
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

func (o *objects) writeCommit(tree plumbing.Hash, parents []plumbing.Hash, by *account, at time.Time, message string) plumbing.Hash {
	signature := gitobject.Signature{Name: by.login, Email: by.login + "@users.noreply.github.test", When: at}
	c := &gitobject.Commit{Author: signature, Committer: signature, Message: message, TreeHash: tree, ParentHashes: parents}
	return o.store(plumbing.CommitObject, c.Encode)
}

// mergeBase gives the newest common ancestor, zero without one.
func (o *objects) mergeBase(a, b plumbing.Hash) plumbing.Hash { return o.relate(a, b).base }

// log lists the commits that head reaches and base does not (zero: all), newest
// first; limit 0 means all. The list is the caller's own.
func (o *objects) log(base, head plumbing.Hash, limit int) []*gitobject.Commit {
	if !base.IsZero() {
		list := o.relate(base, head).onlyTwo
		if limit > 0 && len(list) > limit {
			list = list[:limit]
		}
		return slices.Clone(list)
	}
	var list []*gitobject.Commit
	iter := gitobject.NewCommitIterCTime(o.mustCommit(head), nil, nil)
	_ = iter.ForEach(func(c *gitobject.Commit) error { // ends at the edge of a shallow clone
		if limit > 0 && len(list) == limit {
			return storer.ErrStop
		}
		list = append(list, c)
		return nil
	})
	return list
}

// threeWay merges head into base, file by file. It gives the paths that both sides
// changed differently.
func (o *objects) threeWay(ancestor, base, head plumbing.Hash) (tree plumbing.Hash, conflicts []string) {
	was, ours, theirs := o.files(o.treeOf(ancestor)), o.files(o.treeOf(base)), o.files(o.treeOf(head))
	paths := map[string]bool{}
	for _, side := range []map[string]entry{was, theirs} {
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
		case theirs[path] == entry{}:
			delete(merged, path)
		default:
			merged[path] = theirs[path]
		}
	}
	slices.Sort(conflicts)
	return o.writeTree(merged), conflicts
}

func (o *objects) treeOf(commit plumbing.Hash) plumbing.Hash {
	if commit.IsZero() {
		return plumbing.ZeroHash
	}
	return o.mustCommit(commit).TreeHash
}

// parentOf gives the first parent, zero for a root commit.
func (o *objects) parentOf(c *gitobject.Commit) plumbing.Hash {
	if len(c.ParentHashes) == 0 {
		return plumbing.ZeroHash
	}
	return c.ParentHashes[0]
}
