package checks

import (
	"errors"
	"strings"

	"plimsoll/contracts"
)

// mostReplied is how many reasons a reply tells.
const mostReplied = 20

// CanRemoveReply answers the command can-remove, in Markdown. What may not be named
// where it is shown has been taken out of the reasons.
func CanRemoveReply(webURL, api string, r contracts.Removal, answer contracts.Answer, reasons []contracts.AnswerReason) Answer {
	what := code(r.Operation)
	if r.Field != "" {
		side := "the response of "
		if r.Sends {
			side = "the request of "
		}
		what = code(r.Field) + " in " + side + code(r.Operation)
	}
	head := map[contracts.Answer]string{
		contracts.AnswerYes: markGood + " **" + "Nobody uses " + what + "** of " + code(api) + ".",
		contracts.AnswerNo:  markBad + " **Somebody uses " + what + "** of " + code(api) + ".",
	}[answer]
	if head == "" {
		head = markWarn + " **Whether somebody uses " + what + "** of " + code(api) + " can't be told."
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
			lines = append(lines, AnswerMarkdown(reason, web{base: webURL}))
		}
	}
	if more > 0 {
		lines = append(lines, upperFirst(count(more, "more reason"))+".")
	}
	if fine > 0 {
		lines = append(lines, upperFirst(count(fine, "consumer version"))+map[bool]string{true: " is", false: " are"}[fine == 1]+" not hit.")
	}
	return Answer{Text: paragraphs(head, list(lines))}
}

// CanRemoveUsage says how the command is given.
func CanRemoveUsage() Answer {
	return Refusal("It is "+code("/plimsoll can-remove OPERATION [FIELD] [--sends]")+", such as "+code("/plimsoll can-remove GET /orders/{id} items[].sku")+".",
		"The field is one of the response; with "+code("--sends")+" of the request.")
}

// CanRemoveNothing says that the repository provides no API.
func CanRemoveNothing() Answer {
	return Refusal("This repository provides no API.", "Its default branch declares APIs in "+code("plimsoll.yml")+", under "+code("provides")+".")
}

// CanRemoveRefused says why there is no answer.
func CanRemoveRefused(err error) Answer {
	var lines []string
	for _, one := range unjoined(err) {
		if bad, ok := errors.AsType[*BadQuestion](one); ok {
			lines = append(lines, strings.TrimSpace(sentence(upperFirst(escape(bad.What, inProse)))+" "+upperFirst(sentence(escape(bad.Hint, inProse)))))
		}
	}
	return Answer{Text: list(lines), Refused: true}
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
