package settings

import (
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// Unmatched gives a problem for each setting of an API that names an operation that its
// contract does not have. Defaults are for several APIs and need not match.
func Unmatched(list []contracts.RuleSetting, contract *openapi.Contract) (problems []contracts.Problem) {
	for _, setting := range list {
		if setting.Operation == "" || setting.Default || len(usage.Match(contract.Operations(), setting.Operation)) > 0 {
			continue
		}
		hint := "remove the entry if the operation is gone"
		if near := usage.NearestOperations(contract.Operations(), setting.Operation); len(near) > 0 {
			hint = "did you mean " + strings.Join(near, " or ") + "?"
		}
		problems = append(problems, contracts.Problem{
			Position: setting.Position, Path: "rules",
			Message: fmt.Sprintf("the contract has no operation %s, so this entry covers no change", setting.Operation), Hint: hint,
		})
	}
	return problems
}
