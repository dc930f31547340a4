package document

import (
	"regexp"
	"strconv"
	"strings"
)

// value reads a scalar or flow collection that starts at the current place; col
// is the column of the mapping or sequence that holds it.
func (s *blockScanner) value(col int) error {
	switch c := s.src[s.i]; c {
	case '|', '>':
		return s.literal(col)
	case '"', '\'':
		end := quotedEnd(s.src, s.i)
		if end < 0 || !s.indented(s.src[s.i:end], col) {
			return errNotPlain
		}
		s.quoted(s.i, end)
		return s.rest(end)
	case '{', '[':
		end, err := s.flow(s.i, col)
		if err != nil {
			return err
		}
		return s.rest(end)
	case '&', '*', '!', '@', '`', '%', ',', ']', '}', '#', '\t':
		return errNotPlain
	case '-', '?', ':':
		if s.blankAt(s.i + 1) {
			return errNotPlain
		}
	}
	return s.plain(col)
}

// rest sees to it that nothing but a comment follows on the line.
func (s *blockScanner) rest(i int) error {
	start := i
	for i < len(s.src) && s.src[i] == ' ' {
		i++
	}
	if i < len(s.src) && s.src[i] != '\n' && !(s.src[i] == '#' && i > start) {
		return errNotPlain
	}
	return s.line(s.lineEnd(i))
}

// indented tells whether the later lines of a scalar stand to the right of what
// holds it.
func (s *blockScanner) indented(text string, col int) bool {
	for {
		_, after, more := strings.Cut(text, "\n")
		if !more {
			return true
		}
		body := strings.TrimLeft(after, " ")
		if body != "" && body[0] == '\t' {
			return false
		}
		if body != "" && body[0] != '\n' && len(after)-len(body) <= col {
			return false
		}
		text = after
	}
}

// quoted puts a quoted scalar on the tape.
func (s *blockScanner) quoted(i, end int) {
	e := entry{start: uint32(i), end: uint32(end), kind: String, style: styleJSON}
	inner := s.src[i+1 : end-1]
	if s.src[i] == '\'' {
		e.style = styleSingle
	} else if strings.ContainsAny(inner, "\\\n") {
		e.style = styleEscaped
	}
	s.push(e)
}

// quotedEnd gives the offset behind a quoted scalar; -1 where it is not closed, or
// holds an escape that there is not.
func quotedEnd(src string, i int) int {
	quote := src[i]
	for i++; i < len(src); i++ {
		switch src[i] {
		case quote:
			if quote == '\'' && i+1 < len(src) && src[i+1] == '\'' {
				i++
				continue
			}
			return i + 1
		case '\\':
			if quote == '\'' {
				continue
			}
			n := escapeLength(src[i+1:])
			if n == 0 {
				return -1
			}
			i += n
		}
	}
	return -1
}

// escapeLength gives the bytes behind a backslash that belong to it, 0 for what is
// no escape (YAML 1.2, 5.7, without \/, which the full parser does not know).
func escapeLength(text string) int {
	if text == "" {
		return 0
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[0]]
	if digits == 0 {
		if strings.IndexByte("0abt\tnvfre \"\\N_LP\n", text[0]) < 0 {
			return 0
		}
		return 1
	}
	if len(text) <= digits || strings.Trim(text[1:1+digits], "0123456789abcdefABCDEF") != "" {
		return 0
	}
	return 1 + digits
}

// plain reads a scalar without quotes, which may go on over lines that stand
// further right.
func (s *blockScanner) plain(col int) error {
	start := s.i
	end, commented, err := s.plainLine(s.i)
	if err != nil {
		return err
	}
	e := entry{start: uint32(start), end: uint32(end), style: styleRaw}
	at := s.lineEnd(end)
	blankOrComment := commented
	for {
		before := at
		if err := s.line(at); err != nil {
			return err
		}
		if s.eof || s.col <= col {
			break
		}
		if blankOrComment || strings.Contains(s.src[before:s.i], "#") {
			return errNotPlain // a comment ends a scalar
		}
		if end, commented, err = s.plainLine(s.i); err != nil {
			return err
		}
		blankOrComment = commented
		e.end, e.style = uint32(end), styleFold
		at = s.lineEnd(end)
	}
	e.kind = String
	if e.style == styleRaw {
		e.kind = plainKind(s.src[e.start:e.end])
	}
	s.push(e)
	return nil
}

