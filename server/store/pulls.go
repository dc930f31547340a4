package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// PullState is what is remembered of a pull request between events.
type PullState struct {
	Number int
	// HeadSHA is the head that was judged last.
	HeadSHA string
	Open    bool
	// CheckRun and Comment are GitHub's ids, 0 without one.
	CheckRun, Comment int64
	Conclusion        string
	// Digest of what was published: equal digests need no new run.
	Digest string
	// Detail is opaque to the store (JSON of whoever publishes).
	Detail string
}

// PullState gives what is remembered of a pull request; of an unknown one only
// the number is set.
func (s *Store) PullState(ctx context.Context, repo contracts.RepositoryRef, number int) (PullState, error) {
	row, err := s.Read().GetPullState(ctx, repo.Installation, repo.ID, int64(number))
	if errors.Is(err, sql.ErrNoRows) {
		return PullState{Number: number}, nil
	}
	if err != nil {
		return PullState{}, fmt.Errorf("get the state of %s#%d: %w", repo.FullName(), number, err)
	}
	return pullState(row), nil
}

// PutPullState remembers the state of the pull request state.Number.
func (s *Store) PutPullState(ctx context.Context, repo contracts.RepositoryRef, state PullState) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			return q.PutPullState(ctx, sqlc.PutPullStateParams{
				Installation: repo.Installation, Repository: repo.ID, Number: int64(state.Number),
				HeadSha: Clean(state.HeadSHA), Open: state.Open, CheckRun: state.CheckRun, Comment: state.Comment,
				Conclusion: Clean(state.Conclusion), Digest: Clean(state.Digest), Detail: Clean(state.Detail),
				UpdatedAt: milliseconds(now),
			})
		})
	}
	if err != nil {
		return fmt.Errorf("put the state of %s#%d: %w", repo.FullName(), state.Number, err)
	}
	return nil
}

// OpenPulls lists the open pull requests of a repository that are remembered.
func (s *Store) OpenPulls(ctx context.Context, repo contracts.RepositoryRef) ([]PullState, error) {
	rows, err := s.Read().ListOpenPullStates(ctx, repo.Installation, repo.ID)
	if err != nil {
		return nil, fmt.Errorf("list open pull requests of %s: %w", repo.FullName(), err)
	}
	states := make([]PullState, len(rows))
	for i, row := range rows {
		states[i] = pullState(row)
	}
	return states, nil
}

func pullState(row sqlc.PullState) PullState {
	return PullState{
		Number: int(row.Number), HeadSHA: row.HeadSha, Open: row.Open, CheckRun: row.CheckRun, Comment: row.Comment,
		Conclusion: row.Conclusion, Digest: row.Digest, Detail: row.Detail,
	}
}

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

// PullRef names a pull request.
type PullRef struct {
	Repository contracts.RepositoryRef
	Number     int
}

// PutTopics replaces what the answer to a pull request depends on besides its own
// repository. None: nothing else concerns it.
func (s *Store) PutTopics(ctx context.Context, repo contracts.RepositoryRef, number int, topics []string) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		if err := q.DeleteTopics(ctx, repo.Installation, repo.ID, int64(number)); err != nil {
			return err
		}
		for _, topic := range topics {
			err := q.PutTopic(ctx, sqlc.PutTopicParams{Installation: repo.Installation, Topic: Clean(topic), Repository: repo.ID, Number: int64(number)})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put what %s#%d depends on: %w", repo.FullName(), number, err)
	}
	return nil
}

// PullsOf gives the pull requests whose answer depends on a topic.
func (s *Store) PullsOf(ctx context.Context, installation int64, topic string) ([]PullRef, error) {
	rows, err := s.Read().ListPullsOfTopic(ctx, installation, Clean(topic))
	if err != nil {
		return nil, fmt.Errorf("find the pull requests of %s: %w", topic, err)
	}
	refs := make([]PullRef, len(rows))
	for i, row := range rows {
		refs[i] = PullRef{Number: int(row.Number), Repository: contracts.RepositoryRef{
			Installation: installation, ID: row.Repository, Owner: row.Owner, Name: row.Name, Private: row.Private,
		}}
	}
	return refs, nil
}
