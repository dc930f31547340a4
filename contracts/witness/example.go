package witness

import (
	"encoding/json"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// Place is one schema on the way from a message to a change.
type Place struct {
	// Base and Head are the schema in both versions.
	Base, Head *openapi.Schema
	// Step leads to the next place. That of the last place leads to what changed.
	Step usage.Step
	// Value is the value that changed, of the last place: an example must have it. Empty: any.
	Value string
}

// Demand says what an example must show.
type Demand uint8

// The demands.
const (
	// Refused: a value that one contract allows, and that the other refuses.
	Refused Demand = iota
	// Absent: what a consumer reads is not there.
	Absent
	// Ignored: what a consumer sends is not described any more, but not refused either.
	Ignored
	// Shown: a value that can come or be sent, whose meaning changed or which is new. Nothing
	// but the variant that the step names is wrong with it.
	Shown
)

// Example is a document that shows what a change breaks.
type Example struct {
	Document json.RawMessage
	// At is the place in the document, as a usage pattern.
	At string
	// Fails says in a few words what is wrong with the document for the other side.
	Fails string
	// Reading says how the contracts have to be read for it, if not as usual.
	Reading contracts.Reading
}

// Outcome says what came of a search.
type Outcome uint8

// The outcomes.
const (
	// Unclear: no example was found, and nothing is said by that: no message could be made, or
	// something on the way could not be evaluated.
	Unclear Outcome = iota
	// Harmless: messages with a value at the place were made, and none of them fails there.
	Harmless
	// Found: there is an example.
	Found
)

// Builder builds examples for the changes between two versions of a contract. It must not
// be used by several goroutines at once.
type Builder struct {
	base, head *openapi.View
	checkers   map[checkerKey]*checker
	// left is how many bytes of documents may still be looked at.
	left int
}

// maxBytes bounds the documents that are looked at for one comparison.
const maxBytes = 16 << 20

// Exhausted tells whether too much was looked at to go on. What was not found then may be
// there.
func (b *Builder) Exhausted() bool { return b.left <= 0 }

type checkerKey struct {
	head bool
	dir  contracts.Direction
	how  reading
}

// New gives a builder for two versions of a contract.
func New(base, head *openapi.View) *Builder {
	return &Builder{base: base, head: head, checkers: map[checkerKey]*checker{}, left: maxBytes}
}

func (b *Builder) checker(head bool, dir contracts.Direction, how reading) *checker {
	key := checkerKey{head, dir, how}
	c := b.checkers[key]
	if c == nil {
		v := b.base
		if head {
			v = b.head
		}
		c = newChecker(v, dir, how)
		b.checkers[key] = c
	}
	return c
}

// Find builds the smallest example of a change: for responses one that the head allows, for
// requests one that the base allows.
func (b *Builder) Find(dir contracts.Direction, places []Place, demand Demand) (Example, Outcome) {
	if len(places) == 0 {
		return Example{}, Unclear
	}
	outcome := Unclear
	for _, r := range readings(dir, demand) {
		s := search{left: &b.left, dir: dir, places: places, demand: demand, head: dir == contracts.Response}
		s.m = &maker{view: b.base, dir: dir, left: maxSchemas}
		s.wideRoot, s.narrowRoot = places[0].Base, places[0].Head
		if s.head {
			s.m.view = b.head
			s.wideRoot, s.narrowRoot = s.narrowRoot, s.wideRoot
		}
		s.wide, s.narrow = b.checker(s.head, dir, r.wide), b.checker(!s.head, dir, r.narrow)
		for _, c := range s.leaves() {
			if s.try(c) {
				s.best.Reading = r.name
				return s.best, Found
			}
		}
		if s.accepted && !s.unclear {
			outcome = Harmless
		} else if s.unclear {
			return Example{}, Unclear
		}
	}
	return Example{}, outcome
}

// readingPair says how the contract that allows an example and the other one are read.
type readingPair struct {
	wide, narrow reading
	name         contracts.Reading
}

// readings gives the ways to read both contracts, the most convincing first.
func readings(dir contracts.Direction, demand Demand) []readingPair {
	switch {
	case dir == contracts.Response && demand == Refused:
		return []readingPair{{0, lenient, ""}, {anyVariant, lenient, contracts.ReadingAnyVariant}, {0, 0, contracts.ReadingStrict}}
	case dir == contracts.Response:
		return []readingPair{{0, 0, ""}, {anyVariant, 0, contracts.ReadingAnyVariant}}
	case demand == Ignored:
		return []readingPair{{sent, sent, ""}, {sent | anyVariant, sent | anyVariant, contracts.ReadingAnyVariant}}
	}
	return []readingPair{{sent, 0, ""}, {sent | anyVariant, anyVariant, contracts.ReadingAnyVariant}, {0, 0, contracts.ReadingUndescribed}, {anyVariant, anyVariant, contracts.ReadingAnyVariant}}
}
