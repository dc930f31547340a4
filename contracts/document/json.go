package document

import (
	"fmt"
	"math/bits"
	"strings"
)

// Limits bound what one document may ask of us.
type Limits struct {
	Bytes   int // of text
	Depth   int // of nesting
	Aliases int // nodes that YAML aliases may add
}

type jsonScanner struct {
	src   string
	d     *Doc
	tape  []entry
	stack []frame
	limit int
	other *resumption // nil where there is no other version
	keys  keySet
}

type frame struct {
	index int32 // of the object or array
	isObj bool
	keys  keyFilter
}

// parseJSON reads a JSON document in one pass, or what of it is new.
func parseJSON(d *Doc, limits Limits, r *resumption) error {
	s := &jsonScanner{src: d.src, d: d, limit: limits.Depth, other: r}
	var i int
	if r == nil {
		s.tape = make([]entry, 0, len(d.src)/20+16)
		i = s.space(0)
	} else {
		s.tape = make([]entry, 0, len(r.like.tape)+len(r.changed(d.src))/20+16)
		i = r.start(s)
	}
	i, err := s.values(i)
	d.tape, d.depth = s.tape, limits.Depth
	if err != nil {
		return err
	}
	if i = s.space(i); i < len(s.src) {
		return s.fault(i, "text follows the end of the document")
	}
	return nil
}

