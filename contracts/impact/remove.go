package impact

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// Removal names what may be removed from a contract: an operation, or a field of its
// messages.
type Removal struct {
	// Operation is a selector: "GET /orders/{id}", an operationId, a glob.
	Operation string
	// Field is a usage pattern ("items[].sku"), a parameter or a header. If it is empty, the
	// whole operation is removed.
	Field string
	// Sends: the field belongs to the request, else to the response.
	Sends bool
}

// Removed is a contract before and after a removal.
type Removed struct {
	Base, Head *openapi.Contract
	// Operations that match the selector.
	Operations []string
	// Places are the positions of what was removed.
	Positions []contracts.Position
}

// NotInContract is the error for an operation or a field that the contract does not contain.
type NotInContract struct {
	Message string
	// Nearest are similar names that exist.
	Nearest []string
}

// Error says what does not exist, and which similar names do.
func (e *NotInContract) Error() string {
	if len(e.Nearest) == 0 {
		return e.Message
	}
	return e.Message + "; did you mean " + strings.Join(e.Nearest, " or ") + "?"
}

// maxSelector bounds the length of a selector, in bytes.
const maxSelector = 1000

// Without gives the contract without an operation or a field. A field is removed where it
// is declared: a field of a shared schema is removed for every operation that reaches it.
// If the contract does not contain it, the error is a *NotInContract.
func Without(ctx context.Context, c *openapi.Contract, r Removal) (*Removed, error) {
	if len(r.Operation) > maxSelector {
		return nil, &NotInContract{Message: fmt.Sprintf("the operation is longer than %d bytes", maxSelector)}
	}
	all := c.Selectable()
	ops := usage.Match(all, r.Operation)
	if len(ops) == 0 {
		return nil, &NotInContract{Message: fmt.Sprintf("operation %s is not in the contract", r.Operation), Nearest: usage.NearestOperations(all, r.Operation)}
	}
	out := &Removed{}
	gone := map[document.Node]bool{}
	for _, op := range ops {
		out.Operations = append(out.Operations, op.Name())
		if r.Field == "" {
			gone[op.Node] = true
		}
	}
	if r.Field != "" {
		if err := fieldIn(c, ops, r, gone); err != nil {
			return nil, err
		}
	}
	for n := range gone {
		if n.Kind() == document.String && inRequired(n) {
			continue
		}
		out.Positions = append(out.Positions, openapi.PositionOf(n.KeyNode()))
	}
	slices.SortFunc(out.Positions, func(a, b contracts.Position) int { return contracts.ComparePositions(&a, &b) })
	var err error
	if out.Base, err = rewritten(ctx, c, gone, false); err == nil {
		out.Head, err = rewritten(ctx, c, gone, true)
	}
	if err != nil {
		return nil, fmt.Errorf("take %s out: %w", strings.TrimSpace(r.Operation+" "+r.Field), err)
	}
	return out, nil
}

// inRequired tells whether a node is a name in a list of required properties.
func inRequired(n document.Node) bool {
	path := n.Path()
	return len(path) >= 2 && path[len(path)-2] == "required"
}

// fieldIn collects the nodes that declare or require a field of some operations.
func fieldIn(c *openapi.Contract, ops []*openapi.Operation, r Removal, gone map[document.Node]bool) error {
	if len(r.Field) > usage.MaxPattern {
		return &NotInContract{Message: fmt.Sprintf("the field is longer than %d bytes", usage.MaxPattern)}
	}
	p, err := usage.Parse(r.Field)
	if err != nil {
		return &NotInContract{Message: fmt.Sprintf("field %q: %v", r.Field, err)}
	}
	if p.Presence || len(p.Segments) == 0 || p.Segments[len(p.Segments)-1].Kind != usage.SegName {
		return &NotInContract{Message: fmt.Sprintf("field %q: name a property, a parameter or a header, such as items[].sku", r.Field)}
	}
	dir := contracts.Response
	if r.Sends {
		dir = contracts.Request
	}
	v := openapi.NewView(c)
	var near []string
	for _, op := range ops {
		found := usage.NewExplorer(v, p, dir).Resolve(op)
		if len(found.Slots) == 0 {
			near = append(near, found.Nearest...)
			continue
		}
		f := fieldFinder{v: v, p: p, dir: dir, gone: gone, seen: map[usage.Spot]bool{}}
		f.operation(op)
	}
	if len(gone) == 0 {
		side := "the response of"
		if r.Sends {
			side = "the request of"
		}
		slices.Sort(near)
		return &NotInContract{Message: fmt.Sprintf("%q is not in %s %s", r.Field, side, r.Operation), Nearest: slices.Compact(near)}
	}
	return nil
}

// rewritten gives the contract with every affected file rewritten. If cut is set, the nodes
// in gone are left out. Base and head are both rewritten, so that they differ in nothing
// else. Every node keeps its position.
func rewritten(ctx context.Context, c *openapi.Contract, gone map[document.Node]bool, cut bool) (*openapi.Contract, error) {
	files := rewrittenFiles{}
	for name, doc := range c.Documents() {
		files[name] = []byte(doc.Source())
	}
	touched := map[string]*document.Doc{}
	for n := range gone {
		touched[n.Doc().File] = n.Doc()
	}
	skip := func(n document.Node) bool { return cut && gone[n] }
	for name, doc := range touched {
		files[name] = doc.Root().AppendJSONWithout(nil, skip)
	}
	out, err := openapi.Load(ctx, files, c.Path(), openapi.LoadOptions{Limits: openapi.Limits{FileBytes: 128 << 20, TotalBytes: 256 << 20, Files: 20_000}})
	if err != nil {
		return nil, err
	}
	for name, doc := range touched {
		written := out.Document(name)
		positions := written.Positions()
		keepPositions(positions, written.Root(), doc.Root(), skip)
		positions.Set(written)
	}
	return out, nil
}

// keepPositions gives the nodes of a rewritten file their original positions.
func keepPositions(positions document.Positions, n, origin document.Node, skip func(document.Node) bool) {
	if !n.Valid() || !origin.Valid() || n.Kind() != origin.Kind() {
		return
	}
	positions.Put(n, origin)
	switch n.Kind() {
	case document.Object:
		for name, child := range n.Members() {
			from := origin.Get(name)
			if from.Valid() {
				positions.PutKey(child, from.KeyNode())
			}
			keepPositions(positions, child, from, skip)
		}
	case document.Array:
		var kept []document.Node
		for _, item := range origin.Items() {
			if !skip(item) {
				kept = append(kept, item)
			}
		}
		for i, item := range n.Items() {
			if i < len(kept) {
				keepPositions(positions, item, kept[i], skip)
			}
		}
	}
}

// rewrittenFiles is a Source over the rewritten files.
type rewrittenFiles map[string][]byte

// ReadFile gives a file.
func (f rewrittenFiles) ReadFile(_ context.Context, path string) ([]byte, error) {
	if data, ok := f[path]; ok {
		return data, nil
	}
	return nil, fmt.Errorf("read %s: %w", path, fs.ErrNotExist)
}

var _ contracts.Source = rewrittenFiles{}

// RefersTo tells whether Without failed because something else in the contract refers to
// what should be removed.
func RefersTo(err error) (*contracts.Problem, bool) { return errors.AsType[*contracts.Problem](err) }
