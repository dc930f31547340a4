package contracttext

import (
	"fmt"

	"plimsoll/checks"
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
		if len(e.effects) > 0 {
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
		if size < checks.MaxTextBytes {
			section = v.changeDetails(e)
		}
		size += len(section)
		sections = append(sections, section)
	}
	if len(sections) == 0 {
		return ""
	}
	return checks.Paragraphs(sections...)
}

func (v *view) heading(e *entry) string {
	head := "### " + v.mark(e) + " " + checks.UpperFirst(ChangeSentence(e.change))
	if len(v.APIs) > 1 {
		head += " (" + checks.Code(e.api.API.Name) + ")"
	}
	return head
}

func (v *view) changeDetails(e *entry) string {
	return checks.Paragraphs(v.heading(e), v.changeFacts(e), v.effectList(e), v.plan(e), v.commandLine(e), operationsFold(e.change))
}

// changeFacts: what the rule means, where it stands, what reaches it.
func (v *view) changeFacts(e *entry) string {
	why, _ := RuleText(e.change.Rule)
	text := checks.Escape(why, checks.InProse)
	if e.since {
		text += v.sinceWords()
	} else if e.change.Source.Head == nil && e.change.Source.Base != nil {
		text += " It stood in " + v.changeLine(e, checks.InCode) + "."
	} else {
		text += " It stands in " + v.changeLine(e, checks.InCode) + "."
	}
	text += reachedWords(e.change)
	text += " Rule " + checks.Code(e.change.Rule) + ", fingerprint " + checks.Code(e.change.Fingerprint) + "."
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
	text := checks.Code(o.Method + " " + o.Path)
	if o.Status != "" {
		text += " " + checks.Code(o.Status)
	}
	if o.Pointer != "" {
		text += " → " + checks.Code(o.Pointer)
	}
	return text
}

func (v *view) effectList(e *entry) string {
	if len(e.effects) == 0 {
		return checks.UpperFirst(v.nobody(e)) + "." + unaffectedWords(e.unaffected)
	}
	lines, left := effectLines(e.effects, v.mostHits(), func(h *effect) string {
		return h.mark() + " " + v.effectWords(h, "") + v.otherEvidence(h)
	})
	if left > 0 {
		lines = append(lines, checks.Count(left, "more consumer")+".")
	}
	if e.unaffected > 0 {
		lines = append(lines, checks.MarkGood+unaffectedWords(e.unaffected))
	}
	return checks.List(lines)
}

func unaffectedWords(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " 1 consumer version is not affected."
	default:
		return " " + checks.Count(n, "consumer version") + " are not affected."
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
	return checks.Details(checks.Count(reached, "operation"), checks.List(lines))
}

// otherEvidence links the further lines that declare the use.
func (v *view) otherEvidence(h *effect) string {
	version := h.versions[0]
	if len(version.Evidence) < 2 {
		return ""
	}
	var links []string
	for _, e := range version.Evidence[1:min(len(version.Evidence), 4)] {
		links = append(links, v.web.Line(version.Consumer.Repository, version.Consumer.Commit, e.Position, checks.InCode))
	}
	return " Also declared in " + checks.Join(links, 3) + "."
}
