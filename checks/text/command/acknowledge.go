package commandtext

import (
	"slices"
	"strings"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
)

// mostDecided is how many consumers one line of an answer names.
const mostDecided = 10

// Decision is the result of one acknowledgement, by consumer.
type Decision struct {
	// Given by an owner of the consumer, Overridden by a maintainer of the provider.
	Given, Overridden []Decided
	// Standing: an owner has agreed already, and the sender is not an owner.
	Standing []Decided
	// Refused: the sender may not acknowledge.
	Refused []Decided
}

// Decided is one consumer of a decision.
type Decided struct {
	Impact contracttext.Impact
	// Owners are the people and teams that can agree, as declared. Without any, the
	// maintainers of the consumer's repository can, if it can be read.
	Owners     []string
	Unreadable bool
	// Unasked: the App has no permission to read the members of the teams among them.
	Unasked bool
}

// AcknowledgementAnswer reports the result of an acknowledgement to its sender. It is empty
// if an owner acknowledged everything.
func AcknowledgementAnswer(d Decision) Answer {
	var lines []string
	if len(d.Overridden)+len(d.Standing)+len(d.Refused) > 0 {
		lines = append(lines, told(d.Given, checks.MarkWord+" Acknowledged for ", " (you are an owner).")...)
	}
	lines = append(lines, told(d.Overridden, checks.MarkWarn+" **Overridden** for ", ", because you maintain this repository. No owner has agreed.")...)
	lines = append(lines, told(d.Standing, checks.MarkWord+" No change for ", ": an owner has already acknowledged it.")...)
	hidden := 0
	for _, one := range d.Refused {
		if one.Impact.Hidden {
			hidden++
			continue
		}
		lines = append(lines, checks.MarkBad+" Not acknowledged for "+checks.Code(one.Impact.Consumer.Component)+": "+one.whoCould())
	}
	if hidden > 0 {
		lines = append(lines, checks.MarkBad+" Not acknowledged for "+checks.Count(hidden, "private consumer")+": only an owner can acknowledge.")
	}
	text := checks.List(lines)
	if len(d.Refused) > 0 {
		text += "\n\n**Next:** ask an owner to give the same command. A maintainer of this repository can override with it."
	}
	return Answer{Text: text, Refused: len(d.Refused) > 0}
}

// told is one line for all consumers with the same result; none without any.
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

// whoCould says who can acknowledge for a consumer that may be named.
func (d Decided) whoCould() string {
	c := d.Impact.Consumer
	text := "only an owner can acknowledge"
	switch {
	case len(d.Owners) > 0:
		var owners []string
		for _, owner := range d.Owners {
			owners = append(owners, checks.Code(owner))
		}
		text += " (" + checks.Join(owners, checks.MostNames) + ")."
	case d.Unreadable:
		text += ", and its repository can no longer be read."
	default:
		text = "it has no declared owner, so only a maintainer of " + checks.Code(c.Repository.FullName()) + " can acknowledge."
	}
	if d.Unasked {
		text += " Plimsoll can't read the members of teams: the App needs the permission " + checks.Code("members: read") + "."
	}
	return strings.TrimSpace(text)
}
