package simulator

import "slices"

// OperationIDs lists the operations of the description, with whether the simulator
// answers them.
func OperationIDs() map[string]bool {
	known := map[string]bool{}
	for _, item := range githubDescription().document.Paths.Map() {
		for _, operation := range item.Operations() {
			known[operation.OperationID] = operations[operation.OperationID].do != nil
		}
	}
	return known
}

// UnknownOperations lists table entries that the description does not have.
func UnknownOperations() []string {
	known := OperationIDs()
	var unknown []string
	for id := range operations {
		if _, ok := known[id]; !ok {
			unknown = append(unknown, id)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// PermissionAlternatives gives what an operation needs.
func PermissionAlternatives(operation string) []string { return operations[operation].needs }

// DescriptionVersion is the version of the package that the description is from.
func DescriptionVersion() string { return githubDescription().document.Info.Version }
