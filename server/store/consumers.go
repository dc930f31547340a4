package store

import (
	"context"
	"encoding/json"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// Why a consumer's last known state is shown (contracts.Consumer.Stale). The
// gravest is given.
const (
	StaleUninstalled = Uninstalled
	StaleArchived    = "archived"
	StaleBroken      = "file-broken"
	// StaleAmbiguous: the consumer names the API in short, and several
	// repositories provide one of that name. It may mean this one: it is given for
	// each of them, so that nobody breaks it unwarned, and marked, so that the text
	// can ask for the full name.
	StaleAmbiguous = "api-ambiguous"
)

// Consumers gives every consumer version of an API that counts, sorted by
// repository and component: those that name it in full, by any name that the
// repository has or had, and those that use its short name. Where the short name
// is not unique in the installation the latter are marked StaleAmbiguous. A
// consumer whose repository is archived or gone stays, marked.
func (s *Store) Consumers(ctx context.Context, api contracts.APIRef) ([]contracts.Consumer, error) {
	consumers, err := s.consumers(ctx, api)
	if err != nil {
		return nil, fmt.Errorf("find consumers of %s: %w", api.FullName(), err)
	}
	return consumers, nil
}

func (s *Store) consumers(ctx context.Context, api contracts.APIRef) ([]contracts.Consumer, error) {
	q, installation, name := s.Read(), api.Repository.Installation, Clean(api.Name)
	rows, err := q.ListConsumers(ctx, sqlc.ListConsumersParams{
		Installation: installation, Api: name,
		ApiOwnerRepo: fullName(Clean(api.Repository.Owner), Clean(api.Repository.Name)), Repository: api.Repository.ID,
	})
	if err != nil {
		return nil, err
	}
	others, err := q.CountOtherProviders(ctx, installation, name, api.Repository.ID)
	if err != nil {
		return nil, err
	}
	usages := map[string]contracts.Usage{} // equal content is decoded once
	consumers := make([]contracts.Consumer, 0, len(rows))
	for _, row := range rows {
		usage, ok := usages[row.Content]
		if !ok {
			if err := json.Unmarshal([]byte(row.Body), &usage); err != nil {
				return nil, fmt.Errorf("decode the use by %s: %w", row.Component, err)
			}
			usages[row.Content] = usage
		}
		consumers = append(consumers, contracts.Consumer{
			Component: row.Component, Owner: row.ComponentOwner, Commit: row.CommitGood, Usage: usage,
			Repository: contracts.RepositoryRef{
				Installation: installation, ID: row.Repository,
				Owner: row.RepositoryOwner, Name: row.RepositoryName, Private: row.Private,
			},
			Stale: stale(row, others > 0),
		})
	}
	return consumers, nil
}

func stale(row sqlc.ListConsumersRow, ambiguous bool) string {
	switch {
	case row.Gone != "", row.RemovedAt.Int64 != 0:
		return StaleUninstalled
	case row.Archived:
		return StaleArchived
	case row.Broken:
		return StaleBroken
	case ambiguous && row.ApiOwnerRepo == "":
		return StaleAmbiguous
	}
	return ""
}

// Provider is a component that provides an API.
type Provider struct {
	contracts.APIRef
	Component string
}

// Providers resolves an API's name as a consumer writes it: in full
// ("owner/repo/api", also by a former name of the repository) or in short. None:
// nobody provides it; several: the short name is ambiguous.
func (s *Store) Providers(ctx context.Context, installation int64, written string) ([]Provider, error) {
	ownerRepo, api := splitAPI(written)
	rows, err := s.Read().ListProviders(ctx, installation, api)
	if err != nil {
		return nil, fmt.Errorf("find providers of %s: %w", written, err)
	}
	var wanted int64
	if ownerRepo != "" {
		row, err := s.Read().RepositoryOfName(ctx, installation, ownerRepo)
		if err != nil {
			return nil, ignoreMissing(fmt.Errorf("find providers of %s: %w", written, NotExist(err)))
		}
		wanted = row.ID
	}
	var providers []Provider
	for _, row := range rows {
		if wanted == 0 || wanted == row.ID {
			providers = append(providers, provider(installation, sqlc.ListAPIsRow(row)))
		}
	}
	return providers, nil
}

// APIs lists every API that readable repositories of an installation provide,
// sorted by repository.
func (s *Store) APIs(ctx context.Context, installation int64) ([]Provider, error) {
	rows, err := s.Read().ListAPIs(ctx, installation)
	if err != nil {
		return nil, fmt.Errorf("list the APIs of installation %d: %w", installation, err)
	}
	providers := make([]Provider, len(rows))
	for i, row := range rows {
		providers[i] = provider(installation, row)
	}
	return providers, nil
}

func provider(installation int64, row sqlc.ListAPIsRow) Provider {
	return Provider{Component: row.Component, APIRef: contracts.APIRef{Name: row.Api, Repository: contracts.RepositoryRef{
		Installation: installation, ID: row.ID, Owner: row.Owner, Name: row.Name, Private: row.Private,
	}}}
}
