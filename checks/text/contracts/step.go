package contracttext

import "plimsoll/checks"

// Step is the workflow step that writes a report where no server does. It knows the consumers
// that were given to it, answers no commands, and runs again only with its workflow.
type Step struct {
	// Summary is the address of the page with the job summary; empty if it is not known.
	Summary string
	// Consumers: declarations of consumers were given.
	Consumers bool
}

// noConsumers: no declaration was given, so nothing is known about who uses the API.
func (v *view) noConsumers() bool { return v.Step != nil && !v.Step.Consumers }

// proves reports whether "no known consumers" means no consumers, as far as the report knows.
func (v *view) proves() bool { return v.Registry.proves() && !v.noConsumers() }

// rest says where what a comment leaves out can be read.
func (v *view) rest() string {
	if v.Step != nil {
		return "in the job summary"
	}
	return "in the check run"
}

// noConsumersLine says what an answer without declarations is worth.
func (v *view) noConsumersLine() string {
	return checks.MarkWarn + " The step was given no declarations of consumers, so it can't tell which changes matter. Name them in its input " + checks.Code("consumers") + "."
}

// changedComment lists what changed where nobody knows who uses it.
func (v *view) changedComment() checks.Comment {
	sections := []string{checks.MarkWarn + " **" + checks.UpperFirst(v.harmfulWords()) + ".**", v.caveats(), v.changesSection(mostInComment, v.rest()), v.pointer()}
	return checks.Comment{Text: checks.Paragraphs(sections...), Needed: true}
}
