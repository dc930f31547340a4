package github

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"plimsoll/contracts"
)

// objects keeps blobs and trees by SHA: they never change. The key holds
// installation and repository, so that nobody learns from the cache whether
// another account has the same bytes.
type objects struct {
	kept    *boundedLRU[objectKey, any]
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

func newObjects(bytes int64, timeout time.Duration) *objects {
	return &objects{kept: newBoundedLRU[objectKey, any](1<<20, bytes), timeout: timeout}
}

func keyOf(repo contracts.RepositoryRef, kind objectKind, sha string) objectKey {
	key := objectKey{installation: repo.Installation, repository: repo.ID, kind: kind, sha: sha}
	if repo.ID == 0 {
		key.name = strings.ToLower(repo.FullName())
	}
	return key
}

func (k objectKey) flight() string {
	return strings.Join([]string{string(k.kind), k.sha, decimal(k.installation), decimal(k.repository), k.name}, " ")
}

// object gives what is kept under key, or has it fetched: once, however many ask
// at the same time. A caller that gives up leaves the others what they wait for.
func object[T any](ctx context.Context, o *objects, key objectKey, fetch func(context.Context) (T, int64, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if value, ok := o.kept.get(key); ok {
		counted(ctx).objects.Add(1)
		return value.(T), nil
	}
	started := false
	wait := o.flights.DoChan(key.flight(), func() (any, error) {
		started = true
		// It may have come between the look above and now.
		if value, ok := o.kept.get(key); ok {
			return value, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*o.timeout)
		defer cancel()
		value, size, err := fetch(ctx)
		if err != nil {
			return nil, err
		}
		o.kept.put(key, value, size+int64(len(key.sha))+entryOverhead)
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
			counted(ctx).objects.Add(1)
		}
		return done.Val.(T), nil
	}
}
