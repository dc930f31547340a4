package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"plimsoll/contracts"
	"plimsoll/deploy/gate"
	"plimsoll/server/store/sqlc"
)

// AskGate stores a deployment protection rule that asks. One that is stored stays as it
// is, unless a newer deployment of its run asks.
func (s *Store) AskGate(ctx context.Context, repo contracts.RepositoryRef, gate gate.Asked) error {
	body, err := json.Marshal(gate)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			return q.AskGate(ctx, sqlc.AskGateParams{
				Installation: repo.Installation, Repository: repo.ID, Run: gate.Run, Environment: Clean(gate.Environment),
				Deployment: gate.Deployment, Body: Clean(string(body)), AskedAt: milliseconds(gate.Asked),
			})
		})
	}
	if err != nil {
		return fmt.Errorf("keep the gate %s of run %d in %s: %w", gate.Environment, gate.Run, repo.FullName(), err)
	}
	return nil
}

// Gate returns a deployment protection rule that has asked, or an error that wraps
// io/fs.ErrNotExist.
func (s *Store) Gate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string) (gate.Asked, error) {
	row, err := s.Read().GetGate(ctx, sqlc.GetGateParams{Installation: repo.Installation, Repository: repo.ID, Run: run, Environment: Clean(environment)})
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	var asked gate.Asked
	if err == nil {
		asked, err = askedOf(row)
	}
	if err != nil {
		return gate.Asked{}, fmt.Errorf("get the gate %s of run %d in %s: %w", environment, run, repo.FullName(), err)
	}
	return asked, nil
}

func askedOf(row sqlc.Gate) (gate.Asked, error) {
	asked := gate.Asked{
		Run: row.Run, Environment: row.Environment, Deployment: row.Deployment, Asked: fromMilliseconds(row.AskedAt), Answered: fromMilliseconds(row.AnsweredAt),
	}
	return asked, json.Unmarshal([]byte(row.Body), &asked)
}

// mostWaiting gates of a repository are read.
const mostWaiting = 200

// Waiting returns the gates of a repository that are not answered, the newest first.
func (s *Store) Waiting(ctx context.Context, repo contracts.RepositoryRef) ([]gate.Asked, error) {
	rows, err := s.Read().ListWaitingGates(ctx, repo.Installation, repo.ID, mostWaiting)
	var waiting []gate.Asked
	for _, row := range rows {
		asked, broken := askedOf(row)
		err = errors.Join(err, broken)
		waiting = append(waiting, asked)
	}
	if err != nil {
		return nil, fmt.Errorf("list the gates that wait in %s: %w", repo.FullName(), err)
	}
	return waiting, nil
}

// NewestGates returns the gates of a repository that asked last, the newest first.
func (s *Store) NewestGates(ctx context.Context, repo contracts.RepositoryRef, most int) ([]gate.Asked, error) {
	rows, err := s.Read().ListNewestGates(ctx, repo.Installation, repo.ID, int32(most))
	newest := make([]gate.Asked, len(rows))
	for i, row := range rows {
		var broken error
		newest[i], broken = askedOf(row)
		err = errors.Join(err, broken)
	}
	if err != nil {
		return nil, fmt.Errorf("list the newest gates of %s: %w", repo.FullName(), err)
	}
	return newest, nil
}

// PutGate stores how far the answer to a gate has come. A gate that is answered, or for
// which a newer deployment asks, stays as it is.
func (s *Store) PutGate(ctx context.Context, repo contracts.RepositoryRef, gate gate.Asked) error {
	body, err := json.Marshal(gate)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			return q.PutGate(ctx, sqlc.PutGateParams{
				Installation: repo.Installation, Repository: repo.ID, Run: gate.Run, Environment: Clean(gate.Environment), Deployment: gate.Deployment,
				Body: Clean(string(body)), AnsweredAt: milliseconds(gate.Answered),
			})
		})
	}
	if err != nil {
		return fmt.Errorf("keep the answer to gate %s of run %d in %s: %w", gate.Environment, gate.Run, repo.FullName(), err)
	}
	return nil
}

// Gated lists the repositories of all active installations for which protection rules
// are answered.
func (s *Store) Gated(ctx context.Context) ([]contracts.RepositoryRef, error) {
	rows, err := s.Read().ListGated(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the repositories with a gate: %w", err)
	}
	return refs(rows), nil
}

// PutOverride stores an override. The first one of a verification, or of a gate's reason,
// stays.
func (s *Store) PutOverride(ctx context.Context, repo contracts.RepositoryRef, o gate.Override) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		return q.PutGateOverride(ctx, sqlc.PutGateOverrideParams{
			Installation: repo.Installation, Repository: repo.ID, Verification: Clean(o.Of), Login: Clean(o.Login), Reason: Clean(o.Reason),
			Number: int64(o.Number), Source: Clean(o.Source), CreatedAt: milliseconds(o.At),
		})
	})
	if err != nil {
		return fmt.Errorf("override %s of %s: %w", o.Of, repo.FullName(), err)
	}
	return nil
}

// Override returns the override of a verification or of a gate's reason, nil if there is none.
func (s *Store) Override(ctx context.Context, repo contracts.RepositoryRef, of string) (*gate.Override, error) {
	row, err := s.Read().GetGateOverride(ctx, repo.Installation, repo.ID, Clean(of))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get the override of %s of %s: %w", of, repo.FullName(), err)
	}
	return &gate.Override{
		Of: row.Verification, Login: row.Login, Reason: row.Reason, Number: int(row.Number), Source: row.Source, At: fromMilliseconds(row.CreatedAt),
	}, nil
}
