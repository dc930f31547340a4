package openapi

import (
	"plimsoll/contracts/document"
)

// flattener merges the parts of one schema: its own keywords, its $refs and its allOf.
// Constraints are intersected; the lists of required properties are united.
type flattener struct {
	v        *View
	s        *Schema
	seen     map[document.Node]TypeSet // types of the parts merged; any while one is being merged, which ends cycles
	nullable bool                      // nullable: true at the outermost part
}

// part merges one node and gives the types that it allows.
func (f *flattener) part(n document.Node) TypeSet {
	n = f.v.Canonical(n)
	if types, ok := f.seen[n]; ok {
		return types
	}
	f.seen[n] = TypeAny
	types := f.merge(n)
	f.seen[n] = types
	return types
}

func (f *flattener) merge(n document.Node) TypeSet {
	switch n.Kind() {
	case document.Bool:
		if n.False() {
			f.s.Never = true
			return 0
		}
		return TypeAny
	case document.Object:
	default:
		return TypeAny
	}
	types := TypeAny
	ownTypes, nullable := false, document.Node{}
	for keyword, value := range n.Members() {
		switch keyword {
		case "$ref":
			if target, ok := f.v.Contract.Follow(n); ok && target.Valid() {
				types &= f.part(target)
			}
		case "$dynamicRef":
			if target, ok := f.v.Contract.FollowDynamic(n); ok && target.Valid() {
				types &= f.part(target)
			}
		case "allOf":
			for _, branch := range value.Items() {
				types &= f.part(branch)
			}
		case "type":
			if t, ok := typesOf(value); ok {
				types &= t
				ownTypes = true
				f.s.typed = true
				f.keep(&f.s.TypeNode, value)
			}
		case "nullable":
			if value.True() { // 3.1 has no such keyword, but where it is written it is meant
				nullable = value
			}
		case "enum":
			types &= f.enum(value)
		case "const":
			types &= f.constant(value)
		case "oneOf", "anyOf":
			types &= f.union(keyword, value)
		default:
			f.keyword(n, keyword, value)
		}
	}
	if nullable.Valid() {
		types |= TypeNull
		f.keep(&f.s.NullNode, nullable)
		if !ownTypes {
			// "nullable" beside an allOf or a $ref applies to the whole schema
			f.nullable = f.nullable || f.outermost(n)
		}
	} else if types&TypeNull != 0 && types != TypeAny {
		f.keep(&f.s.NullNode, f.s.TypeNode)
	}
	return types
}

func (f *flattener) outermost(n document.Node) bool {
	return len(f.s.Nodes) == 1 && f.s.Nodes[0] == n
}

func (f *flattener) keep(field *document.Node, value document.Node) {
	if !field.Valid() {
		*field = value
	}
}

// enum merges an enum: several intersect.
func (f *flattener) enum(list document.Node) TypeSet {
	if list.Kind() != document.Array {
		return TypeAny
	}
	var values []EnumValue
	var types TypeSet
	for _, item := range list.Items() {
		t := typeOfValue(item)
		if types |= t; t == TypeNull {
			continue
		}
		values = append(values, EnumValue{Key: LiteralKey(item), Text: Literal(item), Node: item})
	}
	f.restrict(values, list)
	return f.literalTypes(types)
}

// literalTypes: a literal 1 is an integer and a number at once.
func (f *flattener) literalTypes(types TypeSet) TypeSet {
	if types&TypeNumber != 0 {
		types |= TypeNumber
	}
	return types
}

func (f *flattener) constant(value document.Node) TypeSet {
	t := typeOfValue(value)
	if t != TypeNull {
		f.restrict([]EnumValue{{Key: LiteralKey(value), Text: Literal(value), Node: value}}, value)
	}
	return f.literalTypes(t)
}

func (f *flattener) restrict(values []EnumValue, node document.Node) {
	if !f.s.HasEnum {
		f.s.Enum, f.s.HasEnum, f.s.EnumNode = values, true, node
		return
	}
	var both []EnumValue
	for _, have := range f.s.Enum {
		for _, also := range values {
			if have.Key == also.Key {
				both = append(both, have)
				break
			}
		}
	}
	f.s.Enum = both
}

// union reads a oneOf or anyOf. A null branch makes the schema nullable. If one other
// branch remains, that branch is the schema.
func (f *flattener) union(keyword string, list document.Node) TypeSet {
	if list.Kind() != document.Array {
		return TypeAny
	}
	g := Group{Keyword: keyword, Node: list}
	null := document.Node{}
	for _, item := range list.Items() {
		if f.v.isNullSchema(item) {
			null = item
			continue
		}
		if inner := f.v.innerUnion(item); inner.Valid() {
			for _, each := range inner.Items() {
				if f.v.isNullSchema(each) {
					null = each
				} else {
					g.Branches = append(g.Branches, Branch{Node: each, Name: f.v.branchName(each)})
				}
			}
			continue
		}
		g.Branches = append(g.Branches, Branch{Node: item, Name: f.v.branchName(item)})
	}
	types := TypeAny
	taken, isTaken := f.s.taken[list]
	switch {
	case isTaken:
		f.s.Sole = append(f.s.Sole, taken)
		types = f.part(taken.Node)
	case len(g.Branches) == 0 && null.Valid():
		types = TypeNull
	case len(g.Branches) > 1 && f.listsValues(g.Branches):
		types = f.valueList(list, g.Branches)
	case len(g.Branches) == 0:
		return TypeAny
	case len(g.Branches) == 1:
		f.s.Sole = append(f.s.Sole, g.Branches[0])
		types = f.part(g.Branches[0].Node)
	default:
		f.s.Groups = append(f.s.Groups, g)
		types = 0
		for _, b := range g.Branches {
			types |= f.v.Outline(b.Node)
		}
	}
	if null.Valid() {
		f.keep(&f.s.NullNode, null)
		types |= TypeNull
	}
	return types
}

