package github

import (
	"bytes"

	"github.com/gregjones/httpcache"
)

// responses is the HTTP cache of all installations: one bound for all, and a key
// that holds the installation, so that what one may see is never served to
// another.
type responses = boundedLRU[responseKey, []byte]

type responseKey struct {
	installation int64
	request      string
}

// installationCache is the part of the HTTP cache that one installation sees.
type installationCache struct {
	installation int64
	shared       *responses
}

var _ httpcache.Cache = installationCache{}

func (c installationCache) Get(key string) ([]byte, bool) {
	return c.shared.get(responseKey{c.installation, key})
}

// Set keeps complete answers only: a redirect or a refusal has nothing to
// validate and would push out what has.
func (c installationCache) Set(key string, response []byte) {
	status, _, _ := bytes.Cut(response, []byte("\r\n"))
	if !bytes.Contains(status, []byte(" 200")) {
		c.Delete(key)
		return
	}
	size := len(response) + len(key) + entryOverhead
	c.shared.put(responseKey{c.installation, key}, response, int64(size))
}

func (c installationCache) Delete(key string) {
	c.shared.remove(responseKey{c.installation, key})
}

// entryOverhead is about what an entry costs beside its bytes: map, list, headers
// of strings and slices.
const entryOverhead = 256
