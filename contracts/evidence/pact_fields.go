package evidence

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"plimsoll/contracts"
)

// fieldSet collects leaf keys as usage patterns, each once.
type fieldSet struct {
	list   []contracts.Pattern
	index  map[string]int
	varied map[string]bool // seen with a matcher: no list of values is complete
	full   bool            // there were more than maxFields: the list is none
}

// maxFields and maxValues bound what one operation's exchanges may add.
const (
	maxFields = 2_000
	maxValues = 50
)

// add notes a field; exact says that only this very value fits.
func (s *fieldSet) add(text, value string, exact bool, at node) {
	if s.index == nil {
		s.index, s.varied = map[string]int{}, map[string]bool{}
	}
	i, ok := s.index[text]
	if !ok {
		if len(s.list) >= maxFields {
			s.full = true
			return
		}
		i = len(s.list)
		s.index[text] = i
		s.list = append(s.list, contracts.Pattern{Text: text, Position: at.position()})
	}
	p := &s.list[i]
	switch {
	case !exact || len(p.Values) >= maxValues:
		s.varied[text] = true
		p.Values = nil
	case !s.varied[text] && !slices.Contains(p.Values, value):
		p.Values = append(p.Values, value)
	}
}

// addParameter notes a query parameter, header or form field.
func (s *fieldSet) addParameter(name, value string, at node, exact bool) {
	s.add(quoteName(name), value, exact, at)
}

func (s *fieldSet) merge(other *fieldSet) {
	s.full = s.full || other.full
	for _, p := range other.list {
		at := node{p.Position.File, &yaml.Node{Line: p.Position.Line, Column: p.Position.Column}}
		if len(p.Values) == 0 {
			s.add(p.Text, "", false, at)
		}
		for _, value := range p.Values {
			s.add(p.Text, value, true, at)
		}
	}
}

func (s *fieldSet) names() []string {
	names := make([]string, len(s.list))
	for i, p := range s.list {
		names[i] = p.Text
	}
	slices.Sort(names)
	return names
}

// patterns gives the list; nil where it is not complete.
func (s *fieldSet) patterns() *[]contracts.Pattern {
	if s.full {
		return nil
	}
	list := slices.Clone(s.list)
	if list == nil {
		list = []contracts.Pattern{}
	}
	return &list
}

// collect notes the leaves below a body. prefix is the pattern so far, way the
// keys so far, for the matching rules.
func (s *fieldSet) collect(body node, prefix string, way []string, rules ruleSet) {
	s.below(body, body, prefix, way, rules, true)
}

// below notes the leaves below value, which stands at the key at.
func (s *fieldSet) below(value, at node, prefix string, way []string, rules ruleSet, exact bool) {
	value, exact = unwrapRuby(value, exact)
	switch {
	case value.isMap() && len(value.Content) == 0, value.isList() && len(value.Content) == 0:
		if prefix != "" {
			s.add(prefix+".^", "", false, at)
		}
	case value.isMap():
		anyKey := rules.anyKey(way)
		for key, child := range value.fields() {
			next, step := prefix, append(slices.Clip(way), key.Value)
			switch {
			case anyKey:
				next += "{}"
			default:
				next = dotted(prefix, quoteName(key.Value))
			}
			s.below(child, key, next, step, rules, exact)
		}
	case value.isList():
		for child := range value.items() {
			s.below(child, child, prefix+"[]", append(slices.Clip(way), "*"), rules, exact)
		}
	case prefix == "":
	default:
		s.add(prefix, value.text(), exact && value.there() && rules.exact(way), at)
	}
}

func dotted(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// unwrapRuby takes off what early pact-ruby wrote around values that have a
// matcher: {"json_class": "Pact::SomethingLike", "contents": …}.
func unwrapRuby(value node, exact bool) (node, bool) {
	switch value.get("json_class").text() {
	case "Pact::SomethingLike":
		return value.get("contents"), false
	case "Pact::Term":
		return value.get("data", "generate"), false
	case "Pact::ArrayLike":
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: value.Line, Column: value.Column}
		if contents := value.get("contents"); contents.Node != nil {
			list.Content = []*yaml.Node{contents.Node}
		}
		return node{value.file, list}, false
	}
	return value, exact
}
