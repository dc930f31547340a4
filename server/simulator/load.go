package simulator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"plimsoll/server/simulator/internal/git"
)

// LoadFolder serves the git repositories of a folder: dir/OWNER/NAME, dir/OWNER/NAME.git,
// or dir/NAME, whose owner is then called "local". Each may be bare or have a work
// tree; only what is committed counts. Branches and tags are read once and objects when
// they are asked for. Nothing is ever written to the folder.
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
		if !errors.Is(err, git.ErrNoRepository) {
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
			if errors.Is(err, git.ErrNoRepository) {
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
	folder, err := git.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("load repository %s from %s: %w", fullName, dir, err)
	}
	defer s.lock()()
	if s.github.Taken(fullName) {
		return nil, fmt.Errorf("load repository %s from %s: there is one of that name", fullName, dir)
	}
	r := s.github.AddRepository(fullName, RepositoryOptions{DefaultBranch: folder.DefaultBranch}, folder.Objects)
	r.Branches, r.Tags = folder.Branches, folder.Tags
	return s.repository(r), nil
}
