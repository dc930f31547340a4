package api

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// buckets are token buckets by key. Of more keys than are kept the ones that were
// used longest ago begin anew.
type buckets[K comparable] struct {
	burst, perSecond float64

	mu  sync.Mutex
	lru *simplelru.LRU[K, *bucket]
}

type bucket struct {
	left float64
	at   time.Time
}

func newBuckets[K comparable](burst, perSecond float64) *buckets[K] {
	b := &buckets[K]{burst: burst, perSecond: perSecond}
	b.lru, _ = simplelru.NewLRU[K, *bucket](mostKept, nil) // fails only for a size that is not positive
	return b
}

// take takes n out of a bucket, or says how long to wait for them.
func (b *buckets[K]) take(key K, n float64, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.filled(key, now)
	if one.left < n {
		return time.Duration((n - one.left) / b.perSecond * float64(time.Second))
	}
	one.left -= n
	return 0
}

// spend takes n out, whether they are there or not.
func (b *buckets[K]) spend(key K, n float64, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.filled(key, now).left -= n
}

func (b *buckets[K]) filled(key K, now time.Time) *bucket {
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
