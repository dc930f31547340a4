package diff

import (
	"context"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/contracts/containment"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// The comparison walks both contracts side by side and builds a graph. It has one pair for
// each two corresponding places and direction, however many ways lead there. Changes are
// attached to pairs. Which operations reach a change, and which patterns pass through it, is
// read from the graph afterwards.

// pair is two corresponding places.
type pair struct {
	b, h   document.Node
	bs, hs *openapi.Schema // set for schemas
	dir    contracts.Direction
	work   func(*comparer, int32) // what compares them
	links  []link
	marks  []mark
}

// link leads from a pair to one below it.
type link struct {
	step usage.Step
	to   int32
	// must: everybody who sends the upper value sends the lower one.
	must bool
	// guess: nothing but a discriminator leads there, so that those who use the upper value
	// as a whole may never meet it.
	guess bool
}

// mark is a change found at a pair or one step below it.
type mark struct {
	found int32
	step  usage.Step
}

// comparer is the state of a running comparison.
type comparer struct {
	ctx      context.Context
	api      string
	base     *openapi.View
	head     *openapi.View
	dirty    *openapi.Unchanged
	pairs    []pair
	schemas  map[schemaPair]int32
	nodes    map[nodePair]int32
	queue    []int32
	found    []*found
	byKey    map[foundKey]int32
	ops      []opPair
	opPairs  map[*openapi.Operation]int32 // by operation of the base
	meaning  map[nodePair]bool
	asked    int // pairs of nodes looked at by sameMeaning
	reported []reportedChange
	provers  map[contracts.Direction]*containment.Prover
	oldOps   []*openapi.Operation
	newOps   []*openapi.Operation
}

type schemaPair struct {
	b, h int32
	dir  contracts.Direction
}

type nodePair struct {
	b, h document.Node
	dir  contracts.Direction
	kind string
}

// opPair is one operation in both versions. head is nil if it was removed, base if it was
// added.
type opPair struct {
	pair       int32
	base, head *openapi.Operation
	parent     int32 // for callbacks: the index of the operation that holds it; else -1
}

// maxPairs bounds the work of one comparison.
const maxPairs = 250_000

func (c *comparer) push(p pair) int32 {
	id := int32(len(c.pairs))
	c.pairs = append(c.pairs, p)
	c.queue = append(c.queue, id)
	return id
}

// run compares pairs until none is left.
func (c *comparer) run() error {
	for n := 0; len(c.queue) > 0; n++ {
		if n%256 == 0 {
			if err := c.ctx.Err(); err != nil {
				return err
			}
			if len(c.pairs) > maxPairs {
				return &contracts.Problem{Position: contracts.Position{File: c.head.Contract.Path()}, Message: fmt.Sprintf("too complex to compare: more than %d pairs of schemas", maxPairs),
					Hint: "look for an allOf whose branches refer to each other in many combinations"}
			}
		}
		id := c.queue[len(c.queue)-1]
		c.queue = c.queue[:len(c.queue)-1]
		if work := c.pairs[id].work; work != nil {
			work(c, id)
		}
	}
	return nil
}

// link adds a way from one pair to another.
func (c *comparer) link(from, to int32, s usage.Step, must bool) {
	if to >= 0 {
		c.pairs[from].links = append(c.pairs[from].links, link{step: s, to: to, must: must})
	}
}

// guess adds a way to a schema to which a discriminator alone leads.
func (c *comparer) guess(from, to int32, s usage.Step) {
	if to >= 0 {
		c.pairs[from].links = append(c.pairs[from].links, link{step: s, to: to, guess: true})
	}
}

// nodePair gives the pair of two nodes that are not schemas, or -1 if they cannot differ.
func (c *comparer) nodePair(kind string, b, h document.Node, dir contracts.Direction, work func(*comparer, int32)) int32 {
	if c.dirty.Same(b, h) {
		return -1
	}
	b, h = c.base.Contract.Deref(b), c.head.Contract.Deref(h)
	if c.dirty.Same(b, h) {
		return -1
	}
	key := nodePair{b, h, dir, kind}
	if id, ok := c.nodes[key]; ok {
		return id
	}
	id := c.push(pair{b: b, h: h, dir: dir, work: work})
	c.nodes[key] = id
	return id
}

// schemaPair gives the pair of two schemas, each given by one or more nodes, or -1 if they
// cannot differ.
func (c *comparer) schemaPair(b, h []document.Node, dir contracts.Direction) int32 {
	if c.dirty.SameAll(b, h) {
		return -1
	}
	return c.pairOf(c.base.Schema(b...), c.head.Schema(h...), dir)
}

// pairOf gives the pair of two schemas, or -1 if they cannot differ.
func (c *comparer) pairOf(bs, hs *openapi.Schema, dir contracts.Direction) int32 {
	key := schemaPair{bs.ID, hs.ID, dir}
	if id, ok := c.schemas[key]; ok {
		return id
	}
	id := int32(-1)
	if !c.dirty.SameAll(bs.Nodes, hs.Nodes) {
		id = c.push(pair{b: bs.First(), h: hs.First(), bs: bs, hs: hs, dir: dir, work: (*comparer).compareSchemas})
	}
	c.schemas[key] = id
	return id
}

// flip gives the other direction.
func flip(d contracts.Direction) contracts.Direction {
	if d == contracts.Request {
		return contracts.Response
	}
	return contracts.Request
}
