package store

import (
	"context"
	"fmt"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

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
