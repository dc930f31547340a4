package diff

import (
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/containment"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// The rules report what changed. For the rest, the comparison asks for a proof that every
// value that may be sent is one that the other side accepts. A gap in that proof that no
// rule has reported becomes a constraint whose effect is not known.

// reportedChange is a change that was reported for the pair being compared.
type reportedChange struct {
	rule   string
	detail string
	step   usage.Step
}

// proveRest asks for a proof of what was not reported. byBranch: the pair was compared
// branch by branch, each of which is proved on its own.
func (w *schemaWork) proveRest(byBranch bool) {
	base := containment.Side{View: w.c.base, Schema: w.c.pairs[w.id].bs}
	head := containment.Side{View: w.c.head, Schema: w.c.pairs[w.id].hs, Head: true}
	narrow, wide := base, head
	if w.dir == contracts.Response {
		narrow, wide = head, base
	}
	p := w.c.prover(w.dir)
	if byBranch {
		if gap, ok := p.Ambiguous(narrow, wide, w.compared); ok && w.dir == contracts.Request && !w.isReported(gap) {
			w.unproved(gap, true)
		}
		return
	}
	for _, gap := range p.Gaps(narrow, wide, w.compared) {
		if !w.isReported(gap) {
			w.unproved(gap, wide.Head)
		}
	}
}

// lead is a pair below another, and where it stands there.
type lead struct {
	to int32
	at string
}

// compared tells whether two schemas are compared on their own and this pair leads there, so
// that a difference between them counts for consumers who use that place.
func (w *schemaWork) compared(narrow, wide containment.Side, at string) bool {
	b, h := narrow, wide
	if narrow.Head {
		b, h = wide, narrow
	}
	if b.Head || !h.Head {
		return false
	}
	id, ok := w.c.schemas[schemaPair{b.Schema.ID, h.Schema.ID, w.dir}]
	if !ok || id < 0 {
		return ok // a pair below 0 cannot differ
	}
	if links := w.c.pairs[w.id].links; w.leads == nil {
		w.leads = make(map[lead]bool, len(links))
		for i := range links {
			w.leads[lead{links[i].to, placeOf(links[i].step)}] = true
		}
	}
	return w.leads[lead{id, at}]
}

// placeOf names the place to which a step leads, as package containment does.
func placeOf(step usage.Step) string {
	switch step.Kind {
	case usage.StepProperty:
		return "." + step.Name
	case usage.StepMap:
		return "{}"
	case usage.StepItem:
		return "[]"
	}
	return ""
}

// prover gives what proves that a direction is safe.
func (c *comparer) prover(dir contracts.Direction) *containment.Prover {
	if p := c.provers[dir]; p != nil {
		return p
	}
	p := &containment.Prover{Same: c.dirty.Same, Equal: c.sameKeyword, Reader: dir == contracts.Response, Hidden: func(v *openapi.View, nodes []document.Node) bool {
		s := v.Decode(v.Schema(nodes...))
		return dir == contracts.Request && s.ReadOnly || dir == contracts.Response && s.WriteOnly
	}}
	c.provers[dir] = p
	return p
}

// rulesAbout lists the rules that are about a keyword, without their direction. A rule for
// properties is about the property that it names.
var rulesAbout = map[string][]string{
	"type":                 {"type-", "became-", "enum-"},
	"false":                {"type-"},
	"enum":                 {"enum-", "type-", "became-", "branch-"},
	"const":                {"enum-", "type-", "became-", "branch-"},
	"format":               {"format-", "type-"},
	"contentEncoding":      {"format-"},
	"contentMediaType":     {"format-"},
	"pattern":              {"pattern-"},
	"uniqueItems":          {"unique-items-"},
	"exclusiveMinimum":     {"minimum-"},
	"exclusiveMaximum":     {"maximum-"},
	"oneOf":                {"branch-", "composition-", "discriminator-", "enum-", "became-"},
	"anyOf":                {"branch-", "composition-", "discriminator-", "enum-", "became-"},
	"properties":           {"property-", "additional-properties-"},
	"required":             {"property-"},
	"additionalProperties": {"property-", "additional-properties-"},
	"patternProperties":    {"property-", "additional-properties-"},
	"items":                {"constraint-", "tuple-"},
	"prefixItems":          {"constraint-", "tuple-"},
}

// agreed are harmless changes that leave a gap all the same: docs/impact.md says what a
// reader and a sender are taken to cope with.
var agreed = map[string]bool{
	"request-property-added-optional":       true, // nobody sends what is not described
	"response-additional-properties-opened": true, // readers ignore what is not described
	"response-property-added":               true,
}

// about gives the reported changes that may be about a place, or about the schema as a
// whole. Schemas may have thousands of properties.
func (w *schemaWork) about(at string) []reportedChange {
	if w.byPlace == nil {
		w.byPlace = map[string][]reportedChange{}
		for _, s := range w.c.reported {
			w.byPlace[placeOf(s.step)] = append(w.byPlace[placeOf(s.step)], s)
		}
	}
	if at == "" {
		return w.c.reported
	}
	return slices.Concat(w.byPlace[at], w.byPlace[""])
}

// isReported tells whether a reported change is about a gap.
func (w *schemaWork) isReported(gap containment.Gap) bool {
	stems := rulesAbout[gap.Keyword]
	for _, b := range boundKeywords {
		if b.keyword == gap.Keyword {
			stems = append(stems, b.name+"-")
		}
	}
	for _, s := range w.about(gap.At) {
		harm := ruleByName[s.rule].harm
		stem := strings.TrimPrefix(s.rule, string(w.dir)+"-")
		switch {
		case harm == harmNobody && (!agreed[s.rule] || gap.Described),
			gap.Keyword == "required" && w.dir == contracts.Request && stem != "property-became-required" && stem != "property-added-required":
			continue
		case stem == "type-changed", s.step.Kind == 0 && s.step.Name == "" && (harm == harmSendersUnproved || harm == harmReadersUnproved):
			return true // nothing is left to be said of this schema
		case gap.Ambiguous:
			continue
		}
		for _, each := range stems {
			if strings.HasPrefix(stem, each) && (gap.At == "" || gap.At == placeOf(s.step)) {
				return true
			}
		}
	}
	return false
}

// unproved reports a gap.
func (w *schemaWork) unproved(gap containment.Gap, inHead bool) {
	rule := "constraint-changed"
	if gap.Ambiguous {
		rule = "branch-ambiguous"
	}
	ch := change{rule: w.rule(rule), b: w.b.First(), h: w.h.First(), edge: w.edge(document.Node{}), detail: gap.Keyword + " " + gap.At}
	if name, ok := strings.CutPrefix(gap.At, "."); ok {
		ch.step = usage.Step{Kind: usage.StepProperty, Name: name}
	} else if gap.At == "{}" {
		ch.step = usage.Step{Kind: usage.StepMap}
	} else if gap.At == "[]" {
		ch.step = usage.Step{Kind: usage.StepItem}
	}
	if inHead {
		ch.to, ch.hasTo = gap.Keyword, true
		ch.h = document.FirstValid(gap.Node, ch.h)
	} else {
		ch.from, ch.hasFrom = gap.Keyword, true
		ch.b = document.FirstValid(gap.Node, ch.b)
	}
	w.c.report(w.id, ch)
}
