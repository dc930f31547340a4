package containment

import (
	"slices"

	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// Side is one schema of one version.
type Side struct {
	View   *openapi.View
	Schema *openapi.Schema
	Head   bool // the newer version
}

// of gives another schema of the same version.
func (s Side) of(nodes ...document.Node) Side {
	return Side{View: s.View, Schema: s.View.Schema(nodes...), Head: s.Head}
}

func (s Side) decoded() *openapi.Schema { return s.View.Decode(s.Schema) }

// Gap is a keyword of the wider schema that the narrower one is not proved to satisfy.
type Gap struct {
	Keyword string
	At      string        // the place below the schema, as for Known
	Node    document.Node // the value of the keyword; invalid where it is implied
	// Ambiguous: every value is in some branch of a oneOf, but it may be in two.
	Ambiguous bool
	// Described: the narrower side says something of the property, though it does not
	// declare it.
	Described bool
}

// Prover proves containment between two versions of a contract. It must not be used by
// several goroutines at once.
type Prover struct {
	// Same tells at once whether nodes of the base and of the head cannot differ.
	Same func(base, head document.Node) bool
	// Equal tells whether two values of a keyword are the same in meaning.
	Equal func(keyword string, base, head document.Node) bool
	// Hidden tells whether a property is left out in the direction.
	Hidden func(v *openapi.View, nodes []document.Node) bool
	// Reader: the wider side is a reader, which tolerates more than is promised: broken
	// limits and patterns, unknown properties, a value that fits two branches.
	Reader bool

	failed    map[key]bool
	proved    map[key]bool
	assumed   map[key]bool
	stack     []key // what is assumed, in the order in which it was
	disjoints map[disjointKey]bool
	steps     int // of the question that is being answered
	looked    int // keywords that it looked at
	total     int
}

// disjointKey is a question of Disjoint.
type disjointKey struct {
	a, b         int32
	headA, headB bool
	depth        int
}

// key is one question: schemas by their ids.
type key struct {
	narrow, wide int32
	head         bool // the narrower one is the head's
	reader       bool
}

// The limits on steps per question, and for all questions of one comparison.
const (
	maxSteps  = 2_000
	maxTotal  = 2_000_000
	maxLooked = 200_000 // keywords, per question
)

// Known answers for schemas below the two that are asked about, if they are compared on their
// own. at says where: ".x" for the property x, "{}" for map values, "[]" for items, or "" for
// a branch of the same value.
type Known func(narrow, wide Side, at string) bool

// Gaps lists what is not proved about two schemas.
func (p *Prover) Gaps(narrow, wide Side, known Known) []Gap {
	p.begin()
	q := question{p: p, n: narrow.decoded(), w: wide.decoded(), narrow: narrow, wide: wide, below: p.or(known)}
	q.ask()
	return q.gaps
}

func nothingKnown(_, _ Side, _ string) bool { return false }

// or asks for what is known before it looks for a proof.
func (p *Prover) or(known Known) Known {
	return func(narrow, wide Side, at string) bool { return known(narrow, wide, at) || p.holds(narrow, wide) }
}

// Ambiguous gives a oneOf of the wider schema of which a value of the narrower one may
// lie in two branches. It looks at nothing else.
func (p *Prover) Ambiguous(narrow, wide Side, known Known) (Gap, bool) {
	p.begin()
	q := question{p: p, n: narrow.decoded(), w: wide.decoded(), narrow: narrow, wide: wide, below: p.or(known)}
	for _, part := range wide.View.Parts(wide.Schema) {
		for _, u := range part.Unions {
			if u.Keyword == "oneOf" && !q.oneBranch(u) {
				return Gap{Keyword: u.Keyword, Node: u.Node, Ambiguous: true}, true
			}
		}
	}
	return Gap{}, false
}

// Holds tells whether every value of the narrower schema is proved to be one of the wider.
func (p *Prover) Holds(narrow, wide Side) bool {
	p.begin()
	return p.holds(narrow, wide)
}

func (p *Prover) begin() {
	p.steps, p.looked, p.stack = 0, 0, p.stack[:0]
	p.assumed = map[key]bool{}
	if p.failed == nil {
		p.failed, p.proved, p.disjoints = map[key]bool{}, map[key]bool{}, map[disjointKey]bool{}
	}
}

// spend counts a step; it is false when there were too many.
func (p *Prover) spend() bool {
	p.steps++
	p.total++
	return p.steps <= maxSteps && p.total <= maxTotal
}

// holds answers a question about a recursive schema by assuming it while it is being
// answered: a value is finite, so that a counter-example would be found below.
func (p *Prover) holds(narrow, wide Side) bool {
	if p.same(narrow, wide) {
		return true
	}
	k := key{narrow.Schema.ID, wide.Schema.ID, narrow.Head, p.Reader}
	switch {
	case p.failed[k]:
		return false
	case p.proved[k], p.assumed[k]:
		return true
	}
	if !p.spend() {
		return false
	}
	before := len(p.stack)
	p.stack = append(p.stack, k)
	p.assumed[k] = true
	q := question{p: p, n: narrow.decoded(), w: wide.decoded(), narrow: narrow, wide: wide, below: p.or(nothingKnown), first: true}
	q.ask()
	if len(q.gaps) > 0 {
		p.failed[k] = true
		for _, below := range p.stack[before:] { // proved on an assumption that did not hold
			delete(p.assumed, below)
		}
		p.stack = p.stack[:before]
		return false
	}
	if before == 0 { // nothing contradicted what was assumed on the way
		for _, k := range p.stack {
			p.proved[k] = true
			delete(p.assumed, k)
		}
		p.stack = p.stack[:0]
	}
	return true
}

func (p *Prover) same(narrow, wide Side) bool {
	if narrow.Head == wide.Head {
		return narrow.Schema == wide.Schema
	}
	return p.sameNodes(narrow, narrow.Schema.Nodes, wide, wide.Schema.Nodes)
}

// sameNodes tells at once whether what two lists of nodes say together cannot differ.
func (p *Prover) sameNodes(narrow Side, n []document.Node, wide Side, w []document.Node) bool {
	if narrow.Head == wide.Head {
		return slices.Equal(n, w)
	}
	b, h := n, w
	if narrow.Head {
		b, h = h, b
	}
	if len(b) != len(h) {
		return false
	}
	for i := range b {
		if !p.Same(b[i], h[i]) {
			return false
		}
	}
	return true
}

// question is one pair of schemas being looked at.
type question struct {
	p            *Prover
	narrow, wide Side
	n, w         *openapi.Schema // decoded
	below        Known
	first        bool // stop at the first gap
	types        openapi.TypeSet
	gaps         []Gap
	names        *evaluated // of the narrower side, once they are asked for
}

func (q *question) gap(keyword, at string, n document.Node) {
	q.gaps = append(q.gaps, Gap{Keyword: keyword, At: at, Node: n})
}

// done tells whether enough is known.
func (q *question) done() bool { return q.first && len(q.gaps) > 0 }

func (q *question) ask() {
	q.types = q.n.Types
	if q.types == 0 {
		return // nothing is allowed, so that everything holds for it
	}
	for _, part := range q.wide.View.Parts(q.wide.Schema) {
		q.part(part)
		if q.done() {
			return
		}
	}
	if q.types&openapi.TypeObject != 0 {
		q.objects()
	}
	if q.types&openapi.TypeArray != 0 && !q.done() {
		q.arrays()
	}
}

// part asks for each keyword of one part of the wider schema.
func (q *question) part(part openapi.Part) {
	types := q.types
	if part.OrNull {
		types &^= openapi.TypeNull
	}
	if part.Node.False() {
		if types != 0 {
			q.gap("false", "", part.Node)
		}
		return
	}
	for keyword, value := range part.Node.Members() {
		if openapi.IsAnnotation(keyword) {
			continue
		}
		entry, ok := table[keyword]
		switch {
		case !ok:
			if !q.repeated(part, keyword, value) {
				q.gap(keyword, "", value)
			}
		case entry.prove == nil, types&entry.types == 0, entry.ignoredByReaders && q.p.Reader:
		case !entry.prove(q, part, value):
			q.gap(keyword, "", value)
		}
		if q.done() {
			return
		}
	}
	for _, u := range part.Unions {
		q.union(part, u)
	}
}

// repeated tells whether the narrower schema has the same keyword with the same value.
func (q *question) repeated(part openapi.Part, keyword string, value document.Node) bool {
	for _, narrow := range q.narrow.View.Parts(q.narrow.Schema) {
		if q.p.looked++; q.p.looked > maxLooked {
			return false
		}
		if other := narrow.Node.Get(keyword); other.Valid() && q.usable(narrow, part) && q.equal(keyword, other, value) {
			return true
		}
	}
	return false
}

// equal tells whether a node of the narrower and one of the wider side mean the same.
func (q *question) equal(keyword string, narrow, wide document.Node) bool {
	switch {
	case q.narrow.Head == q.wide.Head:
		return narrow == wide || document.Equal(narrow, wide)
	case q.narrow.Head:
		return q.p.Equal(keyword, wide, narrow)
	default:
		return q.p.Equal(keyword, narrow, wide)
	}
}
