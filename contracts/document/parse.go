package document

import (
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
		return nil, &Error{Line: 1, Column: 1, Message: "not UTF-8 text"}
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
