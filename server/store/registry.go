package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"plimsoll/server/store/sqlc"
)

// Register replaces what is known of a repository. It writes nothing when the
// registration says what is stored already, and one row when only the commit
// moved. A broken registration keeps the last good components and marks them. The
// follow-up is open where more than the commit changed.
func (s *Store) Register(ctx context.Context, r contracts.Registration) (open work.FollowUp, err error) {
	fail := func(err error) (work.FollowUp, error) {
		return work.FollowUp{}, fmt.Errorf("register %s@%s: %w", r.Repository.FullName(), r.Commit, err)
	}
	content, err := encode(r)
	if err != nil {
		return fail(err)
	}
	now, err := s.now(ctx)
	if err != nil {
		return fail(err)
	}
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		changed, err := register(ctx, q, r, content, milliseconds(now))
		if err != nil {
			return err
		}
		open, err = s.followUp(ctx, q, r.Repository, registrationFollowUp, changed, milliseconds(now))
		return err
	})
	if err != nil {
		return fail(err)
	}
	return open, nil
}

// register writes a registration and reports whether more than its commit changed.
func register(ctx context.Context, q *sqlc.Queries, r contracts.Registration, content encoded, at int64) (changed bool, err error) {
	repo := Repository{Repository: source.Repository{RepositoryRef: r.Repository, DefaultBranch: r.DefaultBranch, Archived: r.Archived}}
	if err := putRepository(ctx, q, repo, at); err != nil {
		return false, err
	}
	installation, id := r.Repository.Installation, r.Repository.ID
	old, err := q.GetRegistration(ctx, installation, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	known := err == nil
	row := sqlc.Registration{
		Installation: installation, Repository: id, CommitSeen: Clean(r.Commit), CommitGood: Clean(r.Commit),
		Enrolled: r.Enrolled, Broken: r.Broken, File: Clean(r.File), FileSha: Clean(r.FileSHA),
		Content: content.sha, Problems: content.problems, UpdatedAt: old.UpdatedAt, Gated: gated(r),
	}
	if r.Broken {
		row.Enrolled = true
		if known && old.Content != "" {
			row.CommitGood, row.Content, row.Gated = old.CommitGood, old.Content, old.Gated
		} else {
			row.CommitGood, row.Content = "", ""
		}
	}
	if known && row == old {
		return false, nil
	}
	// A new repository that declares nothing affects no other.
	changed = !known && row.Enrolled || known && !sameButCommit(row, old)
	row.UpdatedAt = at
	if err := q.PutRegistration(ctx, sqlc.PutRegistrationParams(row)); err != nil {
		return false, err
	}
	if r.Broken {
		// Watch the broken file too: its repair has to be noticed.
		return changed, putWatched(ctx, q, installation, id, content.watched)
	}
	if row.Content == old.Content {
		return changed, nil
	}
	if known {
		if err := content.keepBaselines(ctx, q, installation, id, at); err != nil {
			return false, err
		}
	}
	return changed, content.write(ctx, q, installation, id, at)
}

// sameButCommit reports whether two registrations of a repository say the same.
func sameButCommit(a, b sqlc.Registration) bool {
	a.CommitSeen, a.CommitGood = b.CommitSeen, b.CommitGood
	return a == b
}

// gated reports whether protection rules are answered for an environment.
func gated(r contracts.Registration) bool {
	return slices.ContainsFunc(r.Components, func(c contracts.Component) bool {
		return slices.ContainsFunc(c.Environments, func(e contracts.Environment) bool { return e.Gate })
	})
}

// Registration returns the last good registration of a repository, with Broken and
// Problems as last seen. Commit is the one of its components. For an unknown repository
// the error wraps io/fs.ErrNotExist.
func (s *Store) Registration(ctx context.Context, installation, repository int64) (contracts.Registration, error) {
	r, err := s.registration(ctx, installation, repository)
	if err != nil {
		return contracts.Registration{}, fmt.Errorf("get the registration of repository %d: %w", repository, err)
	}
	return r, nil
}

func (s *Store) registration(ctx context.Context, installation, repository int64) (contracts.Registration, error) {
	q := s.Read()
	row, err := q.GetRegistration(ctx, installation, repository)
	if err != nil {
		return contracts.Registration{}, NotExist(err)
	}
	repo, err := s.Repository(ctx, installation, repository)
	if err != nil {
		return contracts.Registration{}, err
	}
	r := contracts.Registration{
		Repository: repo.RepositoryRef, DefaultBranch: repo.DefaultBranch, Archived: repo.Archived,
		Commit: row.CommitGood, Enrolled: row.Enrolled, File: row.File, FileSHA: row.FileSha, Broken: row.Broken,
	}
	if row.CommitGood == "" {
		r.Commit = row.CommitSeen
	}
	if err := json.Unmarshal([]byte(row.Problems), &r.Problems); err != nil {
		return r, fmt.Errorf("decode problems: %w", err)
	}
	if row.Content == "" {
		return r, nil
	}
	body, err := q.GetContent(ctx, installation, row.Content)
	if err != nil {
		return r, NotExist(err)
	}
	if r.Components, err = s.components(ctx, installation, body); err != nil {
		return r, err
	}
	return r, nil
}

// ScannedCommit returns the commit of a repository that was read last, good or broken;
// "" if none was.
func (s *Store) ScannedCommit(ctx context.Context, installation, repository int64) (string, error) {
	row, err := s.Read().GetRegistration(ctx, installation, repository)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("get the commit read of repository %d: %w", repository, err)
	}
	return row.CommitSeen, nil
}

