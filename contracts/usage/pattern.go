package usage

import (
	"strings"

	"plimsoll/contracts/openapi"
)

// SegmentKind is the kind of one segment of a pattern.
type SegmentKind uint8

const (
	SegName SegmentKind = iota // a name: property, parameter, header
	segItem                    // []
	segMap                     // {}
	segAny                     // * one step
	segDeep                    // ** any depth
)

// Segment is one segment of a pattern, with its markers.
type Segment struct {
	Kind       SegmentKind
	Name       string
	Index      string   // of [3]; "" for []
	Variants   []string // <Card>: the variants of a union that are used
	Tolerant   bool     // ?
	Exhaustive bool     // !
}

// Pattern is a parsed usage pattern. A position counts the segments consumed:
// len(Segments) is the used node itself, len(Segments)+1 anything below it.
type Pattern struct {
	Text     string
	Segments []Segment
	root     Segment // markers of the whole message: "<Card>.number"
	Presence bool    // x.^
	Path     bool    // a path parameter, which is always sent, listed or not
}

// Below is the position of everything below the used node.
func (p *Pattern) Below() int { return len(p.Segments) + 1 }

// At gives the segment that led to a position: that of the root for 0, an empty one below
// the used node.
func (p *Pattern) At(pos int) *Segment {
	switch {
	case pos == 0:
		return &p.root
	case pos <= len(p.Segments):
		return &p.Segments[pos-1]
	}
	return &Segment{}
}

// Next appends the positions after a step from a position. There is none where the
// pattern does not match the step.
func (p *Pattern) Next(pos int, s Step, to []int) []int {
	if p.Path && pos == 0 && (s.Kind == StepBody || s.Kind == StepParam && !s.IsPath()) {
		return to
	}
	switch s.Kind {
	case StepStay, StepBody, StepStatus, StepMedia:
		return append(to, pos)
	case StepBranch:
		if seg := p.At(pos); len(seg.Variants) > 0 && !namesMeet(seg.Variants, s) {
			return to
		}
		return append(to, pos)
	}
	if pos >= len(p.Segments) {
		if p.Presence {
			return to
		}
		return append(to, p.Below())
	}
	seg := &p.Segments[pos]
	if seg.Kind == segDeep {
		to = append(to, pos)
		return p.Next(pos+1, s, to)
	}
	if seg.matches(s) {
		return append(to, pos+1)
	}
	return to
}

func namesMeet(variants []string, s Step) bool {
	for _, v := range variants {
		if v == s.Name {
			return true
		}
		for _, name := range s.Names {
			if v == name {
				return true
			}
		}
	}
	return false
}

func (seg *Segment) matches(s Step) bool {
	switch seg.Kind {
	case segAny:
		return true
	case SegName:
		switch s.Kind {
		case StepProperty:
			return seg.Name == s.Name
		case StepParam:
			return seg.Name == s.Name || len(s.Names) > 0 && s.Names[0] == "header" && strings.EqualFold(seg.Name, s.Name)
		case StepHeader:
			return strings.EqualFold(seg.Name, s.Name)
		case StepMap: // a map value named by its key
			return true
		}
	case segItem:
		return s.Kind == StepItem && (seg.Index == "" || s.Name == "" || seg.Index == s.Name)
	case segMap:
		return s.Kind == StepMap
	}
	return false
}

// Through is Next from a schema of the base contract: there a name is the key of a map
// only if it is not the name of a property.
func (p *Pattern) Through(pos int, s Step, b *openapi.Schema) []int {
	if s.Kind == StepMap && b != nil && pos < len(p.Segments) && p.Segments[pos].Kind == SegName {
		if _, ok := b.Property(p.Segments[pos].Name); ok {
			return nil
		}
	}
	return p.Next(pos, s, nil)
}
