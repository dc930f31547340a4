package checks

import (
	"strings"

	"plimsoll/contracts"
)

// nextStep says in which order the change is safe.
func (v *view) nextStep(e *entry) string {
	if len(e.hits) == 0 {
		return ""
	}
	if e.verdict == contracts.Unknown {
		return "**Next:** ask the owner what it uses, and have that declared: only a complete list proves that somebody is not hit."
	}
	text := "**Safe order:** " + safeOrder(e.change)
	if e.assumed() {
		text += " A consumer that lists what it reads and sends is judged for certain."
	}
	return text
}

// assumed: some consumer is hit only because it does not list what it uses.
func (e *entry) assumed() bool {
	for _, h := range e.hits {
		for _, version := range h.versions {
			switch version.Reason.Code {
			case contracts.ReasonReadsUnlisted, contracts.ReasonSendsUnlisted, contracts.ReasonOperationsUnlisted:
				return true
			}
		}
	}
	return false
}

func safeOrder(c contracts.Change) string {
	rule := stem(c.Rule)
	ends := func(endings ...string) bool {
		for _, e := range endings {
			if strings.HasSuffix(rule, e) {
				return true
			}
		}
		return false
	}
	request := c.Direction == contracts.Request
	switch {
	case strings.HasPrefix(rule, "security-"):
		return "1. accept the new way beside the old one, and deploy; 2. the consumers move, and deploy; 3. drop the old one."
	case strings.HasPrefix(rule, "operation-sunset"):
		return "agree on the date with the consumers first; until they have moved, keep the later one."
	case ends("became-nullable", "became-optional"):
		return "1. go on sending it always; 2. the consumers cope with its absence (and say so with `?` in their declaration), and deploy; 3. leave it out."
	case request && ends("required"):
		return "1. accept it as optional, with a default, and deploy; 2. the consumers send it, and deploy; 3. require it."
	case request && ends("tightened", "disallowed", "not-nullable", "introduced", "narrowed", "closed", "constrained"),
		request && strings.Contains(rule, "enum"):
		return "1. the consumers stop sending what will be refused, and deploy; 2. refuse it."
	case ends("enum-value-added", "branch-added", "status-added", "enum-dropped", "loosened"):
		return "1. the consumers learn to handle what they do not know yet, and deploy; 2. answer with it."
	case ends("removed"):
		return "1. add what replaces it beside it, and deploy; 2. the consumers move to that, and deploy; 3. remove it."
	case ends("id-changed", "tags-changed", "renamed"):
		return "keep the old name; or the consumers make their clients anew in the same step, and deploy together with this."
	case ends("default-changed"):
		return "1. the consumers send the value that they rely on, and deploy; 2. change the default."
	default:
		return "1. offer the new form under a new name beside the old one, and deploy; 2. the consumers move to it, and deploy; 3. remove the old one."
	}
}
