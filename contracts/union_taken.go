package contracts

import (
	"fmt"
	"maps"

	"plimsoll/contracts/document"
)

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
