package source

import (
	"context"
	"time"

	"plimsoll/contracts"
)

// Scan is how far the repositories of an installation have been read.
type Scan struct {
	// Running: some repository has not been read yet, or the list of repositories is not
	// known to be complete. So nothing can be said about what no repository does.
	Running bool
	// Organisation joins the account with others by the operator's file; empty: none. All of
	// them are counted. Missing are those that can't be read: they have not installed the App,
	// or have suspended it.
	Organisation string
	Missing      []string
	// Done of Total repositories have been read. While the list is not complete, Total is
	// what GitHub said; 0 if it has not said anything.
	Done, Total int
	// Failed counts the repositories that can't be read, Unreadable lists the first of them.
	Failed     int
	Unreadable []Unreadable
	// Complete: the list of repositories is complete and recent.
	Complete bool
	// Begun is when GitHub was last asked for the list, Listed when it was last complete,
	// Swept when everything was last looked through, whether or not the list showed a
	// change; zero: never.
	Begun, Listed, Swept time.Time
	// Doubted is when the list was last begun because the database may lack something; zero:
	// it never was.
	Doubted time.Time
}

// Forgotten reports whether something that was made at a time may have got answers that are
// not known any more: the database has been lost or restored since.
func (s Scan) Forgotten(made time.Time) bool { return s.Begun.IsZero() || made.Before(s.Doubted) }

// Unreadable is a repository that can't be read.
type Unreadable struct {
	Repository contracts.RepositoryRef
	// Reason in a few words: "GitHub answered 403 …".
	Reason string
	// Since when it has not been readable; the last of Tries will be followed by another.
	Since time.Time
	Tries int
}

// Reading is what was read of a repository, as GitHub's list described it then.
type Reading struct {
	// Commit of Branch; empty: the repository was empty.
	Commit, Branch string
	// PushedAt is when GitHub says that it was pushed to last; zero: not known.
	PushedAt time.Time
	// OpenIssues counts issues and pull requests; negative: not known.
	OpenIssues int
	// Read is false for a repository that has not been read, or can't be. Failed: it can't.
	Read, Failed bool
}

// ListedRepository is a repository in GitHub's list.
type ListedRepository struct {
	Repository
	// OpenIssues counts issues and pull requests.
	OpenIssues int
}

// Scans knows how far the repositories of an account, and of those that the operator has
// joined with it, have been read.
type Scans interface {
	Scan(ctx context.Context, installation int64) (Scan, error)
}

// Account is an account of GitHub. Its login can change and be taken by another account;
// its id can't.
type Account struct {
	Login string
	ID    int64
}

// Installation is an account that has the App, as GitHub describes it.
type Installation struct {
	ID int64
	// Account is its login, AccountID its id.
	Account   string
	AccountID int64
	// AccountType is Organization or User.
	AccountType string
	// Selection is "all" or "selected" repositories.
	Selection string
	Suspended bool
	// Permissions maps a permission that is granted to read, write or admin.
	Permissions map[string]string
	Events      []string
}

// Lacking is what an installation has not granted of what the App asks for.
type Lacking struct {
	// Permissions such as "checks: write", and Events.
	Permissions []string `json:"permissions,omitempty"`
	Events      []string `json:"events,omitempty"`
	// Page is where to accept them.
	Page string `json:"page"`
}

// Nothing reports whether nothing is lacking.
func (l Lacking) Nothing() bool { return len(l.Permissions)+len(l.Events) == 0 }

// Looked is a repository as it was when it was last looked through for what its events have
// not told.
type Looked struct {
	Repository contracts.RepositoryRef
	Enrolled   bool
	// Fingerprint of its open pull requests, deployments and releases; "": something was
	// missing, or it was never looked through.
	Fingerprint string
}
