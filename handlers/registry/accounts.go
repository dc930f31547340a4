package registry

import (
	"context"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Accounts remembers installations and the life of their repositories.
type Accounts interface {
	PutInstallation(ctx context.Context, installation int64, account source.Account, state string) error
	// Returned reports whether the account had the App before, by another installation.
	Returned(ctx context.Context, installation int64) (bool, error)
	// RenameAccount returns the repositories that have another name now.
	RenameAccount(ctx context.Context, installation int64, login string) ([]contracts.RepositoryRef, error)
	// PutRepository returns an open follow-up if the repository was known by another name,
	// visibility or state, and reports whether it is back from being gone.
	PutRepository(ctx context.Context, repo source.Repository) (open work.FollowUp, back bool, err error)
	// RepositoryNamed finds a repository by its name, or gives an error that wraps
	// io/fs.ErrNotExist.
	RepositoryNamed(ctx context.Context, installation int64, owner, name string) (contracts.RepositoryRef, error)
	// GoneRepository marks a repository with the reason why it is gone, and keeps what is
	// known of it.
	GoneRepository(ctx context.Context, repo contracts.RepositoryRef, reason string) error
	// RepositoryRef gives a repository as it is known, or an error that wraps
	// io/fs.ErrNotExist.
	RepositoryRef(ctx context.Context, installation, id int64) (contracts.RepositoryRef, error)
	// RollbacksNaming lists the work of reporting rollbacks again whose reasons may name a
	// repository, and those of the repository itself.
	RollbacksNaming(ctx context.Context, repo contracts.RepositoryRef) ([]work.Work, error)
	// ClosedNaming lists closed pull requests whose reports name a repository, and those of the
	// repository itself that name any.
	ClosedNaming(ctx context.Context, repo contracts.RepositoryRef) ([]source.PullRef, error)
	// Elsewhere lists a repository as other installations still know it.
	Elsewhere(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.RepositoryRef, error)
}

// Readings remembers how far the repositories of installations have been read.
type Readings interface {
	// AccountScan is how far the repositories of one account have been read.
	AccountScan(ctx context.Context, installation int64) (source.Scan, error)
	// StartScan begins to list about total repositories. anew: the list is not complete
	// before it ends. sweep notes that everything is looked through. started names it.
	StartScan(ctx context.Context, installation int64, total int, anew, sweep bool) (started int64, err error)
	// ListPage adds a page of repositories to the list and returns which of them have to be
	// read; last says that none follows, so that what no page had is returned too. current
	// is false if a newer listing has begun.
	ListPage(ctx context.Context, installation, started int64, page int, repositories []source.ListedRepository, last bool) (due []int64, unlisted []contracts.RepositoryRef, current bool, err error)
	Reading(ctx context.Context, repo contracts.RepositoryRef) (source.Reading, error)
	// PutReading stores what was read of a repository.
	PutReading(ctx context.Context, repo contracts.RepositoryRef, r source.Reading) error
	// NoteReading stores why a try to read a repository failed, FailReading that it can't
	// be read for that reason.
	NoteReading(ctx context.Context, repo contracts.RepositoryRef, reason string) error
	FailReading(ctx context.Context, repo contracts.RepositoryRef) error
}

// Registrations remembers what repositories declare.
type Registrations interface {
	contracts.Registry
	// Register replaces what is known of a repository. A broken registration keeps the last
	// good components and marks them. The follow-up is open if the registration differs
	// from the one before.
	Register(ctx context.Context, r contracts.Registration) (open work.FollowUp, err error)
	// Settle closes follow-ups whose consequences have been asked for.
	Settle(ctx context.Context, followUps ...work.FollowUp) error
}

// Topics remember what the answer to an open pull request depends on outside its own
// repository; see work.TopicOfConsumer and the others for the names.
type Topics interface {
	// PullsOf returns the pull requests of an account, and of those joined with it, that depend
	// on a topic.
	PullsOf(ctx context.Context, installation int64, topic string) ([]source.PullRef, error)
}

// Installations lists what an installation lets the App read.
type Installations interface {
	// InstallationRepositories lists one page of repositories, counted from 1. next is
	// the number of the next page, 0 at the end; total counts those of all pages.
	InstallationRepositories(ctx context.Context, installation int64, page int) (repositories []source.ListedRepository, next, total int, err error)
}

// GitHub is what the registry reads at GitHub.
type GitHub interface {
	source.Branches
	source.Trees
}

// Store remembers accounts, their repositories and what these declare.
type Store interface {
	Accounts
	Readings
	Registrations
}
