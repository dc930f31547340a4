package config

import (
	"regexp"
	"sync"
)

// shape is a regular expression that is compiled when it is first used. Counted
// repetitions are dear to compile, and most commands of the program need none.
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
