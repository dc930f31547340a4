package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/handlers/source"
	"plimsoll/server/store/sqlc"
)

// NamedAccount is an account that the operator's file names.
type NamedAccount struct {
	Name string
	// Organisation that the operator joins it to; empty: none.
	Organisation string
}

// NameAccounts stores which accounts the operator's file names. Each name means the account
// that had it when it was first seen, until the file names it no more: another account that
// takes the name later does not get what was meant for the first.
func (s *Store) NameAccounts(ctx context.Context, named []NamedAccount) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		before, err := q.ListNamedAccounts(ctx)
		if err != nil {
			return err
		}
		for _, row := range before {
			if slices.ContainsFunc(named, func(n NamedAccount) bool { return strings.EqualFold(n.Name, row.Name) }) {
				continue
			}
			if err := q.DeleteNamedAccount(ctx, row.Name); err != nil {
				return err
			}
		}
		for _, n := range named {
			if err := q.PutNamedAccount(ctx, strings.ToLower(n.Name), n.Organisation); err != nil {
				return err
			}
		}
		installations, err := q.ListInstallations(ctx)
		if err != nil {
			return err
		}
		for _, row := range installations {
			if err := holdName(ctx, q, row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store the accounts that the operator names: %w", err)
	}
	return nil
}

// holdName ties the name of an account, if the operator's file has it, to the account.
func holdName(ctx context.Context, q *sqlc.Queries, row sqlc.Installation) error {
	if row.AccountID == 0 || row.RemovedAt != 0 {
		return nil
	}
	_, err := q.HoldName(ctx, strings.ToLower(row.Account), row.AccountID)
	return err
}

// NamesOf returns the names by which the operator's file means an account, in lower case.
func (s *Store) NamesOf(ctx context.Context, account source.Account) (names []string, err error) {
	named, err := s.Read().ListNamedAccounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the names of account %s: %w", account.Login, err)
	}
	for _, n := range named {
		if means(n, account) || n.AccountID == 0 && strings.EqualFold(n.Name, account.Login) {
			names = append(names, n.Name)
		}
	}
	return names, nil
}

// means reports whether a name of the operator's file means an account. What earlier versions
// stored lacks the account's id until GitHub's list was read.
func means(named sqlc.NamedAccount, account source.Account) bool {
	if named.AccountID != 0 || account.ID != 0 {
		return named.AccountID == account.ID
	}
	return strings.EqualFold(named.Name, account.Login)
}

func accountOf(row sqlc.Installation) source.Account {
	return source.Account{Login: row.Account, ID: row.AccountID}
}

// NameTaken is a name of the operator's file that does not belong to the account which had
// it first.
type NameTaken struct {
	Name string
	// Account is what the account that is meant is called now; empty: it has not got the App.
	Account string
	// By is the installation of the account that has the name now; 0: none that has the App.
	By int64
}

// NamesTaken lists them.
func (s *Store) NamesTaken(ctx context.Context) (taken []NameTaken, err error) {
	var named []sqlc.NamedAccount
	var installations []sqlc.Installation
	err = s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		if named, err = q.ListNamedAccounts(ctx); err != nil {
			return err
		}
		installations, err = q.ListInstallations(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("compare the names of accounts: %w", err)
	}
	for _, n := range named {
		one, kept := NameTaken{Name: n.Name}, n.AccountID == 0
		for _, row := range installations {
			switch same := strings.EqualFold(row.Account, n.Name); {
			case row.RemovedAt != 0:
			case row.AccountID == n.AccountID:
				one.Account, kept = row.Account, kept || same
			case same && row.AccountID != 0:
				one.By = row.ID
			}
		}
		if !kept && (one.Account != "" || one.By != 0) {
			taken = append(taken, one)
		}
	}
	return taken, nil
}

// view is the accounts whose registries are read as one: those that the operator has joined,
// or one account alone.
type view struct {
	// installations, the one that it was asked for first.
	installations []int64
	// organisation that joins them; empty: none.
	organisation string
	// missing are accounts of the organisation that can't be read: they have not installed the
	// App, or have suspended it.
	missing []string
}

// viewOf returns the accounts that are read as one with that of an installation. What a
// repository says of itself joins nothing: only the operator's file does.
func viewOf(ctx context.Context, q *sqlc.Queries, installation int64) (view, error) {
	v := view{installations: []int64{installation}}
	named, err := q.ListNamedAccounts(ctx)
	if err != nil || !slices.ContainsFunc(named, func(n sqlc.NamedAccount) bool { return n.Organisation != "" }) {
		return v, err
	}
	own, err := q.GetInstallation(ctx, installation)
	if err != nil {
		return v, ignoreMissing(NotExist(err))
	}
	at := slices.IndexFunc(named, func(n sqlc.NamedAccount) bool { return n.Organisation != "" && means(n, accountOf(own)) })
	if at < 0 {
		return v, nil
	}
	v.organisation = named[at].Organisation
	for _, n := range named {
		if n.Organisation != v.organisation {
			continue
		}
		row, ok, err := newestOf(ctx, q, n, own)
		if err != nil {
			return v, err
		}
		if !ok || row.RemovedAt != 0 || row.SuspendedAt != 0 {
			v.missing = append(v.missing, n.Name)
		}
		if ok && !slices.Contains(v.installations, row.ID) {
			v.installations = append(v.installations, row.ID)
		}
	}
	return v, nil
}

