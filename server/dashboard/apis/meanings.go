package apis

import (
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// mostMeant is how many operations a selector may name to count for each of them. A glob that
// names more has a row of its own.
const mostMeant = 8

// meanings finds the operations that uses name, as a verdict does. Without a contract it is
// nil.
type meanings struct {
	operations []*openapi.Operation
	known      map[written][]string
}

// written is what a consumer writes to name operations. A path in a Pact file is concrete.
type written struct {
	selector string
	pact     bool
}

func meaningsIn(contract *openapi.Contract) *meanings {
	return &meanings{operations: contract.Selectable(), known: map[written][]string{}}
}

// of gives the operations that a use names, or what it writes if they are not known.
func (m *meanings) of(use *contracts.OperationUse) []string {
	as := []string{use.Selector}
	if m == nil {
		return as
	}
	key := written{use.Selector, use.Evidence.Kind == contracts.EvidencePact}
	if names, ok := m.known[key]; ok {
		return names
	}
	if found := usage.MatchUse(m.operations, use); len(found) > 0 && len(found) <= mostMeant {
		as = nil
		for _, op := range found {
			as = append(as, op.Name())
		}
	}
	m.known[key] = as
	return as
}