var _ contracts.Registry = (*Store)(nil)

// Providers resolves the name of an API as a consumer writes it: in full
// ("owner/repo/api", also by a former name of the repository) or in short. A short name
// belongs to the repository that has provided it for the longest time: of the account itself,
// or else of those joined with it. If it returns none, nobody provides the API.
func (s *Store) Providers(ctx context.Context, installation int64, written string) ([]contracts.APIRef, error) {
	ownerRepo, api := splitAPI(written)
	var rows []sqlc.ListProvidersRow
	var wanted int64
	err := s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		v, err := viewOf(ctx, q, installation)
		if err != nil {
			return err
		}
		if rows, err = v.listProviders(ctx, q, api); err != nil || ownerRepo == "" {
			return err
		}
		row, _, err := v.repositoryNamed(ctx, q, ownerRepo)
		wanted = row.ID
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find providers of %s: %w", written, err)
	}
	rows = providersIn(rows, installation)
	if ownerRepo == "" && len(rows) > 0 {
		wanted = rows[0].ID
	}
	var providers []contracts.APIRef
	for _, row := range rows {
		if wanted == row.ID {
			providers = append(providers, contracts.APIRef{Name: row.Api, Repository: contracts.RepositoryRef{
				Installation: row.Installation, ID: row.ID, Owner: row.Owner, Name: row.Name, Private: row.Private, Internal: row.Internal,
			}})
		}
	}
	return providers, nil
}

// APIs lists the APIs that the readable repositories of an account, and of those joined
// with it, provide, sorted by repository within each account.
func (s *Store) APIs(ctx context.Context, installation int64) ([]contracts.APIRef, error) {
	provided, err := s.ProvidedAPIs(ctx, installation)
	apis := make([]contracts.APIRef, len(provided))
	for i, one := range provided {
		apis[i] = one.APIRef
	}
	return apis, err
}

// ProvidedAPI is an API with the component that provides it.
type ProvidedAPI struct {
	contracts.APIRef
	Component string
}

// ProvidedAPIs is APIs with the components that provide them.
func (s *Store) ProvidedAPIs(ctx context.Context, installation int64) ([]ProvidedAPI, error) {
	var provided []ProvidedAPI
	err := s.inView(ctx, installation, func(q *sqlc.Queries, installation int64) error {
		rows, err := q.ListAPIs(ctx, installation)
		for _, row := range rows {
			provided = append(provided, ProvidedAPI{provider(installation, row), row.Component})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the APIs of installation %d: %w", installation, err)
	}
	return provided, nil
}

func provider(installation int64, row sqlc.ListAPIsRow) contracts.APIRef {
	return contracts.APIRef{Name: row.Api, Repository: contracts.RepositoryRef{
		Installation: installation, ID: row.ID, Owner: row.Owner, Name: row.Name, Private: row.Private, Internal: row.Internal,
	}}
}
