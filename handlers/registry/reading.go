package registry

import (
	"context"
	"errors"
	"io/fs"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// unknownIssues is the number of open issues where nobody has counted them.
const unknownIssues = -1

// Do reads a repository as a job.
func (r *Indexer) Do(ctx context.Context, args work.RepositoryArgs) error {
	if unchanged, err := r.unchanged(ctx, args); err != nil || unchanged {
		return err
	}
	found, err := r.register(ctx, args.Repository, "")
	if err != nil {
		return err
	}
	if found.changed {
		if err := r.spread(ctx, found.Repository); err != nil {
			return err
		}
	}
	if args.Review {
		err = r.catchUp(ctx, found.Registration)
	} else if found.changed && !args.Scan && found.Enrolled {
		err = r.Review(ctx, found.Repository)
	}
	if err != nil {
		return err
	}
	return r.finish(ctx, found, args)
}

// first reads the organisation's own repository at the beginning of a scan, which
// reads all others after it anyway.
func (r *Indexer) first(ctx context.Context, args work.RepositoryArgs) error {
	found, err := r.register(ctx, args.Repository, "")
	if err != nil {
		return err
	}
	if args.Review {
		if err := r.catchUp(ctx, found.Registration); err != nil {
			return err
		}
	}
	return r.finish(ctx, found, args)
}

// unchanged deals with a repository whose default branch is where it was read, although
// GitHub's list shows some change. It returns false if there is more to do.
func (r *Indexer) unchanged(ctx context.Context, args work.RepositoryArgs) (bool, error) {
	if args.Listed == nil || args.Review {
		return false, nil
	}
	reading, err := r.deps.Store.Reading(ctx, args.Repository.RepositoryRef)
	if err != nil || !reading.Read {
		return false, err
	}
	now, err := r.head(ctx, args.Repository, "")
	if err != nil {
		return false, errors.Join(err, r.noteFailure(ctx, args.Repository, err))
	}
	if now.repo.ID == 0 {
		return true, nil // gone
	}
	if now.head.SHA != reading.Commit || now.repo.DefaultBranch != reading.Branch {
		return false, nil
	}
	return true, r.finish(ctx, now, args)
}

// finish stores that a repository has been read, after everything that follows from it has
// been asked for.
func (r *Indexer) finish(ctx context.Context, found found, args work.RepositoryArgs) error {
	if err := r.deps.Store.Settle(ctx, found.open); err != nil {
		return err
	}
	issues := unknownIssues
	if listed := args.Listed; listed != nil {
		issues = listed.OpenIssues
		if listed.Sweep && found.repo.ID != 0 && !found.repo.Archived {
			if err := r.deps.Queue.Enqueue(ctx, work.SweepWork(work.SweepArgs{Repository: found.repo.RepositoryRef, Since: listed.Since, Live: listed.Live})); err != nil {
				return err
			}
		}
	}
	return r.wasRead(ctx, found, issues)
}

// wasRead stores what was read. If it could not be read before, the pull requests are
// evaluated again that said so; if it was the last one to be read, those that waited for it.
func (r *Indexer) wasRead(ctx context.Context, found found, issues int) error {
	repo := found.repo.RepositoryRef
	if repo.ID == 0 {
		return nil // gone
	}
	before, err := r.deps.Store.Reading(ctx, repo)
	if err != nil {
		return err
	}
	changed := func() error {
		if !before.Failed {
			return nil
		}
		return r.deps.Invalidator.Changed(ctx, repo.Installation, work.TopicOfReading(repo.ID), work.TopicOfUnreadable)
	}
	// Before, so that an attempt that breaks off loses nothing; and after, since a pull request
	// may have been evaluated in between.
	if err := changed(); err != nil {
		return err
	}
	err = r.deps.Store.PutReading(ctx, repo, source.Reading{
		Commit: found.head.SHA, Branch: found.repo.DefaultBranch, PushedAt: found.repo.PushedAt, OpenIssues: issues,
	})
	if err == nil {
		err = changed()
	}
	if err != nil {
		return err
	}
	return r.came(ctx, repo.Installation)
}

// GiveUp notes that a repository can't be read for now, so that answers say so and do not
// wait for it. It is tried again with the list of repositories.
func (r *Indexer) GiveUp(ctx context.Context, args work.RepositoryArgs) error {
	if err := r.deps.Store.FailReading(ctx, args.Repository.RepositoryRef); err != nil {
		return err
	}
	return r.came(ctx, args.Repository.Installation)
}

// came reports how far an installation has been read.
func (r *Indexer) came(ctx context.Context, installation int64) error {
	scan, err := r.deps.Store.AccountScan(ctx, installation)
	if err != nil {
		return err
	}
	return r.deps.Progress.Came(ctx, installation, scan)
}

// noteFailure stores why a repository could not be read, if that is about the repository and
// may be shown.
func (r *Indexer) noteFailure(ctx context.Context, repo source.Repository, failure error) error {
	if ctx.Err() != nil {
		return nil
	}
	if err := r.noteUnread(ctx, repo); err != nil {
		return err
	}
	type brief interface {
		error
		Brief() string
	}
	reason := ""
	if known, ok := errors.AsType[brief](failure); ok {
		reason = known.Brief()
	} else if problem, ok := errors.AsType[*contracts.Problem](failure); ok {
		reason = problem.Message
	}
	if reason == "" {
		return nil
	}
	return r.deps.Store.NoteReading(ctx, repo.RepositoryRef, reason)
}

// noteUnread stores a repository that could not be read before it was known, so that answers
// wait for it, and has it read as a job that gives up in the end.
func (r *Indexer) noteUnread(ctx context.Context, repo source.Repository) error {
	_, err := r.deps.Store.RepositoryRef(ctx, repo.Installation, repo.ID)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := r.note(ctx, repo); err != nil {
		return err
	}
	return r.deps.Queue.Enqueue(ctx, work.RegisterWork(work.RepositoryArgs{Repository: repo}))
}
