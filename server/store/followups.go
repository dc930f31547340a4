package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/work"
	"plimsoll/server/store/sqlc"
)

// Subjects of follow-ups.
const (
	repositoryFollowUp   = "repository"
	registrationFollowUp = "registration"
	releasesFollowUp     = "releases"
)

// deploymentFollowUp is the subject of one deployment.
func deploymentFollowUp(id int64) string { return fmt.Sprintf("deployment/%d", id) }

// followUp returns the follow-up of a subject in the transaction that may have changed it:
// changed opens one, or adds to the one that is open. at is the time in milliseconds.
func (s *Store) followUp(ctx context.Context, q *sqlc.Queries, repo contracts.RepositoryRef, subject string, changed bool, at int64) (work.FollowUp, error) {
	if changed {
		row, err := q.PutFollowUp(ctx, sqlc.PutFollowUpParams{Installation: repo.Installation, Repository: repo.ID, Subject: subject, ID: s.newID(), CreatedAt: at})
		return openFollowUp(row, row.Changes > 1), err
	}
	row, err := q.GetFollowUp(ctx, repo.Installation, repo.ID, subject)
	if err = NotExist(err); errors.Is(err, fs.ErrNotExist) {
		return work.FollowUp{}, nil
	}
	return openFollowUp(row, true), err
}

func openFollowUp(row sqlc.FollowUp, resumed bool) work.FollowUp {
	return work.FollowUp{
		Installation: row.Installation, Repository: row.Repository, Subject: row.Subject,
		Open: true, Resumed: resumed, ID: row.ID, Changes: row.Changes,
	}
}

// Settle closes follow-ups whose consequences have been asked for. One whose subject has
// changed since stays open.
func (s *Store) Settle(ctx context.Context, followUps ...work.FollowUp) error {
	if !slices.ContainsFunc(followUps, func(f work.FollowUp) bool { return f.Open }) {
		return nil
	}
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		for _, f := range followUps {
			err := q.DeleteFollowUp(ctx, sqlc.DeleteFollowUpParams{
				Installation: f.Installation, Repository: f.Repository, Subject: f.Subject, ID: f.ID, Changes: f.Changes,
			})
			if err != nil {
				return fmt.Errorf("%s of repository %d: %w", f.Subject, f.Repository, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("settle follow-ups: %w", err)
	}
	return nil
}
