package openapi

import (
	"container/list"
	"hash/maphash"
	"sync"

	"plimsoll/contracts/document"
)

// Cache keeps the most recently used parsed files, by path and content, within a budget
// of bytes. It is safe for concurrent use.
type Cache struct {
	seed    maphash.Seed
	mu      sync.Mutex
	budget  int
	used    int
	order   *list.List // of *cached, the last used first
	entries map[cacheKey]*list.Element
}

// cacheKey finds a candidate. Its text is then compared, which is faster than a
// cryptographic hash.
type cacheKey struct {
	file   string
	hash   uint64
	limits document.Limits
}

type cached struct {
	key cacheKey
	doc *document.Doc
}

// NewCache gives a cache that holds at most budget bytes of text and index. A budget of 0
// means 256 MiB.
func NewCache(budget int) *Cache {
	if budget <= 0 {
		budget = 256 << 20
	}
	return &Cache{seed: maphash.MakeSeed(), budget: budget, order: list.New(), entries: map[cacheKey]*list.Element{}}
}

func (c *Cache) parse(file string, data []byte, limits document.Limits, like *document.Doc) (*document.Doc, error) {
	key := cacheKey{file, maphash.Bytes(c.seed, data), limits}
	if doc := c.known(key); doc != nil && doc.Holds(data) {
		return doc, nil
	}
	doc, err := document.ParseLike(file, data, limits, like)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[key]; !ok && doc.Weight() <= c.budget {
		c.entries[key] = c.order.PushFront(&cached{key, doc})
		c.used += doc.Weight()
	}
	for c.used > c.budget {
		last := c.order.Back()
		old := last.Value.(*cached)
		c.order.Remove(last)
		delete(c.entries, old.key)
		c.used -= old.doc.Weight()
	}
	return doc, nil
}

func (c *Cache) known(key cacheKey) *document.Doc {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).doc
}
