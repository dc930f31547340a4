package contracts

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// view is one version of a contract with its schemas decoded as far as somebody
// asked. It belongs to one goroutine.
type view struct {
	contract *Contract
	single   map[document.Node]*schema
	multi    map[string]*schema
	count    int32
	names    map[document.Node]string
}

func newView(c *Contract) *view {
	return &view{contract: c, single: map[document.Node]*schema{}, multi: map[string]*schema{}, names: map[document.Node]string{}}
}

// schema is one schema with allOf merged and $refs followed: what a value at
// this place must be. It may stem from several nodes, where several branches of
// an allOf describe the same property.
type schema struct {
	id    int32
	nodes []document.Node // what it was asked for by, resolved
	done  bool

	known int32                    // the id by which patterns know the place: its own, or that of the union it is a branch of
	taken map[document.Node]branch // of the unions in it, the one branch that counts

	never    bool // the schema "false"
	types    typeSet
	typed    bool // "type" is said somewhere, or follows from const or enum
	typeNode document.Node
	nullNode document.Node

	keywords map[string]document.Node // single-valued keywords: the first part that says it
	bounds   map[string]bound
	patterns []document.Node

	enum       []enumValue
	hasEnum    bool
	enumNode   document.Node
	extensible bool

	props    []property
	propAt   map[string]int
	required map[string]document.Node

	closed     document.Node   // additionalProperties: false
	shutters   []document.Node // the parts that say so
	mappers    []document.Node // the parts that give a schema for what they do not name
	extra      []document.Node // schemas of additionalProperties
	extraNode  document.Node
	mapped     []property // patternProperties: the name is the pattern
	items      []document.Node
	itemsNode  document.Node
	prefix     [][]document.Node
	noMore     document.Node // items: false
	groups     []group
	sole       []branch // the one branch left of a oneOf or anyOf, merged into the rest
	opaque     map[string][]document.Node
	discrim    document.Node
	readOnly   bool
	writeOnly  bool
	deprecated document.Node
}

type property struct {
	name  string
	nodes []document.Node
	key   document.Node
	part  document.Node // the schema node that declares it first
}

type enumValue struct {
	key  string
	text string
	node document.Node
}

// group is one oneOf or anyOf.
type group struct {
	keyword  string
	node     document.Node
	branches []branch
}

type branch struct {
	node document.Node // as written, perhaps a $ref
	name string        // the schema's name, its title, or ""
}

// any tells whether the schema says nothing about its values' types.
func (s *schema) any() bool { return s.types|typeNull == typeAny }

// schema gives the schema that must hold at once for all given nodes.
func (v *view) schema(nodes ...document.Node) *schema {
	if len(nodes) == 1 {
		n := v.canonical(nodes[0])
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
		n = v.canonical(n)
		if seen[n] {
			continue
		}
		seen[n] = true
		resolved = append(resolved, n)
	}
	if len(resolved) == 1 {
		return v.schema(resolved[0])
	}
	for _, n := range resolved {
		key.WriteString(strconv.Itoa(int(v.schema(n).id)))
		key.WriteByte(' ')
	}
	if s := v.multi[key.String()]; s != nil {
		return s
	}
	s := v.fresh(resolved)
	v.multi[key.String()] = s
	return s
}

func (v *view) fresh(nodes []document.Node) *schema {
	v.count++
	return &schema{id: v.count, known: v.count, nodes: nodes}
}

// canonical follows $refs that stand alone. From 3.1 on a $ref with siblings
// stays: both count.
func (v *view) canonical(n document.Node) document.Node {
	for range maxRefChain {
		if v.contract.version.jsonSchema() && refHasSiblings(n) {
			return n
		}
		next, ok := v.contract.follow(n)
		if !ok || !next.Valid() {
			return n
		}
		n = next
	}
	return n
}

var annotations = map[string]bool{"$ref": true, "description": true, "title": true, "summary": true, "example": true,
	"examples": true, "externalDocs": true, "$comment": true, "xml": true, "$id": true, "$schema": true, "$anchor": true, "$defs": true}

