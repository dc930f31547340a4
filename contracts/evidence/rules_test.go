package evidence

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"plimsoll/config"
	"plimsoll/contracts/diff"
)

// The repository file can name every rule by which contracts are compared, and no other.
func TestRulesOfTheRepositoryFile(t *testing.T) {
	var schema struct {
		Definitions map[string]struct {
			Properties map[string]struct {
				Examples []string `json:"examples"`
			} `json:"properties"`
		} `json:"definitions"`
	}
	if err := json.Unmarshal(config.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	offered := slices.DeleteFunc(schema.Definitions["RuleSetting"].Properties["rule"].Examples, func(name string) bool { return strings.Contains(name, "*") })
	var names []string
	for _, rule := range diff.Rules() {
		names = append(names, rule.Name)
	}
	if !slices.Equal(names, offered) {
		t.Errorf("the comparison has %q, package config %q", names, offered)
	}
}
