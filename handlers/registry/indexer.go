package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"plimsoll/handlers/require"

	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Indexer reads what a repository says about itself on its default branch.
type Indexer struct {
	deps IndexerDeps
}

// IndexerDeps is what an Indexer needs.
type IndexerDeps struct {
	GitHub GitHub
	Store  Store
	Queue  work.Queue
	// Organisations gives what holds for all repositories of an account.
	Organisations *source.Organisations
	// Invalidator evaluates the pull requests elsewhere again that a registration concerns.
	Invalidator *Invalidator
	// Progress is that of the scan to which a reading belongs.
	Progress *ScanProgress
	Cache    *openapi.Cache
}

// NewIndexer returns an Indexer.
func NewIndexer(deps IndexerDeps) (*Indexer, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Indexer{deps}, nil
}

// Register reads the head of the default branch and replaces what the registry knows of the
// repository. If the repository file is broken, its last good version still counts. What is
// known of the repository is taken as it is; without a default branch, or if that is not
// found, GitHub is asked. If the repository file has changed, the open pull requests are
// evaluated by the new one.
func (r *Indexer) Register(ctx context.Context, repo source.Repository) (contracts.Registration, error) {
	return r.Pushed(ctx, repo, "")
}

// Pushed is Register after a push that replaced the commit before.
func (r *Indexer) Pushed(ctx context.Context, repo source.Repository, before string) (contracts.Registration, error) {
	found, err := r.register(ctx, repo, before)
	if err != nil {
		return found.Registration, err
	}
	if found.changed {
		if err := r.spread(ctx, found.Repository); err != nil {
			return found.Registration, err
		}
		if found.Enrolled {
			if err := r.Review(ctx, found.Repository); err != nil {
				return found.Registration, err
			}
		}
	}
	if err := r.deps.Store.Settle(ctx, found.open); err != nil {
		return found.Registration, err
	}
	return found.Registration, r.wasRead(ctx, found, unknownIssues)
}

// spread reads every repository of an account again when the organisation's file has
// changed, and evaluates its open pull requests: the file says what blocks them.
func (r *Indexer) spread(ctx context.Context, changed contracts.RepositoryRef) error {
	if changed.Name != source.OrganisationRepository {
		return nil
	}
	return r.deps.Queue.Enqueue(ctx, work.ScanWork(work.ScanArgs{Installation: changed.Installation, Page: 1, Review: true}))
}

// Review queues the evaluation of all open pull requests of a repository.
func (r *Indexer) Review(ctx context.Context, repo contracts.RepositoryRef) error {
	return r.deps.Queue.Enqueue(ctx, work.Work{
		Kind: work.KindReview, Key: work.RepositoryKey(repo.ID), Installation: repo.Installation,
		Args: work.RepositoryArgs{Repository: source.Repository{RepositoryRef: repo}},
	})
}

// catchUp answers what came while the App could not see a repository: its pull
// requests, and what runs.
func (r *Indexer) catchUp(ctx context.Context, registration contracts.Registration) error {
	if !registration.Enrolled {
		return nil
	}
	if err := r.deps.Queue.Enqueue(ctx, work.LiveWork(registration.Repository)); err != nil {
		return err
	}
	return r.Review(ctx, registration.Repository)
}

// Known recalls what a repository says, reading it now where the registry has not met it.
func (r *Indexer) Known(ctx context.Context, repo contracts.RepositoryRef) (contracts.Registration, error) {
	registration, err := r.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return r.Register(ctx, source.Repository{RepositoryRef: repo})
	}
	return registration, err
}

// found is what a repository declares on its default branch.
type found struct {
	contracts.Registration
	// repo is the repository as it is now, head its default branch. A repository that is
	// gone has neither.
	repo source.Repository
	head source.Commit
	// changed reports whether the repository file has changed, or may have.
	changed bool
	// open is settled when all that follows from the change has been asked for.
	open work.FollowUp
}

// register is Pushed without evaluating the repository's own pull requests.
func (r *Indexer) register(ctx context.Context, repo source.Repository, before string) (found, error) {
	now, err := r.head(ctx, repo, before)
	if err == nil && now.repo.ID != 0 {
		now, err = r.registerAt(ctx, now)
	}
	if err != nil {
		return now, errors.Join(err, r.noteFailure(ctx, repo, err))
	}
	return now, nil
}

// registerAt registers what a repository declares at its head.
func (r *Indexer) registerAt(ctx context.Context, now found) (found, error) {
	registration, err := r.read(ctx, now.repo, now.head)
	if err != nil {
		return now, err
	}
	kept, err := r.keep(ctx, registration)
	kept.repo, kept.head = now.repo, now.head
	return kept, err
}

