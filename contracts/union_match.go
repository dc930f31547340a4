package contracts

import "plimsoll/contracts/document"

// first gives the schema that a keyword's value belongs to.
func (v *view) first(keyword document.Node) document.Node {
	if line := keyword.Ancestors(); len(line) > 0 {
		return line[len(line)-1]
	}
	return keyword
}

// branchNames gives the names by which a pattern may speak of a branch: the
// schema's name or title, and the values that the discriminator gives it.
func (w *schemaWork) branchNames(v *view, discriminator document.Node, br branch) []string {
	return v.branchNames(discriminator, br)
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

// match pairs the branches of two unions: by discriminator value, by name, by
// structure, and what is left by type where that is unambiguous.
func (w *schemaWork) match(b, h []branch) (pairs [][2]int, gone, fresh []int) {
	usedB, usedH := make([]bool, len(b)), make([]bool, len(h))
	take := func(i, j int) {
		usedB[i], usedH[j] = true, true
		pairs = append(pairs, [2]int{i, j})
	}
	byKey := func(key func(v *view, s *schema, br branch) string) {
		index := map[string]int{}
		for j := len(h) - 1; j >= 0; j-- {
			if k := key(w.c.head, w.h, h[j]); k != "" && !usedH[j] {
				index[k] = j
			}
		}
		for i := range b {
			if usedB[i] {
				continue
			}
			if k := key(w.c.base, w.b, b[i]); k != "" {
				if j, ok := index[k]; ok && !usedH[j] {
					take(i, j)
				}
			}
		}
	}
	byKey(func(_ *view, s *schema, br branch) string {
		if mapping := s.discrim.Get("mapping"); mapping.Valid() && br.node.Get("$ref").Valid() {
			for value, ref := range mapping.Members() {
				if refName(ref.Text()) == refName(br.node.Get("$ref").Text()) {
					return value
				}
			}
		}
		return ""
	})
	byKey(func(_ *view, _ *schema, br branch) string { return br.name })
	w.matchStructure(b, h, usedB, usedH, take)
	byKey(func(v *view, _ *schema, br branch) string { return w.soleType(v, br, b, h, usedB, usedH) })
	w.matchLikeness(b, h, usedB, usedH, take)
	for i := range b {
		if !usedB[i] {
			gone = append(gone, i)
		}
	}
	for j := range h {
		if !usedH[j] {
			fresh = append(fresh, j)
		}
	}
	return pairs, gone, fresh
}

// maxStructureMatches bounds how many pairs of branches are compared by
// structure in one union.
const maxStructureMatches = 4096

func (w *schemaWork) matchStructure(b, h []branch, usedB, usedH []bool, take func(i, j int)) {
	tries := 0
	for i := range b {
		for j := range h {
			if usedB[i] {
				break
			}
			if usedH[j] {
				continue
			}
			if tries++; tries > maxStructureMatches {
				return
			}
			if w.c.sameMeaning(b[i].node, h[j].node) {
				take(i, j)
			}
		}
	}
}

// soleType gives a branch's types where no other branch that is left has them.
func (w *schemaWork) soleType(v *view, br branch, b, h []branch, usedB, usedH []bool) string {
	types := v.outline(br.node) &^ typeNull
	if types&typeObject != 0 && br.name != "" {
		return "" // shared schemas go by their names, or by what they resemble
	}
	count := 0
	for i := range b {
		if !usedB[i] && w.c.base.outline(b[i].node)&^typeNull == types {
			count++
		}
	}
	for j := range h {
		if !usedH[j] && w.c.head.outline(h[j].node)&^typeNull == types {
			count++
		}
	}
	if count != 2 {
		return ""
	}
	return types.String()
}
