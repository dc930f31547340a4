package commandtext

import (
	"slices"
	"time"

	"plimsoll/checks"
	failuretext "plimsoll/checks/text/failure"
)

// Answer is the result of one command.
type Answer struct {
	// Command as it was written, or the button.
	Command string
	// Text for the sender; empty if the command was done and nothing needs to be said.
	Text string
	// Refused: the command was not done, or only in part.
	Refused bool
}

// AnswerComment answers the commands of one comment; "" if nothing needs to be said.
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

// Reactions to the commands of one comment, by GitHub's names.
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

// Refusal is the answer to a command that was not done: why, and what to do.
func Refusal(why, what string) Answer { return Answer{Text: why + " " + what, Refused: true} }

const ackUsage = "Write `/plimsoll ack FINGERPRINT [until YYYY-MM-DD] REASON`. The fingerprint is next to each change that blocks; `all` (or `all@HEAD`) means all of them."

// helpLines explain the commands, in the order of the list.
var helpLines = []struct{ name, text string }{
	{"ack", "`/plimsoll ack FINGERPRINT [until YYYY-MM-DD] REASON`: acknowledge a change for the consumers that you own. Give at least 6 digits of the fingerprint, or `all` for everything that blocks (`all@HEAD` after a push). The end date (UTC) is at most a year ahead. A maintainer of this repository can override for other consumers."},
	{"recheck", "`/plimsoll recheck`: check this pull request again."},
	{"rollback", "`/plimsoll rollback [ENVIRONMENT]`: deploy the last verified commit again in the environment that runs this pull request's change. Needs write access."},
	{"can-remove", "`/plimsoll can-remove OPERATION [FIELD]`: list the consumers that still use it."},
	{"override", "`/plimsoll override ENVIRONMENT REASON`: let this pull request's commit pass the gate of an environment, whatever keeps it shut. For maintainers. Put a name with spaces in quotes. Other reasons and later verdicts close the gate again."},
	{"help", "`/plimsoll help`: show this list."},
}

// HelpAnswer lists the commands among names.
func HelpAnswer(names []string) Answer {
	var lines []string
	for _, line := range helpLines {
		if slices.Contains(names, line.name) {
			lines = append(lines, line.text)
		}
	}
	return Answer{Text: checks.List(lines) + "\n\nWrite each command at the beginning of a line. Commands in edited comments are ignored."}
}

// UnknownCommand refuses a command that does not exist.
func UnknownCommand(name string) Answer {
	return Refusal("There is no command "+checks.Code(name)+".", "`/plimsoll help` lists them.")
}

// TooManyCommands refuses the commands beyond the limit of one comment.
func TooManyCommands(most int) Answer {
	return Refusal("Only the first "+checks.Count(most, "command")+" of a comment are run.", "Write the others in another comment.")
}

// NotOpen refuses a command that needs an open pull request.
func NotOpen() Answer {
	return Refusal("This pull request is not open, so there is nothing to check.", "Reopen it, then repeat the command.")
}

// AckWithoutTarget refuses an acknowledgement of nothing.
func AckWithoutTarget() Answer { return Refusal("The fingerprint is missing.", ackUsage) }

// AckWithoutReason refuses an acknowledgement without a reason.
func AckWithoutReason() Answer {
	return Refusal("The reason is missing.", ackUsage)
}

// AckNoFingerprint refuses a text that is not a fingerprint.
func AckNoFingerprint(text string) Answer {
	return Refusal(checks.Code(text)+" is not a fingerprint: at least 6 digits, 0 to 9 and a to f.", ackUsage)
}

// AckSeveral refuses a fingerprint that begins several changes.
func AckSeveral(text string, n int) Answer {
	return Refusal(checks.Count(n, "fingerprint")+" of blocking changes begin with "+checks.Code(text)+".", "Give more digits.")
}

// AckUnknown refuses a fingerprint that no blocking change has.
func AckUnknown(text string) Answer {
	return Refusal("No blocking change has a fingerprint that begins with "+checks.Code(text)+".", "The newest check run shows what blocks now.")
}

// NothingBlocks refuses an acknowledgement where nothing blocks.
func NothingBlocks() Answer {
	return Refusal("Nothing blocks this pull request, so there is nothing to acknowledge.", "To check it again, write `/plimsoll recheck`.")
}

// AckBadDate refuses an invalid end date; last is the last day that is allowed.
func AckBadDate(text string, last time.Time) Answer {
	return Refusal(checks.Code(checks.Clip(checks.Clean(text), 40))+" is not a date from tomorrow to "+last.Format(time.DateOnly)+".", "Write `until YYYY-MM-DD`, or leave it out.")
}

// ButtonOutdated refuses a button on a check run that is not the newest.
func ButtonOutdated() Answer {
	return Refusal("This check run has been replaced, and other changes may block now.", "Read the newest check run of "+checks.Code(checks.ContractsRun)+" and use its button.")
}

// AckOtherHead refuses to acknowledge everything that blocks if the head has changed, or if
// it is not known which head was read.
func AckOtherHead(head string) Answer {
	return Refusal("New commits were pushed, so other changes may block now.",
		"Read the newest check run of "+checks.Code(checks.ContractsRun)+", then write `/plimsoll ack all@"+head[:min(7, len(head))]+" REASON`.")
}

// BudgetUsedUp refuses the commands beyond a person's limit for an hour.
func BudgetUsedUp(most int) Answer {
	return Refusal("You have reached the limit of "+checks.Count(most, "command")+" an hour. Further commands are ignored.", "Repeat this one later.")
}

// NotDone is the answer to a command that failed.
func NotDone(e failuretext.Explanation) Answer {
	text := checks.Escape(e.What, checks.InProse) + " " + checks.Escape(e.Next, checks.InProse)
	if e.Delivery != "" {
		text += " Delivery " + checks.Code(e.Delivery) + "."
	}
	return Answer{Text: text, Refused: true}
}

// ByTheButton is the reason of an acknowledgement by button.
const ByTheButton = "by the button"

// PressedButton is how a button is named in an answer.
func PressedButton(login string, a checks.Action) string { return login + " pressed " + a.Label }
