package tree

import (
	"context"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"plimsoll/contracts"
	"plimsoll/contracts/cache"
	"plimsoll/server/github"
)

// objects keeps blobs and trees by SHA: they never change. The key holds the
// installation and the repository, so that nobody learns from the cache whether
// another account has the same bytes.
type objects struct {
	kept    *cache.Cache[objectKey, object]
	flights singleflight.Group
	timeout time.Duration
}

type objectKey struct {
	installation, repository int64
	name                     string // owner/name where the id is not known
	kind                     objectKind
	sha                      string
}

type objectKind string

const (
	blobObject      objectKind = "blob"
	listingObject   objectKind = "listing"   // everything below a tree or commit
	directoryObject objectKind = "directory" // one level of a tree
)

// object is a blob, everything below a tree, or one level of a tree.
type object interface {
	// bytes estimates what the object takes in memory.
	bytes() int64
}

// entryBytes estimates what an entry takes beside its object: the map, the list, and
// the headers of strings and slices.
const entryBytes = 256

func newObjects(bytes int64, timeout time.Duration) *objects {
	size := func(key objectKey, o object) int64 { return o.bytes() + int64(len(key.sha)) + entryBytes }
	return &objects{kept: cache.New(bytes, size), timeout: timeout}
}

func keyOf(repo contracts.RepositoryRef, kind objectKind, sha string) objectKey {
	key := objectKey{installation: repo.Installation, repository: repo.ID, kind: kind, sha: sha}
	if repo.ID == 0 {
		key.name = strings.ToLower(repo.FullName())
	}
	return key
}

func (k objectKey) flight() string {
	return strings.Join([]string{string(k.kind), k.sha, strconv.FormatInt(k.installation, 10), strconv.FormatInt(k.repository, 10), k.name}, " ")
}

// fetched returns what is kept under key, or fetches it: once for all callers that ask
// at the same time. When one caller gives up, the others still get their object.
func fetched[T object](ctx context.Context, o *objects, key objectKey, fetch func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if kept, ok := o.kept.Get(key); ok {
		github.CountAtHand(ctx)
		return kept.(T), nil
	}
	started := false
	wait := o.flights.DoChan(key.flight(), func() (any, error) {
		started = true
		// Another flight may have stored it after the look above.
		if kept, ok := o.kept.Get(key); ok {
			return kept, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*o.timeout)
		defer cancel()
		value, err := fetch(ctx)
		if err != nil {
			return nil, err
		}
		o.kept.Add(key, value)
		return value, nil
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case done := <-wait:
		if done.Err != nil {
			return none, done.Err
		}
		if !started {
			github.CountAtHand(ctx)
		}
		return done.Val.(T), nil
	}
}
