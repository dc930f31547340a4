package git

import (
	"errors"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// ErrNoRepository says that a folder holds no git repository.
var ErrNoRepository = errors.New("not a git repository")

// Folder is a git repository of the disk.
type Folder struct {
	Objects        *Objects
	Branches, Tags map[string]plumbing.Hash
	DefaultBranch  string
}

// Open opens the git repository in a folder, bare or with a work tree. It reads branches
// and tags once and objects when they are asked for, and never writes to the folder.
func Open(dir string) (*Folder, error) {
	opened, err := openStorage(dir)
	if err != nil {
		return nil, err
	}
	branches, tags, err := refsOf(opened)
	if err != nil {
		return nil, err
	}
	objects := New()
	objects.loaded = opened
	return &Folder{Objects: objects, Branches: branches, Tags: tags, DefaultBranch: defaultBranch(opened, branches)}, nil
}

// refsOf reads branches and tags. In a fresh clone the branches of origin stand in for
// those that are not checked out.
func refsOf(opened *filesystem.Storage) (branches, tags map[string]plumbing.Hash, err error) {
	branches, tags = map[string]plumbing.Hash{}, map[string]plumbing.Hash{}
	iter, err := opened.IterReferences()
	if err != nil {
		return nil, nil, err
	}
	remote := map[string]plumbing.Hash{}
	err = iter.ForEach(func(ref *plumbing.Reference) error {
		name := ref.Name()
		switch {
		case ref.Type() != plumbing.HashReference:
		case name.IsBranch():
			branches[name.Short()] = ref.Hash()
		case name.IsTag():
			if commit, err := taggedCommit(opened, ref.Hash()); err == nil {
				tags[name.Short()] = commit
			}
		case strings.HasPrefix(name.String(), "refs/remotes/origin/"):
			remote[strings.TrimPrefix(name.String(), "refs/remotes/origin/")] = ref.Hash()
		}
		return nil
	})
	for name, hash := range remote {
		if _, own := branches[name]; !own {
			branches[name] = hash
		}
	}
	return branches, tags, err
}

// taggedCommit gives the commit of a tag, which names it or a tag object.
func taggedCommit(from *filesystem.Storage, hash plumbing.Hash) (plumbing.Hash, error) {
	tag, err := gitobject.GetTag(from, hash)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		commit, err := gitobject.GetCommit(from, hash)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		return commit.Hash, nil
	}
	if err != nil {
		return plumbing.ZeroHash, err
	}
	commit, err := tag.Commit()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	return commit.Hash, nil
}

// defaultBranch is that of origin, else main, else master, else the one that HEAD names.
func defaultBranch(opened *filesystem.Storage, branches map[string]plumbing.Hash) string {
	if remote, err := opened.Reference("refs/remotes/origin/HEAD"); err == nil {
		return strings.TrimPrefix(remote.Target().String(), "refs/remotes/origin/")
	}
	for _, name := range []string{"main", "master"} {
		if _, ok := branches[name]; ok {
			return name
		}
	}
	if head, err := opened.Reference(plumbing.HEAD); err == nil && head.Type() == plumbing.SymbolicReference {
		return head.Target().Short()
	}
	return "main"
}
