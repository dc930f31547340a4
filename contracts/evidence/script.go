package evidence

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxScript and maxScriptDepth bound the scripts that are looked at.
const (
	maxScript      = 1 << 20
	maxScriptDepth = 64
	// longestLine is how far columns are counted: nobody looks further.
	longestLine = 2_000
)

// tagOpaque marks what is no literal: a name, a call, a spread.
const tagOpaque = "!opaque"

// script reads the literals of a JavaScript or TypeScript file: objects, lists,
// strings, numbers, true, false and null. It knows nothing else of the
// language; what is no literal is passed over as one opaque value.
type script struct {
	text string
	at   int
	// line and start (of that line) follow at.
	line, start int
}

// scriptObjects gives the objects and lists that a configuration file exports:
// what follows `export default`, `module.exports =` or defineConfig(.
func scriptObjects(file string, data []byte) []node {
	s := &script{text: string(data), line: 1}
	var all []node
	for s.at < len(s.text) {
		s.blanks()
		switch {
		case s.word("defineConfig"), s.word("module.exports"), s.word("export default"):
			s.blanks()
			for s.at < len(s.text) && strings.IndexByte("=( \t\r\n", s.text[s.at]) >= 0 {
				s.step(1)
				s.blanks()
			}
			if s.at < len(s.text) && (s.text[s.at] == '{' || s.text[s.at] == '[') {
				all = append(all, node{file, s.value(1)})
			}
		case s.at < len(s.text) && strings.IndexByte("'\"`", s.text[s.at]) >= 0:
			s.value(1)
		default:
			s.step(1)
		}
	}
	return all
}

// step goes on by bytes and counts lines.
func (s *script) step(n int) {
	for range n {
		if s.at >= len(s.text) {
			return
		}
		s.at++
		if s.text[s.at-1] == '\n' {
			s.line, s.start = s.line+1, s.at
		}
	}
}

// word passes over a word that stands here, not within a longer one.
func (s *script) word(word string) bool {
	rest := s.text[s.at:]
	if !strings.HasPrefix(rest, word) || len(rest) > len(word) && isWord(rest[len(word)]) || s.at > 0 && isWord(s.text[s.at-1]) {
		return false
	}
	s.step(len(word))
	return true
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// blanks passes over blanks and comments.
func (s *script) blanks() {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			s.step(1)
		case strings.HasPrefix(rest, "//"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				s.step(i)
			} else {
				s.step(len(rest))
			}
		case strings.HasPrefix(rest, "/*"):
			if i := strings.Index(rest[2:], "*/"); i >= 0 {
				s.step(i + 4)
			} else {
				s.step(len(rest))
			}
		default:
			return
		}
	}
}

func (s *script) node(kind yaml.Kind, tag string) *yaml.Node {
	n := &yaml.Node{Kind: kind, Tag: tag, Line: s.line}
	if s.at-s.start < longestLine {
		n.Column = utf8.RuneCountInString(s.text[s.start:s.at]) + 1
	}
	return n
}

// value reads one value and leaves the place at what follows it.
func (s *script) value(depth int) *yaml.Node {
	s.blanks()
	if s.at >= len(s.text) || depth > maxScriptDepth {
		n := s.node(yaml.ScalarNode, tagOpaque)
		s.pass()
		return n
	}
	var n *yaml.Node
	switch c := s.text[s.at]; {
	case c == '{':
		n = s.object(depth)
	case c == '[':
		n = s.array(depth)
	case c == '\'' || c == '"' || c == '`':
		n = s.quoted()
	default:
		n = s.node(yaml.ScalarNode, tagOpaque)
		begin := s.at
		for s.at < len(s.text) && (isWord(s.text[s.at]) || s.text[s.at] == '.' || s.text[s.at] == '-') {
			s.step(1)
		}
		n.Value = s.text[begin:s.at]
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
			n.Tag = "!!float"
		} else if n.Value == "true" || n.Value == "false" {
			n.Tag = "!!bool"
		} else if n.Value == "null" || n.Value == "undefined" {
			n.Tag = "!!null"
		}
	}
	s.blanks()
	if s.word("as const") {
		s.blanks()
	}
	if s.at < len(s.text) && strings.IndexByte(",]})", s.text[s.at]) < 0 && depth > 1 {
		s.pass() // an expression goes on: `a` + b, call(), cond ? x : y
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tagOpaque, Line: n.Line, Column: n.Column}
	}
	return n
}

// pass goes on to the end of an expression: a comma or closing bracket of the
// list or object that it stands in.
func (s *script) pass() {
	for open := 0; s.at < len(s.text); {
		s.blanks()
		if s.at >= len(s.text) {
			return
		}
		switch c := s.text[s.at]; c {
		case '(', '[', '{':
			open++
		case ')', ']', '}':
			if open == 0 {
				return
			}
			open--
		case ',':
			if open == 0 {
				return
			}
		case '\'', '"', '`':
			s.quoted()
			continue
		}
		s.step(1)
	}
}

func (s *script) quoted() *yaml.Node {
	n := s.node(yaml.ScalarNode, "!!str")
	mark := s.text[s.at]
	s.step(1)
	var out strings.Builder
	for s.at < len(s.text) && s.text[s.at] != mark {
		switch {
		case s.text[s.at] == '\\':
			s.step(1)
			if s.at < len(s.text) {
				out.WriteByte(s.text[s.at])
			}
		case mark == '`' && strings.HasPrefix(s.text[s.at:], "${"):
			n.Tag = tagOpaque
			out.WriteByte('$')
		default:
			out.WriteByte(s.text[s.at])
		}
		s.step(1)
	}
	s.step(1)
	n.Value = out.String()
	return n
}

func (s *script) array(depth int) *yaml.Node {
	n := s.node(yaml.SequenceNode, "!!seq")
	for s.step(1); s.at < len(s.text); s.step(1) {
		s.blanks()
		if s.at < len(s.text) && s.text[s.at] != ']' && s.text[s.at] != ',' {
			n.Content = append(n.Content, s.value(depth+1))
		}
		if s.at >= len(s.text) || s.text[s.at] != ',' {
			break
		}
	}
	if s.at < len(s.text) && s.text[s.at] == ']' {
		s.step(1)
	}
	return n
}

func (s *script) object(depth int) *yaml.Node {
	n := s.node(yaml.MappingNode, "!!map")
	for s.step(1); s.at < len(s.text); s.step(1) {
		s.blanks()
		if s.at >= len(s.text) || s.text[s.at] == '}' {
			break
		}
		key := s.key()
		s.blanks()
		if s.at < len(s.text) && s.text[s.at] == ':' && key.Value != "" {
			s.step(1)
			n.Content = append(n.Content, key, s.value(depth+1))
		} else {
			s.pass() // a spread, a shorthand, a method, a computed key
			if key.Value != "" {
				n.Content = append(n.Content, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: tagOpaque, Line: key.Line, Column: key.Column})
			}
		}
		if s.at >= len(s.text) || s.text[s.at] != ',' {
			break
		}
	}
	if s.at < len(s.text) && s.text[s.at] == '}' {
		s.step(1)
	}
	return n
}

func (s *script) key() *yaml.Node {
	if s.at < len(s.text) && (s.text[s.at] == '\'' || s.text[s.at] == '"') {
		return s.quoted()
	}
	n := s.node(yaml.ScalarNode, "!!str")
	begin := s.at
	for s.at < len(s.text) && isWord(s.text[s.at]) {
		s.step(1)
	}
	n.Value = s.text[begin:s.at]
	return n
}
