package evidence

import (
	"slices"
	"strings"

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

// ruleSet holds the matching rules of one message: which values of its example
// stand for themselves, and which mappings have free keys.
type ruleSet struct{ rules []matchRule }

type matchRule struct {
	way   []string // keys, "*" for any item or key
	match string
}

// maxRules of one message: with more of them no value counts as literal.
const maxRules = 500

// newRules reads matching rules of versions 2 ("$.body.x": {match}) and 3 or 4
// ({body: {"$.x": {matchers: [{match}]}}}). Ways begin with body, query, …
func newRules(rules node) ruleSet {
	var set ruleSet
	add := func(way []string, rule node) {
		if match := rule.get("match"); match.there() {
			set.rules = append(set.rules, matchRule{way, match.text()})
		} else if rule.first("min", "max").there() {
			set.rules = append(set.rules, matchRule{way, "type"})
		}
	}
	for key, rule := range rules.fields() {
		if strings.HasPrefix(key.Value, "$") {
			way := jsonPath(key.Value)
			if len(way) == 1 && way[0] == "path" {
				continue
			}
			add(way, rule)
			continue
		}
		if rule.get("matchers").isList() { // path, status
			continue
		}
		for position, inner := range rule.fields() {
			way := []string{key.Value}
			if strings.HasPrefix(position.Value, "$") {
				way = append(way, jsonPath(position.Value)...)
			} else {
				way = append(way, position.Value)
			}
			for matcher := range inner.get("matchers").items() {
				add(way, matcher)
			}
		}
	}
	return set
}

// bodyRules gives the rules for a message's body, their ways beginning below it.
func bodyRules(message node) ruleSet {
	var below ruleSet
	for _, rule := range newRules(message.get("matchingRules")).rules {
		if len(rule.way) > 0 && rule.way[0] == "body" {
			below.rules = append(below.rules, matchRule{rule.way[1:], rule.match})
		}
	}
	return below
}

// exact says whether the value at a way stands for itself alone: the rule that
// names it best is equality, or none does. A rule counts for all below it.
func (s ruleSet) exact(way []string) bool {
	if len(s.rules) > maxRules {
		return false
	}
	best, match := -1, "equality"
	for _, rule := range s.rules {
		if len(rule.way) <= len(way) && len(rule.way) > best && rule.covers(way) {
			best, match = len(rule.way), rule.match
		}
	}
	return match == "equality"
}

// anyKey says whether the keys of the mapping at a way are free.
func (s ruleSet) anyKey(way []string) bool {
	for _, rule := range s.rules {
		switch rule.match {
		case "values", "eachKey", "eachValue":
			if len(rule.way) == len(way) && rule.covers(way) {
				return true
			}
		}
	}
	return false
}

// covers says whether the rule's way is a beginning of way (or way of it).
func (r matchRule) covers(way []string) bool {
	for i := range min(len(r.way), len(way)) {
		if r.way[i] != "*" && way[i] != "*" && r.way[i] != way[i] {
			return false
		}
	}
	return true
}

// jsonPath splits $.body.lines[0]['a b'][*] into its keys; every index is "*".
func jsonPath(text string) []string {
	var way []string
	text = strings.TrimPrefix(text, "$")
	for text != "" {
		switch {
		case strings.HasPrefix(text, "['"), strings.HasPrefix(text, `["`):
			key, rest, _ := strings.Cut(text[2:], text[1:2]+"]")
			way, text = append(way, key), rest
		case text[0] == '[':
			_, rest, _ := strings.Cut(text, "]")
			way, text = append(way, "*"), rest
		case text[0] == '.':
			text = text[1:]
		default:
			end := strings.IndexAny(text, ".[")
			if end < 0 {
				end = len(text)
			}
			way, text = append(way, text[:end]), text[end:]
		}
	}
	return way
}
