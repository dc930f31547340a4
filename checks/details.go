package checks

import (
	"fmt"

	"plimsoll/contracts"
)

// How many consumers the text names for one change: the fewer, the more changes
// there are, so that more of those fit.
const (
	mostHits  = 20
	leastHits = 3
	allHits   = 120
)

func (v *view) mostHits() int {
	changes := 1
	for _, e := range v.entries {
		if len(e.hits) > 0 {
			changes++
		}
	}
	return max(leastHits, min(mostHits, allHits/changes))
}

// text gives every change that may matter, the gravest first: why each consumer
// is hit, through which operations, and what to do.
func (v *view) text() string {
	var sections []string
	size := 0
	for _, e := range v.entries {
		if e.rank() == 0 {
			continue
		}
		// What cannot be shown anyhow is not written, but for the heading: fit counts
		// those that it leaves out.
		section := v.heading(e)
		if size < MaxTextBytes {
			section = v.changeDetails(e)
		}
		size += len(section)
		sections = append(sections, section)
	}
	if len(sections) == 0 {
		return ""
	}
	return paragraphs(sections...)
}

func (v *view) heading(e *entry) string {
	head := "### " + v.mark(e) + " " + upperFirst(ChangeSentence(e.change))
	if len(v.APIs) > 1 {
		head += " (" + code(e.api.API.Name) + ")"
	}
	return head
}

func (v *view) changeDetails(e *entry) string {
	return paragraphs(v.heading(e), v.changeFacts(e), v.hitList(e), v.plan(e), v.commandLine(e), operationsFold(e.change))
}

// changeFacts: what the rule means, where it stands, what reaches it.
func (v *view) changeFacts(e *entry) string {
	why, _ := RuleText(e.change.Rule)
	text := escape(why, inProse)
	if e.since {
		text += v.sinceWords()
	} else if e.change.Source.Head == nil && e.change.Source.Base != nil {
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
		return upperFirst(v.nobody(e)) + "." + unaffectedWords(e.unaffected)
	}
	lines, left := hitLines(e.hits, v.mostHits(), func(h *hit) string {
		return h.mark() + " " + v.hitWords(h, "") + v.otherEvidence(h)
	})
	if left > 0 {
		lines = append(lines, count(left, "more consumer")+".")
	}
	if e.unaffected > 0 {
		lines = append(lines, markGood+unaffectedWords(e.unaffected))
	}
	return list(lines)
}

func unaffectedWords(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " 1 consumer version is not affected."
	default:
		return " " + count(n, "consumer version") + " are not affected."
	}
}

// operationsFold lists the operations through which the change is reached.
func operationsFold(c contracts.Change) string {
	reached := max(c.Reached, len(c.Operations))
	if reached < 2 || len(c.Operations) == 0 || c.Edge.Kind == contracts.KindOperation {
		return ""
	}
	var lines []string
	for _, o := range c.Operations[:min(len(c.Operations), contracts.MaxOperations)] {
		lines = append(lines, operationWords(o))
	}
	if more := reached - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("%d more", more))
	}
	return details(count(reached, "operation"), list(lines))
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
