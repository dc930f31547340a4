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
	all := make([]*contracts.Finding, len(c.findings))
	for i := range c.findings {
		all[i] = &c.findings[i]
	}
	groups := c.byOperation(all)
	if len(groups) == 0 {
		return "No changes to the API.\n"
	}
	var b strings.Builder
	for _, group := range groups {
		name := group.name
		if name != severalOperations {
			name = "`" + name + "`"
		}
		fmt.Fprintf(&b, "### %s\n\n", name)
		for _, f := range group.findings {
			sentence := contracttext.ChangeSentence(f.Change)
			if label := labels[c.level(f)]; label != "" {
				sentence = label + sentence
			} else {
				sentence = strings.ToUpper(sentence[:1]) + sentence[1:]
			}
			if group.name == severalOperations {
				sentence += reachedBy(&f.Change)
			}
			fmt.Fprintf(&b, "- %s\n", sentence)
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// operationGroup are the changes of one operation, or of several.
type operationGroup struct {
	name     string
	findings []*contracts.Finding
}

// byOperation groups changes by operation, the group with the most severe change first.
func (c *Result) byOperation(findings []*contracts.Finding) []operationGroup {
	at := map[string]int{}
	var groups []operationGroup
	for _, f := range findings {
		name := severalOperations
		if len(f.Change.Operations) == 1 && f.Change.Reached == 1 {
			name = f.Change.Operations[0].Method + " " + f.Change.Operations[0].Path
		}
		i, known := at[name]
		if !known {
			i = len(groups)
			at[name] = i
			groups = append(groups, operationGroup{name: name})
		}
		groups[i].findings = append(groups[i].findings, f)
	}
	slices.SortFunc(groups, func(a, b operationGroup) int {
		return cmp.Or(cmp.Compare(c.worst(b.findings), c.worst(a.findings)), cmp.Compare(a.name, b.name))
	})
	return groups
}

// worst is the rank of the most severe level among changes.
func (c *Result) worst(findings []*contracts.Finding) (rank int) {
	for _, f := range findings {
		rank = max(rank, c.level(f).Rank())
	}
	return rank
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
