package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"
)

const byteOrderMark = "\ufeff"

// Parse reads one file, JSON or YAML by its content. Faults are *Error. The
// document is made of the bytes that are given, which must not change any more.
func Parse(file string, data []byte, limits Limits) (*Doc, error) {
	return ParseLike(file, data, limits, nil)
}

// ParseLike does what Parse does, quicker where much of the text is that of
// another document, which may be nil.
func ParseLike(file string, data []byte, limits Limits, like *Doc) (*Doc, error) {
	if limits.Bytes > 0 && len(data) > limits.Bytes {
		return nil, &Error{Line: 1, Column: 1, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(data), limits.Bytes)}
	}
	if name := wideEncoding(data); name != "" {
		return nil, &Error{Line: 1, Column: 1, Message: name + " text, expected UTF-8", Hint: "save the file as UTF-8"}
	}
	text := strings.TrimPrefix(unsafe.String(unsafe.SliceData(data), len(data)), byteOrderMark)
	d := &Doc{File: file, src: text}
	trimmed := strings.TrimLeft(text, " \t\r\n")
	if trimmed == "" {
		return nil, &Error{Line: 1, Column: 1, Message: "the file is empty"}
	}
	var other *resumption
	fresh := text
	if resumable(like, limits) {
		other = newResumption(like, text)
		fresh = other.changed(text)
	}
	if !utf8.ValidString(fresh) {
		return nil, notUTF8(text)
	}
	if trimmed[0] == '{' || trimmed[0] == '[' || strings.HasSuffix(file, ".json") {
		err := parseJSON(d, limits, other)
		if err == nil {
			return d, nil
		}
		if strings.HasSuffix(file, ".json") {
			return nil, err
		}
		// flow-style YAML may look like JSON at first
		flow := &Doc{File: file, src: text, yaml: true}
		if parseYAMLNodes(flow, limits) == nil {
			return flow, nil
		}
		return nil, err
	}
	d.yaml = true
	if parseYAMLBlocks(d, limits) == nil {
		return d, nil
	}
	if err := parseYAMLNodes(d, limits); err != nil {
		return nil, err
	}
	return d, nil
}

// wideEncoding names an encoding of two or four bytes a character, by the byte order
// mark or by where the zero bytes are; "" for UTF-8 and what is like it.
func wideEncoding(data []byte) string {
	at := func(i int) bool { return i < len(data) && data[i] != 0 }
	zero := func(i int) bool { return i < len(data) && data[i] == 0 }
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")),
		at(0) && zero(1) && zero(2) && zero(3), zero(0) && zero(1) && zero(2) && at(3):
		return "UTF-32"
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")),
		at(0) && zero(1), zero(0) && at(1):
		return "UTF-16"
	}
	return ""
}

// notUTF8 is the fault of a text at its first byte that is not UTF-8.
func notUTF8(text string) *Error {
	at := 0
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		at += n
	}
	line, column := offsetPosition(text, at)
	return &Error{Line: line, Column: column, Message: fmt.Sprintf("byte 0x%X is not UTF-8 text", text[min(at, len(text)-1)]), Hint: "save the file as UTF-8"}
}
