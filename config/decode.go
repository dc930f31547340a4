package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tagFailed marks a value whose error has been reported already.
const tagFailed = "!failed"

// decoder fills Go values from a tree and notes everything that does not fit.
//
// What it reads of a type: a struct's fields by their `key` tag ("name" or
// "name,required"), a [Position] field named At is set to where the value
// begins, text types say themselves what they take (see [text] and [words]).
type decoder struct {
	file string
	errs Errors
	// failures are the paths that have an error.
	failures map[string]bool
	// positions of the document's paths, for checks across values.
	positions map[string]Position
	// known holds every key of the document's types → the paths where it belongs.
	known map[string][]string
	// origins names where a node comes from that does not stand in the file.
	origins map[*yaml.Node]string
	// resolve replaces a scalar before it is decoded; nil leaves it alone.
	resolve func(path, value string) (string, *Error)
}

func (d *decoder) fault(n *yaml.Node, path, message, hint string) {
	d.note(Position{cmp.Or(d.origins[n], d.file), n.Line, n.Column}, path, message, hint)
}

// faultAt notes what is wrong at a path. Where the path is not in the file, it is where
// the innermost mapping begins that should hold it.
func (d *decoder) faultAt(path, message, hint string) {
	at, ok := d.positions[path]
	for above := path; !ok && above != ""; at, ok = d.positions[above] {
		above = above[:max(strings.LastIndexByte(above, '.'), 0)]
	}
	at.File = cmp.Or(at.File, d.file)
	d.note(at, path, message, hint)
}

func (d *decoder) note(at Position, path, message, hint string) {
	if d.failures == nil {
		d.failures = map[string]bool{}
	}
	d.failures[path] = true
	d.errs = append(d.errs, &Error{File: at.File, Line: at.Line, Column: at.Column, Path: path, Message: message, Hint: hint})
}

// failed says whether a path has an error.
func (d *decoder) failed(path string) bool { return d.failures[path] }

// value decodes n into v.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	d.positions[path] = Position{File: cmp.Or(d.origins[n], d.file), Line: n.Line, Column: n.Column}
	if n.Tag == tagFailed {
		return
	}
	if t, ok := v.Addr().Interface().(text); ok {
		d.text(n, t, path)
		return
	}
	if j, ok := v.Addr().Interface().(interface{ read(n *yaml.Node) *wrong }); ok {
		if wrong := j.read(n); wrong != nil {
			d.fault(n, path, wrong.message, wrong.hint)
		}
		return
	}
	if isNull(n) {
		hint := "give it a value or remove the key"
		switch v.Kind() {
		case reflect.Slice:
			hint = "write [] for an empty list, or remove the key"
		case reflect.Map, reflect.Struct:
			hint = "write {} for one without keys, or remove the key"
		}
		d.fault(n, path, "expected "+kindName(v.Type())+", found no value", hint)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.Struct:
		if s, ok := v.Interface().(shorthand); ok && n.Kind == yaml.ScalarNode {
			n = d.inFull(n, s.short())
		}
		d.structure(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path)
	case reflect.Bool:
		if d.scalar(n, v.Type(), path, "!!bool", `write true or false, without quotes`) {
			v.SetBool(strings.EqualFold(n.Value, "true"))
		}
	case reflect.Int, reflect.Int64:
		hint := "write digits"
		if _, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			hint = "write it without quotes"
		}
		if d.scalar(n, v.Type(), path, "!!int", hint) {
			number, err := strconv.ParseInt(n.Value, 0, 64)
			if err != nil {
				d.fault(n, path, "expected a whole number, found "+quote(n.Value), "")
			}
			v.SetInt(number)
		}
	case reflect.String:
		d.word(n, v, path)
	default:
		panic("config: no decoding for " + v.Type().String())
	}
}

// shorthand is a struct for which a scalar may stand: the value of the key that it names.
type shorthand interface{ short() (key string) }

// inFull returns the mapping that a scalar stands for.
func (d *decoder) inFull(n *yaml.Node, key string) *yaml.Node {
	name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: n.Line, Column: n.Column}
	full := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: []*yaml.Node{name, n}}
	if origin, ok := d.origins[n]; ok {
		d.origins[name], d.origins[full] = origin, origin
	}
	return full
}

func (d *decoder) scalar(n *yaml.Node, t reflect.Type, path, tag, hint string) bool {
	if n.Kind == yaml.ScalarNode && n.Tag == tag {
		return true
	}
	d.fault(n, path, "expected "+kindName(t)+", found "+found(n), hint)
	return false
}

// maxListed is how many words a message lists; more stand in the hint.
const maxListed = 8

// word decodes a string; one of a closed set where the type has words.
func (d *decoder) word(n *yaml.Node, v reflect.Value, path string) {
	if !d.scalar(n, v.Type(), path, "!!str", quotesHint(n)) {
		return
	}
	v.SetString(n.Value)
	w, ok := v.Interface().(words)
	switch {
	case !ok, slices.Contains(w.words(), n.Value):
	case len(w.words()) > maxListed:
		d.fault(n, path, "unknown value "+quote(n.Value), didYouMean(n.Value, w.words()))
	default:
		hint := ""
		if near := Nearest(n.Value, w.words()); near != "" {
			hint = "did you mean " + near + "?"
		}
		d.fault(n, path, "expected "+oneOf(w.words())+", found "+quote(n.Value), hint)
	}
}

