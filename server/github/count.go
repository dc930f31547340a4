package github

import (
	"context"
	"sync/atomic"
)

// Count is what one piece of work requested from GitHub. Its fields may be read while
// requests go on.
type Count struct {
	network, notModified, tokens, objects atomic.Int64
}

// Network counts requests sent, without those for tokens. Each hop of a redirect
// is one.
func (c *Count) Network() int64 { return c.network.Load() }

// NotModified counts those of Network that GitHub answered with 304; they cost
// nothing of the primary limit.
func (c *Count) NotModified() int64 { return c.notModified.Load() }

// Tokens counts requests for installation tokens.
func (c *Count) Tokens() int64 { return c.tokens.Load() }

// Objects counts blobs and trees that were cached and not requested.
func (c *Count) Objects() int64 { return c.objects.Load() }

type countKey struct{}

// WithCount gives a context whose requests are counted. Work that several
// callers wait for is counted where it was started.
func WithCount(ctx context.Context) (context.Context, *Count) {
	count := new(Count)
	return context.WithValue(ctx, countKey{}, count), count
}

// CountAtHand counts one object that was cached.
func CountAtHand(ctx context.Context) { counted(ctx).objects.Add(1) }

// counted gives the context's count, or one that nobody reads.
func counted(ctx context.Context) *Count {
	if count, ok := ctx.Value(countKey{}).(*Count); ok {
		return count
	}
	return new(Count)
}
