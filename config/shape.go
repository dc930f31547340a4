package config

import (
	"regexp"
	"sync"
)

// shape is a regular expression that is compiled at its first use. Most commands of the
// program need none of them.
type shape struct {
	text    string
	compile func() *regexp.Regexp
}

func newShape(text string) shape {
	return shape{text, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

// String gives the expression as it is written.
func (s shape) String() string { return s.text }

// MatchString tells whether the text has the shape.
func (s shape) MatchString(text string) bool { return s.compile().MatchString(text) }

// submatch gives the first match in the text and its groups; nil where there is none.
func (s shape) submatch(text string) []string { return s.compile().FindStringSubmatch(text) }

// submatches gives every match in the text with its groups.
func (s shape) submatches(text string) [][]string {
	return s.compile().FindAllStringSubmatch(text, -1)
}