func (d *decoder) text(n *yaml.Node, t text, path string) {
	form := t.form()
	if form.hidden && (n.Kind != yaml.ScalarNode || !slices.Contains(form.tags, n.Tag)) {
		d.fault(n, path, "expected "+form.expects+", found something else", form.hint)
		return
	}
	if n.Kind != yaml.ScalarNode || !slices.Contains(form.tags, n.Tag) {
		hint := form.hint
		if n.Kind == yaml.ScalarNode && n.Tag != "!!null" && slices.Contains(form.tags, "!!str") && t.parse(n.Value) == nil {
			hint = cmp.Or(quotesHint(n), hint)
		}
		d.fault(n, path, "expected "+form.expects+", found "+found(n), hint)
		return
	}
	value := n.Value
	if d.resolve != nil {
		resolved, fault := d.resolve(path, value)
		if fault != nil {
			d.fault(n, path, fault.Message, fault.Hint)
			return
		}
		value = resolved
	}
	if p, ok := t.(positioned); ok {
		p.setPosition(d.positions[path])
	}
	if l, ok := t.(tagged); ok {
		l.tag(n.Tag)
	}
	if wrong := t.parse(value); wrong != nil {
		d.fault(n, path, wrong.message, cmp.Or(wrong.hint, form.hint))
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		what := found(n)
		if isHidden(v.Type()) {
			what = "something else"
		}
		hint := `write each entry on its own line, after "- "`
		if n.Kind == yaml.MappingNode && slices.ContainsFunc(n.Content, func(key *yaml.Node) bool { return strings.HasPrefix(key.Value, "-") }) {
			hint = `write a blank after the dash: "- "`
		}
		d.fault(n, path, "expected "+kindName(v.Type())+", found "+what, hint)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, child := range n.Content {
		d.value(child, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, path, "expected "+kindName(v.Type())+", found "+found(n), `write each entry on its own line, as "key: value"`)
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, child := range d.pairs(n, path) {
		below := join(path, key.Value)
		name := reflect.New(v.Type().Key()).Elem()
		if t, ok := name.Addr().Interface().(text); ok {
			if wrong := t.parse(key.Value); wrong != nil {
				d.fault(key, below, wrong.message, wrong.hint)
				continue
			}
		} else {
			name.SetString(key.Value)
		}
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(child, element, below)
		v.SetMapIndex(name, element)
	}
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.fault(n, path, "expected "+kindName(v.Type())+", found "+found(n), "known keys: "+strings.Join(keysOf(v.Type()), ", "))
		return
	}
	if at := v.FieldByName("At"); at.IsValid() {
		at.Set(reflect.ValueOf(d.positions[path]))
	}
	seen := map[string]bool{}
	fields := maps.Collect(fieldsOf(v.Type()))
	for key, child := range d.pairs(n, path) {
		seen[key.Value] = true
		f, ok := fields[key.Value]
		if !ok {
			d.unknown(key, v.Type(), path)
			continue
		}
		d.value(child, v.FieldByIndex(f.Index), join(path, key.Value))
	}
	for key, f := range fieldsOf(v.Type()) {
		if required(f) && !seen[key] {
			d.fault(n, join(path, key), "this key is required", cmp.Or(f.Tag.Get("hint"), "add "+key+": "+f.Tag.Get("example")))
		}
	}
}

func (d *decoder) unknown(key *yaml.Node, t reflect.Type, path string) {
	if len(d.errs) > 2*MaxErrors { // nobody will read the hint
		d.fault(key, join(path, key.Value), "unknown key "+quote(key.Value), "")
		return
	}
	keys := keysOf(t)
	hint := "known keys here: " + strings.Join(keys, ", ")
	if near := Nearest(key.Value, keys); near != "" {
		hint = "did you mean " + near + "?"
	} else if elsewhere := d.known[key.Value]; len(elsewhere) > 0 {
		hint = key.Value + " belongs under " + oneOf(elsewhere) + "; " + hint
	}
	d.fault(key, join(path, key.Value), "unknown key "+quote(key.Value), hint)
}

// found names what stands at a node.
func found(n *yaml.Node) string {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!str":
		return "the text " + quote(n.Value)
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return n.Value
	case "!!null":
		return "no value"
	case "!!timestamp":
		return "the date " + n.Value
	}
	return "a value tagged " + n.Tag
}

func quotesHint(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" && n.Tag != "!!str" {
		return "put it into quotes: " + strconv.Quote(n.Value)
	}
	return ""
}

// plainKey needs no quotes in a path.
var plainKey = newShape(`^([A-Za-z0-9_-]{1,60}|<<)$`)

// join gives the path of a key below a path.
func join(path, key string) string {
	if !plainKey.MatchString(key) {
		return path + "[" + quote(key) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// pairs gives the keys and values of a mapping, merge keys (<<) expanded: what
// is written beats what is merged, earlier merges beat later ones.
func (d *decoder) pairs(n *yaml.Node, path string) func(yield func(key, value *yaml.Node) bool) {
	var flat []*yaml.Node
	have := map[string]bool{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merges = append(merges, value)
			continue
		}
		if key.Kind == yaml.ScalarNode && !have[key.Value] {
			have[key.Value] = true
			flat = append(flat, key, value)
		}
	}
	var merge func(n *yaml.Node, nested bool)
	merge = func(n *yaml.Node, nested bool) {
		source := n
		if n.Kind == yaml.AliasNode {
			source = n.Alias
		}
		switch {
		case source.Kind == yaml.MappingNode:
			for key, value := range d.pairs(source, path) {
				if !have[key.Value] {
					have[key.Value] = true
					flat = append(flat, key, value)
				}
			}
		case source.Kind == yaml.SequenceNode && !nested:
			for _, each := range source.Content {
				merge(each, true)
			}
		default:
			d.fault(n, join(path, "<<"), "<< merges a mapping, found "+found(source), "write <<: *name, with &name before the mapping that it should repeat")
		}
	}
	for _, each := range merges {
		merge(each, false)
	}
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i < len(flat); i += 2 {
			if !yield(flat[i], flat[i+1]) {
				return
			}
		}
	}
}
