package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"plimsoll/server/store/sqlc"
)

// Repository is a repository as it was last seen.
type Repository struct {
	source.Repository
	// Gone says why the repository can't be read any more ("uninstalled", "deleted", …);
	// empty: it can. What is known of it stays.
	Gone string
	// Tightened counts how often fewer people could read it than before.
	Tightened int64
}

// PutRepository stores a repository as GitHub describes it now: renamed, archived, private,
// readable again. If nothing changed, nothing is written. The follow-up is open if the
// repository was known by another name, visibility or state; back reports whether it was
// gone.
func (s *Store) PutRepository(ctx context.Context, repo source.Repository) (open work.FollowUp, back bool, err error) {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			old, err := q.GetRepository(ctx, repo.Installation, repo.ID)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			known := err == nil
			open, back = work.FollowUp{}, false
			if err := putRepository(ctx, q, Repository{Repository: repo}, milliseconds(now)); err != nil || !known {
				return err
			}
			row, err := q.GetRepository(ctx, repo.Installation, repo.ID)
			if err != nil {
				return err
			}
			row.UpdatedAt, row.DefaultBranch = old.UpdatedAt, old.DefaultBranch
			back = old.Gone != "" && row.Gone == ""
			open, err = s.followUp(ctx, q, repo.RepositoryRef, repositoryFollowUp, row != old, milliseconds(now))
			return err
		})
	}
	if err != nil {
		return work.FollowUp{}, false, fmt.Errorf("put repository %s: %w", repo.FullName(), err)
	}
	return open, back, nil
}

// Deleted is the reason of a repository that was deleted and never comes back.
const Deleted = "deleted"

// GoneRepository marks a repository with the reason why it can't be read, and keeps what
// is known of it. Its own pull requests depend on nothing any more.
func (s *Store) GoneRepository(ctx context.Context, ref contracts.RepositoryRef, reason string) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			row, err := q.GetRepository(ctx, ref.Installation, ref.ID)
			if errors.Is(err, sql.ErrNoRows) {
				return nil // nothing is known, and its name may be another's
			}
			if err != nil {
				return err
			}
			repo := repository(row)
			repo.Gone = cmp.Or(reason, "unreadable")
			if err := q.DeleteTopicsOfRepository(ctx, ref.Installation, ref.ID); err != nil {
				return err
			}
			if repo.Gone == Deleted {
				if err := q.ClosePullStates(ctx, ref.Installation, ref.ID, milliseconds(now)); err != nil {
					return err
				}
				if err := q.DeleteVerdictsOfRepository(ctx, ref.Installation, ref.ID); err != nil {
					return err
				}
			}
			return putRepository(ctx, q, repo, milliseconds(now))
		})
	}
	if err != nil {
		return fmt.Errorf("mark repository %d as gone: %w", ref.ID, err)
	}
	return nil
}

