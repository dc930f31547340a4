package checks

import (
	"strings"
	"sync"

	"plimsoll/contracts"
)

// RuleText gives, without Markdown, what a rule means in one sentence and an
// example of it (which may be empty). The words are those of `plimsoll check
// --rules`. A rule that is not listed says what its name says.
func RuleText(rule string) (oneLine, example string) {
	if r, ok := ruleIndex()[rule]; ok && r.Reason != "" {
		return sentence(upperFirst(r.Reason)), r.Example
	}
	words := strings.ReplaceAll(escape(rule, inPlain), "-", " ")
	if words == "" {
		return "The contract changed here.", ""
	}
	return "The contract changed here: " + words + ".", ""
}

var ruleIndex = sync.OnceValue(func() map[string]contracts.Rule {
	index := map[string]contracts.Rule{}
	for _, r := range contracts.Rules() {
		index[r.Name] = r
	}
	return index
})
