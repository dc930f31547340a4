// Package cache keeps the most recently used values within a bound of bytes.
//
// Every cache of the program that is bounded by bytes is one of these. The package
// lies below contracts because contracts, handlers and server all need it, and it
// must not know any of them. See docs/adr/0009-one-cache.md.
package cache

import (
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache maps keys to values and removes the least recently used entries when the
// sum of their sizes exceeds its bound. It is safe for concurrent use. Values are
// shared between callers and must not be changed.
type Cache[K comparable, V any] struct {
	max  int64
	size func(K, V) int64

	mu    sync.Mutex
	lru   *simplelru.LRU[K, sized[V]]
	bytes int64
}

// sized is a value with its size at the time it was added.
type sized[V any] struct {
	value V
	size  int64
}

// New returns an empty cache of at most max bytes. size estimates how many bytes of
// memory one entry takes, its key included. New panics if max is not positive or
// size is nil.
func New[K comparable, V any](max int64, size func(K, V) int64) *Cache[K, V] {
	if max <= 0 || size == nil {
		panic("cache: New needs a positive bound and a size function")
	}
	c := &Cache[K, V]{max: max, size: size}
	// NewLRU fails only for a number of entries that is not positive.
	c.lru, _ = simplelru.NewLRU(math.MaxInt, func(_ K, gone sized[V]) { c.bytes -= gone.size })
	return c
}

// Get returns the value of a key and marks it as used.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.lru.Get(key)
	return entry.value, ok
}

// Add stores a value in place of an earlier one of the same key. A value larger than
// half of the bound is not kept: it would replace most of the other entries.
func (c *Cache[K, V]) Add(key K, value V) {
	size := c.size(key, value)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Remove(key)
	if size > c.max/2 {
		return
	}
	c.lru.Add(key, sized[V]{value, size})
	for c.bytes += size; c.bytes > c.max; {
		c.lru.RemoveOldest()
	}
}

// Remove drops a key.
func (c *Cache[K, V]) Remove(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Remove(key)
}

// Stats returns the number of entries and the sum of their sizes.
func (c *Cache[K, V]) Stats() (entries int, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Len(), c.bytes
}
