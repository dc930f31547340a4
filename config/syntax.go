package config

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// checkText refuses bytes that are not plain text.
func checkText(file string, data []byte, limit int) *Error {
	at := func(offset int, message, hint string) *Error {
		line, column := lineColumn(data, offset)
		return &Error{File: file, Line: line, Column: column, Message: message, Hint: hint}
	}
	if len(data) > limit {
		return &Error{File: file, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(data), limit), Hint: "split it, or remove generated content"}
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return at(0, "the file begins with a byte order mark", "save it as UTF-8 without a byte order mark")
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return at(0, "the file is UTF-16, expected UTF-8", "save it as UTF-8 without a byte order mark")
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return at(i, "a NUL byte: this is not a text file", "save it as UTF-8 text")
	}
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return at(i, fmt.Sprintf("the byte 0x%02x is not valid UTF-8", data[i]), "save the file as UTF-8")
		}
		i += size
	}
	return nil
}

// lineColumn gives the place of an offset, the column in characters.
func lineColumn(data []byte, offset int) (line, column int) {
	offset = min(max(offset, 0), len(data))
	head := data[:offset]
	start := bytes.LastIndexByte(head, '\n') + 1
	return bytes.Count(head, []byte("\n")) + 1, utf8.RuneCount(head[start:]) + 1
}

// oddBreak finds a character at which YAML begins a new line and editors do not
// (a CR alone, NEL, LS, PS): behind it no line number would be right. -1: none.
func oddBreak(data []byte) int {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\r':
			if i+1 == len(data) || data[i+1] != '\n' {
				return i
			}
		case 0xc2:
			if bytes.HasPrefix(data[i:], []byte("\u0085")) {
				return i
			}
		case 0xe2:
			if bytes.HasPrefix(data[i:], []byte("\u2028")) || bytes.HasPrefix(data[i:], []byte("\u2029")) {
				return i
			}
		}
	}
	return -1
}

var errorLine = newShape(`line (\d+):\s*(.*)`)
