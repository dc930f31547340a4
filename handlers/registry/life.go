package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// What happens to a repository concerns pull requests elsewhere: those that name it as a
// consumer, and those that use what it provides. They are evaluated again, so that each is
// up to date. What is known of the repository is kept and marked.

// note stores a repository as GitHub describes it now. If its name, visibility or state has
// changed, the pull requests that depend on it are evaluated again.
func (r *Indexer) note(ctx context.Context, repo source.Repository) error {
	before, err := r.deps.Store.RepositoryRef(ctx, repo.Installation, repo.ID)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	open, back, err := r.deps.Store.PutRepository(ctx, repo)
	if err != nil || !open.Open {
		return err
	}
	// If an earlier attempt stored the change, it is not known whether the repository came
	// back, or who could read it before.
	var more []string
	if before.Private != repo.Private || before.Internal != repo.Internal || open.Resumed {
		more = []string{work.TopicOfVisibility(repo.ID)}
	}
	if err := r.concerned(ctx, repo.RepositoryRef, back || open.Resumed, more...); err != nil {
		return err
	}
	return r.deps.Store.Settle(ctx, open)
}

// Gone keeps what is known of a repository that can't be read any more, marks it with the
// reason, and evaluates the pull requests again that depend on it.
func (r *Indexer) Gone(ctx context.Context, repo contracts.RepositoryRef, reason string) error {
	if err := r.deps.Store.GoneRepository(ctx, repo, reason); err != nil {
		return err
	}
	if err := r.concerned(ctx, repo, true, work.TopicOfUnreadable); err != nil {
		return err
	}
	return r.came(ctx, repo.Installation) // it may have been the last to be read
}

// Concerned evaluates the pull requests again that depend on a repository, and reports
// again on the rollbacks whose reasons name it. Reports of closed pull requests that may no
// longer name it are withdrawn. If it was
// removed or came back, these include the pull requests on APIs with the names that it
// provides: whether a short name is unique, and so which provider a consumer means, depends
// on every provider.
func (r *Indexer) Concerned(ctx context.Context, repo contracts.RepositoryRef, names bool) error {
	return r.concerned(ctx, repo, names)
}

func (r *Indexer) concerned(ctx context.Context, repo contracts.RepositoryRef, names bool, more ...string) error {
	topics := append([]string{work.TopicOfConsumer(repo.ID), work.TopicOfProvider(repo.ID), work.TopicOfReading(repo.ID)}, more...)
	reports, err := r.deps.Store.RollbacksNaming(ctx, repo)
	if err != nil {
		return err
	}
	closed, err := r.deps.Store.ClosedNaming(ctx, repo)
	if err != nil {
		return err
	}
	for _, pull := range closed {
		reports = append(reports, work.TakeBackWork(pull.Repository, pull.Number))
	}
	if err := r.deps.Queue.Enqueue(ctx, reports...); err != nil {
		return err
	}
	if !names {
		return r.deps.Invalidator.Changed(ctx, repo.Installation, topics...)
	}
	registration, err := r.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return r.deps.Invalidator.Changed(ctx, repo.Installation, append(topics, work.TopicsOfNames(registration)...)...)
}

// Transferred marks a repository as gone in the installation of its former account, which
// does not see it any more after a transfer.
func (r *Indexer) Transferred(ctx context.Context, repo contracts.RepositoryRef) error {
	before, err := r.deps.Store.Elsewhere(ctx, repo)
	if err != nil {
		return err
	}
	for _, old := range before {
		if err := r.Gone(ctx, old, "transferred"); err != nil {
			return fmt.Errorf("note that %s was transferred: %w", repo.FullName(), err)
		}
	}
	return nil
}
