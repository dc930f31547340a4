package tree

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/server/github"
)

// tree is a commit whose files are all known.
type tree struct {
	*blobs
	listing *listing
}

var _ contracts.Tree = (*tree)(nil)

// Files lists every regular file, sorted by path. The slice is shared.
func (t *tree) Files(ctx context.Context) ([]contracts.File, error) {
	return slices.Clip(t.listing.files), ctx.Err()
}

// ReadFile returns the bytes of a regular file. They are shared.
func (t *tree) ReadFile(ctx context.Context, path string) ([]byte, error) {
	if file, ok := t.listing.file(path); ok {
		return t.read(ctx, file)
	}
	return nil, t.listing.missing(path)
}

// listing is what a tree holds, in the order of paths.
type listing struct {
	files []contracts.File
	// special are the entries that are no regular files.
	special []special
	// truncated: GitHub gave only some of it, nothing is kept.
	truncated bool
}

type special struct{ path, kind string }

func (l *listing) file(path string) (contracts.File, bool) {
	i, ok := slices.BinarySearchFunc(l.files, path, func(f contracts.File, p string) int { return strings.Compare(f.Path, p) })
	if !ok {
		return contracts.File{}, false
	}
	return l.files[i], true
}

// missing returns why there is no such file.
func (l *listing) missing(path string) error {
	for _, s := range l.special {
		if s.path == path || strings.HasPrefix(path, s.path+"/") {
			return notFollowed(path, s)
		}
	}
	return fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
}

func notFollowed(path string, s special) error {
	if path == s.path {
		return &contracts.Problem{Position: contracts.Position{File: path}, Message: "is a " + s.kind + ", expected a file",
			Hint: "name the file itself"}
	}
	return &contracts.Problem{Position: contracts.Position{File: path}, Message: fmt.Sprintf("%s is a %s, which is not followed", s.path, s.kind),
		Hint: "name a file of this repository that is reached without it"}
}

func (l *listing) bytes() int64 {
	n := int64(0)
	for i := range l.files {
		n += int64(len(l.files[i].Path)+len(l.files[i].SHA)) + 48
	}
	for _, s := range l.special {
		n += int64(len(s.path)) + 48
	}
	return n
}

// add appends one entry of GitHub's answer, with the directory in which it was listed. A
// path that no valid tree has (.., an empty name, not UTF-8) is left out.
func (l *listing) add(e github.TreeEntry, directory string) {
	path := directory + e.Path
	if !fs.ValidPath(path) || path == "." {
		return
	}
	switch {
	case e.Type == "blob" && e.Mode == modeLink:
		l.special = append(l.special, special{path, "symbolic link"})
	case e.Type == "blob":
		l.files = append(l.files, contracts.File{Path: path, SHA: e.SHA, Size: e.Size})
	case e.Type == "commit":
		l.special = append(l.special, special{path, "submodule"})
	}
}

// sort sorts the files by path and drops repeated ones.
func (l *listing) sort() {
	slices.SortStableFunc(l.files, func(a, b contracts.File) int { return strings.Compare(a.Path, b.Path) })
	l.files = slices.CompactFunc(l.files, func(a, b contracts.File) bool { return a.Path == b.Path })
	l.files = slices.Clip(l.files)
}

const modeLink = "120000"

// listing fetches everything below a tree in one request.
func (r *Reader) listing(ctx context.Context, repo contracts.RepositoryRef, sha string) (*listing, error) {
	return fetched(ctx, r.objects, keyOf(repo, listingObject, sha), func(ctx context.Context) (*listing, error) {
		answer, err := r.source.FetchTree(ctx, repo, sha, true)
		if err != nil {
			return nil, explained(err)
		}
		found := &listing{truncated: answer.Truncated}
		if !answer.Truncated {
			found.files = make([]contracts.File, 0, len(answer.Entries))
			for _, e := range answer.Entries {
				found.add(e, "")
			}
			found.sort()
		}
		return found, nil
	})
}
