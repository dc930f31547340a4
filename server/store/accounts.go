package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/store/sqlc"
)

// InstallationState says whether an account still has the App.
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
	State   InstallationState
	// Lacking is what the account has not granted; nil if nothing is known to be lacking.
	Lacking *source.Lacking
}

// AccountOf returns the account of an installation; it is empty if that is not known. The id
// is 0 for one that an earlier version stored, until GitHub's list was read.
func (s *Store) AccountOf(ctx context.Context, installation int64) (source.Account, error) {
	row, err := s.Read().GetInstallation(ctx, installation)
	if errors.Is(err, sql.ErrNoRows) {
		return source.Account{}, nil
	}
	if err != nil {
		return source.Account{}, fmt.Errorf("read installation %d: %w", installation, err)
	}
	return source.Account{Login: row.Account, ID: row.AccountID}, nil
}

// PutInstallation stores the account and the state of an installation. What is empty of the
// account leaves the stored value as it is. Removing an installation marks its repositories as
// gone and keeps what is known of them.
func (s *Store) PutInstallation(ctx context.Context, id int64, account source.Account, state string) error {
	now, err := s.now(ctx)
	if err != nil {
		return fmt.Errorf("put installation %d: %w", id, err)
	}
	at := milliseconds(now)
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		old, err := q.GetInstallation(ctx, id)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		row := sqlc.PutInstallationParams{ID: id, Account: cmp.Or(Clean(account.Login), old.Account), AccountID: cmp.Or(account.ID, old.AccountID), AccountType: old.AccountType, UpdatedAt: at, Lacking: old.Lacking}
		switch InstallationState(state) {
		case Suspended:
			row.SuspendedAt = cmp.Or(old.SuspendedAt, at)
		case Removed:
			row.RemovedAt = cmp.Or(old.RemovedAt, at)
		}
		unchanged := row.Account == old.Account && row.AccountID == old.AccountID && row.SuspendedAt == old.SuspendedAt && row.RemovedAt == old.RemovedAt
		if old.ID == id && unchanged {
			return nil
		}
		if err := q.PutInstallation(ctx, row); err != nil {
			return err
		}
		if row.RemovedAt == 0 {
			return holdName(ctx, q, sqlc.Installation(row))
		}
		if err := q.DeleteTopicsOfInstallation(ctx, id); err != nil {
			return err
		}
		if err := q.DeleteReadingsOfInstallation(ctx, id); err != nil {
			return err
		}
		return q.MarkRepositoriesGone(ctx, id, Uninstalled, at)
	})
	if err != nil {
		return fmt.Errorf("put installation %d: %w", id, err)
	}
	return nil
}

// RenameAccount stores the new login of an installation's account, which renames its
// repositories. It returns those that are known.
func (s *Store) RenameAccount(ctx context.Context, installation int64, login string) (renamed []contracts.RepositoryRef, err error) {
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

func renameAccount(ctx context.Context, q *sqlc.Queries, installation int64, login string, at int64) ([]contracts.RepositoryRef, error) {
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
	if err := holdName(ctx, q, row); err != nil {
		return nil, err
	}
	rows, err := q.ListRepositories(ctx, installation)
	if err != nil {
		return nil, err
	}
	var renamed []contracts.RepositoryRef
	for _, repo := range repositories(rows) {
		if !strings.EqualFold(repo.Owner, before) {
			continue
		}
		repo.Owner = login
		if err := putRepository(ctx, q, repo, at); err != nil {
			return nil, err
		}
		renamed = append(renamed, repo.RepositoryRef)
	}
	return renamed, nil
}

// Returned reports whether the account of an installation had the App before, by an
// installation that was removed.
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

// Known reports whether an installation is known and not removed.
func (s *Store) Known(ctx context.Context, id int64) (bool, error) {
	found, err := s.Installation(ctx, id)
	return err == nil && found.State != Removed, ignoreMissing(err)
}

// ActiveInstallations lists the installations that are known and not removed.
func (s *Store) ActiveInstallations(ctx context.Context) ([]int64, error) {
	ids, err := s.Read().ListActiveInstallations(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the active installations: %w", err)
	}
	return ids, nil
}

// PutLacking stores what an installation has not granted, and reports whether that is new.
func (s *Store) PutLacking(ctx context.Context, id int64, lacking source.Lacking) (changed bool, err error) {
	text, err := json.Marshal(lacking)
	if err != nil {
		return false, fmt.Errorf("encode what installation %d lacks: %w", id, err)
	}
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			rows, err := q.PutLacking(ctx, id, string(text), milliseconds(now))
			changed = rows > 0
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("store what installation %d lacks: %w", id, err)
	}
	return changed, nil
}

// Installation returns an installation, or an error that wraps io/fs.ErrNotExist.
func (s *Store) Installation(ctx context.Context, id int64) (Installation, error) {
	row, err := s.Read().GetInstallation(ctx, id)
	if err != nil {
		return Installation{}, fmt.Errorf("get installation %d: %w", id, NotExist(err))
	}
	return installation(row), nil
}

// Installations lists all installations, sorted by id.
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
	in := Installation{ID: row.ID, Account: row.Account, State: Active}
	switch {
	case row.RemovedAt != 0:
		in.State = Removed
	case row.SuspendedAt != 0:
		in.State = Suspended
	}
	var lacking source.Lacking
	// What can't be read is written again when it is compared next.
	if err := json.Unmarshal([]byte(row.Lacking), &lacking); err == nil && !lacking.Nothing() {
		in.Lacking = &lacking
	}
	return in
}
