package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// jsonReader makes YAML nodes of JSON, with lines: the YAML parser would refuse
// surrogate pairs (\ud83d\ude00), which JSON writers use.
type jsonReader struct {
	file    string
	data    []byte
	decoder *json.Decoder
	bounds  Bounds
	nodes   int
	// The last position asked for: positions are asked for in order, so that the data is
	// counted once.
	scanned, line, column int
}

// parseJSON gives the tree of one JSON value.
func parseJSON(file string, data []byte, bounds Bounds) (*yaml.Node, *Error) {
	r := &jsonReader{file: file, data: data, decoder: json.NewDecoder(bytes.NewReader(data)), bounds: bounds, line: 1, column: 1}
	r.decoder.UseNumber()
	root, fault := r.value(1)
	if fault != nil {
		return nil, fault
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, r.fault(r.next(), "not JSON: text follows the end of the document", "remove it")
	}
	return root, nil
}

// next is the offset at which the next token begins.
func (r *jsonReader) next() int {
	offset := int(r.decoder.InputOffset())
	return offset + len(r.data[offset:]) - len(bytes.TrimLeft(r.data[offset:], " \t\r\n,:"))
}

// position counts lines and characters on from the last place.
func (r *jsonReader) position(offset int) (line, column int) {
	passed := r.data[r.scanned:offset]
	if i := bytes.LastIndexByte(passed, '\n'); i >= 0 {
		r.line += bytes.Count(passed, []byte("\n"))
		r.column = 1
		passed = passed[i+1:]
	}
	r.column += utf8.RuneCount(passed)
	r.scanned = offset
	return r.line, r.column
}

func (r *jsonReader) fault(offset int, message, hint string) *Error {
	line, column := lineColumn(r.data, offset)
	return &Error{File: r.file, Line: line, Column: column, Message: message, Hint: hint}
}

func (r *jsonReader) token() (json.Token, *yaml.Node, *Error) {
	offset := r.next()
	token, err := r.decoder.Token()
	if err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			offset = max(int(syntax.Offset)-1, 0)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, nil, r.fault(len(r.data), "not JSON: the file ends too early", "add the missing closing brackets or quotes")
		}
		return nil, nil, r.fault(offset, "not JSON: "+strings.TrimPrefix(err.Error(), "json: "), "look for a missing comma or quote before this position")
	}
	node := &yaml.Node{Kind: yaml.ScalarNode}
	node.Line, node.Column = r.position(offset)
	return token, node, nil
}

func (r *jsonReader) value(depth int) (*yaml.Node, *Error) {
	token, node, fault := r.token()
	if fault != nil {
		return nil, fault
	}
	if depth > r.bounds.Depth {
		return nil, &Error{File: r.file, Line: node.Line, Column: node.Column, Message: fmt.Sprintf("nested deeper than %d levels", r.bounds.Depth), Hint: "use fewer levels"}
	}
	if r.nodes++; r.bounds.Nodes > 0 && r.nodes > r.bounds.Nodes {
		return nil, &Error{File: r.file, Line: node.Line, Column: node.Column, Message: fmt.Sprintf("more than %d keys and values", r.bounds.Nodes), Hint: "split the file"}
	}
	switch t := token.(type) {
	case json.Delim:
		node.Style = yaml.FlowStyle
		if t == '{' {
			node.Kind, node.Tag = yaml.MappingNode, "!!map"
		} else {
			node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		}
		for r.decoder.More() {
			if node.Kind == yaml.MappingNode {
				key, fault := r.value(depth)
				if fault != nil {
					return nil, fault
				}
				node.Content = append(node.Content, key)
			}
			child, fault := r.value(depth + 1)
			if fault != nil {
				return nil, fault
			}
			node.Content = append(node.Content, child)
		}
		if _, _, fault := r.token(); fault != nil {
			return nil, fault
		}
	case string:
		node.Tag, node.Value, node.Style = "!!str", t, yaml.DoubleQuotedStyle
	case json.Number:
		node.Tag, node.Value = "!!int", t.String()
		if strings.ContainsAny(node.Value, ".eE") {
			node.Tag = "!!float"
		}
	case bool:
		node.Tag, node.Value = "!!bool", fmt.Sprint(t)
	case nil:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, nil
}
