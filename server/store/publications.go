package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// Publications returns those of a subject.
func (s *Store) Publications(ctx context.Context, repo contracts.RepositoryRef, subject string) ([]checks.Publication, error) {
	rows, err := s.Read().ListPublications(ctx, repo.Installation, repo.ID, subject)
	if err != nil {
		return nil, fmt.Errorf("list the publications about %s of %s: %w", subject, repo.FullName(), err)
	}
	return publications(rows), nil
}

// Publication returns one by its subject, kind and name; ok is false without one.
func (s *Store) Publication(ctx context.Context, repo contracts.RepositoryRef, subject string, kind checks.PublicationKind, name string) (p checks.Publication, ok bool, err error) {
	row, err := s.Read().GetPublication(ctx, sqlc.GetPublicationParams{
		Installation: repo.Installation, Repository: repo.ID, Subject: subject, Kind: string(kind), Name: name,
	})
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	if err != nil {
		return p, false, fmt.Errorf("get the %s %s about %s of %s: %w", kind, name, subject, repo.FullName(), err)
	}
	return publication(row), true, nil
}

// Verdicts returns the verdicts of open pull requests and of merge groups on a commit, in
// the order of their subjects.
func (s *Store) Verdicts(ctx context.Context, repo contracts.RepositoryRef, head string) ([]checks.Publication, error) {
	rows, err := s.Read().ListPublicationsOfHead(ctx, sqlc.ListPublicationsOfHeadParams{
		Installation: repo.Installation, Repository: repo.ID, Head: head, Kind: string(checks.PublishedVerdict),
	})
	if err != nil {
		return nil, fmt.Errorf("list the verdicts on %s@%s: %w", repo.FullName(), head, err)
	}
	return publications(rows), nil
}

// PutDesired stores what should stand on GitHub, all or nothing. What is known to stand
// there is taken from p only if the publication is new.
func (s *Store) PutDesired(ctx context.Context, repo contracts.RepositoryRef, all ...checks.Publication) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			for _, p := range all {
				if err := q.PutDesiredPublication(ctx, sqlc.PutDesiredPublicationParams(row(repo, p, now))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("store what to publish in %s: %w", repo.FullName(), err)
	}
	return nil
}

// PutVerdict stores the verdict of a pull request or merge group on its head. It replaces a
// verdict under another name of the same check: for another base.
func (s *Store) PutVerdict(ctx context.Context, repo contracts.RepositoryRef, p checks.Publication) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			said, err := q.ListPublications(ctx, repo.Installation, repo.ID, p.Subject)
			if err != nil {
				return err
			}
			for _, other := range said {
				if other.Kind != string(checks.PublishedVerdict) || other.Name == p.Name || checks.CheckOf(other.Name) != checks.CheckOf(p.Name) {
					continue
				}
				err := q.DeletePublication(ctx, sqlc.DeletePublicationParams{
					Installation: repo.Installation, Repository: repo.ID, Subject: p.Subject, Kind: other.Kind, Name: other.Name,
				})
				if err != nil {
					return err
				}
			}
			return q.PutDesiredPublication(ctx, sqlc.PutDesiredPublicationParams(row(repo, p, now)))
		})
	}
	if err != nil {
		return fmt.Errorf("store the verdict %s of %s in %s: %w", p.Name, p.Subject, repo.FullName(), err)
	}
	return nil
}

// PutActual stores what is known to stand on GitHub.
func (s *Store) PutActual(ctx context.Context, repo contracts.RepositoryRef, p checks.Publication) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			params := row(repo, p, now)
			if _, ok := checks.CommitOfSubject(p.Subject); ok && p.Kind == checks.PublishedRun {
				params.Content = "" // the verdicts have it
			}
			return q.PutActualPublication(ctx, sqlc.PutActualPublicationParams(params))
		})
	}
	if err != nil {
		return fmt.Errorf("store what was published in %s: %w", repo.FullName(), err)
	}
	return nil
}

// DropVerdicts drops the verdicts of a pull request that was closed.
func (s *Store) DropVerdicts(ctx context.Context, repo contracts.RepositoryRef, subject string) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		return q.DeleteVerdictsOfSubject(ctx, repo.Installation, repo.ID, subject)
	})
	if err != nil {
		return fmt.Errorf("drop the verdicts of %s in %s: %w", subject, repo.FullName(), err)
	}
	return nil
}

// prunedPublications is how many one run deletes, in batches of publicationsAtOnce.
const (
	prunedPublications  = 50_000
	publicationsAtOnce  = 500
	publicationsKeptFor = 60 * 24 * time.Hour
)

// PrunePublications deletes what was published long ago on commits, pull requests and
// deployments, and returns how much that was. Verdicts of open pull requests stay.
func (s *Store) PrunePublications(ctx context.Context, now time.Time) (int64, error) {
	before := milliseconds(now.Add(-publicationsKeptFor))
	deleted, err := s.pruneBatches(ctx, prunedPublications, publicationsAtOnce, func(ctx context.Context, q *sqlc.Queries) (int64, error) {
		return q.PrunePublications(ctx, before, publicationsAtOnce)
	})
	if err != nil {
		return deleted, fmt.Errorf("prune publications: %w", err)
	}
	return deleted, nil
}

func row(repo contracts.RepositoryRef, p checks.Publication, now time.Time) sqlc.PutActualPublicationParams {
	return sqlc.PutActualPublicationParams{
		Installation: repo.Installation, Repository: repo.ID, Subject: Clean(p.Subject), Kind: string(p.Kind), Name: Clean(p.Name), Head: Clean(p.Head),
		Request: Clean(p.Request), Content: Clean(string(p.Content)), Digest: Clean(p.Digest), Remote: p.Remote, Published: Clean(p.Published),
		Unsure: p.Unsure, Memo: Clean(p.Memo), UpdatedAt: milliseconds(now),
	}
}

func publications(rows []sqlc.Publication) []checks.Publication {
	all := make([]checks.Publication, len(rows))
	for i, row := range rows {
		all[i] = publication(row)
	}
	return all
}

func publication(row sqlc.Publication) checks.Publication {
	return checks.Publication{
		Subject: row.Subject, Kind: checks.PublicationKind(row.Kind), Name: row.Name, Head: row.Head, Request: row.Request,
		Content: json.RawMessage(row.Content), Digest: row.Digest, Remote: row.Remote, Published: row.Published, Unsure: row.Unsure, Memo: row.Memo,
	}
}
