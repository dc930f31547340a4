package source

import (
	"context"

	"plimsoll/contracts"
)

// OwnRuns finds this App's check runs.
type OwnRuns interface {
	// ExternalIDs returns those of this App's runs of that name on a commit, newest first.
	ExternalIDs(ctx context.Context, repo contracts.RepositoryRef, head, name string) ([]string, error)
}
