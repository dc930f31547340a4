package document

import (
	"errors"
	"strings"
)

// errNotPlain says that a document uses more of YAML than the block scanner
// knows; the full parser takes over, which also words the faults.
var errNotPlain = errors.New("not plain block YAML")

// blockScanner reads the YAML that contracts are written in, several times
// faster than the full parser: block mappings and sequences by indentation,
// scalars of every style, flow collections. Whatever it is not sure of (anchors,
// aliases, tags, complex keys, tabs, several documents) it gives up on.
type blockScanner struct {
	src   string
	d     *Doc
	i     int // at the first character of what comes next
	col   int // its column, counted from 0
	eof   bool
	depth int
	limit int
	begun bool // the document has begun: another --- begins another one
	keys  keySet
}

// parseYAMLBlocks puts a block YAML document on the tape.
func parseYAMLBlocks(d *Doc, limits Limits) error {
	if !plainText(d.src) {
		return errNotPlain
	}
	d.tape = make([]entry, 0, len(d.src)/16+16)
	s := &blockScanner{src: d.src, d: d, limit: min(limits.Depth, 1000)}
	_, start := yamlDirective(d.src)
	if err := s.line(start); err != nil {
		return err
	}
	if start > 0 && (s.eof || !strings.HasPrefix(s.src[s.i:], "---")) {
		return errNotPlain
	}
	if !s.eof && s.col == 0 && strings.HasPrefix(s.src[s.i:], "---") {
		rest := s.src[s.i+3:]
		if rest != "" && rest[0] != '\n' {
			return errNotPlain
		}
		s.begun = true
		if err := s.line(s.i + 3); err != nil {
			return err
		}
	}
	s.begun = true
	if s.eof || s.col != 0 {
		return errNotPlain
	}
	if _, _, ok := s.keyEnd(s.i); !ok && !s.isDash() {
		return errNotPlain // a scalar alone, which no contract is
	}
	if err := s.block(-1); err != nil {
		return err
	}
	if !s.eof {
		return errNotPlain
	}
	return nil
}

// plainText tells whether a text holds no control characters and no line breaks
// but \n (YAML 1.2, sections 5.1 and 5.4).
func plainText(src string) bool {
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c >= ' ' && c < 0x7f, c == '\n', c == '\t':
		case c < 0x80:
			return false
		case c == 0xc2 && i+1 < len(src) && src[i+1] < 0xa0: // U+0080 to U+009F
			return false
		case c == 0xe2 && strings.HasPrefix(src[i:], "\u2028"), c == 0xe2 && strings.HasPrefix(src[i:], "\u2029"):
			return false
		case c == 0xef && (strings.HasPrefix(src[i:], "\ufeff") || strings.HasPrefix(src[i:], "\xef\xbf\xbe") || strings.HasPrefix(src[i:], "\xef\xbf\xbf")):
			return false
		}
	}
	return true
}

// line goes to the next line's content from an offset at the end of a line (or
// at the start of the text), past blank lines and comments.
func (s *blockScanner) line(i int) error {
	for i < len(s.src) {
		if s.src[i] == '\n' {
			i++
			continue
		}
		start := i
		for i < len(s.src) && s.src[i] == ' ' {
			i++
		}
		if i == len(s.src) {
			break
		}
		switch s.src[i] {
		case '\n':
			continue
		case '\t':
			return errNotPlain
		case '#':
			if i = s.lineEnd(i); i < len(s.src) {
				continue
			}
		default:
			s.i, s.col = i, i-start
			if s.col == 0 && (strings.HasPrefix(s.src[i:], "...") || strings.HasPrefix(s.src[i:], "---") && s.begun) {
				return errNotPlain
			}
			return nil
		}
	}
	s.i, s.col, s.eof = len(s.src), -1, true
	return nil
}

func (s *blockScanner) lineEnd(i int) int {
	if k := strings.IndexByte(s.src[i:], '\n'); k >= 0 {
		return i + k
	}
	return len(s.src)
}

func (s *blockScanner) push(e entry) int32 {
	e.next = int32(len(s.d.tape) + 1)
	s.d.tape = append(s.d.tape, e)
	return int32(len(s.d.tape) - 1)
}

// block reads the value that starts at the current place, on a line of its own or
// behind a dash; parent is the column of what holds it.
func (s *blockScanner) block(parent int) error {
	if s.depth++; s.depth > s.limit {
		return errNotPlain
	}
	defer func() { s.depth-- }()
	if s.isDash() {
		return s.sequence(s.col)
	}
	if end, _, ok := s.keyEnd(s.i); ok && end > 0 {
		return s.mapping(s.col)
	}
	return s.value(parent)
}

// isDash tells whether a sequence's item starts here.
func (s *blockScanner) isDash() bool {
	return s.src[s.i] == '-' && (s.i+1 == len(s.src) || s.src[s.i+1] == ' ' || s.src[s.i+1] == '\n')
}

