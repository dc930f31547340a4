package contracts

import (
	"plimsoll/contracts/document"
)

// flattener merges the parts of one schema: what stands in the schema itself,
// behind its $refs and in its allOf. Constraints intersect, required unites.
type flattener struct {
	v        *view
	s        *schema
	seen     map[document.Node]bool // parts merged, which also ends cycles
	nullable bool                   // nullable: true at the outermost part
}

// part merges one node and gives the types that it allows.
func (f *flattener) part(n document.Node) typeSet {
	n = f.v.canonical(n)
	if f.seen[n] {
		return typeAny
	}
	f.seen[n] = true
	switch n.Kind() {
	case document.Bool:
		if n.False() {
			f.s.never = true
			return 0
		}
		return typeAny
	case document.Object:
	default:
		return typeAny
	}
	types := typeAny
	ownTypes, nullable := false, document.Node{}
	for keyword, value := range n.Members() {
		switch keyword {
		case "$ref":
			if target, ok := f.v.contract.follow(n); ok && target.Valid() {
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
				f.keep(&f.s.typeNode, value)
			}
		case "nullable":
			if value.True() { // 3.1 has dropped the keyword; where it stands, it is meant
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
		types |= typeNull
		f.keep(&f.s.nullNode, nullable)
		if !ownTypes {
			// "nullable" beside an allOf or $ref is meant for the whole
			f.nullable = f.nullable || f.outermost(n)
		}
	} else if types&typeNull != 0 && types != typeAny {
		f.keep(&f.s.nullNode, f.s.typeNode)
	}
	return types
}

func (f *flattener) outermost(n document.Node) bool {
	return len(f.s.nodes) == 1 && f.s.nodes[0] == n
}

func (f *flattener) keep(field *document.Node, value document.Node) {
	if !field.Valid() {
		*field = value
	}
}

// enum merges an enum: several intersect.
func (f *flattener) enum(list document.Node) typeSet {
	if list.Kind() != document.Array {
		return typeAny
	}
	var values []enumValue
	var types typeSet
	for _, item := range list.Items() {
		t := typeOfValue(item)
		if types |= t; t == typeNull {
			continue
		}
		values = append(values, enumValue{key: literalKey(item), text: literal(item), node: item})
	}
	f.restrict(values, list)
	// a 3.0 enum beside "nullable: true" is meant to admit null
	if !f.v.contract.version.jsonSchema() {
		types |= typeNull
	}
	return f.literalTypes(types)
}

// literalTypes: a literal 1 is an integer and a number at once.
func (f *flattener) literalTypes(types typeSet) typeSet {
	if types&typeNumber != 0 {
		types |= typeNumber
	}
	return types
}

func (f *flattener) constant(value document.Node) typeSet {
	t := typeOfValue(value)
	if t != typeNull {
		f.restrict([]enumValue{{key: literalKey(value), text: literal(value), node: value}}, value)
	}
	return f.literalTypes(t)
}

func (f *flattener) restrict(values []enumValue, node document.Node) {
	if !f.s.hasEnum {
		f.s.enum, f.s.hasEnum, f.s.enumNode = values, true, node
		return
	}
	var both []enumValue
	for _, have := range f.s.enum {
		for _, also := range values {
			if have.key == also.key {
				both = append(both, have)
				break
			}
		}
	}
	f.s.enum = both
}

// union reads a oneOf or anyOf. A branch that is null makes the schema nullable;
// where one other branch is left, that is the schema.
func (f *flattener) union(keyword string, list document.Node) typeSet {
	if list.Kind() != document.Array {
		return typeAny
	}
	g := group{keyword: keyword, node: list}
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
					g.branches = append(g.branches, branch{node: each, name: f.v.branchName(each)})
				}
			}
			continue
		}
		g.branches = append(g.branches, branch{node: item, name: f.v.branchName(item)})
	}
	types := typeAny
	taken, isTaken := f.s.taken[list]
	switch {
	case isTaken:
		f.s.sole = append(f.s.sole, taken)
		types = f.part(taken.node)
	case len(g.branches) == 0 && null.Valid():
		types = typeNull
	case len(g.branches) > 1 && f.listsValues(g.branches):
		types = f.valueList(list, g.branches)
	case len(g.branches) == 0:
		return typeAny
	case len(g.branches) == 1:
		f.s.sole = append(f.s.sole, g.branches[0])
		types = f.part(g.branches[0].node)
	default:
		f.s.groups = append(f.s.groups, g)
		types = 0
		for _, b := range g.branches {
			types |= f.v.outline(b.node)
		}
	}
	if null.Valid() {
		f.keep(&f.s.nullNode, null)
		types |= typeNull
	}
	return types
}

