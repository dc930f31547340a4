package checks

import (
	"strings"

	"plimsoll/contracts"
)

// ReasonSentence says in Markdown why a consumer is judged as it is: "reads
// `items[].sku`". It begins with a small letter and has no full stop.
func ReasonSentence(r contracts.Reason) string { return reasonSentence(r, inCode) }

// PlainReasonSentence is ReasonSentence without Markdown.
func PlainReasonSentence(r contracts.Reason) string { return reasonSentence(r, inPlain) }

// Each reason with what its Node is ("…" where it stands), and without one.
var reasons = map[contracts.ReasonCode]struct{ with, without string }{
	contracts.ReasonReads:              {"reads …", "reads it"},
	contracts.ReasonSends:              {"sends …", "sends it"},
	contracts.ReasonUsesOperation:      {"uses …", "uses the operation"},
	contracts.ReasonReadsUnlisted:      {"uses … and does not list what it reads", "does not list what it reads"},
	contracts.ReasonSendsUnlisted:      {"uses … and does not list what it sends", "does not list what it sends"},
	contracts.ReasonOperationsUnlisted: {"lists no operations, so … counts as used", "lists no operations, so all of them count as used"},
	contracts.ReasonNotListed:          {"lists what it uses, and … is not on the list", "lists what it uses, and this is not on the list"},
	contracts.ReasonOperationUnused:    {"lists its operations, and … is not among them", "lists its operations, and none of them reaches this"},
	contracts.ReasonTolerant:           {"copes when … is absent", "copes with absence"},
	contracts.ReasonExhaustive:         {"handles a closed set of values at …", "handles a closed set of values"},
	contracts.ReasonStatus:             {"relies on status …", "relies on this status"},
	contracts.ReasonMustNowSend:        {"does not send …, which is now required", "does not send what is now required"},
	contracts.ReasonIgnoredSilently:    {"sends …, which would be ignored without a word", "what it sends would be ignored without a word"},
	contracts.ReasonClosedSchema:       {"sends …, which would be refused", "what it sends would be refused"},
	contracts.ReasonGenerated:          {"uses a generated client that is keyed on …", "uses a generated client that is keyed on the name"},
	contracts.ReasonCatalogueOnly:      {"known only from a catalogue (…)", "known only from a catalogue, which does not say what it uses"},
	contracts.ReasonRegistrationError:  {"declares …, which matches nothing in the contract", "its declaration does not match the contract"},
	contracts.ReasonUnproved:           {"can't be proved safe or unsafe at …", "can't be proved safe or unsafe"},
	contracts.ReasonSafe:               {"the change hurts nobody in this direction", "the change hurts nobody in this direction"},
	contracts.ReasonAlternativeLeft:    {"can go on with …", "an accepted alternative is left"},
}

func reasonSentence(r contracts.Reason, p place) string {
	texts, ok := reasons[r.Code]
	if !ok { // a reason that is younger than this table
		words := escape(strings.ReplaceAll(string(r.Code), "-", " "), inPlain)
		if p != inPlain {
			words = escape(words, inProse)
		}
		if words == "" {
			words = "gives no reason"
		}
		texts.with, texts.without = words+" …", words
	}
	if r.Node == "" {
		return texts.without
	}
	return strings.Replace(texts.with, "…", escape(r.Node, p), 1)
}

// verdictWord says what happens to a consumer: "it breaks".
func verdictWord(v contracts.Verdict, many bool) string {
	switch {
	case v == contracts.Breaks && many:
		return "break"
	case v == contracts.Breaks:
		return "breaks"
	case v == contracts.MayBreak:
		return "may break"
	case v == contracts.Unknown:
		return "can't be judged"
	default:
		return "unaffected"
	}
}

// staleSentence says why the last known state of a consumer is shown.
func staleSentence(stale string) string {
	switch stale {
	case "":
		return ""
	case "archived":
		return "its repository is archived; last known state"
	case "uninstalled":
		return "its repository can no longer be read; last known state"
	case "file-broken":
		return "its repository file is broken; last good version"
	case "api-ambiguous":
		return "it names the API in short, and several repositories provide one of that name, so it may mean another: it can say owner/repository/api"
	default:
		return "last known state: " + escape(stale, inProse)
	}
}