// newestOf returns the installation of an account that a name means: own if it is its, else
// the one that is not removed, else the newest, whose repositories are known as they were.
func newestOf(ctx context.Context, q *sqlc.Queries, named sqlc.NamedAccount, own sqlc.Installation) (row sqlc.Installation, ok bool, err error) {
	if means(named, accountOf(own)) {
		return own, true, nil
	}
	rows, err := q.ListInstallationsOfAccount(ctx, named.AccountID)
	for _, one := range rows {
		if means(named, accountOf(one)) && (!ok || row.RemovedAt != 0 && one.RemovedAt == 0) {
			row, ok = one, true
		}
	}
	return row, ok, err
}

// inView runs fn for each account that is read as one with that of an installation.
func (s *Store) inView(ctx context.Context, installation int64, fn func(q *sqlc.Queries, installation int64) error) error {
	return s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		v, err := viewOf(ctx, q, installation)
		if err != nil {
			return err
		}
		for _, one := range v.installations {
			if err := fn(q, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// providersIn lists who provides an API of a short name in a view, for the consumers of an
// installation. The first row is of the repository that the name belongs to: the first in
// the consumer's own account, else the first of all. So joining accounts gives no name to
// another repository.
func providersIn(rows []sqlc.ListProvidersRow, installation int64) []sqlc.ListProvidersRow {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b sqlc.ListProvidersRow) int {
		return cmp.Or(compareBools(a.Installation != installation, b.Installation != installation),
			cmp.Compare(a.Since, b.Since), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Position, b.Position))
	})
	return sorted
}

// listProviders lists who provides an API of a short name in a view.
func (v view) listProviders(ctx context.Context, q *sqlc.Queries, api string) (all []sqlc.ListProvidersRow, err error) {
	for _, installation := range v.installations {
		rows, err := q.ListProviders(ctx, installation, api)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

// repositoryOf finds a repository of a view by its id.
func (v view) repositoryOf(ctx context.Context, q *sqlc.Queries, id int64) (sqlc.Repository, bool, error) {
	return v.repository(func(installation int64) (sqlc.Repository, error) { return q.GetRepository(ctx, installation, id) })
}

// repositoryNamed finds a repository of a view by a name that it has or had.
func (v view) repositoryNamed(ctx context.Context, q *sqlc.Queries, name string) (sqlc.Repository, bool, error) {
	return v.repository(func(installation int64) (sqlc.Repository, error) { return q.RepositoryOfName(ctx, installation, name) })
}

// repository finds a repository in the accounts of a view. One that was transferred from one
// account to another is known in both: the one that can be read counts.
func (v view) repository(in func(installation int64) (sqlc.Repository, error)) (found sqlc.Repository, ok bool, err error) {
	for _, installation := range v.installations {
		row, err := in(installation)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return found, ok, err
		}
		if !ok || found.Gone != "" && row.Gone == "" {
			found, ok = row, true
		}
	}
	return found, ok, nil
}

// Scan returns how far the repositories of an account have been read, with those of the
// accounts that the operator has joined with it. While one of them can't be read, nothing
// is known of what no repository does.
func (s *Store) Scan(ctx context.Context, installation int64) (scan source.Scan, err error) {
	err = s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		v, err := viewOf(ctx, q, installation)
		if err != nil {
			return err
		}
		if scan, err = scanOf(ctx, q, installation); err != nil {
			return err
		}
		scan.Organisation, scan.Missing = v.organisation, v.missing
		for _, one := range v.installations[1:] {
			more, err := scanOf(ctx, q, one)
			if err != nil {
				return err
			}
			scan.Running, scan.Complete = scan.Running || more.Running, scan.Complete && more.Complete
			scan.Done, scan.Total, scan.Failed = scan.Done+more.Done, scan.Total+more.Total, scan.Failed+more.Failed
			scan.Unreadable = append(scan.Unreadable, more.Unreadable[:min(len(more.Unreadable), mostUnreadable-len(scan.Unreadable))]...)
		}
		if len(v.missing) > 0 {
			scan.Running, scan.Complete = true, false
		}
		return nil
	})
	if err != nil {
		return source.Scan{}, fmt.Errorf("get the scan of installation %d: %w", installation, err)
	}
	return scan, nil
}

// JoinedBy returns the organisation that joins the account of each installation with others;
// an account that is not joined is left out.
func (s *Store) JoinedBy(ctx context.Context) (map[int64]string, error) {
	joined := map[int64]string{}
	err := s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		named, err := q.ListNamedAccounts(ctx)
		if err != nil {
			return err
		}
		named = slices.DeleteFunc(named, func(n sqlc.NamedAccount) bool { return n.Organisation == "" })
		if len(named) == 0 {
			return nil
		}
		installations, err := q.ListInstallations(ctx)
		for _, row := range installations {
			if at := slices.IndexFunc(named, func(n sqlc.NamedAccount) bool { return means(n, accountOf(row)) }); at >= 0 {
				joined[row.ID] = named[at].Organisation
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the accounts that are joined: %w", err)
	}
	return joined, nil
}
