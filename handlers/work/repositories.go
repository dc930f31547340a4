package work

import (
	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// RepositoryArgs are the arguments of KindRegister.
type RepositoryArgs struct {
	Repository source.Repository `json:"repository"`
	// Scan is set where the reading belongs to the scan of an installation.
	Scan bool `json:"scan,omitempty"`
	// Review: its open pull requests are evaluated as well.
	Review bool `json:"review,omitempty"`
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
	Installation int64 `json:"installation"`
	Page         int   `json:"page"`
	// Review: open pull requests may have got no answer, so they are evaluated too.
	Review bool `json:"review,omitempty"`
}

// ScanWork is the work of reading an installation from a page on.
func ScanWork(args ScanArgs) Work {
	return Work{Kind: KindScan, Key: InstallationKey(args.Installation), Installation: args.Installation, Args: args}
}

// KindLive reads GitHub's record of what runs again: LiveArgs.
const KindLive = "live"

// LiveArgs are the arguments of KindLive.
type LiveArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
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

const KindRegister = "register" // read a repository into the registry: RepositoryArgs

const KindScan = "scan" // read one page of an installation: ScanArgs

const KindReview = "review" // evaluate every open pull request of a repository: RepositoryArgs
