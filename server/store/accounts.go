package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// InstallationState is whether an account still lets the App work.
type InstallationState string

// The states of an installation.
const (
	Active    InstallationState = "active"
	Suspended InstallationState = "suspended"
	Removed   InstallationState = "removed"
)

// Uninstalled is the reason why the repositories of a removed installation are gone.
const Uninstalled = "uninstalled"

// Installation is an account that installed the App.
type Installation struct {
	ID      int64
	Account string
	// Type is "Organization" or "User"; may be empty.
	Type  string
	State InstallationState
}

// Repository is a repository as last seen.
type Repository struct {
	contracts.RepositoryRef
	DefaultBranch string
	Archived      bool
	// Gone says why it can't be read any more ("uninstalled", "deleted", …);
	// empty: it can. What is known of it stays.
	Gone string
}

// PutInstallation remembers an installation. Removing it marks its repositories
// as gone and keeps what is known of them.
func (s *Store) PutInstallation(ctx context.Context, in Installation) error {
	now, err := s.now(ctx)
	if err != nil {
		return fmt.Errorf("put installation %d: %w", in.ID, err)
	}
	at := milliseconds(now)
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		old, err := q.GetInstallation(ctx, in.ID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		row := sqlc.PutInstallationParams{ID: in.ID, Account: Clean(in.Account), AccountType: Clean(in.Type), UpdatedAt: at}
		if row.Account == "" {
			row.Account = old.Account
		}
		if row.AccountType == "" {
			row.AccountType = old.AccountType
		}
		switch in.State {
		case Suspended:
			row.SuspendedAt = cmp.Or(old.SuspendedAt, at)
		case Removed:
			row.RemovedAt = cmp.Or(old.RemovedAt, at)
		}
		unchanged := row.Account == old.Account && row.AccountType == old.AccountType &&
			row.SuspendedAt == old.SuspendedAt && row.RemovedAt == old.RemovedAt
		if old.ID == in.ID && unchanged {
			return nil
		}
		if err := q.PutInstallation(ctx, row); err != nil {
			return err
		}
		if in.State != Removed {
			return nil
		}
		if err := q.DeleteTopicsOfInstallation(ctx, in.ID); err != nil {
			return err
		}
		return q.MarkRepositoriesGone(ctx, in.ID, Uninstalled, at)
	})
	if err != nil {
		return fmt.Errorf("put installation %d: %w", in.ID, err)
	}
	return nil
}

// RenameAccount notes that the account of an installation has another login, and so
// its repositories other names. It gives those that it knows.
func (s *Store) RenameAccount(ctx context.Context, installation int64, login string) (renamed []Repository, err error) {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			renamed, err = renameAccount(ctx, q, installation, Clean(login), milliseconds(now))
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("rename the account of installation %d: %w", installation, err)
	}
	return renamed, nil
}

func renameAccount(ctx context.Context, q *sqlc.Queries, installation int64, login string, at int64) ([]Repository, error) {
	row, err := q.GetInstallation(ctx, installation)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Account == login {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	before := row.Account
	row.Account, row.UpdatedAt = login, at
	if err := q.PutInstallation(ctx, sqlc.PutInstallationParams(row)); err != nil {
		return nil, err
	}
	rows, err := q.ListRepositories(ctx, installation)
	if err != nil {
		return nil, err
	}
	var renamed []Repository
	for _, repo := range repositories(rows) {
		if !strings.EqualFold(repo.Owner, before) {
			continue
		}
		repo.Owner = login
		if err := putRepository(ctx, q, repo, at); err != nil {
			return nil, err
		}
		renamed = append(renamed, repo)
	}
	return renamed, nil
}

// Returned tells whether an account had the App before, by an installation that was
// removed.
func (s *Store) Returned(ctx context.Context, installation int64) (bool, error) {
	now, err := s.Installation(ctx, installation)
	if err != nil {
		return false, ignoreMissing(err)
	}
	rows, err := s.Read().ListRemovedInstallations(ctx)
	if err != nil {
		return false, fmt.Errorf("list removed installations: %w", err)
	}
	for _, row := range rows {
		if row.ID != installation && strings.EqualFold(row.Account, now.Account) {
			return true, nil
		}
	}
	return false, nil
}

// Installation gives an installation, or an error that wraps io/fs.ErrNotExist.
func (s *Store) Installation(ctx context.Context, id int64) (Installation, error) {
	row, err := s.Read().GetInstallation(ctx, id)
	if err != nil {
		return Installation{}, fmt.Errorf("get installation %d: %w", id, NotExist(err))
	}
	return installation(row), nil
}

// Installations gives all installations, sorted by id.
func (s *Store) Installations(ctx context.Context) ([]Installation, error) {
	rows, err := s.Read().ListInstallations(ctx)
	if err != nil {
		return nil, fmt.Errorf("list installations: %w", err)
	}
	list := make([]Installation, len(rows))
	for i, row := range rows {
		list[i] = installation(row)
	}
	return list, nil
}

func installation(row sqlc.Installation) Installation {
	in := Installation{ID: row.ID, Account: row.Account, Type: row.AccountType, State: Active}
	switch {
	case row.RemovedAt != 0:
		in.State = Removed
	case row.SuspendedAt != 0:
		in.State = Suspended
	}
	return in
}