func putRepository(ctx context.Context, q *sqlc.Queries, repo Repository, at int64) error {
	if repo.Installation == 0 || repo.ID == 0 {
		return fmt.Errorf("repository %q: installation %d and id %d must both be set", repo.FullName(), repo.Installation, repo.ID)
	}
	old, err := q.GetRepository(ctx, repo.Installation, repo.ID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	known := err == nil
	row := sqlc.Repository{
		Installation: repo.Installation, ID: repo.ID,
		Owner: cmp.Or(Clean(repo.Owner), old.Owner), Name: cmp.Or(Clean(repo.Name), old.Name),
		Private: repo.Private || repo.Internal, Internal: repo.Internal, Archived: repo.Archived, Gone: Clean(repo.Gone),
		DefaultBranch: cmp.Or(Clean(repo.DefaultBranch), old.DefaultBranch), UpdatedAt: old.UpdatedAt,
	}
	if row.Tightened = old.Tightened; known && !ref(old).MayName(ref(row)) {
		row.Tightened++
	}
	if known && row == old {
		return nil
	}
	row.UpdatedAt = at
	if err := q.PutRepository(ctx, sqlc.PutRepositoryParams(row)); err != nil {
		return err
	}
	if row.Gone != "" {
		err = q.DeleteReading(ctx, row.Installation, row.ID)
	} else {
		err = q.PutUnread(ctx, row.Installation, row.ID, at) // unless it has been read
	}
	if err != nil {
		return err
	}
	if known && row.Owner == old.Owner && row.Name == old.Name {
		return nil
	}
	return q.PutRepositoryName(ctx, sqlc.PutRepositoryNameParams{
		Installation: row.Installation, FullName: fullName(row.Owner, row.Name), Repository: row.ID, UpdatedAt: at,
	})
}

// fullName is the form in which a repository's name is looked up: GitHub's names are
// case-insensitive.
func fullName(owner, name string) string { return strings.ToLower(owner + "/" + name) }

// Repository returns a repository, or an error that wraps io/fs.ErrNotExist.
func (s *Store) Repository(ctx context.Context, installation, id int64) (Repository, error) {
	row, err := s.Read().GetRepository(ctx, installation, id)
	if err != nil {
		return Repository{}, fmt.Errorf("get repository %d: %w", id, NotExist(err))
	}
	return repository(row), nil
}

// RepositoryRef gives a repository that can be read, with the name and the visibility that
// it has now, or an error that wraps io/fs.ErrNotExist.
func (s *Store) RepositoryRef(ctx context.Context, installation, id int64) (contracts.RepositoryRef, error) {
	found, err := s.Repository(ctx, installation, id)
	if err == nil && found.Gone != "" {
		err = fmt.Errorf("get repository %d: %s: %w", id, found.Gone, fs.ErrNotExist)
	}
	return found.RepositoryRef, err
}

// JoinedRepository gives a repository of an account, or of one that is joined with it, that
// can be read, with the name and the visibility that it has now, or an error that wraps
// io/fs.ErrNotExist.
func (s *Store) JoinedRepository(ctx context.Context, installation, id int64) (contracts.RepositoryRef, error) {
	return s.joinedRepository(ctx, installation, fmt.Sprintf("repository %d", id), func(q *sqlc.Queries, v view) (sqlc.Repository, bool, error) {
		return v.repositoryOf(ctx, q, id)
	})
}

// JoinedRepositoryNamed is JoinedRepository by a name that the repository has or had.
func (s *Store) JoinedRepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error) {
	return s.joinedRepository(ctx, installation, "repository "+owner+"/"+name, func(q *sqlc.Queries, v view) (sqlc.Repository, bool, error) {
		return v.repositoryNamed(ctx, q, fullName(Clean(owner), Clean(name)))
	})
}

func (s *Store) joinedRepository(ctx context.Context, installation int64, what string, find func(*sqlc.Queries, view) (sqlc.Repository, bool, error)) (contracts.RepositoryRef, error) {
	var row sqlc.Repository
	err := s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		v, err := viewOf(ctx, q, installation)
		if err != nil {
			return err
		}
		found, ok, err := find(q, v)
		if row = found; err == nil && (!ok || found.Gone != "") {
			err = fs.ErrNotExist
		}
		return err
	})
	if err != nil {
		return contracts.RepositoryRef{}, fmt.Errorf("find %s: %w", what, err)
	}
	return ref(row), nil
}

// RepositoryByName finds a repository by a name that it has or had, or returns an error
// that wraps io/fs.ErrNotExist.
func (s *Store) RepositoryByName(ctx context.Context, installation int64, owner, name string) (Repository, error) {
	row, err := s.Read().RepositoryOfName(ctx, installation, fullName(Clean(owner), Clean(name)))
	if err != nil {
		return Repository{}, fmt.Errorf("find repository %s/%s: %w", owner, name, NotExist(err))
	}
	return repository(row), nil
}

