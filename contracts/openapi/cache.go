package openapi

import (
	"hash/maphash"

	"plimsoll/contracts/cache"
	"plimsoll/contracts/document"
)

// Cache keeps parsed files by path and content. It may be used by many goroutines.
type Cache struct {
	seed      maphash.Seed
	documents *cache.Cache[cacheKey, *document.Doc]
}

// cacheKey finds a document. Two texts can have the same hash, so the text itself is
// compared as well: that is quicker than a hash for which nobody can find a collision.
type cacheKey struct {
	file   string
	hash   uint64
	limits document.Limits
}

// defaultCacheBytes is the budget of a cache that is given none.
const defaultCacheBytes = 256 << 20

// NewCache returns a cache of at most budget bytes of text and index; 0 means 256 MiB.
func NewCache(budget int) *Cache {
	if budget <= 0 {
		budget = defaultCacheBytes
	}
	weight := func(_ cacheKey, doc *document.Doc) int64 { return int64(doc.Weight()) }
	return &Cache{seed: maphash.MakeSeed(), documents: cache.New(int64(budget), weight)}
}

func (c *Cache) parse(file string, data []byte, limits document.Limits, like *document.Doc) (*document.Doc, error) {
	key := cacheKey{file, maphash.Bytes(c.seed, data), limits}
	if doc, ok := c.documents.Get(key); ok && doc.Holds(data) {
		return doc, nil
	}
	doc, err := document.ParseLike(file, data, limits, like)
	if err != nil {
		return nil, err
	}
	c.documents.Add(key, doc)
	return doc, nil
}
