package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/server/login"
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

// mostSessions is how many sessions one person may have; a newer one ends the oldest.
const mostSessions = 20

// PutSession keeps the session of somebody who has signed in.
func (s *Store) PutSession(ctx context.Context, session login.Session) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		err := q.PutSession(ctx, sqlc.PutSessionParams{
			ID: session.ID, Person: session.Person, Token: session.Token, CreatedAt: milliseconds(session.Created), ExpiresAt: milliseconds(session.Expires),
		})
		if err != nil {
			return err
		}
		return q.KeepNewestSessions(ctx, session.Person, mostSessions)
	})
	if err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// Session returns a session. If there is none, the error wraps [fs.ErrNotExist].
func (s *Store) Session(ctx context.Context, id string) (login.Session, error) {
	row, err := s.Read().GetSession(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return login.Session{}, fmt.Errorf("get a session: %w", err)
	}
	return login.Session{ID: row.ID, Person: row.Person, Token: row.Token, Created: fromMilliseconds(row.CreatedAt), Expires: fromMilliseconds(row.ExpiresAt)}, nil
}

// EndSession forgets a session.
func (s *Store) EndSession(ctx context.Context, id string) error {
	if err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error { return q.DeleteSession(ctx, id) }); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// EndSessionsOf forgets all sessions of a person, by GitHub's id.
func (s *Store) EndSessionsOf(ctx context.Context, person int64) error {
	if err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error { return q.DeleteSessionsOfPerson(ctx, person) }); err != nil {
		return fmt.Errorf("end the sessions of person %d: %w", person, err)
	}
	return nil
}

// PruneSessions forgets what has ended.
func (s *Store) PruneSessions(ctx context.Context, now time.Time) error {
	if err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error { return q.PruneSessions(ctx, milliseconds(now)) }); err != nil {
		return fmt.Errorf("forget old sessions: %w", err)
	}
	return nil
}

// PublicRepositories lists the repositories that everybody may read, of accounts that have
// the App installed.
func (s *Store) PublicRepositories(ctx context.Context) ([]int64, error) {
	ids, err := s.Read().ListPublicRepositories(ctx)
	if err != nil {
		return nil, fmt.Errorf("list public repositories: %w", err)
	}
	return ids, nil
}
