package openapi

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// View is one version of a contract whose schemas are decoded on demand. It must not be
// used by several goroutines at once.
type View struct {
	Contract *Contract
	single   map[document.Node]*Schema
	multi    map[string]*Schema
	count    int32
	names    map[document.Node]string
	patterns map[string]*regexp.Regexp
	anyText  map[string]bool // by pattern
	subtypes map[document.Node][]Branch
}

// NewView gives a view of a contract in which nothing is decoded yet.
func NewView(c *Contract) *View {
	return &View{Contract: c, single: map[document.Node]*Schema{}, multi: map[string]*Schema{}, names: map[document.Node]string{}}
}

// Schema is one schema with allOf merged and $refs followed. It may be given by several
// nodes, where several branches of an allOf describe the same property.
type Schema struct {
	ID    int32
	Nodes []document.Node // the nodes that give it, resolved
	done  bool

	Known int32                    // the id that patterns use: its own, or that of the union of which it is a branch
	taken map[document.Node]Branch // for each union in it, the branch that counts

	Never    bool // the schema "false"
	Types    TypeSet
	typed    bool // "type" is given, or follows from const or enum
	TypeNode document.Node
	NullNode document.Node

	Keywords map[string]document.Node // single-valued keywords, from the first part that has them
	bounds   map[string]Bound
	Patterns []document.Node

	Enum       []EnumValue
	HasEnum    bool
	EnumNode   document.Node
	Extensible bool

	Properties []Property
	propAt     map[string]int
	Required   map[string]document.Node

	Closed        document.Node   // additionalProperties: false
	mappers       []document.Node // the parts with additionalProperties or patternProperties
	tuples        []document.Node // the parts with items or prefixItems
	Extra         []document.Node // schemas of additionalProperties
	ExtraNode     document.Node
	Mapped        []Property // patternProperties: the name is the pattern
	Items         []document.Node
	ItemsNode     document.Node
	Prefix        [][]document.Node
	NoMore        document.Node // items: false
	Groups        []Group
	Sole          []Branch // the one branch left of a oneOf or anyOf, merged into the rest
	Opaque        map[string][]document.Node
	Discriminator document.Node
	Subtypes      []Branch // that extend this schema, and to which only its discriminator leads
	ReadOnly      bool
	WriteOnly     bool
	Deprecated    document.Node

	parts []Part
}

// Property is one property of a schema, or one entry of patternProperties.
type Property struct {
	Name  string
	Nodes []document.Node
	Key   document.Node
	Part  document.Node // the schema node that declares it first
	// Refused: a closed part of an allOf does not declare it.
	Refused bool
	// Unreadable are the patterns of patternProperties that may match it or not.
	Unreadable string
}

// EnumValue is one value of an enum. Key tells "1" from 1; Text is what users read.
type EnumValue struct {
	Key  string
	Text string
	Node document.Node
}

// Group is one oneOf or anyOf.
type Group struct {
	Keyword  string
	Node     document.Node
	Branches []Branch
}

// Branch is one branch of a union.
type Branch struct {
	Node document.Node // as written, perhaps a $ref
	Name string        // the schema's name, its title, or ""
}

// Untyped tells whether the schema allows values of every type.
func (s *Schema) Untyped() bool { return s.Types|TypeNull == TypeAny }

// Schema gives the schema of values that must satisfy all given nodes.
func (v *View) Schema(nodes ...document.Node) *Schema {
	if len(nodes) == 1 {
		n := v.Canonical(nodes[0])
		if s := v.single[n]; s != nil {
			return s
		}
		s := v.fresh([]document.Node{n})
		v.single[n] = s
		return s
	}
	var key strings.Builder
	resolved := make([]document.Node, 0, len(nodes))
	seen := map[document.Node]bool{}
	for _, n := range nodes {
		n = v.Canonical(n)
		if seen[n] {
			continue
		}
		seen[n] = true
		resolved = append(resolved, n)
	}
	if len(resolved) == 1 {
		return v.Schema(resolved[0])
	}
	for _, n := range resolved {
		key.WriteString(strconv.Itoa(int(v.Schema(n).ID)))
		key.WriteByte(' ')
	}
	if s := v.multi[key.String()]; s != nil {
		return s
	}
	s := v.fresh(resolved)
	v.multi[key.String()] = s
	return s
}

func (v *View) fresh(nodes []document.Node) *Schema {
	v.count++
	return &Schema{ID: v.count, Known: v.count, Nodes: nodes}
}

// Canonical follows $refs that have no siblings. From 3.1 on siblings of a $ref count, so
// that such a node is kept.
func (v *View) Canonical(n document.Node) document.Node {
	for range maxRefChain {
		if v.Contract.version.jsonSchema() && refHasSiblings(n) {
			return n
		}
		next, ok := v.Contract.Follow(n)
		if !ok || !next.Valid() {
			return n
		}
		n = next
	}
	return n
}

var annotations = map[string]bool{"$ref": true, "description": true, "title": true, "summary": true, "example": true,
	"examples": true, "externalDocs": true, "$comment": true, "xml": true, "$id": true, "$schema": true, "$anchor": true, "$dynamicAnchor": true, "$defs": true}

