package compare

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/contracts"
)

// opener finds contracts by what the user wrote: a file, or REV:PATH. Close it after use.
type opener struct {
	within     *bound
	repository *git.Repository // opened with the first REV:PATH
	given      []givenFile
}

// givenFile is a file that the user named.
type givenFile struct{ name, file string }

func (o *opener) close() {
	o.within.close()
	if o.repository != nil {
		_ = o.repository.Close() // it was only read
	}
}

// source gives where a contract's files come from and the contract's path there.
func (o *opener) source(ctx context.Context, name string) (contracts.Source, string, error) {
	if err := o.within.check(name); err != nil {
		return nil, "", err
	}
	stat := os.Stat
	if o.within != nil {
		stat = os.Lstat // a link may lead out of the folder
	}
	if _, err := stat(name); err == nil {
		full, err := filepath.Abs(name)
		if err != nil {
			return nil, "", err
		}
		o.given = append(o.given, givenFile{filepath.ToSlash(filepath.Clean(name)), strings.TrimPrefix(filepath.ToSlash(full), "/")})
		if o.within != nil {
			return below{o.within.folder, slashed(o.within.root)}, slashed(full), nil
		}
		return disk{}, strings.TrimPrefix(filepath.ToSlash(full), "/"), nil
	}
	rev, file, ok := strings.Cut(name, ":")
	if !ok || rev == "" || file == "" {
		return nil, "", &contracts.Problem{Position: contracts.Position{File: name}, Message: "no such file",
			Hint: "give a file, or REV:PATH for a file in the current git repository"}
	}
	src, err := o.revision(ctx, rev)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	if strings.HasPrefix(file, "./") || strings.HasPrefix(file, "../") {
		file = path.Join(o.repository.Within(), file)
	}
	return src, path.Clean(file), nil
}

// display gives a path as the user would write it: as given, relative to the current
// folder, or beside a file that was given.
func (o *opener) display(file string) string {
	for _, g := range o.given {
		if g.file == file {
			return g.name
		}
	}
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if rel, ok := strings.CutPrefix("/"+file, filepath.ToSlash(here)+"/"); ok {
		return rel
	}
	for _, g := range o.given {
		if rest, ok := strings.CutPrefix(file, path.Dir(g.file)+"/"); ok {
			return path.Join(path.Dir(g.name), rest)
		}
	}
	if _, err := os.Stat("/" + file); err == nil && filepath.IsAbs("/"+file) && strings.Contains(file, "/") {
		if _, err := os.Stat(file); err != nil {
			return "/" + file
		}
	}
	return file
}

// disk reads files by their full path without the leading slash.
type disk struct{}

var _ contracts.Source = disk{}

func (disk) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.FromSlash("/" + file))
}

// revision reads files of one commit.
type revision struct {
	name       string
	commit     string
	repository *git.Repository
}

var _ contracts.Source = (*revision)(nil)

func (o *opener) revision(ctx context.Context, rev string) (*revision, error) {
	if o.repository == nil {
		opened, err := git.Open(ctx, ".")
		if err != nil {
			return nil, err
		}
		o.repository = opened
	}
	commit, err := o.repository.Commit(ctx, rev)
	if err != nil {
		return nil, err
	}
	return &revision{name: rev, commit: commit, repository: o.repository}, nil
}

func (r *revision) ReadFile(ctx context.Context, file string) ([]byte, error) {
	data, err := r.repository.ReadAt(ctx, r.commit, file, int64(checkLimits.TotalBytes))
	if err != nil {
		return nil, fmt.Errorf("read %s:%s: %w", r.name, file, err)
	}
	return data, nil
}
