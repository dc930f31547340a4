package commandtext

import (
	"slices"
	"strings"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
)

// mostDecided is how many consumers one line of an answer names.
const mostDecided = 10

// Decision is what came of one acknowledgement, by consumer.
type Decision struct {
	// Given by an owner of the consumer, Overridden by a maintainer of the provider.
	Given, Overridden []Decided
	// Standing: an owner has agreed already, and who asks now is none.
	Standing []Decided
	// Refused: who asks may not.
	Refused []Decided
}

// Decided is one consumer of a decision.
type Decided struct {
	Impact contracttext.Impact
	// Owners are who could agree, as declared. Without any, whoever maintains the
	// consumer's repository can, where that can be read.
	Owners     []string
	Unreadable bool
	// Unasked: GitHub did not let the App ask who is in the teams among them.
	Unasked bool
}

// AcknowledgementAnswer tells who gave an acknowledgement what came of it. That all of
// it was an owner's to give needs no words.
func AcknowledgementAnswer(d Decision) Answer {
	var lines []string
	if len(d.Overridden)+len(d.Standing)+len(d.Refused) > 0 {
		lines = append(lines, told(d.Given, checks.MarkWord+" Acknowledged for ", ": you are an owner.")...)
	}
	lines = append(lines, told(d.Overridden, checks.MarkWarn+" **Overridden** for ", ": you maintain this repository, and no owner has agreed.")...)
	lines = append(lines, told(d.Standing, checks.MarkWord+" Left as it is for ", ": an owner has acknowledged it already.")...)
	hidden := 0
	for _, one := range d.Refused {
		if one.Impact.Hidden {
			hidden++
			continue
		}
		lines = append(lines, checks.MarkBad+" Not acknowledged for "+checks.Code(one.Impact.Consumer.Component)+": "+one.whoCould())
	}
	if hidden > 0 {
		lines = append(lines, checks.MarkBad+" Not acknowledged for "+checks.Count(hidden, "private consumer")+": only an owner can agree.")
	}
	text := checks.List(lines)
	if len(d.Refused) > 0 {
		text += "\n\nOne of them comments the same, or a maintainer of this repository does: that is an override, and says so."
	}
	return Answer{Text: text, Refused: len(d.Refused) > 0}
}

// told is one line for all consumers to whom the same happened; none without any.
func told(all []Decided, before, after string) []string {
	var names []string
	hidden := 0
	for _, one := range all {
		if one.Impact.Hidden {
			hidden++
		} else if name := checks.Code(one.Impact.Consumer.Component); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if hidden > 0 {
		names = append(names, checks.Count(hidden, "private consumer"))
	}
	if len(names) == 0 {
		return nil
	}
	return []string{before + checks.Join(names, mostDecided) + after}
}

// whoCould says who could agree for a consumer that may be named.
func (d Decided) whoCould() string {
	c := d.Impact.Consumer
	text := "only an owner of its registration file can agree"
	switch {
	case len(d.Owners) > 0:
		var owners []string
		for _, owner := range d.Owners {
			owners = append(owners, checks.Code(owner))
		}
		text += " (" + checks.Join(owners, checks.MostNames) + ")."
	case d.Unreadable:
		text += ", and its repository can't be read any more."
	default:
		text = "nobody is declared as its owner, so only who maintains " + checks.Code(c.Repository.FullName()) + " can agree."
	}
	if d.Unasked {
		text += " Who is in a team could not be asked: the App needs the permission " + checks.Code("members: read") + "."
	}
	return strings.TrimSpace(text)
}
