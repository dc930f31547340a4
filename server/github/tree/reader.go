package tree

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plimsoll/contracts"
	"plimsoll/server/github"
)

// Source fetches Git objects. It is implemented by [github.Clients].
type Source interface {
	FetchBlob(ctx context.Context, repo contracts.RepositoryRef, sha string, size int64) ([]byte, error)
	FetchTree(ctx context.Context, repo contracts.RepositoryRef, sha string, recursive bool) (*github.TreeAnswer, error)
}

// Config bounds a Reader. Zero values take the defaults.
type Config struct {
	// Bytes bounds the blobs and trees that are kept in memory (128 MiB).
	Bytes int64
	// Timeout bounds the fetching of one object (2 minutes).
	Timeout time.Duration
	// Registerer takes the metrics; nil: there are none.
	Registerer prometheus.Registerer
}

// Reader gives the files of commits and keeps what it has read. It is safe for
// concurrent use.
type Reader struct {
	source  Source
	objects *objects
}

// New returns a Reader with an empty cache.
func New(source Source, config Config) (*Reader, error) {
	if source == nil {
		return nil, errors.New("read trees: no source of Git objects is given")
	}
	if config.Bytes <= 0 {
		config.Bytes = 128 << 20
	}
	if config.Timeout <= 0 {
		config.Timeout = 2 * time.Minute
	}
	r := &Reader{source: source, objects: newObjects(config.Bytes, config.Timeout)}
	if config.Registerer == nil {
		return r, nil
	}
	size := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "plimsoll_github_object_cache_bytes", Help: "Size of the cache of blobs and trees.",
	}, func() float64 {
		_, bytes := r.objects.kept.Stats()
		return float64(bytes)
	})
	if err := config.Registerer.Register(size); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	return r, nil
}

// Tree returns the files of a commit or tree, named by its full SHA. That costs one
// request, or none if the tree is in the cache; each file costs one more when it is read.
//
// The Tree belongs to the commit, not to the context, and may be used by several
// goroutines. What Files and ReadFile return is shared and must not be changed.
// Symbolic links and submodules are not followed: reading one gives a
// *contracts.Problem, as does a file above [github.MaxBlob].
//
// If the commit does not exist, the error wraps [fs.ErrNotExist].
func (r *Reader) Tree(ctx context.Context, repo contracts.RepositoryRef, treeOrCommitSHA string) (contracts.Tree, error) {
	found, err := r.read(ctx, repo, treeOrCommitSHA)
	return found, github.NotExist(err)
}

// read is Tree for the reading of a file: that the commit can't be found does not mean
// that the file is not in it.
func (r *Reader) read(ctx context.Context, repo contracts.RepositoryRef, treeOrCommitSHA string) (contracts.Tree, error) {
	if !github.IsSHA(treeOrCommitSHA) {
		return nil, fmt.Errorf("read tree of %s: %w", repo.FullName(),
			&github.Error{Class: github.ClassPermanent, Message: fmt.Sprintf("%q is no full commit or tree SHA", treeOrCommitSHA)})
	}
	found, err := r.listing(ctx, repo, treeOrCommitSHA)
	if err != nil {
		return nil, fmt.Errorf("read tree %s@%s: %w", repo.FullName(), treeOrCommitSHA, err)
	}
	if found.truncated {
		return &wideTree{blobs: r.blobs(repo), root: treeOrCommitSHA, listed: make(chan struct{}, 1)}, nil
	}
	return &tree{blobs: r.blobs(repo), listing: found}, nil
}
