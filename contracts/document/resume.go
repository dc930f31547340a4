package document

import (
	"sort"
	"unicode/utf8"
)

// Two versions of a file are mostly the same. Where another version was read
// before, only what stands between the first and the last difference is scanned:
// what the scanner makes of a text depends on nothing but the text, where it is
// in it, and the objects and arrays that are open there.

// resumption is what a scan takes from another version of the same file.
type resumption struct {
	like  *Doc
	same  int // bytes at the start that are the same
	tail  int // bytes at the end that are the same
	tries int // how often a place at the end is compared before giving up
	next  int // the first entry of the other version that may be the same from there on
}

// resumable tells whether the other version helps to read this one.
func resumable(like *Doc, limits Limits) bool {
	return like != nil && !like.yaml && like.text == nil && like.at == nil && like.depth == limits.Depth && len(like.tape) > 0
}

// newResumption compares the texts. Both numbers end between two characters.
func newResumption(like *Doc, src string) *resumption {
	old := like.src
	r := &resumption{like: like, tries: 4}
	r.same = commonPrefix(old, src)
	for r.same > 0 && (r.same < len(old) && !utf8.RuneStart(old[r.same]) || r.same < len(src) && !utf8.RuneStart(src[r.same])) {
		r.same--
	}
	r.tail = commonSuffix(old[r.same:], src[r.same:])
	for r.tail > 0 && !utf8.RuneStart(src[len(src)-r.tail]) {
		r.tail--
	}
	from := uint32(len(old) - r.tail)
	r.next = sort.Search(len(like.tape), func(i int) bool { return like.tape[i].start >= from })
	return r
}

// changed gives the part of the text that is new.
func (r *resumption) changed(src string) string { return src[r.same : len(src)-r.tail] }

// blockSize is how many bytes are compared at once.
const blockSize = 1 << 12

func commonPrefix(a, b string) int {
	n, i := min(len(a), len(b)), 0
	for i+blockSize <= n && a[i:i+blockSize] == b[i:i+blockSize] {
		i += blockSize
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonSuffix(a, b string) int {
	n, i := min(len(a), len(b)), 0
	for i+blockSize <= n && a[len(a)-i-blockSize:len(a)-i] == b[len(b)-i-blockSize:len(b)-i] {
		i += blockSize
	}
	for i < n && a[len(a)-i-1] == b[len(b)-i-1] {
		i++
	}
	return i
}

// start takes over all that ends before the first difference, and gives where the
// value starts that is to be scanned first.
func (r *resumption) start(s *jsonScanner) int {
	tape := r.like.tape
	// the last value that starts before the difference, and what is open around it
	at := int32(0)
	if int(tape[0].start) >= r.same {
		return s.space(0)
	}
	for {
		child := lastChildBefore(tape, at, uint32(r.same))
		if child < 0 {
			break
		}
		s.stack = append(s.stack, frame{index: at, isObj: tape[at].kind == Object, keys: keyFilter{check: tape[at].kind == Object}})
		at = child
	}
	s.tape = append(s.tape, tape[:at]...)
	s.d.refs = append(s.d.refs, r.like.refs[:search(r.like.refs, at+1)]...)
	s.d.names = append(s.d.names, r.like.names[:search(r.like.names, at+1)]...)
	return int(tape[at].start)
}

// lastChildBefore gives the last value of an object or array that starts before
// the offset; -1 where there is none.
func lastChildBefore(tape []entry, parent int32, offset uint32) int32 {
	last := int32(-1)
	if kind := tape[parent].kind; kind == Object || kind == Array {
		for i, end := parent+1, tape[parent].next; i < end; {
			v := i
			if kind == Object {
				v = tape[i].next
			}
			if tape[v].start >= offset {
				break
			}
			last, i = v, tape[v].next
		}
	}
	return last
}

// finish takes over all the rest where the value that starts at i stands in the
// text that is the same in both versions, at the same depth of the same kinds.
func (r *resumption) finish(s *jsonScanner, i int) bool {
	if i < len(s.src)-r.tail || r.tries == 0 {
		return false
	}
	old, shift := r.like.tape, len(s.src)-len(r.like.src)
	for r.next < len(old) && int(old[r.next].start) < i-shift {
		r.next++
	}
	if r.next == len(old) || int(old[r.next].start) != i-shift {
		return false
	}
	r.tries--
	at := int32(r.next)
	open := make([]int32, 0, len(s.stack))
	for up := int32(0); up != at; {
		if len(open) == len(s.stack) || (old[up].kind == Object) != s.stack[len(open)].isObj {
			return false
		}
		open = append(open, up)
		if up = lastChildBefore(old, up, old[at].start+1); up < 0 {
			return false // a member's name
		}
	}
	if len(open) != len(s.stack) {
		return false
	}
	moved := int32(len(s.tape)) - at
	from := len(s.tape)
	s.tape = append(s.tape, old[at:]...)
	for k := from; k < len(s.tape); k++ {
		e := &s.tape[k]
		e.start, e.end, e.next = uint32(int(e.start)+shift), uint32(int(e.end)+shift), e.next+moved
	}
	for k, f := range s.stack {
		e := old[open[k]]
		s.tape[f.index].end, s.tape[f.index].next = uint32(int(e.end)+shift), e.next+moved
	}
	for _, ref := range r.like.refs[search(r.like.refs, at+1):] {
		s.d.refs = append(s.d.refs, ref+moved)
	}
	for _, name := range r.like.names[search(r.like.names, at+1):] {
		s.d.names = append(s.d.names, name+moved)
	}
	return true
}
