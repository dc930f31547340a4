package commandtext

import (
	"slices"
	"time"

	"plimsoll/checks"
	failuretext "plimsoll/checks/text/failure"
)

// Answer is what came of one command.
type Answer struct {
	// Command as it was given, or what was pressed.
	Command string
	// Text for who gave it; empty: that it was done says all.
	Text string
	// Refused: nothing or not all of it was done.
	Refused bool
}

// AnswerComment answers commands that were given together; "" where nothing has to be
// said.
func AnswerComment(source string, answers []Answer) string {
	var sections []string
	for _, a := range answers {
		if a.Text != "" {
			sections = append(sections, checks.Code(checks.Clip(checks.Clean(a.Command), 80))+"\n\n"+a.Text)
		}
	}
	if len(sections) == 0 {
		return ""
	}
	end := "\n" + checks.AnswerMarker(source) + "\n"
	return checks.Fit(checks.Paragraphs(sections...), checks.Limit{Max: checks.MaxComment - len(end)}) + end
}

// Reactions to commands that were given together, in GitHub's words.
func Reactions(answers []Answer) []string {
	var reactions []string
	for _, a := range answers {
		reaction := "+1"
		if a.Refused {
			reaction = "confused"
		}
		if !slices.Contains(reactions, reaction) {
			reactions = append(reactions, reaction)
		}
	}
	return reactions
}

// Refusal is an answer that nothing was done: why, and what to do.
func Refusal(why, what string) Answer { return Answer{Text: why + " " + what, Refused: true} }

const ackUsage = "Write `/plimsoll ack FINGERPRINT [until YYYY-MM-DD] REASON`. The fingerprint is next to each change that blocks; `all` (or `all@HEAD`) means all of them."

// helpLines say what commands do, in the order of the list.
var helpLines = []struct{ name, text string }{
	{"ack", "`/plimsoll ack FINGERPRINT [until YYYY-MM-DD] REASON`: acknowledge a change for the consumers that you own. Give at least 6 digits of the fingerprint, or `all` for everything that blocks (`all@HEAD` after a push). It ends with that day (UTC), at most a year ahead. A maintainer of this repository can override for other consumers."},
	{"recheck", "`/plimsoll recheck`: evaluate this pull request again."},
	{"rollback", "`/plimsoll rollback [ENVIRONMENT]`: deploy the last verified commit again in the environment that runs this pull request's change. Needs write access."},
	{"can-remove", "`/plimsoll can-remove OPERATION [FIELD]`: list who still uses it."},
	{"override", "`/plimsoll override ENVIRONMENT REASON`: let this pull request's commit pass the gate of an environment although its verdict there was to roll back. For maintainers. Put a name with spaces in quotes. The next such verdict closes the gate again."},
	{"help", "`/plimsoll help`: this list."},
}

// HelpAnswer lists the commands among names.
func HelpAnswer(names []string) Answer {
	var lines []string
	for _, line := range helpLines {
		if slices.Contains(names, line.name) {
			lines = append(lines, line.text)
		}
	}
	return Answer{Text: checks.List(lines) + "\n\nOne command a line, at its very beginning. Editing a comment gives no command."}
}

// UnknownCommand refuses a command that there is none of.
func UnknownCommand(name string) Answer {
	return Refusal("There is no command "+checks.Code(name)+".", "`/plimsoll help` lists them.")
}

// TooManyCommands refuses what is more than is done at once.
func TooManyCommands(most int) Answer {
	return Refusal("Only the first "+checks.Count(most, "command")+" of a comment are done.", "Give the rest in another comment.")
}

// NotOpen refuses what only an open pull request can be told.
func NotOpen() Answer {
	return Refusal("This pull request is not open, so there is nothing to check.", "Reopen it, then give the command again.")
}

// AckWithoutTarget refuses an acknowledgement of nothing.
func AckWithoutTarget() Answer { return Refusal("It does not say what to acknowledge.", ackUsage) }

// AckWithoutReason refuses an acknowledgement without a reason.
func AckWithoutReason() Answer {
	return Refusal("The reason is missing.", ackUsage)
}

// AckNoFingerprint refuses what is no fingerprint.
func AckNoFingerprint(text string) Answer {
	return Refusal(checks.Code(text)+" is no fingerprint: that is at least 6 digits, 0 to 9 and a to f.", ackUsage)
}

// AckSeveral refuses a fingerprint that begins several changes.
func AckSeveral(text string, n int) Answer {
	return Refusal(checks.Count(n, "change")+" that block here begin with "+checks.Code(text)+".", "Give more digits.")
}

// AckUnknown refuses a fingerprint of no change that blocks.
func AckUnknown(text string) Answer {
	return Refusal("No change that blocks this pull request has a fingerprint that begins with "+checks.Code(text)+": it may have moved on, or it only warns.", "The newest check run shows what blocks now.")
}

// NothingBlocks refuses an acknowledgement where nothing blocks.
func NothingBlocks() Answer {
	return Refusal("Nothing blocks this pull request, so there is nothing to acknowledge.", "`/plimsoll recheck` judges it anew.")
}

// AckBadDate refuses an end that is none; last is the last day that is taken.
func AckBadDate(text string, last time.Time) Answer {
	return Refusal(checks.Code(checks.Clip(checks.Clean(text), 40))+" is no day from tomorrow to "+last.Format(time.DateOnly)+".", "Behind `until` stands a day as `YYYY-MM-DD`, or leave `until` out.")
}

// ButtonOutdated refuses a button on a check run that is not the newest.
func ButtonOutdated() Answer {
	return Refusal("The check run with this button is not the newest any more: something else may block by now.", "Look at the newest check run of "+checks.Code(checks.ContractsRun)+", then press there.")
}

// AckOtherHead refuses an acknowledgement of everything that blocks at another head than is
// there now, or at nobody knows which.
func AckOtherHead(head string) Answer {
	return Refusal("Commits were pushed, so something else may block by now than what you have read.",
		"Read the newest check run of "+checks.Code(checks.ContractsRun)+", then write `/plimsoll ack all@"+head[:min(7, len(head))]+" REASON`.")
}

// BudgetUsedUp refuses what is more than a person may ask for in an hour.
func BudgetUsedUp(most int) Answer {
	return Refusal("You have given "+checks.Count(most, "command")+" within an hour, which is the limit. This one and further ones are not answered.", "Give it again later.")
}

// NotDone is an answer that a command could not be done.
func NotDone(e failuretext.Explanation) Answer {
	text := checks.Escape(e.What, checks.InProse) + " " + checks.Escape(e.Next, checks.InProse)
	if e.Delivery != "" {
		text += " Delivery " + checks.Code(e.Delivery) + "."
	}
	return Answer{Text: text, Refused: true}
}

// ByTheButton is the reason of what a button acknowledges.
const ByTheButton = "by the button"

// PressedButton is how a button is named in an answer.
func PressedButton(login string, a checks.Action) string { return login + " pressed " + a.Label }
