package pulls

import (
	"context"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// ContractComparer finds out what pull requests do to contracts and declarations, and which
// consumers that affects.
type ContractComparer struct {
	deps ContractComparerDeps
}

// ContractComparerDeps is what a ContractComparer needs.
type ContractComparerDeps struct {
	GitHub GitHub
	Store  Facts
	Queue  work.Queue
	// Organisations reads what repositories and their organisations declare.
	Organisations *source.Organisations
	Contracts     *source.Contracts
	Cache         *openapi.Cache
	// WebURL is GitHub's, for permalinks.
	WebURL string
}

// Facts is what is known of repositories, of what they declare, and of what runs.
type Facts interface {
	contracts.Registry
	contracts.Versions
	source.Providers
	PullAccounts
	Acknowledged
}

// PullAccounts is what the evaluation of pull requests needs to know of accounts.
type PullAccounts interface {
	// JoinedRepository gives a repository of an account, or of one that the operator has joined
	// with it, as it is now, or an error that wraps io/fs.ErrNotExist. JoinedRepositoryNamed
	// finds it by its name.
	JoinedRepository(ctx context.Context, installation, id int64) (contracts.RepositoryRef, error)
	JoinedRepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error)
	source.Scans
}

// NewContractComparer returns a ContractComparer.
func NewContractComparer(deps ContractComparerDeps) (*ContractComparer, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &ContractComparer{deps}, nil
}

// change is what a pull request does, before anything of it is read.
func (c *ContractComparer) change(pull source.PullRequest, registration contracts.Registration, comparison source.Comparison) *change {
	return &change{
		comparer: c, repo: pull.Repository, pull: pull, comparison: comparison, registration: registration,
		consumers: map[contracts.APIRef][]contracts.Consumer{}, offers: map[string]string{},
	}
}
