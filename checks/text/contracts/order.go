package contracttext

import (
	"cmp"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// sort puts the most severe first: entries, the consumers of each, the versions of each
// consumer, and all consumers by their most severe impact.
func (v *view) sort() {
	for _, e := range slices.Concat(v.entries, v.aside) {
		for _, h := range e.effects {
			slices.SortStableFunc(h.versions, func(a, b contracts.AffectedConsumer) int { return compareVersions(e, a, b) })
		}
		slices.SortStableFunc(e.effects, compareHits)
	}
	slices.SortStableFunc(v.entries, compareEntries)
	slices.SortStableFunc(v.aside, compareEntries)
	order := map[*entry]int{}
	for i, e := range v.entries {
		order[e] = i
	}
	for _, c := range v.consumers {
		slices.SortStableFunc(c.effects, func(a, b *effect) int {
			return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(a.word, b.word), cmp.Compare(order[a.entry], order[b.entry]))
		})
	}
	slices.SortStableFunc(v.consumers, func(a, b *consumer) int { return compareHits(a.effects[0], b.effects[0]) })
}

// compareVersions puts first what blocks, then what is graver, then what is live.
func compareVersions(e *entry, a, b contracts.AffectedConsumer) int {
	return cmp.Or(
		compareBool(e.api.Blocks(e.change, b), e.api.Blocks(e.change, a)),
		cmp.Compare(b.Verdict.Rank(), a.Verdict.Rank()),
		compareBool(b.Consumer.Environment != "", a.Consumer.Environment != ""),
		cmp.Compare(a.Consumer.Environment, b.Consumer.Environment),
		cmp.Compare(a.Consumer.Commit, b.Consumer.Commit),
	)
}

func compareHits(a, b *effect) int {
	return cmp.Or(
		cmp.Compare(b.rank(), a.rank()),
		cmp.Compare(a.word, b.word),
		compareBool(a.consumer.hidden, b.consumer.hidden),
		cmp.Compare(a.sortName(), b.sortName()),
	)
}

func compareEntries(a, b *entry) int {
	return cmp.Or(
		cmp.Compare(b.rank(), a.rank()),
		cmp.Compare(len(b.effects), len(a.effects)),
		cmp.Compare(a.api.API.FullName(), b.api.API.FullName()),
		strings.Compare(position(a.change).File, position(b.change).File),
		cmp.Compare(position(a.change).Line, position(b.change).Line),
		cmp.Compare(a.change.Fingerprint, b.change.Fingerprint),
	)
}

func (h *effect) rank() int {
	if h.blocks {
		return contracts.Breaks.Rank() + 1
	}
	return h.verdict.Rank()
}

func (h *effect) sortName() string {
	if h.consumer.hidden {
		return ""
	}
	return h.versions[0].Consumer.Component
}

// rank puts what blocks first and what no conforming consumer notices last.
func (e *entry) rank() int {
	switch {
	case e.blocks:
		return 7
	case e.demands():
		return 6
	case len(e.effects) > 0:
		return 2 + e.verdict.Rank()
	case e.change.Level == contracts.Breaking:
		return 2
	case e.change.Level == contracts.Risky:
		return 1
	default:
		return 0
	}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func graver(a, b contracts.Verdict) contracts.Verdict {
	if b.Rank() > a.Rank() {
		return b
	}
	return a
}

// position is where the change stands: at the head, else where it stood.
func position(c contracts.Change) contracts.Position {
	switch {
	case c.Source.Head != nil:
		return *c.Source.Head
	case c.Source.Base != nil:
		return *c.Source.Base
	}
	return contracts.Position{}
}
