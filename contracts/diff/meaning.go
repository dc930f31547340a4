package diff

import (
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// The limits on pairs of nodes per question, and for all questions of one comparison.
const (
	maxMeaning    = 20_000
	maxAllMeaning = 5_000_000
)

// sameMeaning tells whether two schemas are equivalent, apart from descriptions, examples
// and the names of their parts. False may also mean that the budget did not suffice.
func (c *comparer) sameMeaning(b, h document.Node) bool {
	key := nodePair{b: b, h: h}
	if known, ok := c.meaning[key]; ok {
		return known
	}
	left := maxAllMeaning - c.asked
	m := meaning{c: c, assumed: map[nodePair]bool{}, budget: min(maxMeaning, left)}
	same := m.schema(b, h)
	c.asked += len(m.assumed)
	c.meaning[key] = same
	if same { // nothing contradicted what was assumed on the way
		for k := range m.assumed {
			c.meaning[k] = true
		}
	}
	return same
}

// sameKeyword is sameMeaning for the values of one keyword, which may be lists or maps of
// schemas.
func (c *comparer) sameKeyword(keyword string, b, h document.Node) bool {
	if c.dirty.Same(b, h) {
		return true
	}
	key := nodePair{b: b, h: h, kind: keyword}
	if known, ok := c.meaning[key]; ok {
		return known
	}
	m := meaning{c: c, assumed: map[nodePair]bool{}, budget: min(maxMeaning, maxAllMeaning-c.asked)}
	same := m.keyword(keyword, b, h)
	c.asked += len(m.assumed)
	c.meaning[key] = same
	return same
}

type meaning struct {
	c       *comparer
	assumed map[nodePair]bool
	budget  int
}

func (m *meaning) schema(b, h document.Node) bool {
	if m.c.dirty.Same(b, h) {
		return true
	}
	b, h = m.c.base.Canonical(b), m.c.head.Canonical(h)
	if m.c.dirty.Same(b, h) {
		return true
	}
	key := nodePair{b: b, h: h}
	if m.assumed[key] {
		return true
	}
	if m.budget--; m.budget < 0 {
		return false
	}
	m.assumed[key] = true
	if b.Kind() != document.Object || h.Kind() != document.Object {
		return document.Equal(b, h)
	}
	count := 0
	for keyword, value := range b.Members() {
		if openapi.IsAnnotation(keyword) && keyword != "x-extensible-enum" {
			continue
		}
		count++
		if keyword == "$ref" { // with siblings: both count
			x, okB := m.c.base.Contract.Follow(b)
			y, okH := m.c.head.Contract.Follow(h)
			if !okB || !okH || !m.schema(x, y) {
				return false
			}
			continue
		}
		if keyword == "$dynamicRef" {
			x, okB := m.c.base.Contract.FollowDynamic(b)
			y, okH := m.c.head.Contract.FollowDynamic(h)
			if okB && okH && m.schema(x, y) {
				continue
			}
			return false
		}
		other := h.Get(keyword)
		if !other.Valid() || !m.keyword(keyword, value, other) {
			return false
		}
	}
	for keyword := range h.Members() {
		if !openapi.IsAnnotation(keyword) || keyword == "x-extensible-enum" {
			count--
		}
	}
	return count == 0
}

func (m *meaning) keyword(keyword string, b, h document.Node) bool {
	switch keyword {
	case "properties", "patternProperties", "dependentSchemas", "dependencies":
		return m.names(b, h)
	case "allOf", "oneOf", "anyOf", "prefixItems":
		return m.list(b, h)
	case "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems",
		"additionalItems", "contentSchema":
		return m.schema(b, h)
	case "required", "enum", "type":
		return sameSet(b, h)
	default:
		return document.Equal(b, h)
	}
}

func (m *meaning) names(b, h document.Node) bool {
	if b.Len() != h.Len() {
		return false
	}
	for name, value := range b.Members() {
		other := h.Get(name)
		if !other.Valid() || !m.schema(value, other) {
			return false
		}
	}
	return true
}

func (m *meaning) list(b, h document.Node) bool {
	var others []document.Node
	for _, item := range h.Items() {
		others = append(others, item)
	}
	if b.Len() != len(others) {
		return false
	}
	for i, item := range b.Items() {
		if !m.schema(item, others[i]) {
			return false
		}
	}
	return true
}

// sameSet compares lists whose order does not matter.
func sameSet(b, h document.Node) bool {
	if b.Kind() != document.Array || h.Kind() != document.Array {
		return document.Equal(b, h)
	}
	seen := map[string]bool{}
	for _, item := range b.Items() {
		seen[openapi.LiteralKey(item)] = true
	}
	for _, item := range h.Items() {
		if !seen[openapi.LiteralKey(item)] {
			return false
		}
	}
	return b.Len() == h.Len()
}
