// Package kustomizetest builds kustomizations in the test's own process.
package kustomizetest

import (
	"context"
	"sync"

	"plimsoll/checks/readiness/kustomize"
)

// InProcess builds without any limit.
type InProcess struct{}

var building sync.Mutex

// Build implements [kustomize.Builder].
func (InProcess) Build(_ context.Context, request kustomize.Request) ([]kustomize.Result, error) {
	building.Lock()
	defer building.Unlock()
	var results []kustomize.Result
	err := kustomize.Each(request, func(result kustomize.Result) error {
		results = append(results, result)
		return nil
	})
	return results, err
}
