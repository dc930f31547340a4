package diff

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// reach counts for each change the operations that reach it, and lists some of them with
// the path to it.
func (c *Comparison) reach(ctx context.Context) error {
	up := make([][]uplink, len(c.pairs))
	for from := range c.pairs {
		for k := range c.pairs[from].links {
			to := c.pairs[from].links[k].to
			up[to] = append(up[to], uplink{int32(from), int32(k)})
		}
	}
	w := &climb{c: c, up: up, seen: make([]int32, len(c.pairs)), next: make([]uplink, len(c.pairs))}
	known := map[string]*reached{} // by the pairs that a change hangs on
	last := c.lastSteps()
	for i, f := range c.found {
		if i%16 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := pairsKey(f.pairs)
		r := known[key]
		if r == nil {
			r = w.from(f.pairs)
			known[key] = r
		}
		c.fill(int32(i), r, last)
	}
	return nil
}

// uplink is a link to a pair from above.
type uplink struct{ from, link int32 }

// climb walks the graph from changes up to operations.
type climb struct {
	c     *Comparison
	up    [][]uplink
	seen  []int32 // number of the walk that was here last
	walk  int32
	next  []uplink // the link by which the walk came to a pair
	queue []int32
}

// reached are the operations above some pairs, with the paths down.
type reached struct {
	ops   []int32
	paths [][]usage.Step // of the first operations, as many as are listed
	ends  []int32
	// unstable: all operations have a stability level below beta.
	unstable bool
}

func (w *climb) from(pairs []int32) *reached {
	w.walk++
	w.queue = append(w.queue[:0], pairs...)
	for _, p := range pairs {
		w.seen[p] = w.walk
		w.next[p] = uplink{-1, -1}
	}
	var r reached
	for at := 0; at < len(w.queue); at++ {
		id := w.queue[at]
		if op, ok := w.c.opAt[id]; ok {
			r.ops = append(r.ops, op)
		}
		for _, u := range w.up[id] {
			if w.seen[u.from] != w.walk {
				w.seen[u.from] = w.walk
				w.next[u.from] = uplink{id, u.link}
				w.queue = append(w.queue, u.from)
			}
		}
	}
	slices.SortFunc(r.ops, func(x, y int32) int {
		a, b := w.c.ops[x].any(), w.c.ops[y].any()
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	for _, op := range r.ops[:min(len(r.ops), contracts.MaxOperations)] {
		var way []usage.Step
		id := w.c.ops[op].pair
		for w.next[id].from >= 0 {
			n := w.next[id]
			way = append(way, w.c.pairs[id].links[n.link].step)
			id = n.from
		}
		r.paths = append(r.paths, way)
		r.ends = append(r.ends, id)
	}
	r.unstable = len(r.ops) > 0
	for _, op := range r.ops {
		o := w.c.ops[op].base
		r.unstable = r.unstable && o != nil && stabilityRank[stability(o)] < stabilityRank["beta"]
	}
	return &r
}

func (o *opPair) any() *openapi.Operation {
	if o.base != nil {
		return o.base
	}
	return o.head
}

func pairsKey(pairs []int32) string {
	var b strings.Builder
	for _, p := range pairs {
		b.WriteByte(byte(p))
		b.WriteByte(byte(p >> 8))
		b.WriteByte(byte(p >> 16))
		b.WriteByte(byte(p >> 24))
	}
	return b.String()
}

// markAt is a change at a pair.
type markAt struct{ pair, found int32 }

// lastSteps gives the step from each pair to its changes.
func (c *Comparison) lastSteps() map[markAt]usage.Step {
	last := map[markAt]usage.Step{}
	for p := range c.pairs {
		for _, m := range c.pairs[p].marks {
			key := markAt{int32(p), m.found}
			if _, ok := last[key]; !ok {
				last[key] = m.step
			}
		}
	}
	return last
}

func (c *Comparison) fill(found int32, r *reached, last map[markAt]usage.Step) {
	f := c.found[found]
	f.Reached = len(r.ops)
	f.Operations = make([]contracts.OperationRef, 0, len(r.paths))
	if r.unstable && f.Level == contracts.Breaking { // nothing was promised
		f.Level = contracts.Risky
	}
	for i, way := range r.paths {
		f.Operations = append(f.Operations, operationRef(c.ops[r.ops[i]].any(), append(slices.Clone(way), last[markAt{r.ends[i], found}])))
	}
}

// operationRef describes the path from an operation to an edge.
func operationRef(op *openapi.Operation, way []usage.Step) contracts.OperationRef {
	ref := contracts.OperationRef{Method: op.Method, Path: op.Path}
	var b strings.Builder
	for _, s := range way {
		switch s.Kind {
		case usage.StepStatus:
			ref.Status = s.Name
		case usage.StepMedia:
			ref.MediaType = s.Name
		case usage.StepProperty, usage.StepParam, usage.StepHeader:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(usage.QuoteName(s.Name))
		case usage.StepItem:
			b.WriteString("[" + s.Name + "]")
		case usage.StepMap:
			b.WriteString("{}")
		case usage.StepBranch:
			if s.Name != "" && !strings.HasSuffix(b.String(), ">") {
				b.WriteString("<" + s.Name + ">")
			}
		}
	}
	ref.Pointer = b.String()
	return ref
}

// reportGaps reports what is not compared, for every operation that reaches it and whose
// messages may differ.
func (c *comparer) reportGaps() {
	base, head := gapsOf(c.base.Contract), gapsOf(c.head.Contract)
	sameDialect := c.sameDialect()
	for _, g := range slices.Concat(base, head) {
		i := slices.IndexFunc(base, func(b gap) bool { return b.what == g.what })
		if i >= 0 && base[i].node != g.node {
			continue // reported with the base's
		}
		k := slices.IndexFunc(head, func(h gap) bool { return h.what == g.what })
		ch := change{rule: "construct-not-compared", detail: g.what,
			edge: func() contracts.Edge { return contracts.Edge{Name: g.what, Kind: contracts.KindSchema} }}
		if i >= 0 {
			ch.b = g.node
		} else {
			ch.h = g.node
		}
		for at := range c.ops {
			op := &c.ops[at]
			if op.base == nil || op.head == nil || sameDialect && c.sameMessages(op.base, op.head) {
				continue
			}
			if i >= 0 && base[i].appliesTo(op.base) || k >= 0 && head[k].appliesTo(op.head) {
				c.reportOperation(op.pair, ch)
			}
		}
	}
}

// gap is a construct that is not compared, wherever a contract has it.
type gap struct {
	what      string
	node      document.Node // the first one
	appliesTo func(*openapi.Operation) bool
}

func gapsOf(contract *openapi.Contract) []gap {
	var list []gap
	places := map[string][]document.Node{}
	for _, g := range contract.Gaps() {
		if places[g.What] == nil {
			list = append(list, gap{what: g.What, node: g.Node, appliesTo: func(*openapi.Operation) bool { return !g.Local }})
		}
		places[g.What] = append(places[g.What], g.Node)
	}
	for i := range list {
		everywhere, reaches := list[i].appliesTo, contract.Reaching(places[list[i].what])
		list[i].appliesTo = func(op *openapi.Operation) bool {
			return everywhere(op) || reaches(op.Node) || reaches(op.Item.Get("parameters"))
		}
	}
	return list
}
