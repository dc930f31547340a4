package action

import (
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/contracts"
	"plimsoll/contracts/settings"
)

// rules are the rule settings that the base has for an API. A new API has none.
func (c *contractsCheck) rules(api string) compare.Rules {
	declared := providedIn(c.base, api)
	return compare.Rules{Settings: declared.Rules, Policy: declared.Policy, At: c.at}
}

// propose adds to a report which settings of the head count once it is merged.
func (c *contractsCheck) propose(entry *contracttext.APIReport) {
	entry.RulesSHA = c.commits.base
	if entry.Rulings == nil || c.head.Broken {
		return
	}
	proposed := providedIn(c.head, entry.API.Name)
	settings.Of(proposed.Rules, providedIn(c.base, entry.API.Name).Policy, c.at).Propose(entry.Rulings, entry.Changes)
}

// providedIn is what a registration declares of an API; the zero value if it declares nothing.
func providedIn(registration contracts.Registration, api string) contracts.Provided {
	for _, component := range registration.Components {
		for _, provided := range component.Provides {
			if provided.API == api {
				return provided
			}
		}
	}
	return contracts.Provided{}
}
