package simulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
)

// LoadFolder serves the git repositories of a folder: dir/OWNER/NAME, dir/OWNER/NAME.git,
// or dir/NAME, whose owner then is called "local". Each may be bare or have a work
// tree; only what is committed counts. Branches and tags are read once; objects are
// read from the folder as they are asked for, and nothing is ever written to it.
func (s *Simulator) LoadFolder(dir string) ([]*Repository, error) {
	var found []*Repository
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("load repositories: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		repository, err := s.LoadRepository("local/"+strings.TrimSuffix(e.Name(), ".git"), path)
		if err == nil {
			found = append(found, repository)
			continue
		}
		if !errors.Is(err, git.ErrRepositoryNotExists) {
			return found, err
		}
		below, err := os.ReadDir(path)
		if err != nil {
			return found, fmt.Errorf("load repositories: %w", err)
		}
		for _, b := range below {
			if !b.IsDir() || strings.HasPrefix(b.Name(), ".") {
				continue
			}
			repository, err := s.LoadRepository(e.Name()+"/"+strings.TrimSuffix(b.Name(), ".git"), filepath.Join(path, b.Name()))
			if errors.Is(err, git.ErrRepositoryNotExists) {
				continue
			}
			if err != nil {
				return found, err
			}
			found = append(found, repository)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("load repositories: no git repository in %s: %w", dir, fs.ErrNotExist)
	}
	return found, nil
}

// LoadRepository serves one git repository of the disk under a name owner/name.
func (s *Simulator) LoadRepository(fullName, dir string) (*Repository, error) {
	opened, err := git.PlainOpenWithOptions(dir, &git.PlainOpenOptions{EnableDotGitCommonDir: true})
	if err != nil {
		return nil, fmt.Errorf("load repository %s from %s: %w", fullName, dir, err)
	}
	branches, tags, err := refsOf(opened)
	if err != nil {
		return nil, fmt.Errorf("load repository %s from %s: %w", fullName, dir, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.names[strings.ToLower(fullName)]; taken {
		return nil, fmt.Errorf("load repository %s from %s: there is one of that name", fullName, dir)
	}
	objects := newObjects()
	objects.loaded = opened.Storer
	r := s.newRepository(fullName, RepositoryOptions{DefaultBranch: defaultBranch(opened, branches)}, objects)
	r.branches, r.tags = branches, tags
	return r, nil
}

// refsOf reads branches and tags; where a repository has only remote branches (a
// fresh clone), those of origin stand in for those it has not checked out.
func refsOf(opened *git.Repository) (branches, tags map[string]plumbing.Hash, err error) {
	branches, tags = map[string]plumbing.Hash{}, map[string]plumbing.Hash{}
	iter, err := opened.References()
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
			if commit, err := opened.ResolveRevision(plumbing.Revision(name)); err == nil { // an annotated tag names a tag object
				tags[name.Short()] = *commit
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

// defaultBranch is main, else master, else what HEAD names, else any.
func defaultBranch(opened *git.Repository, branches map[string]plumbing.Hash) string {
	if remote, err := opened.Reference("refs/remotes/origin/HEAD", false); err == nil {
		return strings.TrimPrefix(remote.Target().String(), "refs/remotes/origin/")
	}
	for _, name := range []string{"main", "master"} {
		if _, ok := branches[name]; ok {
			return name
		}
	}
	if head, err := opened.Reference(plumbing.HEAD, false); err == nil && head.Type() == plumbing.SymbolicReference {
		return head.Target().Short()
	}
	return "main"
}

// Replay opens the pull request that a commit (a branch, tag or SHA) would have been:
// what it changed since its first parent. Base and head are branches made for it, in
// memory alone.
func (r *Repository) Replay(at string) (*PullRequest, error) {
	r.sim.mu.Lock()
	hash, ok := r.resolve(at)
	if !ok {
		r.sim.mu.Unlock()
		return nil, fmt.Errorf("replay %s of %s: no such branch, tag or commit", at, r.fullName())
	}
	commit := r.git.mustCommit(hash)
	if len(commit.ParentHashes) == 0 {
		r.sim.mu.Unlock()
		return nil, fmt.Errorf("replay %s of %s: it is the first commit", at, r.fullName())
	}
	head := "replay/" + hash.String()[:12]
	base := head + "-base"
	r.branches[head], r.branches[base] = hash, commit.ParentHashes[0]
	r.sim.mu.Unlock()
	return r.OpenPullRequest(PullRequestOptions{Head: head, Base: base}), nil
}
