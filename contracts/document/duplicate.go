package document

import (
	"fmt"
	"hash/maphash"
	"math/bits"
)

// Readers disagree on what an object with the same key twice means, so such an object
// is an error. Most have few keys, for which a filter of 64 bits rules out duplicates
// while they are read. The others are looked at again when they end.

// fewKeys is how many keys the filter is used for.
const fewKeys = 12

// keyFilter collects the keys of one object.
type keyFilter struct {
	bits  uint64
	count uint8
	// check: the filter does not rule out duplicates.
	check bool
}

// add takes in a key that is written without escapes: src[start:end].
func (f *keyFilter) add(src string, start, end int) {
	if f.check {
		return
	}
	f.count++
	if f.count > fewKeys || start+8 > len(src) {
		f.check = true
		return
	}
	n := end - start
	w := load8(src, start)
	if n < 8 {
		w &= 1<<(8*n) - 1
	} else {
		w ^= bits.RotateLeft64(load8(src, end-8), 23)
	}
	bit := uint64(1) << ((w ^ uint64(n)) * 0x9e3779b97f4a7c15 >> 58)
	f.check = f.bits&bit != 0
	f.bits |= bit
}

// keySet is the hash table for objects with many keys. Its memory is reused.
type keySet struct {
	slots []int32 // index of a key plus 1; 0 is free
	seed  maphash.Seed
}

// duplicate gives the first key of an object that stands there twice, and the key
// before it; ok is false where there is none.
func (s *keySet) duplicate(d *Doc, object int32) (first, second int32, ok bool) {
	t := d.tape
	count := 0
	for i := object + 1; i < t[object].next; i = t[i+1].next {
		if count++; count > fewKeys {
			return s.among(d, object)
		}
		for k := object + 1; k < i; k = t[k+1].next {
			if d.sameKey(k, i) {
				return k, i, true
			}
		}
	}
	return 0, 0, false
}

// among looks in the hash table. Its seed is random: nobody can make keys that collide.
func (s *keySet) among(d *Doc, object int32) (first, second int32, ok bool) {
	t := d.tape
	end := t[object].next
	count := 0
	for i := object + 1; i < end; i = t[i+1].next {
		count++
	}
	size := 1 << bits.Len(uint(2*count))
	if len(s.slots) < size {
		s.slots = make([]int32, size)
		s.seed = maphash.MakeSeed()
	}
	slots := s.slots[:size]
	clear(slots)
	for i := object + 1; i < end; i = t[i+1].next {
		at := int(maphash.String(s.seed, d.value(i))) & (size - 1)
		for ; slots[at] != 0; at = (at + 1) & (size - 1) {
			if d.sameKey(slots[at]-1, i) {
				return slots[at] - 1, i, true
			}
		}
		slots[at] = i + 1
	}
	return 0, 0, false
}

// sameKey compares two keys.
func (d *Doc) sameKey(a, b int32) bool {
	x, y := &d.tape[a], &d.tape[b]
	if x.style == styleJSON && y.style == styleJSON {
		return x.end-x.start == y.end-y.start && d.src[x.start:x.end] == d.src[y.start:y.end]
	}
	return d.value(a) == d.value(b)
}

// duplicateKey is the fault of a key that stands in an object twice, at the second.
func duplicateKey(name string, line, column, firstLine, firstColumn int) *Error {
	return &Error{Line: line, Column: column, Message: fmt.Sprintf("duplicate key %q; the first is at %d:%d", name, firstLine, firstColumn),
		Hint: "remove one of them or rename it"}
}
