package github

import (
	"bytes"

	"github.com/gregjones/httpcache"

	"plimsoll/contracts/cache"
)

// responses is the HTTP cache of all installations. They share one bound. The key
// holds the installation, so that one installation never gets what another one may
// see.
type responses = cache.Cache[responseKey, []byte]

func newResponses(bytes int64) *responses {
	return cache.New(bytes, func(key responseKey, response []byte) int64 {
		return int64(len(response)+len(key.request)) + entryOverhead
	})
}

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
	return c.shared.Get(responseKey{c.installation, key})
}

// Set keeps only complete answers. A redirect or a refusal has no ETag to validate and
// would replace an answer that has one.
func (c installationCache) Set(key string, response []byte) {
	status, _, _ := bytes.Cut(response, []byte("\r\n"))
	if !bytes.Contains(status, []byte(" 200")) {
		c.Delete(key)
		return
	}
	c.shared.Add(responseKey{c.installation, key}, response)
}

func (c installationCache) Delete(key string) {
	c.shared.Remove(responseKey{c.installation, key})
}

// entryOverhead estimates what an entry takes beside its bytes: the map, the list, and
// the headers of strings and slices.
const entryOverhead = 256
