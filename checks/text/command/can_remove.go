package commandtext

import (
	"errors"
	"strings"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
)

// mostReplied is how many reasons a reply lists.
const mostReplied = 20

// CanRemoveReply answers the command can-remove, in Markdown. The reasons hold nothing that
// may not be shown there.
func CanRemoveReply(webURL, api string, r impact.Removal, answer contracts.Answer, reasons []contracts.AnswerReason) Answer {
	what := checks.Code(r.Operation)
	if r.Field != "" {
		side := "the response of "
		if r.Sends {
			side = "the request of "
		}
		what = checks.Code(r.Field) + " in " + side + checks.Code(r.Operation)
	}
	head := map[contracts.Answer]string{
		contracts.AnswerYes: checks.MarkGood + " **No known consumer uses " + what + "** of " + checks.Code(api) + ". It is safe to remove.",
		contracts.AnswerNo:  checks.MarkBad + " **Consumers use " + what + "** of " + checks.Code(api) + ".",
	}[answer]
	if head == "" {
		head = checks.MarkWarn + " **Consumers may use " + what + "** of " + checks.Code(api) + "."
	}
	var lines []string
	fine, more := 0, 0
	for _, reason := range reasons {
		switch {
		case reason.Code == contracts.CodeCompatible:
			fine++
		case reason.Code == contracts.CodeNobodyUses:
		case len(lines) == mostReplied:
			more++
		default:
			lines = append(lines, contracttext.AnswerMarkdown(reason, checks.Web{Base: webURL}))
		}
	}
	if more > 0 {
		lines = append(lines, checks.UpperFirst(checks.Count(more, "more reason"))+".")
	}
	if fine > 0 {
		lines = append(lines, checks.UpperFirst(checks.Count(fine, "consumer version"))+map[bool]string{true: " is", false: " are"}[fine == 1]+" not affected.")
	}
	return Answer{Text: checks.Paragraphs(head, checks.List(lines))}
}

// CanRemoveUsage says how to write the command.
func CanRemoveUsage() Answer {
	return Refusal("Write "+checks.Code("/plimsoll can-remove OPERATION [FIELD] [--sends]")+", such as "+checks.Code("/plimsoll can-remove GET /orders/{id} items[].sku")+".",
		"The field is in the response, or with "+checks.Code("--sends")+" in the request.")
}

// CanRemoveNothing says that the repository provides no API.
func CanRemoveNothing() Answer {
	return Refusal("This repository provides no API.", "Declare it under "+checks.Code("provides")+" in "+checks.Code("plimsoll.yml")+" on the default branch.")
}

// CanRemoveRefused says why there is no answer.
func CanRemoveRefused(err error) Answer {
	var lines []string
	for _, one := range unjoined(err) {
		if bad, ok := errors.AsType[*BadQuestion](one); ok {
			lines = append(lines, strings.TrimSpace(checks.Sentence(checks.UpperFirst(checks.Escape(bad.What, checks.InProse)))+" "+checks.UpperFirst(checks.Sentence(checks.Escape(bad.Hint, checks.InProse)))))
		}
	}
	return Answer{Text: checks.List(lines), Refused: true}
}

func unjoined(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, unjoined(one)...)
		}
		return all
	}
	return []error{err}
}