// IsAnnotation tells whether a keyword never changes which values are valid.
func IsAnnotation(keyword string) bool {
	return annotations[keyword] && keyword != "$ref" || strings.HasPrefix(keyword, "x-")
}

func refHasSiblings(n document.Node) bool {
	hasRef, others := false, false
	for keyword := range n.Members() {
		if keyword == "$ref" {
			hasRef = true
		} else if !IsAnnotation(keyword) || keyword == "x-extensible-enum" {
			others = true
		}
	}
	return hasRef && others
}

// Decode reads the keywords of a schema, once, and gives the schema.
func (v *View) Decode(s *Schema) *Schema {
	if s.done {
		return s
	}
	s.done = true
	s.Types = TypeAny
	s.Keywords = map[string]document.Node{}
	s.Required = map[string]document.Node{}
	s.propAt = map[string]int{}
	f := flattener{v: v, s: s, seen: map[document.Node]TypeSet{}}
	for _, n := range s.Nodes {
		s.Types &= f.part(n)
	}
	if f.nullable {
		s.Types |= TypeNull
	}
	v.constrain(s)
	s.constrainPlaces()
	if s.First().Get("discriminator").Valid() && len(s.Groups) == 0 {
		s.Subtypes = v.subtypesOf(s.First())
	}
	return s
}

// constrain adds to each property what holds for it beside its own schemas: the matching
// patternProperties of every part, and the additionalProperties of those parts of an allOf
// that do not declare it. This is the effective schema of the property.
func (v *View) constrain(s *Schema) {
	for _, part := range s.mappers {
		for i := range s.Properties {
			p := &s.Properties[i]
			more, refused, unreadable := v.mapping(part, p.Name)
			p.Nodes = append(p.Nodes, more...)
			p.Refused = p.Refused || refused
			p.Unreadable += unreadable
		}
	}
}

// constrainPlaces adds to each place of a tuple what the parts of an allOf with a shorter
// tuple say of the items behind it.
func (s *Schema) constrainPlaces() {
	if len(s.Prefix) == 0 || len(s.tuples) < 2 {
		return
	}
	for _, part := range s.tuples {
		items := part.Get("items")
		if items.Kind() != document.Object && !items.False() {
			continue
		}
		for i := part.Get("prefixItems").Len(); i < len(s.Prefix); i++ {
			s.Prefix[i] = append(s.Prefix[i], items)
		}
	}
}

// Property gives a property by name.
func (s *Schema) Property(name string) (*Property, bool) {
	if i, ok := s.propAt[name]; ok {
		return &s.Properties[i], true
	}
	return nil, false
}

// Refuses tells whether a closed part of an allOf refuses a property that another part
// describes.
func (s *Schema) Refuses(name string) bool {
	p, ok := s.Property(name)
	return ok && p.Refused
}

// First gives the node that names the schema.
func (s *Schema) First() document.Node { return s.Nodes[0] }

// Unconstrained tells whether a schema has no constraints at all.
func (v *View) Unconstrained(n document.Node) bool {
	n = v.Canonical(n)
	if n.True() {
		return true
	}
	for keyword := range n.Members() {
		if !IsAnnotation(keyword) {
			return false
		}
	}
	return n.Kind() == document.Object
}

// Implied gives the type that a schema without a type most likely means.
func (s *Schema) Implied() TypeSet {
	switch {
	case len(s.Properties) > 0 || len(s.Extra) > 0 || len(s.Required) > 0:
		return TypeObject
	case len(s.Items) > 0:
		return TypeArray
	}
	return 0
}

// Nullable tells whether null is a valid value.
func (s *Schema) Nullable() bool { return s.Types&TypeNull != 0 }

// NullByBranch tells whether null is valid only because a branch of a union allows it.
func (s *Schema) NullByBranch() bool {
	return s.Nullable() && len(s.Groups) > 0 && !s.NullNode.Valid()
}

// WithBranch gives a union reduced to one branch: the constraints beside the union and
// those of the branch, as one schema.
func (v *View) WithBranch(union *Schema, g *Group, br Branch) *Schema {
	key := fmt.Sprintf("%d takes %d of %d", union.ID, v.Schema(br.Node).ID, g.Node.Index())
	if s := v.multi[key]; s != nil {
		return s
	}
	s := v.fresh(union.Nodes)
	s.Known = union.Known
	s.taken = map[document.Node]Branch{g.Node: br}
	maps.Copy(s.taken, union.taken)
	v.multi[key] = s
	return s
}

// SaysMore tells whether a schema has constraints beside its union. Types and null do not
// count, since they are compared on their own.
func (s *Schema) SaysMore() bool {
	if len(s.Nodes) > 1 {
		return true
	}
	for keyword := range s.First().Members() {
		switch keyword {
		case "oneOf", "anyOf", "discriminator", "type", "nullable", "deprecated":
		default:
			if !IsAnnotation(keyword) {
				return true
			}
		}
	}
	return false
}

// TypeText gives the type of a schema as users read it.
func (v *View) TypeText(nodes []document.Node) string {
	s := v.Decode(v.Schema(nodes...))
	return (s.Types &^ TypeNull).String()
}
