package store

import (
	"encoding/json"

	"plimsoll/contracts"
	"plimsoll/contracts/cache"
)

// maxUsageBytes bounds the text of the decoded usages that are kept. Decoded they take
// a few times as much.
const maxUsageBytes = 16 << 20

// usages keeps decoded usages by the SHA-256 of their text: most versions of a consumer
// state the same usage, and it is read again and again. The usages are shared and must
// not be changed.
type usages struct {
	decoded *cache.Cache[string, decodedUsage]
}

type decodedUsage struct {
	usage contracts.Usage
	text  int64 // length of the text that it was decoded from
}

func newUsages() *usages {
	size := func(sha string, d decodedUsage) int64 { return int64(len(sha)) + d.text }
	return &usages{decoded: cache.New(maxUsageBytes, size)}
}

// known returns the usage of a content if it is kept.
func (u *usages) known(content string) (contracts.Usage, bool) {
	found, ok := u.decoded.Get(content)
	return found.usage, ok
}

// of decodes the usage that body states and keeps it; content is the body's SHA-256.
func (u *usages) of(content, body string) (contracts.Usage, error) {
	if usage, ok := u.known(content); ok {
		return usage, nil
	}
	var usage contracts.Usage
	if err := json.Unmarshal([]byte(body), &usage); err != nil {
		return usage, err
	}
	u.decoded.Add(content, decodedUsage{usage, int64(len(body))})
	return usage, nil
}