// keyEnd finds the end of a key that starts at i and the place of its colon.
func (s *blockScanner) keyEnd(i int) (end, colon int, ok bool) {
	switch s.src[i] {
	case '"', '\'':
		end = quotedEnd(s.src, i)
		if end < 0 || strings.IndexByte(s.src[i:end], '\n') >= 0 {
			return 0, 0, false
		}
		colon = end
		for colon < len(s.src) && s.src[colon] == ' ' {
			colon++
		}
		if colon < len(s.src) && s.src[colon] == ':' && s.blankAt(colon+1) {
			return end, colon, true
		}
		return 0, 0, false
	case '[', ']', '{', '}', ',', '#', '&', '*', '!', '|', '>', '@', '`', '%':
		return 0, 0, false
	}
	for k := i; k < len(s.src); k++ {
		switch s.src[k] {
		case '\n':
			return 0, 0, false
		case ':':
			if s.blankAt(k + 1) {
				end = k
				for end > i && s.src[end-1] == ' ' {
					end--
				}
				return end, k, end > i
			}
		case '#':
			if k > i && (s.src[k-1] == ' ' || s.src[k-1] == '\t') {
				return 0, 0, false
			}
		case '\t':
			return 0, 0, false
		}
	}
	return 0, 0, false
}

// blankAt tells whether a space or the end of a line stands there.
func (s *blockScanner) blankAt(i int) bool {
	return i >= len(s.src) || s.src[i] == ' ' || s.src[i] == '\n'
}

// longestKey is how long a key without a question mark may be, in bytes here: YAML
// counts characters (1.2, 7.4.3 "must be limited to a single line and 1,024 characters").
const longestKey = 1000

// mapping reads the members whose keys stand in a column.
func (s *blockScanner) mapping(col int) error {
	at := s.push(entry{start: uint32(s.i), kind: Object})
	var keys keyFilter
	for !s.eof && s.col == col && !s.isDash() {
		end, colon, ok := s.keyEnd(s.i)
		if !ok {
			return errNotPlain
		}
		key := s.src[s.i:end]
		if key == "<<" || key == "?" || strings.HasPrefix(key, "? ") || colon-s.i > longestKey {
			return errNotPlain
		}
		if err := s.key(end); err != nil {
			return err
		}
		s.keyRead(&keys)
		value := int32(len(s.d.tape))
		if err := s.after(colon+1, col, true); err != nil {
			return err
		}
		if name := strings.Trim(key, `"'`); strings.HasPrefix(name, "$") && s.d.tape[value].kind == String {
			s.d.note(name, value)
		}
	}
	if err := s.close(at, col); err != nil {
		return err
	}
	return s.unique(at, keys)
}

// key puts a key on the tape.
func (s *blockScanner) key(end int) error {
	e := entry{start: uint32(s.i), end: uint32(end), kind: String, style: styleRaw}
	switch s.src[s.i] {
	case '"':
		e.style = styleJSON
		if strings.IndexByte(s.src[s.i:end], '\\') >= 0 {
			e.style = styleEscaped
		}
	case '\'':
		e.style = styleSingle
	}
	s.push(e)
	return nil
}

// close ends a mapping or sequence. What follows must stand further left.
func (s *blockScanner) close(at int32, col int) error {
	if !s.eof && s.col > col {
		return errNotPlain
	}
	last := int32(len(s.d.tape) - 1)
	s.d.tape[at].end = max(s.d.tape[last].end, s.d.tape[at].start+1)
	for i := at + 1; i <= last; i = s.d.tape[i].next {
		s.d.tape[at].end = max(s.d.tape[at].end, s.d.tape[i].end)
	}
	s.d.tape[at].next = last + 1
	return nil
}

// unique gives up where a mapping has the same key twice.
func (s *blockScanner) unique(at int32, keys keyFilter) error {
	if keys.check {
		if _, _, twice := s.keys.duplicate(s.d, at); twice {
			return errNotPlain
		}
	}
	return nil
}

// keyRead puts the key at the end of the tape into a filter.
func (s *blockScanner) keyRead(keys *keyFilter) {
	switch e := &s.d.tape[len(s.d.tape)-1]; e.style {
	case styleRaw:
		keys.add(s.src, int(e.start), int(e.end))
	case styleJSON:
		keys.add(s.src, int(e.start)+1, int(e.end)-1)
	case styleSingle:
		keys.add(s.src, int(e.start)+1, int(e.end)-1)
		keys.check = keys.check || strings.IndexByte(s.src[e.start+1:e.end-1], '\'') >= 0
	default:
		keys.check = true
	}
}

// sequence reads the items whose dashes stand in a column.
func (s *blockScanner) sequence(col int) error {
	at := s.push(entry{start: uint32(s.i), kind: Array})
	for !s.eof && s.col == col && s.isDash() {
		if err := s.after(s.i+1, col, false); err != nil {
			return err
		}
	}
	return s.close(at, col)
}

// after reads the value behind a colon or a dash.
func (s *blockScanner) after(i, col int, inMapping bool) error {
	gap := i
	for i < len(s.src) && s.src[i] == ' ' {
		i++
	}
	if i < len(s.src) && s.src[i] == '\t' {
		return errNotPlain
	}
	if i == len(s.src) || s.src[i] == '\n' || s.src[i] == '#' && i > gap {
		return s.below(i, gap, col, inMapping)
	}
	if inMapping {
		s.i = i
		return s.value(col)
	}
	s.col += i - s.i
	s.i = i
	return s.block(col)
}

// below reads a value that starts on a later line; there may be none.
func (s *blockScanner) below(i, gap, col int, inMapping bool) error {
	if err := s.line(s.lineEnd(i)); err != nil {
		return err
	}
	if !s.eof && (s.col > col || inMapping && s.col == col && s.isDash()) {
		return s.block(col)
	}
	s.push(entry{start: uint32(gap), end: uint32(gap), kind: Null})
	return nil
}
