package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

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

// commandBudget is the time that a person's budget of commands is for.
const commandBudget = time.Hour

// SpendCommands takes commands of one source from the budget of a person: at most most of
// them within an hour. It returns how many may be carried out, and whether to
// say to the person that the others are not: once for a used-up budget. It answers the same when it is
// asked again about the source.
func (s *Store) SpendCommands(ctx context.Context, installation int64, login, source string, commands, most int) (allowed int, tell bool, err error) {
	login = Clean(strings.ToLower(login))
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			if err := q.LockCommands(ctx, installation, login, milliseconds(now)); err != nil {
				return err
			}
			row, err := q.GetCommands(ctx, installation, login, source)
			if !errors.Is(err, sql.ErrNoRows) {
				allowed, tell = int(row.Allowed), row.Notified
				return err
			}
			spent, err := q.ListCommands(ctx, installation, login, milliseconds(now.Add(-commandBudget)))
			if err != nil {
				return err
			}
			left, notified := most, false
			for _, one := range spent {
				left, notified = left-int(one.Allowed), notified || one.Notified
			}
			allowed = min(commands, max(left, 0))
			if tell = allowed < commands && !notified; allowed == 0 && !tell {
				return nil // nothing is kept of what is neither done nor answered
			}
			return q.PutCommands(ctx, sqlc.PutCommandsParams{
				Installation: installation, Login: login, Source: source, Allowed: int64(allowed), Notified: tell, At: milliseconds(now),
			})
		})
	}
	if err != nil {
		return 0, false, fmt.Errorf("count the commands of %s: %w", login, err)
	}
	return allowed, tell, nil
}

// PruneCommands forgets what counts no more.
func (s *Store) PruneCommands(ctx context.Context, now time.Time) error {
	return s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		_, err := q.PruneCommands(ctx, milliseconds(now.Add(-2*commandBudget)))
		return err
	})
}