// head finds what a repository is now and where its default branch stands.
func (r *Indexer) head(ctx context.Context, repo source.Repository, before string) (found, error) {
	commit, err := source.Commit{}, fs.ErrNotExist
	if repo.DefaultBranch != "" {
		commit, err = r.deps.GitHub.Head(ctx, repo.RepositoryRef, repo.DefaultBranch)
	}
	if errors.Is(err, fs.ErrNotExist) {
		current, asked := r.deps.GitHub.Repository(ctx, repo.RepositoryRef)
		switch {
		case errors.Is(asked, fs.ErrNotExist) && r.deps.Queue.Attempt(ctx) >= work.GoneAfter:
			return found{}, r.Gone(ctx, repo.RepositoryRef, "unreadable")
		case asked != nil:
			return found{}, fmt.Errorf("read repository %s: %w", repo.FullName(), asked)
		}
		repo = current
		commit, err = r.deps.GitHub.Head(ctx, repo.RepositoryRef, repo.DefaultBranch)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return found{}, fmt.Errorf("read the head of %s in %s: %w", repo.DefaultBranch, repo.FullName(), err)
	}
	if before != "" && commit.SHA == before && r.deps.Queue.Attempt(ctx) <= work.LagAttempts {
		return found{}, fmt.Errorf("GitHub does not show the push to %s of %s yet", repo.DefaultBranch, repo.FullName())
	}
	repo, err = r.current(ctx, repo)
	if err != nil {
		return found{}, err
	}
	return found{repo: repo, head: commit}, r.note(ctx, repo)
}

// current is a repository as GitHub describes it now, where more people could read it by its
// description than is known: an event that comes late, or was asked for again days later,
// says what was true then, and what has become private must not be named in public.
func (r *Indexer) current(ctx context.Context, repo source.Repository) (source.Repository, error) {
	known, err := r.deps.Store.RepositoryRef(ctx, repo.Installation, repo.ID)
	if errors.Is(err, fs.ErrNotExist) {
		known, err = contracts.RepositoryRef{Private: true}, nil
	}
	if err != nil || !known.Private || repo.Private && (known.Internal || !repo.Internal) {
		return repo, err
	}
	now, err := r.deps.GitHub.Repository(ctx, repo.RepositoryRef)
	if err != nil {
		return repo, fmt.Errorf("read who can read %s: %w", repo.FullName(), err)
	}
	repo.Private, repo.Internal = now.Private, now.Internal
	return repo, nil
}

// keep stores a registration and evaluates the open pull requests elsewhere that depend on
// it. Its caller settles the follow-up.
func (r *Indexer) keep(ctx context.Context, registration contracts.Registration) (found, error) {
	kept, repo := found{Registration: registration}, registration.Repository
	before, err := r.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return kept, err
	}
	kept.open, err = r.deps.Store.Register(ctx, registration)
	if err != nil {
		return kept, fmt.Errorf("register %s@%s: %w", repo.FullName(), registration.Commit, err)
	}
	if !kept.open.Open {
		return kept, nil
	}
	after, err := r.deps.Store.Registration(ctx, repo.Installation, repo.ID) // with the last good version of a broken file
	if err != nil {
		return kept, err
	}
	var topics []string
	if kept.open.Resumed {
		// What an earlier attempt found before its change is not known: everything may be
		// new, and anything may have been removed.
		before = contracts.Registration{}
		topics = []string{work.TopicOfConsumer(repo.ID), work.TopicOfProvider(repo.ID), work.TopicOfContracts(repo.ID)}
	}
	topics = append(topics, topicsOfRegistration(before, after)...)
	if err := r.deps.Invalidator.Changed(ctx, repo.Installation, topics...); err != nil {
		return kept, err
	}
	if len(after.Components) > 0 && placed(before) != placed(after) {
		// Where components run is declared otherwise: GitHub's record is read again.
		if err := r.deps.Queue.Enqueue(ctx, work.LiveWork(repo)); err != nil {
			return kept, err
		}
	}
	kept.changed = kept.open.Resumed || before.FileSHA != registration.FileSHA
	return kept, nil
}

// placed is what a registration says of where components run, as text to compare.
func placed(r contracts.Registration) string {
	var all []contracts.Component
	for _, c := range r.Components {
		all = append(all, contracts.Component{Name: c.Name, Path: c.Path, Release: c.Release, Environments: c.Environments})
	}
	return source.JSON(all)
}

func (r *Indexer) read(ctx context.Context, repo source.Repository, head source.Commit) (contracts.Registration, error) {
	if head.SHA == "" { // an empty repository says nothing
		return contracts.Registration{Repository: repo.RepositoryRef, DefaultBranch: repo.DefaultBranch, Archived: repo.Archived}, nil
	}
	tree, err := r.deps.GitHub.Tree(ctx, repo.RepositoryRef, head.Tree)
	if err != nil {
		return contracts.Registration{}, fmt.Errorf("read the tree of %s@%s: %w", repo.FullName(), head.SHA, err)
	}
	organisation, err := r.deps.Organisations.File(ctx, repo.RepositoryRef)
	if err != nil {
		return contracts.Registration{}, err
	}
	registration, err := evidence.Collect(ctx, tree, evidence.Options{
		Repository: repo.RepositoryRef, DefaultBranch: repo.DefaultBranch, Archived: repo.Archived, Commit: head.SHA,
		Organisation: organisation, Cache: r.deps.Cache,
	})
	if err != nil {
		return contracts.Registration{}, fmt.Errorf("read what %s@%s says about itself: %w", repo.FullName(), head.SHA, err)
	}
	return registration, nil
}
