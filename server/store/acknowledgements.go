package store

import (
	"context"
	"fmt"
	"time"

	"plimsoll/server/store/sqlc"
)

// Acknowledgement is somebody's word that an impact on one consumer is all right.
// It is of a fingerprint and a consumer, so that it outlives pushes.
type Acknowledgement struct {
	Fingerprint string
	// Repository and Component are the consumer.
	Repository int64
	Component  string
	// Override: by a maintainer of the provider, not by an owner of the consumer.
	Override      bool
	Login, Reason string
	// Until is its end; zero: it has none.
	Until time.Time
	// Provider is the repository and Number the pull request that it was given on.
	Provider int64
	Number   int
	At       time.Time
}

// PutAcknowledgements remembers acknowledgements, each in place of an earlier one
// of the same fingerprint, consumer and kind.
func (s *Store) PutAcknowledgements(ctx context.Context, installation int64, acks ...Acknowledgement) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			for _, a := range acks {
				err := q.PutAcknowledgement(ctx, sqlc.PutAcknowledgementParams{
					Installation: installation, Fingerprint: Clean(a.Fingerprint), Repository: a.Repository, Component: Clean(a.Component),
					ByOverride: a.Override, Login: Clean(a.Login), Reason: Clean(a.Reason), Until: milliseconds(a.Until),
					Provider: a.Provider, Number: int64(a.Number), CreatedAt: milliseconds(now),
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("put acknowledgements: %w", err)
	}
	return nil
}

// Acknowledgements gives what was acknowledged on the pull requests of a provider,
// also what has ended.
func (s *Store) Acknowledgements(ctx context.Context, installation, provider int64) ([]Acknowledgement, error) {
	rows, err := s.Read().ListAcknowledgements(ctx, installation, provider)
	if err != nil {
		return nil, fmt.Errorf("list acknowledgements: %w", err)
	}
	list := make([]Acknowledgement, len(rows))
	for i, row := range rows {
		list[i] = Acknowledgement{
			Fingerprint: row.Fingerprint, Repository: row.Repository, Component: row.Component, Override: row.ByOverride,
			Login: row.Login, Reason: row.Reason, Until: fromMilliseconds(row.Until),
			Provider: row.Provider, Number: int(row.Number), At: fromMilliseconds(row.CreatedAt),
		}
	}
	return list, nil
}
