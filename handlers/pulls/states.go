package pulls

import (
	"context"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
)

// PullState is what is remembered of a pull request between events.
type PullState struct {
	// Head is the head that was evaluated last.
	Head string
	// Pushed: other heads were evaluated before.
	Pushed bool
	Open   bool
	// Comment is what an earlier version has published, which its publication begins with.
	Comment checks.CommentState
	// Blocked lists the consumers that the pull request has ever had to wait for.
	Blocked []contracttext.Blocked
	// Named are the repositories of the consumers that the check run names.
	Named []int64
}

// Publications stores what should stand on GitHub and has it published.
type Publications interface {
	Put(ctx context.Context, repo contracts.RepositoryRef, all ...checks.Publication) error
	// PutComment and PutVerdict store; Publish has what was stored about a commit published,
	// the comments of its pull requests last.
	PutComment(ctx context.Context, repo contracts.RepositoryRef, comment checks.Publication) error
	PutVerdict(ctx context.Context, repo contracts.RepositoryRef, verdict checks.Publication) error
	Publish(ctx context.Context, repo contracts.RepositoryRef, head string) error
	// Drop forgets the verdicts of a pull request that is closed.
	Drop(ctx context.Context, repo contracts.RepositoryRef, subject string) error
	// Standing returns what is known to stand on GitHub of a closed pull request.
	Standing(ctx context.Context, repo contracts.RepositoryRef, number int, head string) ([]checks.Publication, error)
	Published(ctx context.Context, repo contracts.RepositoryRef, subject string, kind checks.PublicationKind, name string) (p checks.Publication, ok bool, err error)
}

// PullStates remembers pull requests. An unknown one is the zero PullState.
type PullStates interface {
	PullState(ctx context.Context, repo contracts.RepositoryRef, number int) (PullState, error)
	PutPullState(ctx context.Context, repo contracts.RepositoryRef, number int, state PullState) error
}
