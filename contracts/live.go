package contracts

import (
	"context"
	"time"
)

// ContractVersion is one version of an API's contract in its provider's
// repository, named by the content of its files.
type ContractVersion struct {
	// Commit that it was seen at.
	Commit string `json:"commit,omitempty"`
	Spec   string `json:"spec"`
	// Files are the contract's own files (spec and what it $refs), path → SHA.
	Files map[string]string `json:"files,omitempty"`
}

// LiveVersion is one version of a component that counts in addition to the head of the
// default branch: it runs in an environment, or it was released and lives on.
type LiveVersion struct {
	Repository RepositoryRef `json:"repository"`
	Component  string        `json:"component"`
	// Environment as the component calls it; empty for a release.
	Environment string `json:"environment,omitempty"`
	// Instance tells several places of one environment apart (regions, tenants).
	Instance string `json:"instance,omitempty"`
	// Release is the tag of a release.
	Release string `json:"release,omitempty"`
	Commit  string `json:"commit"`
	// Production: it runs in an environment of the production class, so that breaking it
	// blocks.
	Production bool `json:"production,omitempty"`
	// Rolling: its deployment has begun and not ended; the version before it still runs.
	Rolling bool      `json:"rolling,omitempty"`
	Since   time.Time `json:"since,omitzero"`
}

// ProvidedVersion is the contract of an API as one live version of its provider
// offers it.
type ProvidedVersion struct {
	LiveVersion
	// Contract is nil where it is not known what that commit provides.
	Contract *ContractVersion `json:"contract,omitempty"`
}

// Versions knows what runs where, per installation. Implemented by the store.
type Versions interface {
	// Live gives every live version of a repository's components, sorted by
	// component, environment, instance and release.
	Live(ctx context.Context, repo RepositoryRef) ([]LiveVersion, error)
	// Offered gives every live version of an API's provider, with its contract.
	Offered(ctx context.Context, api APIRef) ([]ProvidedVersion, error)
	// Snapshot gives what a repository said about itself at a commit that runs, or
	// an error that wraps io/fs.ErrNotExist where that was not read yet.
	Snapshot(ctx context.Context, repo RepositoryRef, commit string) (Registration, error)
	// PutSnapshot keeps what a repository said about itself at a commit. Doing it
	// again does nothing more.
	PutSnapshot(ctx context.Context, r Registration) error
}
