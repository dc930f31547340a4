// Package bucket says who asks too much: token buckets by whatever tells askers apart.
package bucket

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Buckets are token buckets by key. Of more keys than are kept the ones that were
// used longest ago begin anew.
type Buckets[K comparable] struct {
	burst, perSecond float64

	mu  sync.Mutex
	lru *simplelru.LRU[K, *bucket]
}

type bucket struct {
	left float64
	at   time.Time
}

// New makes buckets that hold burst and are filled by perSecond; at most most of them
// (1 at the least) are kept.
func New[K comparable](burst, perSecond float64, most int) *Buckets[K] {
	b := &Buckets[K]{burst: burst, perSecond: perSecond}
	b.lru, _ = simplelru.NewLRU[K, *bucket](max(most, 1), nil) // fails only for a size that is not positive
	return b
}

// Take takes n out of a bucket, or says how long to wait for them.
func (b *Buckets[K]) Take(key K, n float64, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.filled(key, now)
	if one.left < n {
		return time.Duration((n - one.left) / b.perSecond * float64(time.Second))
	}
	one.left -= n
	return 0
}

// Spend takes n out, whether they are there or not.
func (b *Buckets[K]) Spend(key K, n float64, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.filled(key, now).left -= n
}

func (b *Buckets[K]) filled(key K, now time.Time) *bucket {
	one, ok := b.lru.Get(key)
	if !ok {
		one = &bucket{left: b.burst, at: now}
		b.lru.Add(key, one)
	}
	if since := now.Sub(one.at).Seconds(); since > 0 {
		one.left = min(b.burst, one.left+since*b.perSecond)
	}
	one.at = now
	return one
}