// listsValues tells whether a union is equivalent to an enum: every branch is a constant,
// with or without a title.
func (f *flattener) listsValues(branches []Branch) bool {
	for _, b := range branches {
		n := f.v.Canonical(b.Node)
		if !n.Get("const").Valid() && n.Get("enum").Kind() != document.Array {
			return false
		}
		for keyword := range n.Members() {
			if !IsAnnotation(keyword) && keyword != "const" && keyword != "enum" && keyword != "type" && keyword != "format" {
				return false
			}
		}
	}
	return true
}

func (f *flattener) valueList(list document.Node, branches []Branch) TypeSet {
	var values []EnumValue
	var types TypeSet
	add := func(item document.Node) {
		t := typeOfValue(item)
		if types |= t; t != TypeNull {
			values = append(values, EnumValue{Key: LiteralKey(item), Text: Literal(item), Node: item})
		}
	}
	for _, b := range branches {
		n := f.v.Canonical(b.Node)
		if c := n.Get("const"); c.Valid() {
			add(c)
			continue
		}
		for _, item := range n.Get("enum").Items() {
			add(item)
		}
	}
	f.restrict(values, list)
	return f.literalTypes(types)
}

// innerUnion gives the branches of a branch that is only a union itself, written inline.
func (v *View) innerUnion(n document.Node) document.Node {
	if n.Kind() != document.Object || n.Len() != 1 {
		return document.Node{}
	}
	list := document.FirstValid(n.Get("oneOf"), n.Get("anyOf"))
	if list.Kind() != document.Array {
		return document.Node{}
	}
	return list
}

// isNullSchema tells whether a branch allows only null.
func (v *View) isNullSchema(n document.Node) bool {
	n = v.Canonical(n)
	if t, ok := typesOf(n.Get("type")); ok && t == TypeNull {
		return true
	}
	if c := n.Get("const"); c.IsNull() {
		return true
	}
	if e := n.Get("enum"); e.Kind() == document.Array && e.Len() == 1 {
		for _, item := range e.Items() {
			return item.IsNull()
		}
	}
	return false
}

// Outline gives the types that a branch allows, without decoding the branch.
func (v *View) Outline(n document.Node) TypeSet { return v.outlineAt(n, map[document.Node]bool{}) }

func (v *View) outlineAt(n document.Node, seen map[document.Node]bool) TypeSet {
	n = v.Canonical(n)
	if seen[n] {
		return TypeAny
	}
	seen[n] = true
	types := TypeAny
	if n.Kind() == document.Bool && n.False() {
		return 0
	}
	for keyword, value := range n.Members() {
		switch keyword {
		case "$ref":
			if target, ok := v.Contract.Follow(n); ok {
				types &= v.outlineAt(target, seen)
			}
		case "$dynamicRef":
			if target, ok := v.Contract.FollowDynamic(n); ok {
				types &= v.outlineAt(target, seen)
			}
		case "type":
			if t, ok := typesOf(value); ok {
				types &= t
			}
		case "allOf":
			for _, b := range value.Items() {
				types &= v.outlineAt(b, seen)
			}
		case "oneOf", "anyOf":
			var sum TypeSet
			for _, b := range value.Items() {
				sum |= v.outlineAt(b, seen)
			}
			if sum != 0 {
				types &= sum
			}
		case "enum":
			var sum TypeSet
			for _, item := range value.Items() {
				sum |= typeOfValue(item)
			}
			if sum&TypeNumber != 0 {
				sum |= TypeNumber
			}
			types &= sum | TypeNull
		}
	}
	if n.Get("nullable").True() {
		types |= TypeNull
	}
	return types
}

// branchName gives the name of the schema that a branch refers to, or its title.
func (v *View) branchName(n document.Node) string {
	if ref := n.Get("$ref"); ref.Kind() == document.String {
		return RefName(ref.Text())
	}
	if title := n.Get("title"); title.Kind() == document.String {
		return title.Text()
	}
	return ""
}

// KeywordOwner gives the schema to which the value of a keyword belongs.
func (v *View) KeywordOwner(keyword document.Node) document.Node {
	if line := keyword.Ancestors(); len(line) > 0 {
		return line[len(line)-1]
	}
	return keyword
}

// BranchNames gives the names that a pattern may use for a branch: the name or title of
// its schema, and its discriminator values.
func (v *View) BranchNames(discriminator document.Node, br Branch) []string {
	var names []string
	if br.Name != "" {
		names = append(names, br.Name)
	}
	target := v.Canonical(br.Node)
	for value, mapping := range discriminator.Get("mapping").Members() {
		if ref := br.Node.Get("$ref"); ref.Valid() && RefName(mapping.Text()) == RefName(ref.Text()) || v.mapped(mapping, nil) == target {
			names = append(names, value)
		}
	}
	// a constant of the discriminator's property names the branch as well
	property := DiscriminatorProperty(discriminator)
	if prop := target.Get("properties").Get(property); prop.Valid() {
		if c := prop.Get("const"); c.Valid() {
			names = append(names, c.Text())
		} else if e := prop.Get("enum"); e.Len() == 1 {
			for _, item := range e.Items() {
				names = append(names, item.Text())
			}
		}
	}
	return names
}
