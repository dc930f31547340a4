package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// PullCheck is what was published last on a pull request under a check's name.
type PullCheck struct {
	// HeadSHA is the head that was judged last; empty: none was.
	HeadSHA string
	// CheckRun is GitHub's id.
	CheckRun   int64
	Conclusion string
	// Digest of what was published: equal digests need no new run.
	Digest string
}

// PullCheck recalls what was published on a pull request under a check's name; where
// nothing was, the zero value.
func (s *Store) PullCheck(ctx context.Context, repo contracts.RepositoryRef, number int, name string) (PullCheck, error) {
	row, err := s.Read().GetPullCheck(ctx, sqlc.GetPullCheckParams{Installation: repo.Installation, Repository: repo.ID, Number: int64(number), Name: name})
	if errors.Is(err, sql.ErrNoRows) {
		return PullCheck{}, nil
	}
	if err != nil {
		return PullCheck{}, fmt.Errorf("get the check %s of %s#%d: %w", name, repo.FullName(), number, err)
	}
	return PullCheck{HeadSHA: row.HeadSha, CheckRun: row.CheckRun, Conclusion: row.Conclusion, Digest: row.Digest}, nil
}

// PutPullCheck remembers what was published on a pull request under a check's name.
func (s *Store) PutPullCheck(ctx context.Context, repo contracts.RepositoryRef, number int, name string, check PullCheck) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			return q.PutPullCheck(ctx, sqlc.PutPullCheckParams{
				Installation: repo.Installation, Repository: repo.ID, Number: int64(number), Name: name,
				HeadSha: Clean(check.HeadSHA), CheckRun: check.CheckRun, Conclusion: Clean(check.Conclusion), Digest: Clean(check.Digest),
				UpdatedAt: milliseconds(now),
			})
		})
	}
	if err != nil {
		return fmt.Errorf("put the check %s of %s#%d: %w", name, repo.FullName(), number, err)
	}
	return nil
}
