package config

import (
	"iter"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// text is a type that reads itself from a scalar. Its form is the same for
// every value of the type: the decoder checks by it, the schema shows it.
type text interface {
	form() form
	// parse gives what is wrong, or nil.
	parse(text string) *wrong
}

// words is a string type that takes one of a closed set.
type words interface{ words() []string }

// placed is a text that keeps where it stands; tagged one that keeps what YAML
// takes it for.
type (
	positioned interface{ setPosition(at Position) }
	tagged     interface{ tag(tag string) }
)

// form says what a text type takes.
type form struct {
	// expects completes "expected …".
	expects string
	// tags are the YAML types that are read.
	tags []string
	// hint says what to do where something else stands there.
	hint string
	// pattern is a regular expression for the schema; may be empty.
	pattern string
	// examples for the schema.
	examples []string
	// least and most bound a number for the schema; 0 and 0: no bounds.
	least, most int
	// hidden: what stands there is never shown.
	hidden bool
}

// wrong is what is wrong with a text, without a place.
type wrong struct{ message, hint string }

// fieldsOf gives the fields of a struct type that stand in the file, by key, in
// the order of the type.
func fieldsOf(t reflect.Type) iter.Seq2[string, reflect.StructField] {
	return func(yield func(string, reflect.StructField) bool) {
		for _, f := range visible(t) {
			key, _, _ := strings.Cut(f.Tag.Get("key"), ",")
			if key != "" && !yield(key, f) {
				return
			}
		}
	}
}

var visibleFields sync.Map // reflect.Type → []reflect.StructField

// visible is reflect.VisibleFields, found once for each type.
func visible(t reflect.Type) []reflect.StructField {
	if fields, ok := visibleFields.Load(t); ok {
		return fields.([]reflect.StructField)
	}
	fields := reflect.VisibleFields(t)
	visibleFields.Store(t, fields)
	return fields
}

func required(f reflect.StructField) bool {
	return strings.HasSuffix(f.Tag.Get("key"), ",required")
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for key, f := range fieldsOf(t) {
		keys = append(keys, key)
		if isHidden(f.Type) {
			keys = append(keys, key+"_file")
		}
	}
	return keys
}

// kindName names what a type takes, for "expected …".
func kindName(t reflect.Type) string {
	if x, ok := reflect.New(t).Interface().(text); ok {
		return x.form().expects
	}
	if w, ok := reflect.Zero(t).Interface().(words); ok {
		return oneOf(w.words())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindName(t.Elem())
	case reflect.Struct, reflect.Map:
		return "a mapping"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	default:
		return "text"
	}
}

// knownKeys gives every key below a type with the paths of the mappings that
// take it.
func knownKeys(t reflect.Type) map[string][]string {
	known := map[string][]string{}
	var walk func(t reflect.Type, path string, depth int)
	walk = func(t reflect.Type, path string, depth int) {
		if _, ok := reflect.New(t).Interface().(text); ok || depth > 16 {
			return
		}
		switch t.Kind() {
		case reflect.Pointer:
			walk(t.Elem(), path, depth+1)
		case reflect.Slice:
			walk(t.Elem(), path+"[]", depth+1)
		case reflect.Map:
			walk(t.Elem(), join(path, "NAME"), depth+1)
		case reflect.Struct:
			for key, f := range fieldsOf(t) {
				place := pathName(path)
				if !slices.Contains(known[key], place) {
					known[key] = append(known[key], place)
				}
				walk(f.Type, join(path, key), depth+1)
			}
		}
	}
	walk(t, "", 0)
	return known
}

func pathName(path string) string {
	if path == "" {
		return "the top"
	}
	return path
}

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
