package work

import (
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// Kinds of work that keep the registry as GitHub is.
const (
	KindRegister = "register" // read a repository into the registry: RepositoryArgs
	KindScan     = "scan"     // read one page of an installation: ScanArgs
	KindReview   = "review"   // evaluate every open pull request of a repository: RepositoryArgs
	// KindInstallations reads one page of the list of installations: InstallationsArgs.
	KindInstallations = "installations"
	// KindSweep looks for what a repository's events have not told: SweepArgs.
	KindSweep = "sweep-repository"
	// KindLook finds the repositories that have to be swept: LookArgs.
	KindLook = "look"
)

// Spared is part of the arguments of work that may have nobody who waits for it.
type Spared struct {
	// Spares: nobody waits, so a reserve of the rate limit is left to other work.
	Spares bool `json:"spares,omitempty"`
}

// RepositoryArgs are the arguments of KindRegister.
type RepositoryArgs struct {
	Spared
	Repository source.Repository `json:"repository"`
	// Scan is set where the reading belongs to the scan of an installation.
	Scan bool `json:"scan,omitempty"`
	// Review: its open pull requests are evaluated as well.
	Review bool `json:"review,omitempty"`
	// Listed is set where GitHub's list asks for it: nothing is read if the default branch is
	// where it was.
	Listed *Listed `json:"listed,omitempty"`
}

// Listed is how GitHub's list describes a repository.
type Listed struct {
	OpenIssues int `json:"open_issues"`
	// Sweep: what its events may not have told is looked for afterwards; see SweepArgs for
	// Since and Live.
	Sweep bool      `json:"sweep,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Live  bool      `json:"live,omitempty"`
}

// RegisterWork is the work of reading one repository. Where its default branch is
// not known GitHub is asked.
func RegisterWork(args RepositoryArgs) Work {
	return Work{
		Kind: KindRegister, Key: RepositoryKey(args.Repository.ID), Installation: args.Repository.Installation, Args: args,
	}
}

// ScanArgs are the arguments of KindScan: the next page to read.
type ScanArgs struct {
	Spared
	Installation int64 `json:"installation"`
	Page         int   `json:"page"`
	// Review: open pull requests may have got no answer, so they are evaluated too.
	Review bool `json:"review,omitempty"`
	// Anew: what is known may be old, so the list counts as incomplete until it ends.
	Anew bool `json:"anew,omitempty"`
	// Sweep: repositories are looked through even if the list shows no change.
	Sweep bool `json:"sweep,omitempty"`
	// Reconcile: events may have been lost.
	Reconcile bool `json:"reconcile,omitempty"`
	// Since is when the list was complete before.
	Since time.Time `json:"since,omitzero"`
	// Started names the listing that a page after the first belongs to.
	Started int64 `json:"started,omitempty"`
}

// ScanWork is the work of reading an installation from a page on. The pages after the first
// are a kind of their own, so that none replaces a scan that was asked for meanwhile.
func ScanWork(args ScanArgs) Work {
	kind := KindScan
	if args.Page > 1 {
		kind += "/next"
	}
	return Work{Kind: kind, Key: InstallationKey(args.Installation), Installation: args.Installation, Args: args}
}

// InstallationsArgs are the arguments of KindInstallations: the next page to read.
type InstallationsArgs struct {
	Page int `json:"page,omitempty"`
	// Listed are the installations of the pages before.
	Listed []int64 `json:"listed,omitempty"`
}

// InstallationsWork is the work of reading the list of installations from a page on.
func InstallationsWork(args InstallationsArgs) Work {
	kind := KindInstallations
	if args.Page > 1 {
		kind += "/next"
	}
	return Work{Kind: kind, Key: KindInstallations, Args: args}
}

// SweepArgs are the arguments of KindSweep.
type SweepArgs struct {
	Spared
	Repository contracts.RepositoryRef `json:"repository"`
	// Since is from when on commands may not have been answered; zero: they were.
	Since time.Time `json:"since,omitzero"`
	// Live: what runs is read again as well.
	Live bool `json:"live,omitempty"`
	// Looked is what the repository is like; see LookArgs. It is stored if nothing is missing.
	Looked string `json:"looked,omitempty"`
}

// LookArgs are the arguments of KindLook.
type LookArgs struct {
	Spared
	Installation int64 `json:"installation"`
	// After is the id of the last repository that was looked at.
	After int64 `json:"after,omitempty"`
	// Since is as in SweepArgs.
	Since time.Time `json:"since,omitzero"`
}

// LookWork is the work of finding the repositories of an installation that are no longer what
// they were when they were looked through last, from one on. The pages after the first are a
// kind of their own, so that none replaces a look that was asked for meanwhile.
func LookWork(args LookArgs) Work {
	args.Spares = true
	kind := KindLook
	if args.After != 0 {
		kind += "/next"
	}
	return Work{Kind: kind, Key: InstallationKey(args.Installation), Installation: args.Installation, Args: args}
}

// SweepWork is the work of looking for what a repository's events have not told.
func SweepWork(args SweepArgs) Work {
	args.Spares = true
	return Work{Kind: KindSweep, Key: RepositoryKey(args.Repository.ID), Installation: args.Repository.Installation, Args: args}
}

// KindLive reads GitHub's record of what runs again: LiveArgs.
const KindLive = "live"

// LiveArgs are the arguments of KindLive.
type LiveArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// Looked is stored when it was read; see SweepArgs.
	Looked string `json:"looked,omitempty"`
}

// LiveWork is the work of reading again what runs of a repository: when it is enrolled or
// declares other targets, and periodically, in case events were lost.
func LiveWork(repo contracts.RepositoryRef) Work {
	return Work{Kind: KindLive, Key: RepositoryKey(repo.ID), Installation: repo.Installation, Args: LiveArgs{Repository: repo}}
}

// PendingArgs are the arguments of KindPending.
type PendingArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
}
