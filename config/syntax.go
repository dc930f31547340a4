package config

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkText refuses bytes that are not plain text.
func checkText(file string, data []byte, limit int) *Error {
	at := func(offset int, message, hint string) *Error {
		line, column := lineColumn(data, offset)
		return &Error{File: file, Line: line, Column: column, Message: message, Hint: hint}
	}
	if len(data) > limit {
		return &Error{File: file, Message: fmt.Sprintf("the file has %d bytes, at most %d are read", len(data), limit), Hint: "split it or leave out what is generated"}
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return at(0, "the file begins with a byte order mark", "save it as UTF-8 without BOM")
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return at(0, "the file is UTF-16, expected UTF-8", "save it as UTF-8 without BOM")
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

// syntaxError turns what the YAML parser says (a line at best) into a place and
// something to do.
func syntaxError(file string, data []byte, err error) *Error {
	fault := &Error{File: file, Message: "not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	lines := bytes.Split(data, []byte("\n"))
	if m := errorLine.submatch(err.Error()); m != nil {
		fault.Line, _ = strconv.Atoi(m[1])
		fault.Message = "not YAML: " + m[2]
	}
	// The parser counts from 0 or 1, and often notices one line late.
	for _, number := range []int{fault.Line, fault.Line - 1, fault.Line + 1} {
		if number < 1 || number > len(lines) {
			continue
		}
		line := string(lines[number-1])
		body := strings.TrimLeft(line, " \t")
		if indent := line[:len(line)-len(body)]; strings.Contains(indent, "\t") {
			fault.Line, fault.Column = number, strings.Index(indent, "\t")+1
			fault.Message, fault.Hint = "not YAML: a tab in the indentation", "indent with spaces"
			return fault
		}
		if i := strings.Index(line, ": @"); i >= 0 {
			fault.Line, fault.Column = number, utf8.RuneCountInString(line[:i])+3
			fault.Message, fault.Hint = "not YAML: a value can't begin with @", `put it into quotes: "`+strings.TrimSpace(line[i+2:])+`"`
			return fault
		}
		if strings.Contains(line, "[]") || strings.Contains(line, "{}") {
			fault.Hint = `inside […] quote what holds [ ] { } or a comma: "lines[].sku"`
		}
	}
	if fault.Line > 0 {
		fault.Line = min(fault.Line, len(lines))
		line := lines[fault.Line-1]
		fault.Column = len(line) - len(bytes.TrimLeft(line, " ")) + 1
	}
	return fault
}
