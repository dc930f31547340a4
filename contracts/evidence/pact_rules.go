package evidence

import (
	"strings"
)

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
		for place, inner := range rule.fields() {
			way := []string{key.Value}
			if strings.HasPrefix(place.Value, "$") {
				way = append(way, jsonPath(place.Value)...)
			} else {
				way = append(way, place.Value)
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