// RepositoryNamed finds a repository that can be read, by a name that it has or had, or
// returns an error that wraps io/fs.ErrNotExist.
func (s *Store) RepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error) {
	found, err := s.RepositoryByName(ctx, installation, owner, name)
	if err == nil && found.Gone != "" {
		err = fmt.Errorf("find repository %s/%s: %s: %w", owner, name, found.Gone, fs.ErrNotExist)
	}
	return found.RepositoryRef, err
}

// Present gives the reasons of a stored answer with the names and the visibility that
// repositories have now. One that can't be read any more counts as private: nobody knows
// who may read it.
func (s *Store) Present(ctx context.Context, installation int64, reasons []contracts.AnswerReason) ([]contracts.AnswerReason, error) {
	known := map[int64]contracts.RepositoryRef{}
	for _, reason := range reasons {
		for _, v := range []*contracts.AnswerVersion{reason.Consumer, reason.Provider} {
			if v == nil {
				continue
			}
			if _, ok := known[v.RepositoryID]; ok {
				continue
			}
			switch found, err := s.JoinedRepository(ctx, installation, v.RepositoryID); {
			case errors.Is(err, fs.ErrNotExist):
			case err != nil:
				return nil, err
			default:
				known[found.ID] = found
			}
		}
	}
	return contracts.Present(reasons, func(id int64) (contracts.RepositoryRef, bool) {
		now, ok := known[id]
		return now, ok
	}), nil
}

// presentRef gives a repository with the name and the visibility that it has now.
func (s *Store) presentRef(ctx context.Context, repo contracts.RepositoryRef) (contracts.RepositoryRef, error) {
	row, err := s.Read().GetRepository(ctx, repo.Installation, repo.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return repo, nil
	}
	if err != nil {
		return repo, fmt.Errorf("get repository %d: %w", repo.ID, err)
	}
	return ref(row), nil
}

// Elsewhere lists a repository as other installations still know it, from which it was
// transferred.
func (s *Store) Elsewhere(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.RepositoryRef, error) {
	rows, err := s.Read().ListElsewhere(ctx, repo.ID, repo.Installation)
	if err != nil {
		return nil, fmt.Errorf("find where %s was before: %w", repo.FullName(), err)
	}
	return refs(rows), nil
}

// Repositories lists the repositories of an installation, including those that are
// gone, sorted by name.
func (s *Store) Repositories(ctx context.Context, installation int64) ([]Repository, error) {
	rows, err := s.Read().ListRepositories(ctx, installation)
	if err != nil {
		return nil, fmt.Errorf("list repositories of installation %d: %w", installation, err)
	}
	return repositories(rows), nil
}

// IsEnrolled reports whether a repository has a repository file, and can be read and written.
func (s *Store) IsEnrolled(ctx context.Context, repo contracts.RepositoryRef) (bool, error) {
	n, err := s.Read().IsEnrolled(ctx, repo.Installation, repo.ID)
	if err != nil {
		return false, fmt.Errorf("find out whether %s is enrolled: %w", repo.FullName(), err)
	}
	return n > 0, nil
}

func repositories(rows []sqlc.Repository) []Repository {
	list := make([]Repository, len(rows))
	for i, row := range rows {
		list[i] = repository(row)
	}
	return list
}

func refs(rows []sqlc.Repository) []contracts.RepositoryRef {
	list := make([]contracts.RepositoryRef, len(rows))
	for i, row := range rows {
		list[i] = ref(row)
	}
	return list
}

func ref(row sqlc.Repository) contracts.RepositoryRef {
	return contracts.RepositoryRef{Installation: row.Installation, ID: row.ID, Owner: row.Owner, Name: row.Name, Private: row.Private, Internal: row.Internal}
}

func repository(row sqlc.Repository) Repository {
	return Repository{
		Repository: source.Repository{RepositoryRef: ref(row), DefaultBranch: row.DefaultBranch, Archived: row.Archived},
		Gone:       row.Gone, Tightened: row.Tightened,
	}
}
