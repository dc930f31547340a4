package impact

import (
	"cmp"
	"context"
	"slices"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// Deprecation is a deprecated part of a contract that a consumer uses: an operation, a
// parameter, a header or a property.
type Deprecation struct {
	Kind contracts.EdgeKind
	// Name of the parameter, header or property; empty for an operation.
	Name string
	// Operation in which it was found first, as the contract names it: "GET /orders/{id}".
	Operation string
	// Pattern of the usage that leads to it; empty if nothing is listed.
	Pattern string
	// Assumed: the usage lists nothing there, so that all of it counts as used.
	Assumed bool
	// Sunset is the day (RFC 3339) from which it may be removed. If the contract does not give
	// a date, it is the text of the contract or empty.
	Sunset string
	// Position in the contract.
	Position contracts.Position
	// Evidence is the line that declares the use.
	Evidence contracts.Evidence
}

// Deprecated finds the deprecated parts of one contract, or those with a sunset date, that
// usages use. What it has read of the contract is kept for the next usage.
type Deprecated struct {
	v *openapi.View
	// named is everything that a usage may name, operations are those of the paths and webhooks.
	named, operations []*openapi.Operation
}

// DeprecatedIn finds the deprecated parts of a contract. It must not be used by two goroutines
// at once.
func DeprecatedIn(c *openapi.Contract) *Deprecated {
	return &Deprecated{v: openapi.NewView(c), named: c.Selectable(), operations: c.Operations()}
}

// UsedBy gives the deprecated parts that a usage uses. Each is given once, however many
// operations reach it. What is listed comes before what is assumed.
func (in *Deprecated) UsedBy(ctx context.Context, declared contracts.Usage) ([]Deprecation, error) {
	d := &deprecations{ctx: ctx, v: in.v, usage: declared, explorers: map[usage.ExplorerKey]*usage.Explorer{},
		seen: map[usage.ExplorerKey]map[usage.Spot]bool{}, at: map[document.Node]int{}}
	for i := range declared.Operations {
		for _, op := range usage.MatchUse(in.named, &declared.Operations[i]) {
			if err := d.operation(op, &declared.Operations[i]); err != nil {
				return nil, err
			}
		}
	}
	if len(declared.Operations) == 0 {
		for _, op := range in.operations {
			if err := d.operation(op, nil); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(d.found, func(a, b Deprecation) int {
		return cmp.Or(cmp.Compare(rankOf(a.Assumed), rankOf(b.Assumed)), contracts.ComparePositions(&a.Evidence.Position, &b.Evidence.Position),
			contracts.ComparePositions(&a.Position, &b.Position))
	})
	return d.found, nil
}

func rankOf(assumed bool) int {
	if assumed {
		return 1
	}
	return 0
}

// deprecations collects the deprecations that one usage meets.
type deprecations struct {
	ctx       context.Context
	v         *openapi.View
	usage     contracts.Usage
	explorers map[usage.ExplorerKey]*usage.Explorer
	seen      map[usage.ExplorerKey]map[usage.Spot]bool // what was walked, for all operations
	at        map[document.Node]int
	found     []Deprecation
}

// operation checks one operation. o is nil if the usage lists no operations.
func (d *deprecations) operation(op *openapi.Operation, o *contracts.OperationUse) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	d.meet(op.Node, op.Key, op.Node.Get("deprecated"), op.Node.Get("x-sunset"),
		Deprecation{Kind: contracts.KindOperation, Operation: op.Name(), Assumed: o == nil, Evidence: d.evidence(o, nil)})
	for _, dir := range []contracts.Direction{contracts.Request, contracts.Response} {
		list := listed(o, dir)
		if list == nil {
			if err := d.follow(&deprecatedWalk{deprecations: d, op: op, o: o, dir: dir, p: &usage.Pattern{}}); err != nil {
				return err
			}
			continue
		}
		for i := range *list {
			p, err := usage.Parse((*list)[i].Text)
			if err != nil {
				continue // reported as a registration problem
			}
			if err := d.follow(&deprecatedWalk{deprecations: d, op: op, o: o, dir: dir, p: p, source: &(*list)[i]}); err != nil {
				return err
			}
		}
	}
	return nil
}

func listed(o *contracts.OperationUse, dir contracts.Direction) *[]contracts.Pattern {
	switch {
	case o == nil:
		return nil
	case dir == contracts.Request:
		return o.Sends
	default:
		return o.Reads
	}
}

// evidence gives the most specific line that declares the use.
func (d *deprecations) evidence(o *contracts.OperationUse, source *contracts.Pattern) contracts.Evidence {
	kind := d.usage.Evidence.Kind
	if o != nil && o.Evidence.Kind != "" {
		kind = o.Evidence.Kind
	}
	switch {
	case source != nil && source.Position.File != "":
		return contracts.Evidence{Kind: kind, Position: source.Position}
	case o != nil && o.Evidence.File != "":
		return o.Evidence
	}
	return d.usage.Evidence
}

// meet records a part if it is deprecated. What is listed replaces what is assumed.
func (d *deprecations) meet(node, key, deprecated, sunset document.Node, found Deprecation) {
	if !deprecated.True() && sunset.Text() == "" {
		return
	}
	found.Sunset, found.Position = dayOf(sunset.Text()), openapi.PositionOf(key)
	at, ok := d.at[node]
	switch {
	case !ok:
		d.at[node] = len(d.found)
		d.found = append(d.found, found)
	case d.found[at].Assumed && !found.Assumed:
		d.found[at] = found
	}
}

// dayOf gives a sunset date as a day.
func dayOf(text string) string {
	if date, ok := openapi.ParseSunset(text); ok {
		return date.UTC().Format(time.DateOnly)
	}
	return text
}

// follow follows a pattern in one operation.
func (d *deprecations) follow(w *deprecatedWalk) error {
	key := usage.ExplorerKey{Text: w.p.Text, Dir: w.dir}
	if d.explorers[key] == nil {
		d.explorers[key], d.seen[key] = usage.NewExplorer(d.v, w.p, w.dir), map[usage.Spot]bool{}
	}
	w.e, w.seen = d.explorers[key], d.seen[key]
	w.e.Resolve(w.op)
	w.enter()
	return w.run()
}
