package alerts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"plimsoll/contracts"
)

// lines are a file's lines, for places inside scalars.
type lines struct{ all []string }

func newLines(data []byte) *lines {
	if len(data) == 0 || len(data) > maxBytes {
		return &lines{}
	}
	return &lines{strings.Split(string(data), "\n")}
}

// position gives the place in the file of an offset (in bytes) into a scalar's value.
// YAML folds, indents and escapes, but never adds or takes away anything else than
// white space: so the n-th character of the value that is none is the n-th of the
// file's text. Where that does not hold it is the scalar's own place.
func (l *lines) position(at contracts.Position, value string, offset int) contracts.Position {
	offset = min(max(offset, 0), len(value))
	source, ok := l.scalar(at)
	if !ok {
		return at
	}
	var c rune
	for i, want := range value {
		if i > offset {
			break
		}
		if unicode.IsSpace(want) {
			continue
		}
		if c, ok = source.next(); !ok || c != want {
			return at
		}
		if i == offset {
			return source.found(at.File)
		}
	}
	// The end, or white space: behind the last character that was found.
	if source.line == 0 {
		return at
	}
	found := source.found(at.File)
	found.Column++
	return found
}

// source walks through the text of a scalar.
type source struct {
	lines        []string
	line, column int // where next goes on reading: index of the line, and of the byte in it
	foundLine    int
	foundColumn  int
	quote        byte // " or ' ; 0: none
}

// scalar begins at a scalar's first character, behind anchor, tag and header.
func (l *lines) scalar(at contracts.Position) (*source, bool) {
	if at.Line < 1 || at.Line > len(l.all) {
		return nil, false
	}
	line := l.all[at.Line-1]
	start := 0
	for range at.Column - 1 {
		if start >= len(line) {
			return nil, false
		}
		_, size := utf8.DecodeRuneInString(line[start:])
		start += size
	}
	for start < len(line) && (line[start] == '&' || line[start] == '!') {
		end := strings.IndexByte(line[start:], ' ')
		if end < 0 {
			return nil, false
		}
		start += end
		for start < len(line) && line[start] == ' ' {
			start++
		}
	}
	s := &source{lines: l.all, line: at.Line - 1, column: start}
	if start >= len(line) {
		return s, true
	}
	switch line[start] {
	case '|', '>':
		s.line, s.column = at.Line, 0
	case '"', '\'':
		s.quote = line[start]
		s.column++
	}
	return s, true
}

// next gives the next character that is no white space, escapes resolved.
func (s *source) next() (rune, bool) {
	for s.line < len(s.lines) {
		line := s.lines[s.line]
		if s.column >= len(line) {
			s.line, s.column = s.line+1, 0
			continue
		}
		r, size := utf8.DecodeRuneInString(line[s.column:])
		at := s.column
		s.column += size
		switch {
		case s.quote == '"' && r == '\\':
			escaped, width, ok := escape(line[s.column:])
			s.column += width
			if !ok {
				return 0, false
			}
			r = escaped
		case s.quote == '\'' && r == '\'':
			s.column++ // the second one of two
		}
		if unicode.IsSpace(r) {
			continue
		}
		s.foundLine, s.foundColumn = s.line+1, utf8.RuneCountInString(line[:at])+1
		return r, true
	}
	return 0, false
}

func (s *source) found(file string) contracts.Position {
	return contracts.Position{File: file, Line: s.foundLine, Column: s.foundColumn}
}

// escape reads what stands behind a backslash in double quotes; ok is false for one
// that is rare enough not to be read. White space stands for itself.
func escape(text string) (r rune, width int, ok bool) {
	if text == "" || text == "\r" {
		return ' ', len(text), true // the line goes on below
	}
	switch text[0] {
	case '"', '\\', '/', ' ':
		return rune(text[0]), 1, true
	case 'n', 't', 'r':
		return ' ', 1, true
	}
	return 0, 1, false
}