func (s *jsonScanner) fault(at int, format string, args ...any) error {
	line, column := offsetPosition(s.src, at)
	return &Error{Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}

// space gives where the next token starts, from i on. Most of the white space of
// a large file is indentation, so that it is passed over by eight bytes at once.
func (s *jsonScanner) space(i int) int {
	for i < len(s.src) {
		switch s.src[i] {
		case ' ', '\r', '\t':
			i++
		case '\n':
			i++
			for i+8 <= len(s.src) && load8(s.src, i) == spaces {
				i += 8
			}
		default:
			return i
		}
	}
	return i
}

// values reads from the value that starts at i to the end of the document's
// value, without recursion.
func (s *jsonScanner) values(i int) (int, error) {
	for {
		if s.other != nil && s.other.finish(s, i) {
			return len(s.src), s.uniqueInOpen()
		}
		// a value starts at i
		if i >= len(s.src) {
			return i, s.fault(i, "the text ends where a value was expected")
		}
		at := int32(len(s.tape))
		opened := false
		switch c := s.src[i]; {
		case c == '{' || c == '[':
			if len(s.stack) >= s.limit {
				return i, s.fault(i, "nested deeper than %d levels", s.limit)
			}
			kind := Object
			if c == '[' {
				kind = Array
			}
			s.tape = append(s.tape, entry{start: uint32(i), kind: kind})
			s.stack = append(s.stack, frame{index: at, isObj: c == '{'})
			i = s.space(i + 1)
			opened = true
		case c == '"':
			end, err := s.str(i)
			if err != nil {
				return i, err
			}
			i = end
		default:
			end, err := s.literal(i)
			if err != nil {
				return i, err
			}
			i = end
		}
		// close what ends here, until another value is due
		for {
			if len(s.stack) == 0 {
				return i, nil
			}
			top := s.stack[len(s.stack)-1]
			if !opened {
				i = s.space(i)
			}
			if i >= len(s.src) {
				return i, s.fault(i, "the text ends inside %s", s.tape[top.index].kind)
			}
			c := s.src[i]
			if (top.isObj && c == '}') || (!top.isObj && c == ']') {
				i++
				s.tape[top.index].end = uint32(i)
				s.tape[top.index].next = int32(len(s.tape))
				if top.keys.check {
					if err := s.unique(top.index); err != nil {
						return i, err
					}
				}
				s.stack = s.stack[:len(s.stack)-1]
				opened = false
				continue
			}
			if !opened {
				if c != ',' {
					return i, s.fault(i, "expected a comma or the end of %s, found %q", s.tape[top.index].kind, c)
				}
				i = s.space(i + 1)
			}
			break
		}
		if top := s.stack[len(s.stack)-1]; top.isObj {
			next, err := s.key(i)
			if err != nil {
				return i, err
			}
			i = next
		}
	}
}

// unique refuses an object that has the same key twice.
func (s *jsonScanner) unique(object int32) error {
	s.d.tape = s.tape
	first, second, twice := s.keys.duplicate(s.d, object)
	if !twice {
		return nil
	}
	line, column := offsetPosition(s.src, int(s.tape[second].start))
	firstLine, firstColumn := offsetPosition(s.src, int(s.tape[first].start))
	return duplicateKey(s.d.value(second), line, column, firstLine, firstColumn)
}

// uniqueInOpen does the same for all objects that were open where another version took
// over, the innermost first.
func (s *jsonScanner) uniqueInOpen() error {
	for k := len(s.stack) - 1; k >= 0; k-- {
		if s.stack[k].isObj {
			if err := s.unique(s.stack[k].index); err != nil {
				return err
			}
		}
	}
	return nil
}

// key reads a member's name and the colon.
func (s *jsonScanner) key(i int) (int, error) {
	if i >= len(s.src) || s.src[i] != '"' {
		return i, s.fault(i, "expected a member's name in double quotes")
	}
	start := i
	i, err := s.str(i)
	if err != nil {
		return i, err
	}
	end := i
	if keys := &s.stack[len(s.stack)-1].keys; s.tape[len(s.tape)-1].style == styleJSON {
		keys.add(s.src, start+1, i-1)
	} else {
		keys.check = true
	}
	i = s.space(i)
	if i >= len(s.src) || s.src[i] != ':' {
		return i, s.fault(i, "expected a colon behind the member's name %s", strings.TrimSpace(s.src[start:min(start+40, i)]))
	}
	i = s.space(i + 1)
	if s.src[start+1] == '$' && i < len(s.src) && s.src[i] == '"' {
		s.d.note(s.src[start+1:end-1], int32(len(s.tape)))
	}
	return i, nil
}

// str reads a string and appends its entry.
func (s *jsonScanner) str(i int) (int, error) {
	end, escaped := s.stringEnd(i + 1)
	if end < 0 {
		return i + 1, s.fault(i, "the string is not closed")
	}
	st := styleJSON
	if escaped {
		st = styleEscaped
	}
	s.tape = append(s.tape, entry{start: uint32(i), end: uint32(end), next: int32(len(s.tape) + 1), kind: String, style: st})
	return end, nil
}

// stringEnd gives the offset behind the quote that closes a string whose text
// starts at i, and whether there are escapes; -1 where nothing closes it.
func (s *jsonScanner) stringEnd(i int) (end int, escaped bool) {
	src := s.src
	for {
		for i+8 <= len(src) {
			w := load8(src, i)
			hit := zeroByte(w^quotes) | zeroByte(w^backslashes)
			if hit != 0 {
				i += bits.TrailingZeros64(hit) / 8
				break
			}
			i += 8
		}
		for i < len(src) && src[i] != '"' && src[i] != '\\' {
			i++
		}
		if i >= len(src) {
			return -1, escaped
		}
		if src[i] == '"' {
			return i + 1, escaped
		}
		escaped = true
		i += 2
	}
}

// literal reads a number, true, false or null.
func (s *jsonScanner) literal(i int) (int, error) {
	start := i
	for i < len(s.src) && inWord(s.src[i]) {
		i++
	}
	word := s.src[start:i]
	var kind Kind
	switch word {
	case "true", "false":
		kind = Bool
	case "null":
		kind = Null
	case "":
		return i, s.fault(start, "expected a value, found %q", s.src[start])
	default:
		if !isJSONNumber(word) {
			return i, s.fault(start, "expected a value, found %q", word[:min(len(word), 40)])
		}
		kind = Number
	}
	s.tape = append(s.tape, entry{start: uint32(start), end: uint32(i), next: int32(len(s.tape) + 1), kind: kind})
	return i, nil
}

func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '+' || c == '-' || c == '.'
}

// isJSONNumber follows RFC 8259, section 6.
func isJSONNumber(w string) bool {
	w = strings.TrimPrefix(w, "-")
	digits := func() bool {
		n := 0
		for n < len(w) && w[n] >= '0' && w[n] <= '9' {
			n++
		}
		w = w[n:]
		return n > 0
	}
	if len(w) > 1 && w[0] == '0' && w[1] >= '0' && w[1] <= '9' {
		return false
	}
	if !digits() {
		return false
	}
	if strings.HasPrefix(w, ".") {
		if w = w[1:]; !digits() {
			return false
		}
	}
	if w != "" && (w[0] == 'e' || w[0] == 'E') {
		w = w[1:]
		if w != "" && (w[0] == '+' || w[0] == '-') {
			w = w[1:]
		}
		if !digits() {
			return false
		}
	}
	return w == ""
}
