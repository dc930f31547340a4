package contracttext

import (
	"bytes"
	"encoding/json"

	"plimsoll/checks"
	"plimsoll/contracts"
)

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
			return checks.Details("Example of a failing "+string(w.Direction), checks.Paragraphs(exampleSource(w)+", in which "+checks.Escape(w.Fails, checks.InProse)+":", exampleDocument(w)))
		}
	}
	return ""
}

// exampleSource says what an example is: "A response of `GET /orders` that the new version
// allows".
func exampleSource(w *contracts.Witness) string {
	what, version := "A request", "the old version"
	if w.AllowedBy == "head" {
		version = "the new version"
	}
	if w.Direction == contracts.Response {
		what = "A response"
	}
	if w.Parameter != "" {
		what = "A value of " + checks.Code(w.Parameter)
	}
	text := what + " of " + checks.Code(w.Operation)
	if w.Status != "" {
		text += " with status " + checks.Code(w.Status)
	}
	return text + " that " + version + " allows"
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