// plainLine gives the end of a plain scalar's part on one line.
func (s *blockScanner) plainLine(i int) (end int, commented bool, err error) {
	end = s.lineEnd(i)
	text := s.src[i:end]
	if k := strings.Index(text, " #"); k >= 0 {
		text, commented = text[:k], true
	}
	if strings.Contains(text, "\t") || strings.Contains(text, ": ") || strings.HasSuffix(text, ":") {
		return 0, false, errNotPlain
	}
	return i + len(strings.TrimRight(text, " ")), commented, nil
}

// literal reads a block scalar.
func (s *blockScanner) literal(col int) error {
	start := s.i
	head := s.lineEnd(start)
	keep, indent, ok := s.blockHeader(start, head, col)
	if !ok || head == len(s.src) {
		return errNotPlain
	}
	end, widest := head, 0
	i := head + 1
	for i < len(s.src) {
		stop := s.lineEnd(i)
		text := s.src[i:stop]
		body := strings.TrimLeft(text, " ")
		spaces := len(text) - len(body)
		switch {
		case body != "":
			if spaces <= col || col < 0 && spaces == 0 {
				return s.endLiteral(start, end, i, indent, keep)
			}
			if indent < 0 && (body[0] == '\t' || widest > spaces) {
				return errNotPlain
			}
			if indent < 0 {
				indent = spaces
			}
			if spaces < indent {
				return errNotPlain
			}
			end = stop
		case indent < 0:
			widest = max(widest, spaces)
		case spaces > indent:
			end = stop // spaces beyond the indentation are text
		}
		i = stop + 1
	}
	return s.endLiteral(start, end, len(s.src), indent, keep)
}

// blockHeader reads what stands behind | or >: how the end is cut, and the
// indentation where it is given.
func (s *blockScanner) blockHeader(start, head, col int) (keep bool, indent int, ok bool) {
	indent = -1
	chomped := false
	for _, c := range strings.TrimRight(s.src[start+1:head], " ") {
		switch {
		case (c == '-' || c == '+') && !chomped:
			chomped, keep = true, c == '+'
		case c >= '1' && c <= '9' && indent < 0 && s.leads(start, col):
			indent = max(col, 0) + int(c-'0')
		default:
			return false, 0, false
		}
	}
	return keep, indent, true
}

// leads tells whether the mapping's key is the first thing on its line, at the
// column given.
func (s *blockScanner) leads(i, col int) bool {
	line := strings.LastIndexByte(s.src[:i], '\n') + 1
	text := s.src[line:i]
	return len(text)-len(strings.TrimLeft(text, " ")) == col && !strings.HasPrefix(text[col:], "- ")
}

func (s *blockScanner) endLiteral(start, end, next, indent int, keep bool) error {
	if indent < 0 || end == len(s.src) || s.src[end-1] == '\n' {
		return errNotPlain
	}
	if keep { // blank lines at the end belong to the text
		end = next
	}
	s.push(entry{start: uint32(start), end: uint32(end), kind: String, style: styleBlock})
	return s.line(min(next, len(s.src)))
}

// plainKind resolves a plain scalar (the core schema of YAML 1.2, with the
// number forms of the full parser).
func plainKind(text string) Kind {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return Null
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return Bool
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
		return Number
	}
	switch c := text[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
	default:
		return String
	}
	if text[0] == '.' {
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return Number
		}
		return String
	}
	plain := strings.ReplaceAll(text, "_", "")
	if _, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return Number
	}
	if _, err := strconv.ParseUint(plain, 0, 64); err == nil {
		return Number
	}
	if yamlFloat.MatchString(plain) {
		if _, err := strconv.ParseFloat(plain, 64); err == nil {
			return Number
		}
	}
	return String
}

var yamlFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
