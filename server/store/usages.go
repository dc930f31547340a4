package store

import (
	"encoding/json"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"plimsoll/contracts"
)

// maxUsageBytes bounds the text of the usages that are kept decoded; decoded they
// are a few times as large.
const maxUsageBytes = 16 << 20

// usages keeps what was decoded last, by its content: the versions of a consumer
// mostly say the same, and the same is asked again and again. What it gives is shared
// and must not be changed.
type usages struct {
	mu    sync.Mutex
	bytes int
	kept  *simplelru.LRU[string, keptUsage]
}

type keptUsage struct {
	usage contracts.Usage
	bytes int
}

func newUsages() *usages {
	u := &usages{}
	// Bounded by bytes; no usage is shorter than ten.
	u.kept, _ = simplelru.NewLRU(maxUsageBytes/10, func(_ string, gone keptUsage) { u.bytes -= gone.bytes })
	return u
}

// known gives the usage of a content that is kept.
func (u *usages) known(content string) (contracts.Usage, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	found, ok := u.kept.Get(content)
	return found.usage, ok
}

// of gives the usage that body states, and keeps it; content is the body's SHA-256.
func (u *usages) of(content, body string) (contracts.Usage, error) {
	if usage, ok := u.known(content); ok {
		return usage, nil
	}
	var usage contracts.Usage
	if err := json.Unmarshal([]byte(body), &usage); err != nil {
		return usage, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.kept.Contains(content) {
		return usage, nil
	}
	u.kept.Add(content, keptUsage{usage, len(body)})
	for u.bytes += len(body); u.bytes > maxUsageBytes; {
		u.kept.RemoveOldest()
	}
	return usage, nil
}