// listsValues tells a union that is an enum in other words: every branch is a
// constant, with or without a title.
func (f *flattener) listsValues(branches []branch) bool {
	for _, b := range branches {
		n := f.v.canonical(b.node)
		if !n.Get("const").Valid() && n.Get("enum").Kind() != document.Array {
			return false
		}
		for keyword := range n.Members() {
			if !isAnnotation(keyword) && keyword != "const" && keyword != "enum" && keyword != "type" && keyword != "format" {
				return false
			}
		}
	}
	return true
}

func (f *flattener) valueList(list document.Node, branches []branch) typeSet {
	var values []enumValue
	var types typeSet
	add := func(item document.Node) {
		t := typeOfValue(item)
		if types |= t; t != typeNull {
			values = append(values, enumValue{key: literalKey(item), text: literal(item), node: item})
		}
	}
	for _, b := range branches {
		n := f.v.canonical(b.node)
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

// innerUnion gives the branches of a branch that is itself nothing but a union,
// written in place.
func (v *view) innerUnion(n document.Node) document.Node {
	if n.Kind() != document.Object || n.Len() != 1 {
		return document.Node{}
	}
	list := document.FirstValid(n.Get("oneOf"), n.Get("anyOf"))
	if list.Kind() != document.Array {
		return document.Node{}
	}
	return list
}

// isNullSchema tells a branch that admits null alone.
func (v *view) isNullSchema(n document.Node) bool {
	n = v.canonical(n)
	if t, ok := typesOf(n.Get("type")); ok && t == typeNull {
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

// outline gives the types that a branch allows, without decoding more of it than
// that takes.
func (v *view) outline(n document.Node) typeSet { return v.outlineAt(n, map[document.Node]bool{}) }

func (v *view) outlineAt(n document.Node, seen map[document.Node]bool) typeSet {
	n = v.canonical(n)
	if seen[n] {
		return typeAny
	}
	seen[n] = true
	types := typeAny
	if n.Kind() == document.Bool && n.False() {
		return 0
	}
	for keyword, value := range n.Members() {
		switch keyword {
		case "$ref":
			if target, ok := v.contract.follow(n); ok {
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
			var sum typeSet
			for _, b := range value.Items() {
				sum |= v.outlineAt(b, seen)
			}
			if sum != 0 {
				types &= sum
			}
		case "enum":
			var sum typeSet
			for _, item := range value.Items() {
				sum |= typeOfValue(item)
			}
			if sum&typeNumber != 0 {
				sum |= typeNumber
			}
			types &= sum | typeNull
		}
	}
	if n.Get("nullable").True() {
		types |= typeNull
	}
	return types
}

// branchName names a branch: by the schema that it refers to, else by its title.
func (v *view) branchName(n document.Node) string {
	if ref := n.Get("$ref"); ref.Kind() == document.String {
		return refName(ref.Text())
	}
	if title := n.Get("title"); title.Kind() == document.String {
		return title.Text()
	}
	return ""
}

// first gives the schema that a keyword's value belongs to.
func (v *view) first(keyword document.Node) document.Node {
	if line := keyword.Ancestors(); len(line) > 0 {
		return line[len(line)-1]
	}
	return keyword
}

func (v *view) branchNames(discriminator document.Node, br branch) []string {
	var names []string
	if br.name != "" {
		names = append(names, br.name)
	}
	target := v.canonical(br.node)
	for value, ref := range discriminator.Get("mapping").Members() {
		if refName(ref.Text()) == refName(br.node.Get("$ref").Text()) && br.node.Get("$ref").Valid() {
			names = append(names, value)
		}
	}
	// a constant of the discriminator's property names the branch as well
	property := discriminator.Get("propertyName").Text()
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
