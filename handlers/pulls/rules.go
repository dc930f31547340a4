package pulls

import (
	"time"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/settings"
	"plimsoll/handlers/source"
)

// rule applies the rule settings that the base branch has now. Those of the merge base do
// not count, since its author chose where the pull request began; those of the head take
// effect when merged.
func (c *change) rule(entry *contracttext.APIReport, now time.Time) {
	name := entry.API.Name
	tip := c.tip
	if tip.Broken && len(tip.Components) == 0 {
		tip = c.registration
	}
	entry.RulesSHA = tip.Commit
	provided, known := source.ProvidedBy(tip)[name]
	policy := provided.Provided.Policy
	if proposal, ok := c.proposes(name); ok && !known {
		policy = proposal.Policy // a new API: it is held to the policy, and has no settings yet
	}
	changes := changesOf(entry)
	entry.Rulings = settings.Of(provided.Provided.Rules, policy, now).Rulings(changes)
	if proposal, ok := c.proposes(name); ok {
		settings.Of(proposal.Rules, policy, now).Propose(entry.Rulings, changes)
	}
}

// proposes gives what the head declares of an API.
func (c *change) proposes(name string) (contracts.Provided, bool) {
	if c.proposed == nil || c.proposed.Broken {
		return contracts.Provided{}, false
	}
	api, ok := source.ProvidedBy(*c.proposed)[name]
	return api.Provided, ok
}

// changesOf are the changes of an API, with those that lie between baselines and the head.
func changesOf(entry *contracttext.APIReport) []contracts.Change {
	changes := entry.Changes
	for i := range entry.Findings {
		if entry.Findings[i].SinceBaseline {
			changes = append(changes[:len(changes):len(changes)], entry.Findings[i].Change)
		}
	}
	return changes
}
