// Package bucket limits how much each asker may ask: a token bucket for every key.
package bucket

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// Buckets are token buckets by key. Of more keys than are kept, those that were used
// longest ago start again with a full bucket.
type Buckets[K comparable] struct {
	burst     int
	perSecond rate.Limit

	mu  sync.Mutex
	lru *simplelru.LRU[K, *rate.Limiter]
}

// New makes buckets that hold burst tokens and gain perSecond; at most most of them
// (at least 1) are kept.
func New[K comparable](burst int, perSecond float64, most int) *Buckets[K] {
	b := &Buckets[K]{burst: burst, perSecond: rate.Limit(perSecond)}
	b.lru, _ = simplelru.NewLRU[K, *rate.Limiter](max(most, 1), nil) // fails only for a size that is not positive
	return b
}

// Take takes n tokens out of a bucket. Where there are fewer it takes none, and says how
// long to wait for them.
func (b *Buckets[K]) Take(key K, n int, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	limiter := b.of(key)
	if limiter.AllowN(now, n) {
		return 0
	}
	missing := float64(n) - limiter.TokensAt(now)
	return time.Duration(missing / float64(b.perSecond) * float64(time.Second))
}

// Spend takes n tokens out, at most the burst, whether they are there or not.
func (b *Buckets[K]) Spend(key K, n int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(key).ReserveN(now, min(n, b.burst)) // it takes nothing of more than that
}

func (b *Buckets[K]) of(key K) *rate.Limiter {
	limiter, ok := b.lru.Get(key)
	if !ok {
		limiter = rate.NewLimiter(b.perSecond, b.burst)
		b.lru.Add(key, limiter)
	}
	return limiter
}
