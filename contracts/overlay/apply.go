package overlay

import (
	"context"
	"fmt"
	"slices"

	"github.com/theory/jsonpath/spec"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// Apply applies overlays to a document, one after the other. What an overlay adds keeps its
// position there. The warnings say what had no effect.
func Apply(ctx context.Context, d *document.Doc, overlays []*Overlay, maxBytes int) (*document.Doc, []contracts.Problem, error) {
	a := &applier{}
	a.root = a.tree.of(d.Root(), 0)
	if err := a.check(d.Root()); err != nil {
		return nil, nil, err
	}
	for _, o := range overlays {
		for i := range o.actions {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if err := a.apply(&o.actions[i]); err != nil {
				return nil, nil, err
			}
		}
	}
	b := document.NewBuilder(maxBytes)
	a.root.write(b)
	if b.Full() {
		return nil, nil, problem(d.Root(), "", "with its overlays, the document has more than %d bytes", maxBytes)
	}
	out, err := b.Doc(d.File, document.Limits{Depth: 2 * maxDepth})
	if err != nil {
		return nil, nil, fmt.Errorf("read the document with its overlays: %w", err)
	}
	return out, a.warnings, nil
}

// applier changes one document.
type applier struct {
	tree     tree
	root     *value
	looked   int
	warnings []contracts.Problem
}

// check refuses what has become too large.
func (a *applier) check(at document.Node) error {
	if a.tree.nodes > maxNodes {
		return problem(at, "", "with its overlays, the document has more than %d values", maxNodes)
	}
	if a.tree.depth > maxDepth {
		return problem(at, "", "overlays are applied to documents that are at most %d levels deep", maxDepth)
	}
	return nil
}

// find gives what an expression selects, each value once.
func (a *applier) find(q *query) ([]*value, error) {
	if q.scans {
		a.looked += a.tree.nodes
	}
	if a.looked > maxLooked {
		return nil, problem(q.node, "use fewer actions, or expressions without .., * and filters", "the overlays look at more than %d values", maxLooked)
	}
	var list []*value
	seen := map[*value]bool{}
	located := q.path.SelectLocated(a.root.plain())
	slices.SortFunc(located, func(x, y *spec.LocatedNode) int { return x.Path.Compare(y.Path) }) // members come in no order
	for _, found := range located {
		if v := a.root.at(found.Path); v != nil && !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	if len(list) > maxMatches {
		return nil, problem(q.node, "", "the expression selects more than %d values", maxMatches)
	}
	return list, nil
}

func (a *applier) apply(action *action) error {
	targets, err := a.find(action.target)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		a.warnings = append(a.warnings, *problem(action.target.node, "", "the target matches nothing: %s", action.target.node.Text()))
		return nil
	}
	if action.remove {
		for _, v := range targets {
			if v.parent == nil {
				return problem(action.target.node, "", "the document as a whole can't be removed")
			}
			v.remove()
		}
		return nil
	}
	added, err := a.added(action)
	if err != nil {
		return err
	}
	for _, v := range targets {
		if v.isPrimitive() != targets[0].isPrimitive() || !v.isPrimitive() && v.kind != targets[0].kind {
			return problem(action.target.node, "split the action", "the target selects values of different kinds: %s and %s", targets[0].kind, v.kind)
		}
	}
	for _, v := range targets {
		if err := a.update(v, a.tree.clone(added, v.depth()), action); err != nil {
			return err
		}
		if err := a.check(action.node); err != nil {
			return err
		}
	}
	return nil
}

// added gives what an action adds.
func (a *applier) added(action *action) (*value, error) {
	if action.copied == nil {
		v := a.tree.of(action.update, 0)
		return v, a.check(action.update)
	}
	sources, err := a.find(action.copied)
	if err != nil {
		return nil, err
	}
	if len(sources) != 1 {
		return nil, problem(action.copied.node, "", "expected \"copy\" to select one value, it selects %d", len(sources))
	}
	return a.tree.clone(sources[0], 0), nil // as it is now: the target may be part of it
}

// update merges a value into a target.
func (a *applier) update(target, added *value, action *action) error {
	switch {
	case target.kind == document.Object && added.kind == document.Object:
		return a.merge(target, added)
	case target.kind == document.Array && added.kind == document.Array:
		for _, item := range added.items {
			target.append(item)
		}
	case target.kind == document.Array:
		target.append(added)
	case target.isPrimitive() && added.isPrimitive():
		target.origin, target.kind = added.origin, added.kind
	default:
		return problem(document.FirstValid(action.update, action.target.node), "", "the target is %s, which can't be updated with %s", target.kind, added.kind)
	}
	target.changed()
	return nil
}

// merge merges two objects, property by property.
func (a *applier) merge(target, added *value) error {
	target.changed()
	for _, name := range added.keys {
		child := added.members[name]
		have := target.members[name]
		switch {
		case have == nil:
			target.set(name, child.keyNode, child)
		case have.kind == document.Object && child.kind == document.Object:
			if err := a.merge(have, child); err != nil {
				return err
			}
		case have.kind == document.Array && child.kind == document.Array:
			for _, item := range child.items {
				have.append(item)
			}
			have.changed()
		case have.isPrimitive() && child.isPrimitive():
			target.set(name, child.keyNode, child)
		default:
			return problem(child.origin, "remove the value first, with an action of its own", "%s is %s, which can't be updated with %s", name, have.kind, child.kind)
		}
	}
	return nil
}
