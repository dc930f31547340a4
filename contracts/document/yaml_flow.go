package document

import "strings"

// flow reads a flow collection ({…} or […]) that starts at i and gives the offset
// behind it.
func (s *blockScanner) flow(i, col int) (int, error) {
	if s.depth++; s.depth > s.limit {
		return 0, errNotPlain
	}
	defer func() { s.depth-- }()
	open := s.src[i]
	kind, end := Object, byte('}')
	if open == '[' {
		kind, end = Array, ']'
	}
	at := s.push(entry{start: uint32(i), kind: kind})
	var keys keyFilter
	i, err := s.gap(i+1, col)
	for err == nil {
		if s.src[i] == end {
			s.d.tape[at].end = uint32(i + 1)
			s.d.tape[at].next = int32(len(s.d.tape))
			return i + 1, s.unique(at, keys)
		}
		if kind == Object {
			i, err = s.flowMember(i, col, &keys)
		} else {
			i, err = s.flowValue(i, col)
		}
		if err != nil {
			break
		}
		if i, err = s.gap(i, col); err != nil {
			break
		}
		if s.src[i] == ',' {
			i, err = s.gap(i+1, col)
		} else if s.src[i] != end {
			return 0, errNotPlain
		}
	}
	return 0, err
}

// gap goes past spaces and line breaks inside a flow collection.
func (s *blockScanner) gap(i, col int) (int, error) {
	line := -1
	for i < len(s.src) {
		switch s.src[i] {
		case ' ':
			i++
		case '\n':
			i++
			line = i
		case '\t', '#':
			return 0, errNotPlain
		default:
			if line >= 0 && i-line <= col {
				return 0, errNotPlain
			}
			return i, nil
		}
	}
	return 0, errNotPlain
}

func (s *blockScanner) flowMember(i, col int, keys *keyFilter) (int, error) {
	start := i
	isQuoted := s.src[i] == '"' || s.src[i] == '\''
	if isQuoted {
		if i = quotedEnd(s.src, i); i < 0 || strings.IndexByte(s.src[start:i], '\n') >= 0 {
			return 0, errNotPlain
		}
		s.quoted(start, i)
	} else {
		end, err := s.flowPlainEnd(i)
		if err != nil {
			return 0, err
		}
		i = end
		if s.src[start:end] == "<<" {
			return 0, errNotPlain
		}
		s.push(entry{start: uint32(start), end: uint32(end), kind: String, style: styleRaw})
	}
	s.keyRead(keys)
	key := int32(len(s.d.tape) - 1)
	for i < len(s.src) && s.src[i] == ' ' {
		i++
	}
	if i >= len(s.src) || s.src[i] != ':' || !isQuoted && !s.blankAt(i+1) {
		return 0, errNotPlain
	}
	i, err := s.gap(i+1, col)
	if err != nil {
		return 0, err
	}
	value := int32(len(s.d.tape))
	if i, err = s.flowValue(i, col); err != nil {
		return 0, err
	}
	if name := s.d.value(key); strings.HasPrefix(name, "$") && s.d.tape[value].kind == String {
		s.d.note(name, value)
	}
	return i, nil
}

func (s *blockScanner) flowValue(i, col int) (int, error) {
	switch s.src[i] {
	case '{', '[':
		return s.flow(i, col)
	case '"', '\'':
		end := quotedEnd(s.src, i)
		if end < 0 || !s.indented(s.src[i:end], col) {
			return 0, errNotPlain
		}
		s.quoted(i, end)
		// a pair inside a sequence ("[a: b]") is left to the full parser
		if k := end; k < len(s.src) && s.src[k] == ':' {
			return 0, errNotPlain
		}
		return end, nil
	}
	end, err := s.flowPlainEnd(i)
	if err != nil {
		return 0, err
	}
	s.push(entry{start: uint32(i), end: uint32(end), kind: plainKind(s.src[i:end]), style: styleRaw})
	return end, nil
}

// flowPlainEnd gives the end of a plain scalar on one line of a flow collection.
func (s *blockScanner) flowPlainEnd(i int) (int, error) {
	switch s.src[i] {
	case '&', '*', '!', '@', '`', '%', '|', '>', '#', ',', '?', ':', '\t', ']', '}':
		return 0, errNotPlain
	case '-':
		if s.blankAt(i+1) || strings.IndexByte(",[]{}", s.src[i+1]) >= 0 {
			return 0, errNotPlain
		}
	}
	for k := i; k < len(s.src); k++ {
		switch s.src[k] {
		case ',', ']', '}', '[', '{':
			return s.trimmed(i, k)
		case '\n', '\t', '#', '?': // where '?' ends a scalar the full parser knows
			return 0, errNotPlain
		case ':':
			if s.blankAt(k+1) || strings.IndexByte(",[]{}", s.src[k+1]) >= 0 {
				return s.trimmed(i, k)
			}
		}
	}
	return 0, errNotPlain
}

func (s *blockScanner) trimmed(i, end int) (int, error) {
	for end > i && s.src[end-1] == ' ' {
		end--
	}
	if end == i {
		return 0, errNotPlain
	}
	return end, nil
}
