package registry

import (
	"context"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Accounts remembers installations and the life of their repositories.
type Accounts interface {
	PutInstallation(ctx context.Context, installation int64, account string, state string) error
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
	// Elsewhere lists a repository as other installations still know it.
	Elsewhere(ctx context.Context, repo contracts.RepositoryRef) ([]contracts.RepositoryRef, error)
	// Enrolled lists the readable repositories of every installation that are enrolled.
	Enrolled(ctx context.Context) ([]contracts.RepositoryRef, error)
	Scan(ctx context.Context, installation int64) (source.Scan, error)
	StartScan(ctx context.Context, installation int64, total int) error
	// ListPage adds a page of repositories to the scan; last says that none follows.
	ListPage(ctx context.Context, installation int64, page int, repositories []int64, last bool) (source.Scan, error)
	// StepScan counts one repository of the scan as read, once.
	StepScan(ctx context.Context, installation, repository int64) (source.Scan, error)
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
	// PullsOf returns the pull requests that depend on a topic.
	PullsOf(ctx context.Context, installation int64, topic string) ([]source.PullRef, error)
}

// Installations lists what an installation lets the App read.
type Installations interface {
	// InstallationRepositories lists one page of repositories, counted from 1. next is
	// the number of the next page, 0 at the end; total counts those of all pages.
	InstallationRepositories(ctx context.Context, installation int64, page int) (repositories []source.Repository, next, total int, err error)
}

// GitHub is what the registry reads at GitHub.
type GitHub interface {
	source.Branches
	source.Trees
}

// Store remembers accounts, their repositories and what these declare.
type Store interface {
	Accounts
	Registrations
}
