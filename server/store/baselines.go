package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// baselineKey names one use of an API of a known name by its content.
type baselineKey struct {
	repository         int64
	component, apiName string // apiName is the owner/repo written before the API's name, or ""
	content            string
}

// baselines returns the contracts that the uses of an API were written against.
func baselines(ctx context.Context, q *sqlc.Queries, v view, api contracts.APIRef) (map[baselineKey]*contracts.ContractVersion, error) {
	var rows []sqlc.ListBaselinesRow
	for _, installation := range v.installations {
		found, err := q.ListBaselines(ctx, installation, Clean(api.Name), api.Repository.ID)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	found := make(map[baselineKey]*contracts.ContractVersion, len(rows))
	decoded := map[string]*contracts.ContractVersion{}
	for _, row := range rows {
		version := decoded[row.Contract]
		if version == nil {
			version = &contracts.ContractVersion{}
			if err := json.Unmarshal([]byte(row.Contract), version); err != nil {
				return nil, fmt.Errorf("decode the baseline of %s: %w", row.Component, err)
			}
			decoded[row.Contract] = version
		}
		found[baselineKey{row.Repository, row.Component, row.ApiOwnerRepo, row.Content}] = version
	}
	return found, nil
}

// Written returns the contract that a use by a component was written against; nil if that
// is unknown. What was stored under the name that the use gives the API is tried first.
func (s *Store) Written(ctx context.Context, api contracts.APIRef, user contracts.RepositoryRef, component string, use contracts.Consumed) (*contracts.ContractVersion, error) {
	body, err := json.Marshal(use.Usage)
	if err != nil {
		return nil, fmt.Errorf("encode the use of %s: %w", use.API, err)
	}
	rows, err := s.Read().ListWritten(ctx, sqlc.ListWrittenParams{
		Installation: user.Installation, Repository: user.ID, Component: Clean(component), Api: Clean(api.Name), Content: contentSHA(body), Provider: api.Repository.ID,
	})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	row := rows[0]
	ownerRepo, _ := splitAPI(use.API)
	if at := slices.IndexFunc(rows, func(r sqlc.ListWrittenRow) bool { return r.ApiOwnerRepo == ownerRepo }); at >= 0 {
		row = rows[at]
	}
	version := &contracts.ContractVersion{}
	if err := json.Unmarshal([]byte(row.Contract), version); err != nil {
		return nil, fmt.Errorf("decode the baseline of %s: %w", component, err)
	}
	return version, nil
}

// keepBaselines stores, for every new use in a repository known before, the contract that
// its provider has on its default branch now. A use that existed when the repository was
// first read is older than that by an unknown time: there the base of a pull request
// counts.
func (e encoded) keepBaselines(ctx context.Context, q *sqlc.Queries, installation, repository, at int64) error {
	old, err := q.ListConsumptions(ctx, installation, repository)
	if err != nil {
		return err
	}
	known := make(map[sqlc.ListConsumptionsRow]bool, len(old))
	for _, row := range old {
		known[row] = true
	}
	for _, use := range e.consumptions {
		if known[sqlc.ListConsumptionsRow{Component: use.Component, Api: use.Api, ApiOwnerRepo: use.ApiOwnerRepo, Content: use.Content}] {
			continue
		}
		provider, contract, err := providedNow(ctx, q, installation, use.Api, use.ApiOwnerRepo)
		if err != nil {
			return err
		}
		if contract == "" {
			continue
		}
		err = q.PutBaseline(ctx, sqlc.PutBaselineParams{
			Installation: installation, Repository: repository, Component: use.Component, Api: use.Api, ApiOwnerRepo: use.ApiOwnerRepo,
			Content: use.Content, Provider: provider, Contract: contract, CreatedAt: at,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// providedNow returns the contract of an API as its provider's default branch has it, as
// JSON; "" if nobody provides it, or it can't be read.
func providedNow(ctx context.Context, q *sqlc.Queries, installation int64, api, ownerRepo string) (provider int64, contract string, err error) {
	v, err := viewOf(ctx, q, installation)
	if err != nil {
		return 0, "", err
	}
	rows, err := v.listProviders(ctx, q, api)
	if err != nil {
		return 0, "", err
	}
	of := int64(0)
	for _, row := range providersIn(rows, installation) {
		if ownerRepo == "" || fullName(row.Owner, row.Name) == ownerRepo {
			of, provider = row.Installation, row.ID
			break
		}
	}
	if provider == 0 {
		return 0, "", nil
	}
	registered, err := q.GetRegistration(ctx, of, provider)
	if err != nil || registered.Content == "" {
		return 0, "", ignoreMissing(NotExist(err))
	}
	body, err := q.GetContent(ctx, of, registered.Content)
	if err != nil {
		return 0, "", ignoreMissing(NotExist(err))
	}
	version, err := versionOf(body, api, registered.CommitGood)
	if err != nil || version == nil {
		return 0, "", err
	}
	text, err := json.Marshal(version)
	return provider, string(text), err
}

// versionOf finds the contract of an API among stored components; nil if it is
// not there or could not be read.
func versionOf(body, api, commit string) (*contracts.ContractVersion, error) {
	var stored []storedComponent
	if err := json.Unmarshal([]byte(body), &stored); err != nil {
		return nil, fmt.Errorf("decode components: %w", err)
	}
	for _, one := range stored {
		for _, provided := range one.Component.Provides {
			if Clean(provided.API) == api && provided.Problem == nil && len(provided.Files) > 0 {
				return &contracts.ContractVersion{Commit: commit, Spec: provided.Spec, Files: provided.Files}, nil
			}
		}
	}
	return nil, nil
}
