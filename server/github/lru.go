package github

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// boundedLRU keeps what was used last, bounded in entries and in bytes. It is
// safe for concurrent use.
type boundedLRU[K comparable, V any] struct {
	maxBytes int64
	maxOne   int64

	mu    sync.Mutex
	lru   *simplelru.LRU[K, sized[V]]
	bytes int64
}

type sized[V any] struct {
	value V
	size  int64
}

// newBoundedLRU makes a cache of at most that many entries and bytes. What is
// larger than half of the bytes is not kept: it would push everything else out.
func newBoundedLRU[K comparable, V any](entries int, bytes int64) *boundedLRU[K, V] {
	c := &boundedLRU[K, V]{maxBytes: bytes, maxOne: bytes / 2}
	// The constructor fails only for a size that is not positive.
	c.lru, _ = simplelru.NewLRU(max(entries, 1), func(_ K, old sized[V]) { c.bytes -= old.size })
	return c
}

func (c *boundedLRU[K, V]) get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.lru.Get(key)
	return entry.value, ok
}

func (c *boundedLRU[K, V]) put(key K, value V, size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Remove(key)
	if size > c.maxOne {
		return
	}
	c.bytes += size
	c.lru.Add(key, sized[V]{value, size})
	for c.bytes > c.maxBytes {
		if _, _, ok := c.lru.RemoveOldest(); !ok {
			return
		}
	}
}

func (c *boundedLRU[K, V]) remove(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Remove(key)
}

func (c *boundedLRU[K, V]) stats() (entries int, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Len(), c.bytes
}
