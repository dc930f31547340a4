package pulls

import (
	"context"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
)

// PullState is what is remembered of a pull request between events.
type PullState struct {
	Head       string
	Open       bool
	CheckRun   int64
	Conclusion string
	// Digest of what was published; equal digests need no new run.
	Digest  string
	Comment checks.CommentState
	// Blocked is whom the pull request has ever had to wait for.
	Blocked []contracttext.Blocked
	// Named are the repositories of the consumers that the check run names.
	Named []int64
}

// PullStates remembers pull requests. An unknown one is the zero PullState.
type PullStates interface {
	PullState(ctx context.Context, repo contracts.RepositoryRef, number int) (PullState, error)
	PutPullState(ctx context.Context, repo contracts.RepositoryRef, number int, state PullState) error
}
