package openapi

import (
	"plimsoll/contracts/document"
)

// Part is one schema object that a value must satisfy. A schema is the conjunction of its
// parts: its own keywords, those of its $refs and of its allOf.
type Part struct {
	Node document.Node // an object, or a boolean
	// OrNull: null satisfies the part as well, since it was one branch beside null.
	OrNull bool
	Unions []Union
}

// Union is a oneOf or anyOf of a part, with its branches as written.
type Union struct {
	Keyword  string
	Node     document.Node
	Branches []document.Node
}

// Parts gives the parts of a schema. Decode merges them; a proof about single keywords needs
// each of them.
func (v *View) Parts(s *Schema) []Part {
	if s.parts == nil {
		c := partsCollector{v: v, taken: s.taken, seen: map[seenPart]bool{}}
		for _, n := range s.Nodes {
			c.add(n, false)
		}
		s.parts = c.parts
	}
	return s.parts
}

type partsCollector struct {
	v     *View
	taken map[document.Node]Branch
	seen  map[seenPart]bool // ends cycles
	parts []Part
}

// seenPart is a node, with or without null beside it.
type seenPart struct {
	node   document.Node
	orNull bool
}

func (c *partsCollector) add(n document.Node, orNull bool) {
	n = c.v.Canonical(n)
	if c.seen[seenPart{n, orNull}] {
		return
	}
	c.seen[seenPart{n, orNull}] = true
	at := len(c.parts)
	c.parts = append(c.parts, Part{Node: n, OrNull: orNull})
	var unions []Union
	for keyword, value := range n.Members() {
		switch keyword {
		case "$ref":
			if target, ok := c.v.Contract.Follow(n); ok && target.Valid() {
				c.add(target, orNull)
			}
		case "allOf":
			for _, branch := range value.Items() {
				c.add(branch, orNull)
			}
		case "oneOf", "anyOf":
			if value.Kind() != document.Array {
				continue
			}
			if branch, null, ok := c.sole(keyword, value); ok {
				c.add(branch, orNull || null)
				continue
			}
			u := Union{Keyword: keyword, Node: value}
			for _, branch := range value.Items() {
				u.Branches = append(u.Branches, branch)
			}
			if len(u.Branches) > 0 { // an empty list is not valid, and read as none
				unions = append(unions, u)
			}
		}
	}
	c.parts[at].Unions = unions
}

// sole gives the one branch of a union that is not null, or that counts; null tells
// whether null is beside it.
func (c *partsCollector) sole(keyword string, list document.Node) (branch document.Node, null, ok bool) {
	count := 0
	for _, item := range list.Items() {
		if c.v.isNullSchema(item) {
			null = true
			continue
		}
		count++
		branch = item
	}
	if taken, is := c.taken[list]; is {
		return taken.Node, null, true
	}
	if count != 1 || null && keyword == "oneOf" && c.v.Outline(branch)&TypeNull != 0 {
		return document.Node{}, false, false
	}
	return branch, null, true
}

// TypesOf gives the types that the keyword "type" of a part allows; false where it has
// none.
func (v *View) TypesOf(p Part) (TypeSet, bool) {
	types, ok := typesOf(p.Node.Get("type"))
	if ok && p.Node.Get("nullable").True() {
		types |= TypeNull
	}
	return types, ok
}

// TypeOfValue gives the type of a literal.
func TypeOfValue(n document.Node) TypeSet { return typeOfValue(n) }

// mapping gives what a part says of a property that it does not declare: the schemas of
// the patterns that match its name, else additionalProperties. refused is true where the
// part is closed. A pattern that cannot be read says nothing either way, and is returned.
func (v *View) mapping(part document.Node, name string) (schemas []document.Node, refused bool, unreadable string) {
	matched := false
	for pattern, schema := range part.Get("patternProperties").Members() {
		is, known := v.Matches(pattern, name)
		if is {
			schemas = append(schemas, schema)
		}
		if !known {
			unreadable += pattern + "\n"
		}
		matched = matched || is || !known
	}
	if unreadable != "" && !part.Get("properties").Get(name).Valid() {
		unreadable += "in a part that does not declare it\n"
	}
	extra := part.Get("additionalProperties")
	switch {
	case matched || part.Get("properties").Get(name).Valid():
	case extra.False():
		return schemas, true, unreadable
	case extra.Kind() == document.Object && extra.Len() > 0:
		schemas = append(schemas, extra)
	}
	return schemas, false, unreadable
}

// Undeclared gives the schemas that hold for a property that no part declares, and
// whether a part refuses it.
func (v *View) Undeclared(s *Schema, name string) (schemas []document.Node, refused bool) {
	for _, part := range s.mappers {
		more, no, _ := v.mapping(part, name)
		schemas, refused = append(schemas, more...), refused || no
	}
	return schemas, refused
}
