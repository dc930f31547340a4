package usage

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxPattern bounds the length of a usage pattern, in bytes.
const MaxPattern = 2000

// maxSegments bounds the number of segments of a pattern.
const maxSegments = 100

// Parse reads a usage pattern. The grammar: a.b property, [] item, {} map value, * one
// step, ** any depth, x<Card> one variant, suffix ? tolerant, suffix ! exhaustive, x.^
// presence only. A name that contains one of these characters is written in double
// quotes.
func Parse(text string) (*Pattern, error) {
	if len(text) > MaxPattern {
		return nil, fmt.Errorf("longer than %d bytes", MaxPattern)
	}
	p := &Pattern{Text: text}
	s := patternScanner{text: text}
	for !s.done() {
		if p.Presence {
			return nil, fmt.Errorf("nothing may follow ^ (column %d)", s.at+1)
		}
		if err := s.step(p); err != nil {
			return nil, err
		}
	}
	if len(p.Segments) > maxSegments {
		return nil, fmt.Errorf("more than %d steps", maxSegments)
	}
	// a listed node stands for its whole subtree, so ** at the end adds nothing
	for len(p.Segments) > 0 && p.Segments[len(p.Segments)-1].Kind == segDeep {
		p.Segments = p.Segments[:len(p.Segments)-1]
	}
	if text == "" {
		return nil, fmt.Errorf("an empty pattern")
	}
	return p, nil
}

// step reads the next element of a pattern.
func (s *patternScanner) step(p *Pattern) error {
	switch s.peek() {
	case '.':
		return s.dot(p)
	case '[':
		return s.item(p)
	case '{':
		return s.mapValue(p)
	case '<':
		return s.variants(p)
	case '?':
		p.last().Tolerant = true
		s.at++
	case '!':
		p.last().Exhaustive = true
		s.at++
	case '^':
		if len(p.Segments) == 0 {
			return fmt.Errorf("^ needs a name in front of it")
		}
		p.Presence = true
		s.at++
	case '*':
		s.anything(p)
	default:
		name, err := s.name()
		if err != nil {
			return err
		}
		p.Segments = append(p.Segments, Segment{Kind: SegName, Name: name})
	}
	return nil
}

// dot reads the dot between two names.
func (s *patternScanner) dot(p *Pattern) error {
	if len(p.Segments) == 0 && !p.rootMarked() {
		return fmt.Errorf("a name was expected in front of the dot (column %d)", s.at+1)
	}
	s.at++
	if s.done() {
		return fmt.Errorf("a name was expected behind the dot (column %d)", s.at+1)
	}
	if s.peek() == '.' {
		return fmt.Errorf("two dots in a row (column %d)", s.at+1)
	}
	return nil
}

// item reads [] or an index such as [0].
func (s *patternScanner) item(p *Pattern) error {
	inner, err := s.enclosed('[', ']')
	if err != nil {
		return err
	}
	if inner == "*" {
		inner = ""
	}
	if _, err := strconv.Atoi(inner); inner != "" && err != nil {
		return fmt.Errorf("expected [] or a number in brackets, found [%s]", inner)
	}
	p.Segments = append(p.Segments, Segment{Kind: segItem, Index: inner})
	return nil
}

// mapValue reads {}.
func (s *patternScanner) mapValue(p *Pattern) error {
	inner, err := s.enclosed('{', '}')
	if err != nil {
		return err
	}
	if inner != "" && inner != "*" {
		return fmt.Errorf("expected {}, found {%s}", inner)
	}
	p.Segments = append(p.Segments, Segment{Kind: segMap})
	return nil
}

// variants reads the names in <>, separated by |.
func (s *patternScanner) variants(p *Pattern) error {
	inner, err := s.enclosed('<', '>')
	if err != nil {
		return err
	}
	if inner == "" {
		return fmt.Errorf("expected the name of a variant in <>")
	}
	last := p.last()
	for name := range strings.SplitSeq(inner, "|") {
		last.Variants = append(last.Variants, strings.TrimSpace(name))
	}
	return nil
}

// anything reads * or **.
func (s *patternScanner) anything(p *Pattern) {
	s.at++
	seg := Segment{Kind: segAny}
	if !s.done() && s.peek() == '*' {
		seg.Kind = segDeep
		s.at++
	}
	if n := len(p.Segments); n > 0 && seg.Kind == segDeep && p.Segments[n-1].Kind == segDeep {
		return // a second ** adds nothing to the first
	}
	p.Segments = append(p.Segments, seg)
}

func (p *Pattern) rootMarked() bool {
	return len(p.root.Variants) > 0 || p.root.Tolerant || p.root.Exhaustive
}

func (p *Pattern) last() *Segment {
	if len(p.Segments) == 0 {
		return &p.root
	}
	return &p.Segments[len(p.Segments)-1]
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

// patternSigns are the characters with a meaning in patterns.
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

// QuoteName quotes a name if a pattern needs that.
func QuoteName(name string) string {
	if name == "" || strings.ContainsAny(name, patternSigns) {
		return strconv.Quote(name)
	}
	return name
}

func join(way, next string) string {
	if way == "" || strings.HasPrefix(next, "[") || strings.HasPrefix(next, "{") {
		return way + next
	}
	return way + "." + next
}

// spelled writes segments as a pattern. Names are written by as.
func spelled(root Segment, segs []Segment, as func(string) string) string {
	text := root.marks()
	for _, s := range segs {
		step := ""
		switch s.Kind {
		case SegName:
			step = as(s.Name)
		case segItem:
			step = "[" + s.Index + "]"
		case segMap:
			step = "{}"
		case segAny:
			step = "*"
		case segDeep:
			step = "**"
		}
		text = join(text, step) + s.marks()
	}
	return text
}

// marks gives the suffixes of a segment: variants, ? and !.
func (s *Segment) marks() string {
	text := ""
	if len(s.Variants) > 0 {
		text = "<" + strings.Join(s.Variants, "|") + ">"
	}
	if s.Tolerant {
		text += "?"
	}
	if s.Exhaustive {
		text += "!"
	}
	return text
}
