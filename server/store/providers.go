package store

import (
	"context"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

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
