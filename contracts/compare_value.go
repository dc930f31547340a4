package contracts

import (
	"strings"

	"plimsoll/contracts/document"
)

// types compares type, nullability and format; false where the two have no type
// in common, so that nothing below can be compared.
func (w *schemaWork) types() bool {
	b, h := w.b, w.h
	bt, ht := b.types&^typeNull, h.types&^typeNull
	grouped := len(b.groups) > 0 || len(h.groups) > 0
	harmless := true
	if bt != ht && (!grouped || bt&ht == 0) {
		harmless = w.typeChange(bt, ht)
	}
	if !b.any() && !h.any() {
		if was, is := b.nullable(), h.nullable(); b.nullByBranch() || h.nullByBranch() {
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

// typeChange reports a change of types; true where it hurts nobody.
func (w *schemaWork) typeChange(bt, ht typeSet) bool {
	rule := "type-changed"
	var level Level
	switch {
	case w.dir == Request && bt&^ht == 0:
		rule = "type-widened"
	case w.dir == Response && ht&^bt == 0:
		rule = "type-narrowed"
	case w.b.any() && w.b.implied() == ht, w.h.any() && w.h.implied() == bt:
		// "type: object" beside properties was written down, or left out
		level = Risky
	}
	from, to := bt.String(), ht.String()
	if w.b.never {
		from = "nothing"
	}
	if w.h.never {
		to = "nothing"
	}
	w.report(w.rule(rule), w.b.typeNode, w.h.typeNode, from, to, atLevel(level))
	return rule != "type-changed"
}

// nullOfUnion says what waits for the branches, where none of them has said it: one
// came or went, or they are regrouped.
func (w *schemaWork) nullOfUnion() {
	if w.nullWaits && !w.nullSaid {
		w.nullability(w.b.nullable(), w.h.nullable())
	}
}

func (w *schemaWork) nullability(b, h bool) {
	bn, hn := document.FirstValid(w.b.nullNode, w.b.typeNode), document.FirstValid(w.h.nullNode, w.h.typeNode)
	if !b && within(hn, w.h.first()) && !within(bn, w.b.first()) {
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

// wider tells formats that hold another: every int32 is an int64.
var wider = map[string]string{"int32": "int64", "float": "double"}

func (w *schemaWork) format() {
	for _, keyword := range []string{"format", "contentEncoding", "contentMediaType"} {
		b, h := w.b.keywords[keyword], w.h.keywords[keyword]
		from, to := strings.TrimSpace(b.Text()), strings.TrimSpace(h.Text())
		if from == to {
			continue
		}
		rule := "format-changed"
		widened := to == "" || wider[from] == to
		narrowed := from == "" || wider[to] == from
		if w.dir == Request && widened {
			rule = "format-widened"
		} else if w.dir == Response && narrowed {
			rule = "format-narrowed"
		}
		w.report(w.rule(rule), b, h, from, to, func(ch *change) { ch.detail = keyword })
	}
}

// enums compares the lists of allowed values, one change per value.
func (w *schemaWork) enums() {
	b, h := w.b, w.h
	switch {
	case !b.hasEnum && !h.hasEnum:
		return
	case !b.hasEnum:
		w.report(w.rule("enum-introduced"), document.Node{}, h.enumNode, "", enumText(h.enum), w.extensible, func(ch *change) {
			for _, v := range h.enum {
				ch.fact.listed = append(ch.fact.listed, v.text)
			}
		})
		return
	case !h.hasEnum:
		w.report(w.rule("enum-dropped"), b.enumNode, document.Node{}, enumText(b.enum), "", w.extensible)
		return
	}
	old, now := keysOf(b.enum), keysOf(h.enum)
	for _, v := range b.enum {
		if !now[v.key] {
			w.enumValue("enum-value-removed", v, v.node, document.Node{})
		}
	}
	for _, v := range h.enum {
		if !old[v.key] {
			w.enumValue("enum-value-added", v, document.Node{}, v.node)
		}
	}
}

func (w *schemaWork) enumValue(rule string, v enumValue, b, h document.Node) {
	owner := func() Edge {
		e := w.c.base.schemaEdge(w.holder(w.b))
		if e.Name != "" {
			e.Schema = joinEdge(e.Schema, e.Name)
		}
		return Edge{Schema: e.Schema, Name: v.text, Kind: KindEnumValue}
	}
	ch := change{rule: w.rule(rule), edge: owner, b: b, h: h, detail: v.key, fact: fact{value: v.text}}
	if b.Valid() {
		ch.from, ch.hasFrom = v.text, true
	} else {
		ch.to, ch.hasTo = v.text, true
	}
	w.extensible(&ch)
	w.c.report(w.id, ch)
}

// holder gives the schema node that says the enum.
func (w *schemaWork) holder(s *schema) document.Node {
	if s.enumNode.Valid() {
		if line := s.enumNode.Ancestors(); len(line) > 0 {
			return line[len(line)-1]
		}
	}
	return s.first()
}

// extensible lowers changes of enums that are declared to grow.
func (w *schemaWork) extensible(ch *change) {
	if !w.b.extensible && !w.h.extensible {
		return
	}
	if w.dir == Response {
		ch.level = Info
	} else if ruleByName[ch.rule].Level == Breaking {
		ch.level = Risky
	}
}

func keysOf(values []enumValue) map[string]bool {
	keys := make(map[string]bool, len(values))
	for _, v := range values {
		keys[v.key] = true
	}
	return keys
}

func enumText(values []enumValue) string {
	texts := make([]string, 0, min(len(values), 12))
	for i, v := range values {
		if i == 11 && len(values) > 12 {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, v.text)
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
	b, h := w.b.keywords["default"], w.h.keywords["default"]
	if !b.Valid() && !h.Valid() || b.Valid() && h.Valid() && document.Equal(b, h) {
		return
	}
	from, to := "", ""
	if b.Valid() {
		from = shortened(literal(b))
	}
	if h.Valid() {
		to = shortened(literal(h))
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

// boundsAndPatterns compares numeric limits, patterns and uniqueness.
func (w *schemaWork) boundsAndPatterns() {
	for _, k := range boundKeywords {
		switch k.keyword {
		case "pattern":
			w.patterns()
		case "uniqueItems":
			b, h := w.b.keywords[k.keyword], w.h.keywords[k.keyword]
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
	b, hadB := w.b.limit(keyword)
	h, hasH := w.h.limit(keyword)
	from, to := "", ""
	if hadB {
		from = b.String()
	}
	if hasH {
		to = h.String()
	}
	switch {
	case from == to:
	case !hadB, hasH && tighter(keyword, h, b):
		w.report(w.rule(name+"-tightened"), b.node, h.node, from, to)
	case !hasH, tighter(keyword, b, h):
		w.report(w.rule(name+"-loosened"), b.node, h.node, from, to)
	default: // another multiple: some values are refused now, others are new
		w.report(w.pick(name+"-tightened", name+"-loosened"), b.node, h.node, from, to)
	}
}

func (w *schemaWork) patterns() {
	gone, fresh := without(w.b.patterns, w.h.patterns), without(w.h.patterns, w.b.patterns)
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
