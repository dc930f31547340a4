package tree

import (
	"context"
	"sync"

	"plimsoll/contracts"
	"plimsoll/server/github"
)

// KnownTree is [Reader.Tree] for a commit of which some files are known from before.
// Reading those costs no request for the tree. The tree is listed only when another
// file, or the list of files, is needed.
func (r *Reader) KnownTree(repo contracts.RepositoryRef, treeOrCommitSHA string, files []contracts.File) contracts.Tree {
	t := &knownTree{
		blobs: r.blobs(repo), sha: treeOrCommitSHA, known: make(map[string]contracts.File, len(files)),
	}
	for _, file := range files {
		t.known[file.Path] = contracts.File{Path: file.Path, SHA: file.SHA, Size: unknownSize}
	}
	return t
}

type knownTree struct {
	*blobs
	sha   string
	known map[string]contracts.File

	mu    sync.Mutex
	whole contracts.Tree
}

var _ contracts.Tree = (*knownTree)(nil)

// ReadFile returns the bytes of a regular file.
func (t *knownTree) ReadFile(ctx context.Context, path string) ([]byte, error) {
	if file, ok := t.known[path]; ok && github.IsSHA(file.SHA) {
		return t.read(ctx, file)
	}
	whole, err := t.all(ctx)
	if err != nil {
		return nil, err
	}
	return whole.ReadFile(ctx, path)
}

// Files lists every regular file, sorted by path.
func (t *knownTree) Files(ctx context.Context) ([]contracts.File, error) {
	whole, err := t.all(ctx)
	if err != nil {
		return nil, err
	}
	return whole.Files(ctx)
}

// all lists the tree once. After an error the next call tries again.
func (t *knownTree) all(ctx context.Context) (contracts.Tree, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.whole != nil {
		return t.whole, nil
	}
	whole, err := t.reader.read(ctx, t.repo, t.sha)
	if err == nil {
		t.whole = whole
	}
	return whole, err
}
