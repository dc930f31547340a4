package contracts

import (
	"container/list"
	"crypto/sha256"
	"sync"

	"plimsoll/contracts/document"
)

// Cache keeps parsed files by path and content, the last used ones, within a
// budget of bytes. It may be used by many goroutines.
type Cache struct {
	mu      sync.Mutex
	budget  int
	used    int
	order   *list.List // of *cached, the last used first
	entries map[cacheKey]*list.Element
}

type cacheKey struct {
	file   string
	digest [sha256.Size]byte
	limits document.Limits
}

type cached struct {
	key cacheKey
	doc *document.Doc
}

// NewCache gives a cache that holds at most so many bytes of text and index; 0
// means 256 MiB.
func NewCache(budget int) *Cache {
	if budget <= 0 {
		budget = 256 << 20
	}
	return &Cache{budget: budget, order: list.New(), entries: map[cacheKey]*list.Element{}}
}

func (c *Cache) parse(file string, data []byte, limits document.Limits, like *document.Doc) (*document.Doc, error) {
	key := cacheKey{file, sha256.Sum256(data), limits}
	c.mu.Lock()
	if e, ok := c.entries[key]; ok {
		c.order.MoveToFront(e)
		doc := e.Value.(*cached).doc
		c.mu.Unlock()
		return doc, nil
	}
	c.mu.Unlock()
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
