package answers

import (
	"plimsoll/contracts"
	"plimsoll/contracts/cache"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/source"
)

// Bounds of what an Answerer keeps, in bytes as estimated.
const (
	keptContractBytes     = 128 << 20
	keptComparisonBytes   = 192 << 20
	keptRemovedBytes      = 96 << 20
	keptEvaluationBytes   = 64 << 20
	keptRegistrationBytes = 16 << 20
)

// answersKept is what an Answerer has read and worked out, by content.
type answersKept struct {
	contracts     *cache.Cache[string, *openapi.Contract]
	comparisons   *cache.Cache[string, *diff.Comparison]
	removed       *cache.Cache[string, *impact.Removed]
	evaluations   *cache.Cache[string, contracts.Judged]
	registrations *cache.Cache[string, contracts.Registration] // at commits that the registry has not read
}

func newAnswersKept() answersKept {
	return answersKept{
		contracts:   newCache(keptContractBytes, (*openapi.Contract).Weight),
		comparisons: newCache(keptComparisonBytes, (*diff.Comparison).Weight),
		removed: newCache(keptRemovedBytes, func(r *impact.Removed) int {
			return r.Base.Weight() + r.Head.Weight()
		}),
		evaluations: newCache(keptEvaluationBytes, func(j contracts.Judged) int {
			return 512 + 1024*len(j.Changes) + 512*len(j.Missing)
		}),
		registrations: newCache(keptRegistrationBytes, func(r contracts.Registration) int {
			return len(source.JSON(r))
		}),
	}
}

// newCache returns a cache whose values have a weight in bytes.
func newCache[V any](bytes int64, weight func(V) int) *cache.Cache[string, V] {
	return cache.New(bytes, func(key string, value V) int64 { return int64(len(key) + weight(value)) })
}

// evaluated returns the verdict that is kept under a key of contents, or evaluates.
func (k answersKept) judged(key string, evaluate func() (contracts.Judged, error)) (contracts.Judged, error) {
	if found, ok := k.evaluations.Get(key); ok {
		return found, nil
	}
	judged, err := evaluate()
	if err == nil {
		k.evaluations.Add(key, judged)
	}
	return judged, err
}
