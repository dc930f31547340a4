package evidence_test

import (
	"slices"
	"testing"

	"plimsoll/config"
	"plimsoll/contracts/diff"
)

// The repository file can name every rule by which contracts are compared, and no other.
func TestRulesOfTheRepositoryFile(t *testing.T) {
	var names []string
	for _, rule := range diff.Rules() {
		names = append(names, rule.Name)
	}
	if named := config.ChangeRules(); !slices.Equal(names, named) {
		t.Errorf("the comparison has %q, package config %q", names, named)
	}
}
