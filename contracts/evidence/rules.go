package evidence

import (
	"plimsoll/config"
	"plimsoll/contracts"
)

// RulesOf gives the APIs that a repository file declares, with their rule settings; their
// contracts are not read. A file that can't be used gives [Problems].
func RulesOf(name string, data []byte, organisation *config.Repository) ([]contracts.Provided, []contracts.Problem, error) {
	file, err := config.ParseRepository(name, data)
	if err != nil {
		return nil, nil, Problems(ProblemsOf(err))
	}
	merged, notes := config.Merge(file, organisation)
	var all []contracts.Provided
	for _, each := range merged.Components {
		for _, provided := range component(each).Provides {
			provided.Policy = rulePolicy(merged.Policy)
			all = append(all, provided)
		}
	}
	return all, ProblemsOf(notes), nil
}