// isAnnotation tells keywords that never change what is valid.
func isAnnotation(keyword string) bool {
	return annotations[keyword] && keyword != "$ref" || strings.HasPrefix(keyword, "x-")
}

func refHasSiblings(n document.Node) bool {
	hasRef, others := false, false
	for keyword := range n.Members() {
		if keyword == "$ref" {
			hasRef = true
		} else if !isAnnotation(keyword) || keyword == "x-extensible-enum" {
			others = true
		}
	}
	return hasRef && others
}

// decoded gives the schema with its keywords read.
func (v *view) decoded(s *schema) *schema {
	if s.done {
		return s
	}
	s.done = true
	s.types = typeAny
	s.keywords = map[string]document.Node{}
	s.required = map[string]document.Node{}
	s.propAt = map[string]int{}
	f := flattener{v: v, s: s, seen: map[document.Node]bool{}}
	for _, n := range s.nodes {
		s.types &= f.part(n)
	}
	if f.nullable {
		s.types |= typeNull
	}
	s.constrain()
	return s
}

// constrain adds to each property what another part of an allOf demands of all
// that it does not name itself.
func (s *schema) constrain() {
	for _, part := range s.mappers {
		for i := range s.props {
			p := &s.props[i]
			if !part.Get("properties").Get(p.name).Valid() && !part.Get("patternProperties").Valid() {
				p.nodes = append(p.nodes, part.Get("additionalProperties"))
			}
		}
	}
}

// property gives a property by name.
func (s *schema) property(name string) (*property, bool) {
	if i, ok := s.propAt[name]; ok {
		return &s.props[i], true
	}
	return nil, false
}

// shuts tells whether a closed part of an allOf refuses a property that another
// part describes.
func (s *schema) shuts(name string) bool {
	for _, part := range s.shutters {
		if !part.Get("properties").Get(name).Valid() && !part.Get("patternProperties").Valid() {
			return true
		}
	}
	return false
}

// first gives the node by which the schema is named.
func (s *schema) first() document.Node { return s.nodes[0] }

// free tells a schema that says nothing at all.
func (v *view) free(n document.Node) bool {
	n = v.canonical(n)
	if n.True() {
		return true
	}
	for keyword := range n.Members() {
		if !isAnnotation(keyword) {
			return false
		}
	}
	return n.Kind() == document.Object
}

// implied gives the type that a schema without a type most likely means.
func (s *schema) implied() typeSet {
	switch {
	case len(s.props) > 0 || len(s.extra) > 0 || len(s.required) > 0:
		return typeObject
	case len(s.items) > 0:
		return typeArray
	}
	return 0
}

func (s *schema) nullable() bool { return s.types&typeNull != 0 }

// nullByBranch tells a schema that admits null because a branch of its union does.
func (s *schema) nullByBranch() bool {
	return s.nullable() && len(s.groups) > 0 && !s.nullNode.Valid()
}

// taking gives a union of which one branch is taken: what is said beside the union,
// and that branch, as one schema.
func (v *view) taking(union *schema, g *group, br branch) *schema {
	key := fmt.Sprintf("%d takes %d of %d", union.id, v.schema(br.node).id, g.node.Index())
	if s := v.multi[key]; s != nil {
		return s
	}
	s := v.fresh(union.nodes)
	s.known = union.known
	s.taken = map[document.Node]branch{g.node: br}
	maps.Copy(s.taken, union.taken)
	v.multi[key] = s
	return s
}

// saysMore tells whether a schema says anything beside its union that a value has to
// meet. Types and null are compared by themselves.
func (s *schema) saysMore() bool {
	if len(s.nodes) > 1 {
		return true
	}
	for keyword := range s.first().Members() {
		switch keyword {
		case "oneOf", "anyOf", "discriminator", "type", "nullable", "deprecated":
		default:
			if !isAnnotation(keyword) {
				return true
			}
		}
	}
	return false
}

// typeText words the type of a schema.
func (v *view) typeText(nodes []document.Node) string {
	s := v.decoded(v.schema(nodes...))
	return (s.types &^ typeNull).String()
}
