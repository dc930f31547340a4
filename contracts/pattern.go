package contracts

import (
	"strings"
)

// segKind is the kind of one step of a usage pattern.
type segKind uint8

const (
	segName segKind = iota // a name: property, parameter, header
	segItem                // []
	segMap                 // {}
	segAny                 // * one step
	segDeep                // ** any depth
)

// segment is one step of a usage pattern.
type segment struct {
	kind       segKind
	name       string
	index      string   // of [3]; "" for []
	variants   []string // <Card>: what of a union is used below
	tolerant   bool     // ?
	exhaustive bool     // !
}

// pattern is a parsed usage pattern. A position counts the segments consumed;
// len(segs) is the used node itself, len(segs)+1 anything below it.
type pattern struct {
	text     string
	segs     []segment
	root     segment // markers of the message as a whole: "<Card>.number"
	presence bool    // x.^
	path     bool    // a parameter of the path, which is sent without being listed
}

// below is the position of everything under the used node.
func (p *pattern) below() int { return len(p.segs) + 1 }

// at gives the segment that led to a position; the root's for 0. What is below
// the used node has no segment of its own.
func (p *pattern) at(pos int) *segment {
	switch {
	case pos == 0:
		return &p.root
	case pos <= len(p.segs):
		return &p.segs[pos-1]
	}
	return &segment{}
}

// next gives the positions after a step from a position; none where the pattern
// does not go there.
func (p *pattern) next(pos int, s step, to []int) []int {
	if p.path && pos == 0 && (s.kind == stepBody || s.kind == stepParam && !s.isPath()) {
		return to
	}
	switch s.kind {
	case stepStay, stepBody, stepStatus, stepMedia:
		return append(to, pos)
	case stepBranch:
		if seg := p.at(pos); len(seg.variants) > 0 && !namesMeet(seg.variants, s) {
			return to
		}
		return append(to, pos)
	}
	if pos >= len(p.segs) {
		if p.presence {
			return to
		}
		return append(to, p.below())
	}
	seg := &p.segs[pos]
	if seg.kind == segDeep {
		to = append(to, pos)
		return p.next(pos+1, s, to)
	}
	if seg.matches(s) {
		return append(to, pos+1)
	}
	return to
}

func namesMeet(variants []string, s step) bool {
	for _, v := range variants {
		if v == s.name {
			return true
		}
		for _, name := range s.names {
			if v == name {
				return true
			}
		}
	}
	return false
}

func (seg *segment) matches(s step) bool {
	switch seg.kind {
	case segAny:
		return true
	case segName:
		switch s.kind {
		case stepProperty:
			return seg.name == s.name
		case stepParam:
			return seg.name == s.name || len(s.names) > 0 && s.names[0] == "header" && strings.EqualFold(seg.name, s.name)
		case stepHeader:
			return strings.EqualFold(seg.name, s.name)
		case stepMap: // a map value spoken of by its key
			return true
		}
	case segItem:
		return s.kind == stepItem && (seg.index == "" || s.name == "" || seg.index == s.name)
	case segMap:
		return s.kind == stepMap
	}
	return false
}

// through is next from a place whose schema in the base contract is known: there a
// name is a key of a map only where it is no property.
func (p *pattern) through(pos int, s step, b *schema) []int {
	if s.kind == stepMap && b != nil && pos < len(p.segs) && p.segs[pos].kind == segName {
		if _, ok := b.property(p.segs[pos].name); ok {
			return nil
		}
	}
	return p.next(pos, s, nil)
}
