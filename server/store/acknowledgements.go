package store

import (
	"context"
	"fmt"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// PutAcknowledgements stores acknowledgements that were given on the pull requests of a
// provider, each in place of an earlier one of the same fingerprint, consumer and kind.
// They belong to a fingerprint and a consumer, so they outlive pushes.
func (s *Store) PutAcknowledgements(ctx context.Context, provider contracts.RepositoryRef, acks ...contracttext.Acknowledgement) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			for _, a := range acks {
				err := q.PutAcknowledgement(ctx, sqlc.PutAcknowledgementParams{
					Installation: provider.Installation, Fingerprint: Clean(a.Fingerprint), Repository: a.Repository, Component: Clean(a.Component),
					ByOverride: a.Override, Login: Clean(a.Login), Reason: Clean(a.Reason), Until: milliseconds(a.Until),
					Provider: provider.ID, Number: int64(a.Number), CreatedAt: milliseconds(now),
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

// Acknowledgements returns what was acknowledged on the pull requests of a provider,
// including what has ended.
func (s *Store) Acknowledgements(ctx context.Context, provider contracts.RepositoryRef) ([]contracttext.Acknowledgement, error) {
	rows, err := s.Read().ListAcknowledgements(ctx, provider.Installation, provider.ID)
	if err != nil {
		return nil, fmt.Errorf("list acknowledgements: %w", err)
	}
	list := make([]contracttext.Acknowledgement, len(rows))
	for i, row := range rows {
		list[i] = contracttext.Acknowledgement{
			Fingerprint: row.Fingerprint, Repository: row.Repository, Component: row.Component, Override: row.ByOverride,
			Login: row.Login, Reason: row.Reason, Until: fromMilliseconds(row.Until), Number: int(row.Number), At: fromMilliseconds(row.CreatedAt),
		}
	}
	return list, nil
}
