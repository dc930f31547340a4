package document

import (
	"fmt"
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
	stack []frame
	limit int
}

type frame struct {
	index int32 // of the object or array
	isObj bool
}

// parseJSON reads a JSON document in one pass.
func parseJSON(d *Doc, limits Limits) error {
	s := &jsonScanner{src: d.src, d: d, limit: limits.Depth}
	d.tape = make([]entry, 0, len(d.src)/20+16)
	i, err := s.value(s.space(0))
	if err != nil {
		return err
	}
	if i = s.space(i); i < len(s.src) {
		return s.fault(i, "nothing more was expected behind the document's end")
	}
	return nil
}

func (s *jsonScanner) fault(at int, format string, args ...any) error {
	line, column := offsetPosition(s.src, at)
	return &Error{Line: line, Column: column, Message: fmt.Sprintf(format, args...)}
}

func (s *jsonScanner) space(i int) int {
	for i < len(s.src) {
		switch s.src[i] {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
	return i
}

// value reads the whole value that starts at i, without recursion.
func (s *jsonScanner) value(i int) (int, error) {
	base := len(s.stack)
	for {
		// a value starts at i
		if i >= len(s.src) {
			return i, s.fault(i, "the text ends where a value was expected")
		}
		at := int32(len(s.d.tape))
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
			s.d.tape = append(s.d.tape, entry{start: uint32(i), kind: kind})
			s.stack = append(s.stack, frame{at, c == '{'})
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
			if len(s.stack) == base {
				return i, nil
			}
			top := s.stack[len(s.stack)-1]
			if !opened {
				i = s.space(i)
			}
			if i >= len(s.src) {
				return i, s.fault(i, "the text ends inside %s", s.d.tape[top.index].kind)
			}
			c := s.src[i]
			if (top.isObj && c == '}') || (!top.isObj && c == ']') {
				i++
				s.d.tape[top.index].end = uint32(i)
				s.d.tape[top.index].next = int32(len(s.d.tape))
				s.stack = s.stack[:len(s.stack)-1]
				opened = false
				continue
			}
			if !opened {
				if c != ',' {
					return i, s.fault(i, "expected a comma or the end of %s, found %q", s.d.tape[top.index].kind, c)
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
	isRef := s.src[start:i] == `"$ref"`
	i = s.space(i)
	if i >= len(s.src) || s.src[i] != ':' {
		return i, s.fault(i, "expected a colon behind the member's name %s", strings.TrimSpace(s.src[start:min(start+40, i)]))
	}
	i = s.space(i + 1)
	if isRef && i < len(s.src) && s.src[i] == '"' {
		s.d.refs = append(s.d.refs, int32(len(s.d.tape)))
	}
	return i, nil
}

// str reads a string and appends its entry.
func (s *jsonScanner) str(i int) (int, error) {
	start := i
	i++
	escaped := false
	for {
		k := strings.IndexByte(s.src[i:], '"')
		if k < 0 {
			return i, s.fault(start, "the string is not closed")
		}
		b := strings.IndexByte(s.src[i:i+k], '\\')
		if b < 0 {
			i += k + 1
			break
		}
		escaped = true
		i += b + 2
		if i > len(s.src) {
			return i, s.fault(start, "the string is not closed")
		}
	}
	st := styleJSON
	if escaped {
		st = styleEscaped
	}
	s.d.tape = append(s.d.tape, entry{start: uint32(start), end: uint32(i), next: int32(len(s.d.tape) + 1), kind: String, style: st})
	return i, nil
}

// literal reads a number, true, false or null.
func (s *jsonScanner) literal(i int) (int, error) {
	start := i
	for i < len(s.src) && strings.IndexByte("+-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", s.src[i]) >= 0 {
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
	s.d.tape = append(s.d.tape, entry{start: uint32(start), end: uint32(i), next: int32(len(s.d.tape) + 1), kind: kind})
	return i, nil
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
