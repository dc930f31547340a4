package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store/sqlc"
)

// mostRemedies is how many remedies of an environment are listed.
const mostRemedies = 100

// PutRemedy stores what is done about a deployment that failed its verification.
func (s *Store) PutRemedy(ctx context.Context, repo contracts.RepositoryRef, m deploy.Rollback) error {
	body, err := json.Marshal(m)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			return q.PutRemedy(ctx, sqlc.PutRemedyParams{
				Installation: repo.Installation, Repository: repo.ID, Verification: m.Verification, Environment: Clean(m.Target.Environment),
				Body: Clean(string(body)), BeganAt: milliseconds(m.Began),
			})
		})
	}
	if err != nil {
		return fmt.Errorf("keep the remedy of %s in %s: %w", m.Verification, repo.FullName(), err)
	}
	return nil
}

// Remedies lists those of one environment, the newest first.
func (s *Store) Remedies(ctx context.Context, repo contracts.RepositoryRef, environment string) ([]deploy.Rollback, error) {
	rows, err := s.Read().ListRemedies(ctx, sqlc.ListRemediesParams{
		Installation: repo.Installation, Repository: repo.ID, Environment: Clean(environment), Limit: mostRemedies,
	})
	if err != nil {
		return nil, fmt.Errorf("list the remedies of %s in %s: %w", environment, repo.FullName(), err)
	}
	all := make([]deploy.Rollback, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Body), &all[i]); err != nil {
			return nil, fmt.Errorf("read the remedy of %s: %w", row.Verification, err)
		}
	}
	return all, nil
}

// remedy returns that of a verification, nil without one.
func (s *Store) remedy(ctx context.Context, repo contracts.RepositoryRef, verification string) (*deploy.Rollback, error) {
	row, err := s.Read().GetRemedy(ctx, repo.Installation, repo.ID, verification)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	m := &deploy.Rollback{}
	if err == nil {
		err = json.Unmarshal([]byte(row.Body), m)
	}
	if err != nil {
		return nil, fmt.Errorf("get the remedy of %s in %s: %w", verification, repo.FullName(), err)
	}
	return m, nil
}
