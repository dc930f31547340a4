package contracts

import (
	"fmt"
	"strconv"
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

// maxPattern bounds the length of a usage pattern, in bytes.
const maxPattern = 2000

// maxSegments bounds the steps of a usage pattern.
const maxSegments = 100

// parsePattern reads one usage pattern. The grammar: a.b property, [] item, {}
// map value, * one step, ** any depth, x<Card> one variant, suffix ? tolerant,
// suffix ! exhaustive, x.^ presence only. A name that holds any of these signs
// is written in double quotes.
func parsePattern(text string) (*pattern, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("longer than %d bytes", maxPattern)
	}
	p := &pattern{text: text}
	s := patternScanner{text: text}
	for !s.done() {
		if p.presence {
			return nil, fmt.Errorf("nothing may follow ^ (column %d)", s.at+1)
		}
		switch c := s.peek(); {
		case c == '.':
			if len(p.segs) == 0 && !p.rootMarked() {
				return nil, fmt.Errorf("a name was expected in front of the dot (column %d)", s.at+1)
			}
			s.at++
			if s.done() {
				return nil, fmt.Errorf("a name was expected behind the dot (column %d)", s.at+1)
			}
			if s.peek() == '.' {
				return nil, fmt.Errorf("two dots in a row (column %d)", s.at+1)
			}
		case c == '[':
			inner, err := s.enclosed('[', ']')
			if err != nil {
				return nil, err
			}
			if inner == "*" {
				inner = ""
			}
			if _, err := strconv.Atoi(inner); inner != "" && err != nil {
				return nil, fmt.Errorf("expected [] or a number in brackets, found [%s]", inner)
			}
			p.segs = append(p.segs, segment{kind: segItem, index: inner})
		case c == '{':
			if inner, err := s.enclosed('{', '}'); err != nil {
				return nil, err
			} else if inner != "" && inner != "*" {
				return nil, fmt.Errorf("expected {}, found {%s}", inner)
			}
			p.segs = append(p.segs, segment{kind: segMap})
		case c == '<':
			inner, err := s.enclosed('<', '>')
			if err != nil {
				return nil, err
			}
			if inner == "" {
				return nil, fmt.Errorf("expected the name of a variant in <>")
			}
			last := p.last()
			for name := range strings.SplitSeq(inner, "|") {
				last.variants = append(last.variants, strings.TrimSpace(name))
			}
		case c == '?':
			p.last().tolerant = true
			s.at++
		case c == '!':
			p.last().exhaustive = true
			s.at++
		case c == '^':
			if len(p.segs) == 0 {
				return nil, fmt.Errorf("^ needs a name in front of it")
			}
			p.presence = true
			s.at++
		case c == '*':
			s.at++
			seg := segment{kind: segAny}
			if !s.done() && s.peek() == '*' {
				seg.kind = segDeep
				s.at++
			}
			if n := len(p.segs); n > 0 && seg.kind == segDeep && p.segs[n-1].kind == segDeep {
				continue // any depth, and then any depth
			}
			p.segs = append(p.segs, seg)
		default:
			name, err := s.name()
			if err != nil {
				return nil, err
			}
			p.segs = append(p.segs, segment{kind: segName, name: name})
		}
	}
	if len(p.segs) > maxSegments {
		return nil, fmt.Errorf("more than %d steps", maxSegments)
	}
	// a listed node means its whole subtree: ** at the end adds nothing
	for len(p.segs) > 0 && p.segs[len(p.segs)-1].kind == segDeep {
		p.segs = p.segs[:len(p.segs)-1]
	}
	if text == "" {
		return nil, fmt.Errorf("an empty pattern")
	}
	return p, nil
}

func (p *pattern) rootMarked() bool {
	return len(p.root.variants) > 0 || p.root.tolerant || p.root.exhaustive
}

func (p *pattern) last() *segment {
	if len(p.segs) == 0 {
		return &p.root
	}
	return &p.segs[len(p.segs)-1]
}

type patternScanner struct {
	text string
	at   int
}

func (s *patternScanner) done() bool { return s.at >= len(s.text) }
func (s *patternScanner) peek() byte { return s.text[s.at] }

func (s *patternScanner) enclosed(open, end byte) (string, error) {
	k := strings.IndexByte(s.text[s.at:], end)
	if k < 0 {
		return "", fmt.Errorf("%q at column %d is not closed", open, s.at+1)
	}
	inner := s.text[s.at+1 : s.at+k]
	s.at += k + 1
	return strings.TrimSpace(inner), nil
}

// patternSigns are the characters that mean something in a pattern.
const patternSigns = `.[]{}<>?!*^"`

func (s *patternScanner) name() (string, error) {
	if s.peek() == '"' {
		quoted, err := strconv.QuotedPrefix(s.text[s.at:])
		if err != nil {
			return "", fmt.Errorf("the quote at column %d is not closed", s.at+1)
		}
		s.at += len(quoted)
		name, err := strconv.Unquote(quoted)
		if err != nil {
			return "", fmt.Errorf("the quoted name at column %d can't be read", s.at+1)
		}
		return name, nil
	}
	k := strings.IndexAny(s.text[s.at:], patternSigns)
	if k < 0 {
		k = len(s.text) - s.at
	}
	if k == 0 {
		return "", fmt.Errorf("a name was expected, found %q (column %d)", s.peek(), s.at+1)
	}
	name := s.text[s.at : s.at+k]
	s.at += k
	return name, nil
}

// quoteName writes a name so that a pattern may hold it.
func quoteName(name string) string {
	if name == "" || strings.ContainsAny(name, patternSigns) {
		return strconv.Quote(name)
	}
	return name
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

// isPath tells whether a step is a parameter of the path.
func (s step) isPath() bool { return s.kind == stepParam && len(s.names) > 0 && s.names[0] == "path" }

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
