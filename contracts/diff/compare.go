package diff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"plimsoll/contracts"
	"plimsoll/contracts/containment"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
	"plimsoll/contracts/witness"
)

// Options set how two versions are compared.
type Options struct {
	// API is the full name owner/repo/api. It is part of each fingerprint.
	API string
}

// Comparison is what changed between two versions of a contract. It is safe for
// concurrent use.
type Comparison struct {
	base, head *openapi.Contract
	api        string
	pairs      []pair
	ops        []opPair
	opAt       map[int32]int32 // pair → operation
	found      []*found

	baseOps, headOps []*openapi.Operation
	opOf             map[string]int32 // by the base's identity
	named            []*openapi.Operation

	mu          sync.Mutex // guards what judging decodes and remembers
	baseView    *openapi.View
	resolutions map[resolveKey]*usage.Resolution
	explorers   map[usage.ExplorerKey]*usage.Explorer
	assumed     map[int32]*trace // by pair: what a whole use meets, all statuses
	whole       map[string][]judgement
	headView    *openapi.View
	examples    *witness.Builder
	witnesses   map[witnessKey]searched
	ways        map[wayKey][][]hop
}

// Compare finds what changed from base to head. A nil head means that the API was
// removed. A nil base means that it is new, which affects nobody.
func Compare(ctx context.Context, base, head *openapi.Contract, opts Options) (*Comparison, error) {
	out := &Comparison{base: base, head: head, api: opts.API, opAt: map[int32]int32{}, opOf: map[string]int32{},
		resolutions: map[resolveKey]*usage.Resolution{}, explorers: map[usage.ExplorerKey]*usage.Explorer{}, assumed: map[int32]*trace{}, whole: map[string][]judgement{}}
	switch {
	case base == nil && head == nil:
		return nil, errors.New("compare contracts: neither version is there")
	case base == nil:
		return out, nil
	}
	c := &comparer{ctx: ctx, api: opts.API, base: openapi.NewView(base), schemas: map[schemaPair]int32{}, nodes: map[nodePair]int32{},
		byKey: map[foundKey]int32{}, opPairs: map[*openapi.Operation]int32{}, meaning: map[nodePair]bool{}, provers: map[contracts.Direction]*containment.Prover{}}
	if head == nil {
		c.head = c.base
		c.apiRemoved(opts.API)
	} else {
		c.head = openapi.NewView(head)
		dirty, err := openapi.FindUnchanged(ctx, base, head)
		if err != nil {
			return nil, fmt.Errorf("compare contracts: %w", err)
		}
		c.dirty = dirty
		if err := c.compareOperations(); err != nil {
			return nil, fmt.Errorf("compare contracts: %w", err)
		}
		if err := c.run(); err != nil {
			return nil, fmt.Errorf("compare contracts: %w", err)
		}
	}
	out.pairs, out.ops, out.found = c.pairs, c.ops, c.found
	out.baseView, out.headView, out.baseOps = c.base, c.head, c.oldOps
	out.headOps = c.newOps
	for i, op := range c.ops {
		out.opAt[op.pair] = int32(i)
		if op.base != nil {
			out.opOf[op.base.Identity()] = int32(i)
		}
	}
	if err := out.reach(ctx); err != nil {
		return nil, fmt.Errorf("compare contracts: %w", err)
	}
	out.finish()
	return out, nil
}

// apiRemoved reports that the whole API was removed, as one change.
func (c *comparer) apiRemoved(api string) {
	top := c.base.Contract.Root()
	c.oldOps = c.base.Contract.Operations()
	for _, op := range c.oldOps {
		_, at := c.newOperation(op, nil, -1)
		c.pairs[at].dir = contracts.Request
		c.report(at, change{rule: "api-removed", b: top, edge: func() contracts.Edge { return contracts.Edge{Name: api, Kind: contracts.KindOperation} }})
	}
}

// finish sorts the changes and gives each its fingerprint.
func (c *Comparison) finish() {
	order := make([]int32, len(c.found))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		a, b := c.found[x], c.found[y]
		return cmp.Or(
			cmp.Compare(b.Level.Rank(), a.Level.Rank()),
			contracts.ComparePositions(a.Source.Base, b.Source.Base),
			contracts.ComparePositions(a.Source.Head, b.Source.Head),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Edge.Schema, b.Edge.Schema),
			cmp.Compare(a.Edge.Name, b.Edge.Name),
			cmp.Compare(a.Direction, b.Direction),
		)
	})
	sorted := make([]*found, len(order))
	place := make([]int32, len(order))
	seen := map[string]int{}
	for to, from := range order {
		f := c.found[from]
		sorted[to], place[from] = f, int32(to)
		f.Fingerprint = fingerprint(c.api, &f.Change, "")
		if n := seen[f.Fingerprint]; n > 0 { // two unnamed places of the same owner
			seen[f.Fingerprint]++
			f.Fingerprint = fingerprint(c.api, &f.Change, fmt.Sprint(n+1))
		} else {
			seen[f.Fingerprint] = 1
		}
	}
	for i := range c.pairs {
		for k := range c.pairs[i].marks {
			c.pairs[i].marks[k].found = place[c.pairs[i].marks[k].found]
		}
	}
	c.found = sorted
}

// Changes returns all changes, the most severe first, then by position.
func (c *Comparison) Changes() []contracts.Change {
	changes := make([]contracts.Change, len(c.found))
	for i, f := range c.found {
		changes[i] = f.Change
	}
	return changes
}

// Harmless tells whether nothing changed that could hurt anybody, known or not.
func (c *Comparison) Harmless() bool {
	return !slices.ContainsFunc(c.found, func(f *found) bool { return f.Level != contracts.Info })
}

// Weight estimates the memory that the comparison holds, in bytes.
func (c *Comparison) Weight() int {
	weight := 64*len(c.pairs) + 256*len(c.found)
	for _, contract := range []*openapi.Contract{c.base, c.head} {
		if contract != nil {
			weight += contract.Weight()
		}
	}
	return weight
}
