package diff

import (
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// types compares type, nullability and format; false where the two have no type
// in common, so that nothing below can be compared.
func (w *schemaWork) types() bool {
	b, h := w.b, w.h
	bt, ht := b.Types&^openapi.TypeNull, h.Types&^openapi.TypeNull
	grouped := len(b.Groups) > 0 || len(h.Groups) > 0
	harmless := true
	if bt != ht && (!grouped || bt&ht == 0) {
		harmless = w.typeChange(bt, ht)
	}
	if b.Untyped() == h.Untyped() { // a list of all types but null is typed, and says so of null
		if was, is := b.Nullable(), h.Nullable(); b.NullByBranch() || h.NullByBranch() {
			w.nullWaits = was != is
		} else {
			w.nullability(was, is)
		}
	}
	if bt&ht == 0 && bt != ht {
		w.nullOfUnion()
		return false
	}
	if harmless {
		w.format()
	}
	return true
}

// typeChange reports a change of types. It tells whether the change affects nobody.
func (w *schemaWork) typeChange(bt, ht openapi.TypeSet) bool {
	rule := "type-changed"
	var level contracts.Level
	switch {
	case w.dir == contracts.Request && bt&^ht == 0:
		rule = "type-widened"
	case w.dir == contracts.Response && ht&^bt == 0:
		rule = "type-narrowed"
	case w.b.Untyped() && w.b.Implied() == ht, w.h.Untyped() && w.h.Implied() == bt:
		// "type: object" beside properties was written down, or left out
		level = contracts.Risky
	}
	from, to := bt.String(), ht.String()
	if w.b.Never {
		from = "nothing"
	}
	if w.h.Never {
		to = "nothing"
	}
	w.report(w.rule(rule), w.b.TypeNode, w.h.TypeNode, from, to, atLevel(level))
	return rule != "type-changed"
}

// nullOfUnion says what waits for the branches, where none of them has said it: one
// came or went, or they are regrouped.
func (w *schemaWork) nullOfUnion() {
	if w.nullWaits && !w.nullSaid {
		w.nullability(w.b.Nullable(), w.h.Nullable())
	}
}

func (w *schemaWork) nullability(b, h bool) {
	bn, hn := document.FirstValid(w.b.NullNode, w.b.TypeNode), document.FirstValid(w.h.NullNode, w.h.TypeNode)
	if !b && within(hn, w.h.First()) && !within(bn, w.b.First()) {
		bn = document.Node{} // said where the shared schema is used, not in it
	}
	switch {
	case b && !h:
		w.report(w.rule("became-not-nullable"), bn, hn, "nullable", "not nullable")
	case !b && h:
		w.report(w.rule("became-nullable"), bn, hn, "not nullable", "nullable")
	}
}

// within tells whether a keyword stands in a schema itself.
func within(keyword, schema document.Node) bool {
	if !keyword.Valid() {
		return false
	}
	line := keyword.Ancestors()
	return len(line) > 0 && line[len(line)-1] == schema
}

func (w *schemaWork) format() {
	for _, keyword := range []string{"format", "contentEncoding", "contentMediaType"} {
		b, h := w.b.Keywords[keyword], w.h.Keywords[keyword]
		from, to := strings.TrimSpace(b.Text()), strings.TrimSpace(h.Text())
		if from == to {
			continue
		}
		rule := "format-changed"
		widened := to == "" || openapi.FormatHolds(to, from)
		narrowed := from == "" || openapi.FormatHolds(from, to)
		if w.dir == contracts.Request && widened {
			rule = "format-widened"
		} else if w.dir == contracts.Response && narrowed {
			rule = "format-narrowed"
		}
		w.report(w.rule(rule), b, h, from, to, func(ch *change) { ch.detail = keyword })
	}
}

// enums compares the lists of allowed values, one change per value.
func (w *schemaWork) enums() {
	b, h := w.b, w.h
	switch {
	case !b.HasEnum && !h.HasEnum:
		return
	case !b.HasEnum:
		w.report(w.rule("enum-introduced"), document.Node{}, h.EnumNode, "", enumText(h.Enum), w.extensible, func(ch *change) {
			for _, v := range h.Enum {
				ch.fact.listed = append(ch.fact.listed, v.Text)
			}
		})
		return
	case !h.HasEnum:
		w.report(w.rule("enum-dropped"), b.EnumNode, document.Node{}, enumText(b.Enum), "", w.extensible)
		return
	}
	old, now := keysOf(b.Enum), keysOf(h.Enum)
	for _, v := range b.Enum {
		if !now[v.Key] {
			w.enumValue("enum-value-removed", v, v.Node, document.Node{})
		}
	}
	for _, v := range h.Enum {
		if !old[v.Key] {
			w.enumValue("enum-value-added", v, document.Node{}, v.Node)
		}
	}
}

func (w *schemaWork) enumValue(rule string, v openapi.EnumValue, b, h document.Node) {
	owner := func() contracts.Edge {
		e := w.c.base.SchemaEdge(w.holder(w.b))
		if e.Name != "" {
			e.Schema = joinEdge(e.Schema, e.Name)
		}
		return contracts.Edge{Schema: e.Schema, Name: v.Text, Kind: contracts.KindEnumValue}
	}
	ch := change{rule: w.rule(rule), edge: owner, b: b, h: h, detail: v.Key, fact: fact{value: v.Text}}
	if b.Valid() {
		ch.from, ch.hasFrom = v.Text, true
	} else {
		ch.to, ch.hasTo = v.Text, true
	}
	w.extensible(&ch)
	w.c.report(w.id, ch)
}

// holder gives the schema node that says the enum.
func (w *schemaWork) holder(s *openapi.Schema) document.Node {
	if s.EnumNode.Valid() {
		if line := s.EnumNode.Ancestors(); len(line) > 0 {
			return line[len(line)-1]
		}
	}
	return s.First()
}

// extensible lowers changes of enums that are declared to grow.
func (w *schemaWork) extensible(ch *change) {
	if !w.b.Extensible && !w.h.Extensible {
		return
	}
	if w.dir == contracts.Response {
		ch.level = contracts.Info
	} else if ruleByName[ch.rule].Level == contracts.Breaking {
		ch.level = contracts.Risky
	}
}

func keysOf(values []openapi.EnumValue) map[string]bool {
	keys := make(map[string]bool, len(values))
	for _, v := range values {
		keys[v.Key] = true
	}
	return keys
}

func enumText(values []openapi.EnumValue) string {
	texts := make([]string, 0, min(len(values), 12))
	for i, v := range values {
		if i == 11 && len(values) > 12 {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, v.Text)
	}
	return strings.Join(texts, ", ")
}

func joinEdge(owner, name string) string {
	if owner == "" || strings.HasPrefix(name, "[") || strings.HasPrefix(name, "{") {
		return owner + name
	}
	return owner + "." + name
}

// defaults compares what a value left out stands for.
func (w *schemaWork) defaults() {
	b, h := w.b.Keywords["default"], w.h.Keywords["default"]
	if !b.Valid() && !h.Valid() || b.Valid() && h.Valid() && document.Equal(b, h) {
		return
	}
	from, to := "", ""
	if b.Valid() {
		from = shortened(openapi.Literal(b))
	}
	if h.Valid() {
		to = shortened(openapi.Literal(h))
	}
	w.report(w.rule("default-changed"), b, h, from, to)
}

// maxValueText bounds how much of a value is repeated in a change.
const maxValueText = 120

func shortened(s string) string {
	if len(s) <= maxValueText {
		return s
	}
	return strings.ToValidUTF8(s[:maxValueText], "") + "…"
}

// boundsAndPatterns compares numeric limits, patterns and uniqueness. A limit counts for
// the values of its type only.
func (w *schemaWork) boundsAndPatterns() {
	for _, k := range boundKeywords {
		if w.b.Types&w.h.Types&openapi.AppliesTo(k.keyword) == 0 {
			continue
		}
		switch k.keyword {
		case "pattern":
			w.patterns()
		case "uniqueItems":
			b, h := w.b.Keywords[k.keyword], w.h.Keywords[k.keyword]
			if h.Valid() && !b.Valid() {
				w.report(w.rule("unique-items-tightened"), b, h, "", "true")
			} else if b.Valid() && !h.Valid() {
				w.report(w.rule("unique-items-loosened"), b, h, "true", "")
			}
		default:
			w.bound(k.keyword, k.name)
		}
	}
}

func (w *schemaWork) bound(keyword, name string) {
	b, hadB := w.b.Limit(keyword)
	h, hasH := w.h.Limit(keyword)
	if hadB == hasH && (!hadB || b.Same(h)) {
		return
	}
	from, to := "", ""
	if hadB {
		from = b.String()
	}
	if hasH {
		to = h.String()
	}
	switch {
	case !hadB, hasH && openapi.Tighter(keyword, h, b):
		w.report(w.rule(name+"-tightened"), b.Node, h.Node, from, to)
	case !hasH, openapi.Tighter(keyword, b, h):
		w.report(w.rule(name+"-loosened"), b.Node, h.Node, from, to)
	default: // another multiple: some values are refused now, others are new
		w.report(w.pick(name+"-tightened", name+"-loosened"), b.Node, h.Node, from, to)
	}
}

func (w *schemaWork) patterns() {
	gone, fresh := without(w.b.Patterns, w.h.Patterns), without(w.h.Patterns, w.b.Patterns)
	if len(gone) == 0 && len(fresh) == 0 {
		return
	}
	rule := w.pick("pattern-tightened", "pattern-loosened")
	if len(fresh) == 0 {
		rule = w.rule("pattern-loosened")
	} else if len(gone) == 0 {
		rule = w.rule("pattern-tightened")
	}
	var b, h document.Node
	if len(gone) > 0 {
		b = gone[0]
	}
	if len(fresh) > 0 {
		h = fresh[0]
	}
	w.report(rule, b, h, shortened(b.Text()), shortened(h.Text()))
}

// without gives those of a whose text is not in b.
func without(a, b []document.Node) []document.Node {
	var rest []document.Node
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x.Text() == y.Text()
		}
		if !found {
			rest = append(rest, x)
		}
	}
	return rest
}
