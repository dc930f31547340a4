package diff

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// found is a change together with what is needed to judge it.
type found struct {
	contracts.Change
	spec  *ruleSpec
	pairs []int32 // where it hangs
	fact  fact
}

// fact is what a judgement needs beyond the rule.
type fact struct {
	closed   bool   // the new schema refuses unknown properties
	value    string // the enum value, the branch, the status
	names    []string
	listed   []string // enum introduced: the values still accepted
	left     bool     // an accepted alternative is left
	sole     bool     // the only media type there was
	required bool     // what was removed had to be sent
	old, new string   // the names that a generator keys on
}

type foundKey struct {
	rule   string
	dir    contracts.Direction
	b, h   document.Node
	detail string
}

// change describes what to report. The rest is computed once per edge.
type change struct {
	rule     string
	level    contracts.Level // "" takes the rule's
	edge     func() contracts.Edge
	b, h     document.Node // where it stands; the identity of the edge
	from, to string
	hasFrom  bool
	hasTo    bool
	step     usage.Step
	detail   string
	fact     fact
}

// report attaches a change to a pair. The same change at the same edge is reported once,
// however it was reached.
func (c *comparer) report(at int32, ch change) {
	dir := c.pairs[at].dir
	spec := ruleByName[ch.rule]
	key := foundKey{ch.rule, dir, ch.b, ch.h, ch.detail}
	level := ch.level
	if level == "" {
		level = spec.Level
	}
	c.reported = append(c.reported, reportedChange{ch.rule, ch.detail, ch.step})
	id, ok := c.byKey[key]
	if !ok {
		id = int32(len(c.found))
		c.byKey[key] = id
		f := &found{spec: spec, fact: ch.fact}
		f.Rule, f.Level, f.Direction, f.Edge = ch.rule, level, dir, ch.edge()
		if ch.hasFrom {
			f.From = &ch.from
		}
		if ch.hasTo {
			f.To = &ch.to
		}
		f.Source = contracts.ChangeSource{Base: positionOf(ch.b), Head: positionOf(ch.h)}
		c.found = append(c.found, f)
	}
	f := c.found[id]
	if graver(level, f.Level) {
		f.Level = level
	}
	f.fact.closed = f.fact.closed || ch.fact.closed
	c.pairs[at].marks = append(c.pairs[at].marks, mark{found: id, step: ch.step})
	if n := len(f.pairs); n == 0 || f.pairs[n-1] != at {
		f.pairs = append(f.pairs, at)
	}
}

func graver(a, b contracts.Level) bool { return a.Rank() > b.Rank() }

func positionOf(n document.Node) *contracts.Position {
	if !n.Valid() {
		return nil
	}
	p := openapi.PositionOf(n)
	return &p
}

// fingerprint hashes rule, API, edge, direction and old → new. It does not depend on texts,
// line numbers or the way by which the change was reached.
func fingerprint(api string, c *contracts.Change, detail string) string {
	text := func(s *string) string {
		if s == nil {
			return "\x00"
		}
		return *s
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{c.Rule, api, openapi.NormalPath(c.Edge.Schema), openapi.NormalPath(c.Edge.Name), string(c.Edge.Kind),
		string(c.Direction), text(c.From), text(c.To), detail}, "\x1f")))
	return hex.EncodeToString(sum[:8])
}

// Nearest gives, by fingerprint, the position in the head that is nearest to a change
// without one: the neighbour before the removed element, or else its parent. A change whose
// parent was removed too has no entry.
func (c *Comparison) Nearest() map[string]contracts.Position {
	near := map[string]contracts.Position{}
	for _, f := range c.found {
		if f.Source.Head != nil {
			continue
		}
		for _, at := range f.pairs {
			if holder := c.pairs[at].h; holder.Valid() {
				near[f.Fingerprint] = openapi.PositionOf(neighbour(c.pairs[at].b, holder, f.Edge))
				break
			}
		}
	}
	return near
}

// neighbour finds where the removed edge would be in the parent's new text.
func neighbour(old, holder document.Node, edge contracts.Edge) document.Node {
	switch edge.Kind {
	case contracts.KindProperty:
		before, now := old.Get("properties"), holder.Get("properties")
		last := holder.Key("properties")
		for name := range before.Members() {
			if name == edge.Name {
				break
			}
			if now.Get(name).Valid() {
				last = now.Key(name)
			}
		}
		if last.Valid() {
			return last
		}
	case contracts.KindParameter:
		if list := holder.Key("parameters"); list.Valid() {
			return list
		}
	}
	return holder
}
