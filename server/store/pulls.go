package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/source"
	"plimsoll/server/store/sqlc"
)

// pullDetail is the part of a pull request's state that no query looks into.
type pullDetail struct {
	Comment checks.CommentState    `json:"comment"`
	Blocked []contracttext.Blocked `json:"blocked,omitempty"`
	Named   []int64                `json:"named,omitempty"`
	Pushed  bool                   `json:"pushed,omitempty"`
}

// PullState returns what is stored of a pull request. An unknown one is the zero
// PullState.
func (s *Store) PullState(ctx context.Context, repo contracts.RepositoryRef, number int) (pulls.PullState, error) {
	row, err := s.Read().GetPullState(ctx, repo.Installation, repo.ID, int64(number))
	if errors.Is(err, sql.ErrNoRows) {
		return pulls.PullState{}, nil
	}
	if err != nil {
		return pulls.PullState{}, fmt.Errorf("get the state of %s#%d: %w", repo.FullName(), number, err)
	}
	state := pulls.PullState{Head: row.HeadSha, Open: row.Open}
	if row.Detail == "" {
		return state, nil
	}
	var detail pullDetail
	if err := json.Unmarshal([]byte(row.Detail), &detail); err != nil {
		return state, fmt.Errorf("decode the state of %s#%d: %w", repo.FullName(), number, err)
	}
	state.Comment, state.Blocked, state.Named, state.Pushed = detail.Comment, detail.Blocked, detail.Named, detail.Pushed
	return state, nil
}

// PutPullState stores the state of a pull request.
func (s *Store) PutPullState(ctx context.Context, repo contracts.RepositoryRef, number int, state pulls.PullState) error {
	fail := func(err error) error {
		return fmt.Errorf("put the state of %s#%d: %w", repo.FullName(), number, err)
	}
	detail, err := json.Marshal(pullDetail{Comment: state.Comment, Blocked: state.Blocked, Named: state.Named, Pushed: state.Pushed})
	if err != nil {
		return fail(err)
	}
	now, err := s.now(ctx)
	if err != nil {
		return fail(err)
	}
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		return q.PutPullState(ctx, sqlc.PutPullStateParams{
			Installation: repo.Installation, Repository: repo.ID, Number: int64(number),
			HeadSha: Clean(state.Head), Open: state.Open, Comment: state.Comment.ID, Detail: Clean(string(detail)), UpdatedAt: milliseconds(now),
		})
	})
	if err != nil {
		return fail(err)
	}
	return nil
}

// mostClosed is of how many closed pull requests names are taken back at once, the newest first.
const mostClosed = 500

// ClosedNaming lists closed pull requests whose reports name a repository, and those of the
// repository itself that name any: of its account, and of those joined with it.
func (s *Store) ClosedNaming(ctx context.Context, repo contracts.RepositoryRef) (closed []source.PullRef, err error) {
	err = s.inView(ctx, repo.Installation, func(q *sqlc.Queries, installation int64) error {
		rows, err := q.ListClosedNaming(ctx, sqlc.ListClosedNamingParams{
			Installation: installation, Detail: fmt.Sprintf(`%%"named":[%%%d%%`, repo.ID), Repository: repo.ID, Limit: mostClosed,
		})
		for _, row := range rows {
			var detail pullDetail
			if err := json.Unmarshal([]byte(row.Detail), &detail); err != nil {
				return err
			}
			if row.ID == repo.ID || slices.Contains(detail.Named, repo.ID) {
				of := contracts.RepositoryRef{Installation: installation, ID: row.ID, Owner: row.Owner, Name: row.Name, Private: row.Private, Internal: row.Internal}
				closed = append(closed, source.PullRef{Repository: of, Number: int(row.Number)})
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the closed pull requests that name %s: %w", repo.FullName(), err)
	}
	return closed, nil
}

// PutTopics replaces the topics that the answer to a pull request depends on. Without
// topics it depends on nothing but its own repository.
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

// PullsOf returns the pull requests of an account, and of those joined with it, whose answer
// depends on a topic.
func (s *Store) PullsOf(ctx context.Context, installation int64, topic string) ([]source.PullRef, error) {
	var refs []source.PullRef
	err := s.inView(ctx, installation, func(q *sqlc.Queries, installation int64) error {
		rows, err := q.ListPullsOfTopic(ctx, installation, Clean(topic))
		for _, row := range rows {
			refs = append(refs, source.PullRef{Number: int(row.Number), Repository: contracts.RepositoryRef{
				Installation: installation, ID: row.Repository, Owner: row.Owner, Name: row.Name, Private: row.Private, Internal: row.Internal,
			}})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the pull requests of %s: %w", topic, err)
	}
	return refs, nil
}
