package answers

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/openapi"
)

// Bounds of what an Answerer keeps, in bytes as estimated and in entries.
const (
	keptContractBytes     = 128 << 20
	keptComparisonBytes   = 192 << 20
	keptRemovedBytes      = 96 << 20
	keptJudgedBytes       = 64 << 20
	keptRegistrationBytes = 16 << 20
	keptEntries           = 50_000
)

// answersKept is what an Answerer has read and worked out, by content. The zero
// value is ready.
type answersKept struct {
	once          sync.Once
	contracts     *kept[openapi.Contract]
	comparisons   *kept[diff.Comparison]
	removed       *kept[impact.Removed]
	judgements    *kept[contracts.Judged]
	registrations *kept[contracts.Registration] // at commits that the registry has not read
}

func (k *answersKept) open() *answersKept {
	k.once.Do(func() {
		k.contracts = newKept[openapi.Contract](keptContractBytes)
		k.comparisons = newKept[diff.Comparison](keptComparisonBytes)
		k.removed = newKept[impact.Removed](keptRemovedBytes)
		k.judgements = newKept[contracts.Judged](keptJudgedBytes)
		k.registrations = newKept[contracts.Registration](keptRegistrationBytes)
	})
	return k
}

// judged gives a verdict that is kept under a key of contents, or judges.
func (k *answersKept) judged(key string, judge func() (contracts.Judged, error)) (contracts.Judged, error) {
	keep := k.open().judgements
	if found := keep.get(key); found != nil {
		return *found, nil
	}
	judged, err := judge()
	if err == nil {
		keep.put(key, &judged, 512+1024*len(judged.Changes)+512*len(judged.Missing))
	}
	return judged, err
}

// kept keeps what was used last, within a budget. It may be used by many goroutines.
type kept[V any] struct {
	mu     sync.Mutex
	budget int
	used   int
	lru    *simplelru.LRU[string, weighed[V]]
}

type weighed[V any] struct {
	value  *V
	weight int
}

func newKept[V any](budget int) *kept[V] {
	k := &kept[V]{budget: budget}
	// The constructor fails only for a size that is not positive.
	k.lru, _ = simplelru.NewLRU(keptEntries, func(_ string, old weighed[V]) { k.used -= old.weight })
	return k
}

func (k *kept[V]) get(key string) *V {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, _ := k.lru.Get(key)
	return found.value
}

func (k *kept[V]) put(key string, value *V, weight int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lru.Remove(key)
	if weight > k.budget/2 {
		return // it would push everything else out
	}
	k.used += weight
	k.lru.Add(key, weighed[V]{value, weight})
	for k.used > k.budget {
		k.lru.RemoveOldest()
	}
}
