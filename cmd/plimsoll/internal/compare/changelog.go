package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// severalOperations is the group of changes that more than one operation reaches.
const severalOperations = "Several operations"

// labels stand in front of changes that consumers have to look at.
var labels = map[contracts.Level]string{contracts.Breaking: "**Breaking:** ", contracts.Risky: "**May break:** "}

// changelog writes the changes as Markdown for release notes, grouped by operation, the
// most severe first. A change of a shared schema is listed once, with the operations that
// it reaches.
func (c *Result) changelog() string {
	groups := map[string][]*contracts.Change{}
	for i := range c.findings {
		ch := &c.findings[i].Change
		group := severalOperations
		if len(ch.Operations) == 1 && ch.Reached == 1 {
			group = "`" + ch.Operations[0].Method + " " + ch.Operations[0].Path + "`"
		}
		groups[group] = append(groups[group], ch)
	}
	if len(groups) == 0 {
		return "No changes to the API.\n"
	}
	names := make([]string, 0, len(groups))
	for name := range groups {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(worst(groups[a]), worst(groups[b])), cmp.Compare(a, b))
	})
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "### %s\n\n", name)
		for _, ch := range groups[name] {
			sentence := contracttext.ChangeSentence(*ch)
			if label := labels[ch.Level]; label != "" {
				sentence = label + sentence
			} else {
				sentence = strings.ToUpper(sentence[:1]) + sentence[1:]
			}
			if name == severalOperations {
				sentence += reachedBy(ch)
			}
			fmt.Fprintf(&b, "- %s\n", sentence)
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// worst gives the place of the most severe level among changes; 0 is breaking.
func worst(changes []*contracts.Change) int {
	order := []contracts.Level{contracts.Breaking, contracts.Risky, contracts.Info}
	least := len(order)
	for _, ch := range changes {
		least = min(least, slices.Index(order, ch.Level))
	}
	return least
}

// mostNamed is how many operations are named for a change that several reach.
const mostNamed = 3

func reachedBy(ch *contracts.Change) string {
	var names []string
	for _, op := range ch.Operations[:min(mostNamed, len(ch.Operations))] {
		name := "`" + op.Method + " " + op.Path + "`"
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	text := " (" + strings.Join(names, ", ")
	if more := ch.Reached - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more %s", more, terminal.Plural(more, "operation"))
	}
	return text + ")"
}
