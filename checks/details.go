package checks

import (
	"fmt"
	"strings"

	"plimsoll/contracts"
)

// How much the text says about one change.
const (
	mostHits       = 20 // consumers
	mostOperations = 5  // operations before the fold
)

// text gives every change that may matter, the gravest first: why each consumer
// is hit, through which operations, and what to do.
func (v *view) text() string {
	var sections []string
	size := 0
	for _, e := range v.entries {
		if e.rank() == 0 {
			continue
		}
		section := v.changeDetails(e)
		sections = append(sections, section)
		// What cannot be shown anyhow is not written; fit counts what it cuts, so
		// it gets the headings of the others.
		if size += len(section); size > 2*MaxTextBytes {
			break
		}
	}
	if len(sections) == 0 {
		return ""
	}
	if left := v.harmfulEntries() - len(sections); left > 0 {
		sections = append(sections, count(left, "more change")+".")
	}
	return paragraphs(sections...)
}

func (v *view) harmfulEntries() (n int) {
	for _, e := range v.entries {
		if e.rank() > 0 {
			n++
		}
	}
	return n
}

func (v *view) changeDetails(e *entry) string {
	head := "### " + v.mark(e) + " " + upperFirst(ChangeSentence(e.change))
	if len(v.APIs) > 1 {
		head += " (" + code(e.api.API.Name) + ")"
	}
	return paragraphs(head, v.changeFacts(e), v.hitList(e), v.nextStep(e))
}

// changeFacts: what the rule means, where it stands, what reaches it.
func (v *view) changeFacts(e *entry) string {
	why, _ := RuleText(e.change.Rule)
	text := escape(why, inProse)
	if e.change.Source.Head == nil && e.change.Source.Base != nil {
		text += " It stood in " + v.changeLine(e, inCode) + "."
	} else {
		text += " It stands in " + v.changeLine(e, inCode) + "."
	}
	text += reachedWords(e.change)
	text += " Rule " + code(e.change.Rule) + ", fingerprint " + code(e.change.Fingerprint) + "."
	return text
}

// reachedWords gives "Reached from 12 operations, e.g. `GET /orders/{id}` → `items[].sku`."
func reachedWords(c contracts.Change) string {
	reached := max(c.Reached, len(c.Operations))
	if reached == 0 || len(c.Operations) == 0 {
		return ""
	}
	if c.Edge.Kind == contracts.KindOperation {
		return "" // it is the operation
	}
	first := operationWords(c.Operations[0])
	if reached == 1 {
		return " Reached from " + first + "."
	}
	return fmt.Sprintf(" Reached from %d operations, e.g. %s.", reached, first)
}

func operationWords(o contracts.OperationRef) string {
	text := code(o.Method + " " + o.Path)
	if o.Status != "" {
		text += " " + code(o.Status)
	}
	if o.Pointer != "" {
		text += " → " + code(o.Pointer)
	}
	return text
}

func (v *view) hitList(e *entry) string {
	if len(e.hits) == 0 {
		return upperFirst(v.nobody(e)) + "."
	}
	var lines []string
	hidden := map[contracts.Verdict]int{}
	for i, h := range e.hits {
		switch {
		case h.consumer.hidden:
			hidden[h.verdict]++
		case len(lines) >= mostHits:
			lines = append(lines, count(len(e.hits)-i, "more consumer")+".")
			return list(lines)
		default:
			lines = append(lines, h.mark()+" "+v.hitWords(h)+v.otherEvidence(h))
		}
	}
	for _, verdict := range []contracts.Verdict{contracts.Breaks, contracts.MayBreak, contracts.Unknown} {
		if n := hidden[verdict]; n > 0 {
			lines = append(lines, "**"+count(n, "private consumer")+"** "+verdictWord(verdict, n != 1)+".")
		}
	}
	if more := len(e.change.Operations); more > 1 && len(e.change.Operations) <= contracts.MaxOperations {
		lines = append(lines, v.operationsFold(e.change))
	}
	return list(lines)
}

// operationsFold lists the operations through which the change is reached.
func (v *view) operationsFold(c contracts.Change) string {
	var words []string
	for _, o := range c.Operations[:min(len(c.Operations), mostOperations)] {
		words = append(words, operationWords(o))
	}
	text := "Operations: " + strings.Join(words, ", ")
	if more := max(c.Reached, len(c.Operations)) - len(words); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + "."
}

// otherEvidence links the further lines that declare the use.
func (v *view) otherEvidence(h *hit) string {
	version := h.versions[0]
	if len(version.Evidence) < 2 {
		return ""
	}
	var links []string
	for _, e := range version.Evidence[1:min(len(version.Evidence), 4)] {
		links = append(links, v.web.line(version.Consumer.Repository, version.Consumer.Commit, e.Position, inCode))
	}
	return " Also declared in " + join(links, 3) + "."
}
