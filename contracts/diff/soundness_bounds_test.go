package diff

import (
	"math"
	"regexp"
)

// patternPool are the patterns that a text may have to match.
var patternPool = []string{"^[xy]", "^[xyz]$", "^.$"}

// boundsOf are the keywords that bound a type, each with the values drawn for it.
var boundsOf = map[string][]struct {
	keyword string
	values  []any
}{
	"integer": {{"minimum", []any{1.0, 2.0}}, {"maximum", []any{4.0, 7.0}}, {"multipleOf", []any{2.0, 3.0, 4.0}}},
	"number":  {{"minimum", []any{1.0, 2.5}}, {"maximum", []any{4.0, 7.5}}, {"multipleOf", []any{0.5, 1.0}}},
	"string":  {{"minLength", []any{1.0, 2.0}}, {"maxLength", []any{1.0, 3.0}}, {"pattern", []any{patternPool[0], patternPool[1], patternPool[2]}}},
	"array":   {{"minItems", []any{1.0, 2.0}}, {"maxItems", []any{1.0}}, {"uniqueItems", []any{true}}},
	"object":  {{"minProperties", []any{1.0, 2.0, 3.0}}, {"maxProperties", []any{1.0, 2.0, 3.0}}},
}

// mutateBound sets, moves or drops a bound.
func (g *generator) mutateBound(s schemaMap) bool {
	name, _ := s["type"].(string)
	bounds := boundsOf[name]
	if len(bounds) == 0 {
		return false
	}
	b := bounds[g.r.IntN(len(bounds))]
	if s[b.keyword] != nil && g.r.IntN(3) == 0 {
		delete(s, b.keyword)
		return true
	}
	s[b.keyword] = b.values[g.r.IntN(len(b.values))]
	return true
}

// withinBounds tells whether a value keeps the bounds of a schema.
func withinBounds(s schemaMap, doc any) bool {
	switch doc := doc.(type) {
	case float64:
		if m, ok := s["multipleOf"].(float64); ok && math.Mod(doc, m) != 0 {
			return false
		}
		return inRange(s, "minimum", "maximum", doc)
	case string:
		if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(doc) {
			return false
		}
		return inRange(s, "minLength", "maxLength", float64(len(doc)))
	case []any:
		return inRange(s, "minItems", "maxItems", float64(len(doc))) && (s["uniqueItems"] != true || unique(doc))
	case schemaMap:
		return inRange(s, "minProperties", "maxProperties", float64(len(doc)))
	}
	return true
}

func inRange(s schemaMap, least, most string, n float64) bool {
	if limit, ok := s[least].(float64); ok && n < limit {
		return false
	}
	limit, ok := s[most].(float64)
	return !ok || n <= limit
}

func unique(items []any) bool {
	seen := map[string]bool{}
	for _, item := range items {
		seen[text(item)] = true
	}
	return len(seen) == len(items)
}
