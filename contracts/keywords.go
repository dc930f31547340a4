package contracts

import (
	"math"
	"path"
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// bound is a numeric limit, the tightest where several parts give one.
type bound struct {
	value     float64
	exclusive bool
	node      document.Node
}

// opaqueKeywords are those whose effect is not worked out: a change below them
// can't be proved safe.
var opaqueKeywords = map[string]bool{"not": true, "if": true, "then": true, "else": true, "unevaluatedProperties": true,
	"unevaluatedItems": true, "dependentSchemas": true, "dependentRequired": true, "dependencies": true, "propertyNames": true,
	"contains": true, "minContains": true, "maxContains": true, "$dynamicRef": true, "$recursiveRef": true, "contentSchema": true}

// anyText are patterns that refuse no text.
var anyText = map[string]bool{"": true, ".*": true, "^.*": true, ".*$": true, "^.*$": true, "^": true, "$": true}

// keyword merges one keyword of the part n.
func (f *flattener) keyword(n document.Node, keyword string, value document.Node) {
	s := f.s
	switch keyword {
	case "properties":
		for name, prop := range value.Members() {
			f.property(n, value, name, prop)
		}
	case "required":
		for _, item := range value.Items() {
			if name := item.Text(); !s.required[name].Valid() {
				s.required[name] = item
			}
		}
	case "additionalProperties":
		f.additional(n, value)
	case "patternProperties":
		for pattern, prop := range value.Members() {
			s.mapped = append(s.mapped, property{name: pattern, nodes: []document.Node{prop}, key: value.Key(pattern), part: n})
		}
	case "items":
		f.itemsKeyword(value)
	case "prefixItems":
		f.prefixItems(value)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems",
		"minProperties", "maxProperties", "multipleOf":
		f.bound(n, keyword, value)
	case "uniqueItems":
		if value.True() {
			f.keepKeyword(keyword, value)
		}
	case "pattern":
		if anyText[value.Text()] {
			return
		}
		if len(s.patterns) == 0 || !document.Equal(s.patterns[0], value) {
			s.patterns = append(s.patterns, value)
		}
	case "readOnly":
		s.readOnly = s.readOnly || value.True()
	case "writeOnly":
		s.writeOnly = s.writeOnly || value.True()
	case "deprecated":
		if value.True() {
			f.keep(&s.deprecated, value)
		}
	case "discriminator":
		f.keep(&s.discrim, value)
	case "format", "default", "contentEncoding", "contentMediaType", "x-sunset":
		f.keepKeyword(keyword, value)
	case "x-extensible-enum":
		s.extensible = true
		if value.Kind() == document.Array && !s.hasEnum {
			f.enum(value)
		}
	default:
		if opaqueKeywords[keyword] {
			if s.opaque == nil {
				s.opaque = map[string][]document.Node{}
			}
			s.opaque[keyword] = append(s.opaque[keyword], value)
		}
	}
}

func (f *flattener) keepKeyword(keyword string, value document.Node) {
	if _, ok := f.s.keywords[keyword]; !ok {
		f.s.keywords[keyword] = value
	}
}

func (f *flattener) property(part, all document.Node, name string, prop document.Node) {
	if i, ok := f.s.propAt[name]; ok {
		f.s.props[i].nodes = append(f.s.props[i].nodes, prop)
		return
	}
	f.s.propAt[name] = len(f.s.props)
	f.s.props = append(f.s.props, property{name: name, nodes: []document.Node{prop}, key: prop.KeyNode(), part: part})
}

func (f *flattener) additional(n, value document.Node) {
	switch {
	case value.False():
		f.keep(&f.s.closed, value)
		f.s.shutters = append(f.s.shutters, n)
		f.keep(&f.s.extraNode, value)
	case value.Kind() == document.Object && value.Len() > 0:
		f.s.extra = append(f.s.extra, value)
		f.s.mappers = append(f.s.mappers, n)
		f.keep(&f.s.extraNode, value)
	}
}

func (f *flattener) itemsKeyword(value document.Node) {
	switch value.Kind() {
	case document.Array: // the form of earlier JSON Schema drafts
		f.prefixItems(value)
	case document.Bool:
		if value.False() {
			f.keep(&f.s.noMore, value)
		}
	default:
		f.s.items = append(f.s.items, value)
		f.keep(&f.s.itemsNode, value)
	}
}

func (f *flattener) prefixItems(value document.Node) {
	for i, item := range value.Items() {
		if i < len(f.s.prefix) {
			f.s.prefix[i] = append(f.s.prefix[i], item)
		} else {
			f.s.prefix = append(f.s.prefix, []document.Node{item})
		}
	}
}

// bound merges a numeric limit; the boolean exclusive bounds of 3.0 belong to
// the limit beside them.
func (f *flattener) bound(n document.Node, keyword string, value document.Node) {
	b := bound{node: value}
	switch keyword {
	case "exclusiveMinimum", "exclusiveMaximum":
		if value.Kind() == document.Bool {
			return // read beside minimum or maximum
		}
		b.exclusive = true
		keyword = "m" + keyword[len("exclusiveM"):]
	case "minimum":
		b.exclusive = n.Get("exclusiveMinimum").True()
	case "maximum":
		b.exclusive = n.Get("exclusiveMaximum").True()
	}
	v, ok := value.Float()
	if !ok {
		return
	}
	b.value = v
	if f.s.bounds == nil {
		f.s.bounds = map[string]bound{}
	}
	if have, ok := f.s.bounds[keyword]; !ok || tighter(keyword, b, have) {
		f.s.bounds[keyword] = b
	}
}

// tighter tells whether a allows strictly less than b.
func tighter(keyword string, a, b bound) bool {
	if keyword == "multipleOf" {
		q := a.value / b.value
		return a.value != b.value && math.Abs(q-math.Round(q)) < 1e-9
	}
	if a.value == b.value {
		return a.exclusive && !b.exclusive
	}
	if strings.HasPrefix(keyword, "min") {
		return a.value > b.value
	}
	return a.value < b.value
}

func (b bound) String() string {
	text := trimFloat(b.value)
	if b.exclusive {
		return "exclusive " + text
	}
	return text
}

func trimFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// refName gives the last step of a $ref: the schema's name, or the file's.
func refName(ref string) string {
	file, pointer, _ := strings.Cut(ref, "#")
	if i := strings.LastIndexByte(pointer, '/'); i >= 0 {
		return strings.ReplaceAll(strings.ReplaceAll(unescape(pointer[i+1:]), "~1", "/"), "~0", "~")
	}
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base))
}

// limit gives a bound that says something: a minimum length of 0 says nothing.
func (s *schema) limit(keyword string) (bound, bool) {
	b, ok := s.bounds[keyword]
	if ok && b.value == 0 && strings.HasPrefix(keyword, "min") && keyword != "minimum" {
		return bound{}, false
	}
	return b, ok
}
