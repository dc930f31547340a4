package openapi

import (
	"slices"
	"strings"

	"plimsoll/contracts/document"
)

// Wire is one value of a discriminator's property and the schema that it names.
type Wire struct {
	Value  string
	Target document.Node // resolved; invalid where the mapping leads nowhere that is known
	Node   document.Node // where the contract says so: the mapping's entry or the branch
	Name   string        // of the schema
	Other  bool          // stands for all values that are not mapped (defaultMapping, 3.2)
}

// Same tells whether two entries are about the same value.
func (w Wire) Same(other Wire) bool { return w.Value == other.Value && w.Other == other.Other }

// String gives the value and what it names, as users read it.
func (w Wire) String() string {
	switch {
	case !w.Node.Valid():
		return ""
	case w.Other:
		return "other values: " + w.Name
	}
	return w.Value + " → " + w.Name
}

// Names gives what a pattern may call the schema.
func (w Wire) Names() []string {
	if w.Other {
		return []string{w.Name}
	}
	return []string{w.Value, w.Name}
}

// Wires gives what the values of a discriminator's property name: the explicit mapping; for
// branches and subtypes that it does not mention, the constants of the property, else the
// name of the schema. The order is that of the contract.
func (v *View) Wires(s *Schema) []Wire {
	d := s.Discriminator
	if !d.Valid() {
		return nil
	}
	branches := slices.Concat(s.Sole, s.Subtypes)
	for _, g := range s.Groups {
		branches = append(branches, g.Branches...)
	}
	var wires []Wire
	explicit := map[document.Node]bool{}
	for value, ref := range d.Get("mapping").Members() {
		w := Wire{Value: value, Node: ref, Name: RefName(ref.Text()), Target: v.mapped(ref, branches)}
		explicit[w.Target] = true
		wires = append(wires, w)
	}
	for _, br := range branches {
		target := v.Canonical(br.Node)
		if explicit[target] {
			continue
		}
		values := v.wireConstants(target, d)
		if len(values) == 0 && (br.Node.Get("$ref").Valid() || slices.Contains(s.Subtypes, br)) {
			values = []string{br.Name} // an inline schema has no name to go by
		}
		for _, value := range values {
			wires = append(wires, Wire{Value: value, Target: target, Node: br.Node, Name: br.Name})
		}
	}
	if other := d.Get("defaultMapping"); other.Valid() { // 3.2: for values that are not mapped
		wires = append(wires, Wire{Other: true, Node: other, Name: RefName(other.Text()), Target: v.mapped(other, branches)})
	}
	return wires
}

// mapped resolves an entry of a mapping: a name of a shared schema, or what a $ref says.
func (v *View) mapped(ref document.Node, branches []Branch) document.Node {
	text := ref.Text()
	for _, br := range branches {
		if br.Node.Get("$ref").Text() == text {
			return v.Canonical(br.Node)
		}
	}
	if n := v.Contract.mapped(ref); n.Valid() {
		return v.Canonical(n)
	}
	return document.Node{}
}

// wireConstants gives the values that a schema itself demands of the discriminator's
// property.
func (v *View) wireConstants(target, discriminator document.Node) []string {
	prop := v.Canonical(target.Get("properties").Get(DiscriminatorProperty(discriminator)))
	if c := prop.Get("const"); c.Valid() {
		return []string{c.Text()}
	}
	var values []string
	for _, item := range prop.Get("enum").Items() {
		values = append(values, item.Text())
	}
	return values
}

// DiscriminatorProperty gives the property's name; in Swagger 2.0 the discriminator is the
// name itself.
func DiscriminatorProperty(n document.Node) string {
	if n.Kind() == document.String {
		return n.Text()
	}
	return n.Get("propertyName").Text()
}

// subtypesOf gives the shared schemas that extend a schema with a discriminator through
// allOf. Nothing refers to them: the discriminator alone leads there.
func (v *View) subtypesOf(n document.Node) []Branch {
	if v.subtypes == nil {
		v.subtypes = subtypes(v.Contract)
	}
	return v.subtypes[n]
}

// subtypes finds, for each schema with a discriminator and no union, the shared schemas of
// the same file that have it in their allOf, those of those as well.
func subtypes(c *Contract) map[document.Node][]Branch {
	found := map[document.Node][]Branch{}
	for _, doc := range c.docs {
		if !strings.Contains(doc.Source(), "discriminator") {
			continue
		}
		schemas := doc.Root().Get("components").Get("schemas")
		bases := map[document.Node][]document.Node{} // by subtype
		for name, s := range schemas.Members() {
			for _, part := range s.Get("allOf").Items() {
				if target, ok := c.Follow(part); ok && target.Valid() {
					bases[schemas.Get(name)] = append(bases[schemas.Get(name)], target)
				}
			}
		}
		for name, s := range schemas.Members() {
			reached := map[document.Node]bool{}
			for queue := slices.Clone(bases[s]); len(queue) > 0; queue = queue[1:] {
				base := queue[0]
				if reached[base] || base == s {
					continue
				}
				reached[base] = true
				queue = append(queue, bases[base]...)
				if base.Get("discriminator").Valid() && !base.Get("oneOf").Valid() && !base.Get("anyOf").Valid() {
					found[base] = append(found[base], Branch{Node: s, Name: name})
				}
			}
		}
	}
	return found
}
