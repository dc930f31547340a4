package contracts

import (
	"fmt"
	"strconv"
	"strings"
)

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
		if err := s.step(p); err != nil {
			return nil, err
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

// step reads the next sign or name of a pattern.
func (s *patternScanner) step(p *pattern) error {
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
		p.last().tolerant = true
		s.at++
	case '!':
		p.last().exhaustive = true
		s.at++
	case '^':
		if len(p.segs) == 0 {
			return fmt.Errorf("^ needs a name in front of it")
		}
		p.presence = true
		s.at++
	case '*':
		s.anything(p)
	default:
		name, err := s.name()
		if err != nil {
			return err
		}
		p.segs = append(p.segs, segment{kind: segName, name: name})
	}
	return nil
}

// dot reads the dot between two names.
func (s *patternScanner) dot(p *pattern) error {
	if len(p.segs) == 0 && !p.rootMarked() {
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
func (s *patternScanner) item(p *pattern) error {
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
	p.segs = append(p.segs, segment{kind: segItem, index: inner})
	return nil
}

// mapValue reads {}.
func (s *patternScanner) mapValue(p *pattern) error {
	inner, err := s.enclosed('{', '}')
	if err != nil {
		return err
	}
	if inner != "" && inner != "*" {
		return fmt.Errorf("expected {}, found {%s}", inner)
	}
	p.segs = append(p.segs, segment{kind: segMap})
	return nil
}

// variants reads the names in <>, separated by |.
func (s *patternScanner) variants(p *pattern) error {
	inner, err := s.enclosed('<', '>')
	if err != nil {
		return err
	}
	if inner == "" {
		return fmt.Errorf("expected the name of a variant in <>")
	}
	last := p.last()
	for name := range strings.SplitSeq(inner, "|") {
		last.variants = append(last.variants, strings.TrimSpace(name))
	}
	return nil
}

// anything reads * or **.
func (s *patternScanner) anything(p *pattern) {
	s.at++
	seg := segment{kind: segAny}
	if !s.done() && s.peek() == '*' {
		seg.kind = segDeep
		s.at++
	}
	if n := len(p.segs); n > 0 && seg.kind == segDeep && p.segs[n-1].kind == segDeep {
		return // a second ** adds nothing to the first
	}
	p.segs = append(p.segs, seg)
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

func join(way, next string) string {
	if way == "" || strings.HasPrefix(next, "[") || strings.HasPrefix(next, "{") {
		return way + next
	}
	return way + "." + next
}

// spelled writes segments as a pattern has them, each name as asked for.
func spelled(root segment, segs []segment, as func(string) string) string {
	text := root.marks()
	for _, s := range segs {
		step := ""
		switch s.kind {
		case segName:
			step = as(s.name)
		case segItem:
			step = "[" + s.index + "]"
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

// marks gives what stands behind a step: the variants of a union, ? and !.
func (s *segment) marks() string {
	text := ""
	if len(s.variants) > 0 {
		text = "<" + strings.Join(s.variants, "|") + ">"
	}
	if s.tolerant {
		text += "?"
	}
	if s.exhaustive {
		text += "!"
	}
	return text
}
