package contracttext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// How many consumers the text names for one change: fewer if there are more changes, so
// that more of those fit.
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

// text gives every change that may matter, the most severe first: why it affects each
// consumer, through which operations, and what to do.
func (v *view) text() string {
	var sections []string
	size := 0
	for _, e := range v.entries {
		if e.rank() == 0 {
			continue
		}
		// Beyond the limit only headings are written, so that Fit can count the changes
		// that it leaves out.
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
	effects, plan := v.effectList(e), v.plan(e)
	if v.summarized(e) {
		effects = v.summarizedEffects(e)
	}
	if e == v.entries[0] && v.blocking > 0 && !v.onlyAcknowledgementMissing() {
		plan = "" // the summary has it
	}
	return checks.Paragraphs(v.heading(e), v.changeFacts(e), effects, v.exampleFold(e), plan, v.commandLine(e), operationsFold(e.change))
}

// summarized reports whether the summary has a line for each consumer that a change
// affects.
func (v *view) summarized(e *entry) bool {
	named := 0
	for _, c := range v.consumers {
		if !c.hidden {
			named++
		}
	}
	return named <= mostConsumers && len(e.effects) > 0 &&
		!slices.ContainsFunc(e.effects, func(h *effect) bool { return h.consumer.effects[0] != h })
}

// summarizedEffects names the consumers of a change for which the summary has a line, and
// what that line leaves out.
func (v *view) summarizedEffects(e *entry) string {
	text := checks.UpperFirst(v.outcome(e, checks.InCode, mostConsumers)) + "." + unaffectedWords(e.unaffected)
	for _, h := range e.effects {
		if h.consumer.hidden {
			continue
		}
		if links := v.otherEvidence(h); links != "" {
			text += " " + checks.Code(h.versions[0].Consumer.Component) + " declares this also in " + links + "."
		}
	}
	return text
}

// changeFacts says what the rule means, where the change is, and what reaches it.
func (v *view) changeFacts(e *entry) string {
	why, _ := RuleText(e.change.Rule)
	text := checks.Escape(why, checks.InProse)
	if e.since {
		text += v.sinceWords()
	} else if e.change.Source.Head == nil && e.change.Source.Base != nil {
		text += " Before: " + v.changeLine(e, checks.InCode) + "."
	} else {
		text += " See " + v.changeLine(e, checks.InCode) + "."
	}
	text += reachedWords(e.change)
	text += " Rule " + checks.Code(e.change.Rule) + ", fingerprint " + checks.Code(e.change.Fingerprint) + "."
	if by := v.rulingWords(e); by != "" {
		text += " " + by
	}
	return text
}

// reachedWords gives "Used by 12 operations, such as `GET /orders/{id}` → `items[].sku`."
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
		return " Used by " + first + "."
	}
	return fmt.Sprintf(" Used by %d operations, such as %s.", reached, first)
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
		line := h.mark() + " " + v.effectWords(h, "")
		if links := v.otherEvidence(h); links != "" {
			line += " Also declared in " + links + "."
		}
		return line
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
	return checks.Join(links, 3)
}

// Bounds of an example on a pull request, in bytes: beyond the first it is written on
// several lines, beyond the second it is left out, and what is wrong with it is kept.
const (
	oneLine     = 80
	mostExample = 1500
)

// exampleFold shows the smallest message that one consumer or the other version cannot
// take. The consumer is one that may be named.
func (v *view) exampleFold(e *entry) string {
	for _, h := range e.effects {
		if h.consumer.hidden || len(h.versions) == 0 {
			continue
		}
		if w := h.versions[0].Witness; w != nil && w.Document != nil {
			return checks.Details("Example of a failing "+messageWord(w), checks.Paragraphs(exampleSource(w)+", in which "+checks.Escape(w.Fails, checks.InProse)+":", exampleDocument(w)))
		}
	}
	return ""
}

// exampleSource says what an example is: "A response of `GET /orders` that the new version
// allows".
func exampleSource(w *contracts.Witness) string {
	what, version := "A "+messageWord(w), "the old version"
	if w.AllowedBy == "head" {
		version = "the new version"
	}
	if w.Parameter != "" {
		what = "A value of " + checks.Code(w.Parameter)
	}
	text := what + " of " + checks.Code(w.Operation)
	if w.Status != "" {
		text += " with status " + checks.Code(w.Status)
	}
	return text + " that " + version + " allows" + readings[w.Reading]
}

// messageWord names the kind of message. Of webhooks and callbacks consumers read requests and
// send responses: such a message is just called a message.
func messageWord(w *contracts.Witness) string {
	if (w.Direction == contracts.Response) != (w.Status != "") {
		return "message"
	}
	return string(w.Direction)
}

// readings say how the contracts have to be read for an example.
var readings = map[contracts.Reading]string{
	contracts.ReadingAnyVariant:  " if a value may fit several branches of `oneOf`",
	contracts.ReadingUndescribed: " without describing all of it",
	contracts.ReadingStrict:      ", and that fails for consumers that rely on every keyword",
}

func exampleDocument(w *contracts.Witness) string {
	document := []byte(w.Document)
	if len(document) > oneLine {
		var b bytes.Buffer
		if json.Indent(&b, document, "", "  ") == nil {
			document = b.Bytes()
		}
	}
	if len(document) > mostExample {
		return "It is too long to be shown here. `plimsoll check --format json` prints it."
	}
	return checks.Fenced("json", string(document))
}

// PlainExample gives an example on one line for a terminal; "" without one. A long message
// is cut off.
func PlainExample(w *contracts.Witness) string {
	switch {
	case w == nil:
		return ""
	case w.Document == nil:
		return checks.Escape(w.Operation+": "+w.Fails, checks.InPlain)
	}
	document := []rune(string(w.Document))
	if len(document) > oneLine {
		document = append(document[:oneLine], '…')
	}
	if w.Parameter != "" {
		return checks.Escape(w.Parameter+" "+string(document)+": "+w.Fails, checks.InPlain)
	}
	return checks.Escape(string(document)+": "+w.Fails, checks.InPlain)
}
