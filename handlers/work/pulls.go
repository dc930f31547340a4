package work

import (
	"encoding/hex"
	"strings"
	"time"

	"plimsoll/contracts"
)

// PullArgs are the arguments of KindEvaluate.
type PullArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	Number     int                     `json:"number"`
	// Fresh: a person asked for a new run, so one is made even if the answer is the same as
	// before.
	Fresh bool `json:"fresh,omitempty"`
	// Request names who asked for it; each gets one new run, however often the job is done.
	Request string `json:"request,omitempty"`
	// ContractsOnly: what may have moved concerns plimsoll/contracts alone.
	ContractsOnly bool `json:"contracts_only,omitempty"`
	// Past is what the event says that the pull request is no longer.
	Past PullPast `json:"past,omitzero"`
}

// PullPast is what a pull request was before an event; what did not change is zero.
type PullPast struct {
	Head   string `json:"head,omitempty"`
	Base   string `json:"base,omitempty"`
	Closed bool   `json:"closed,omitempty"`
}

// EvaluateWork is the work of evaluating one pull request, with every check. With a
// request, new check runs are made.
func EvaluateWork(repo contracts.RepositoryRef, number int, request string) Work {
	return Work{
		Kind: KindEvaluate, Key: PullKey(repo.ID, number), Installation: repo.Installation,
		Args: PullArgs{Repository: repo, Number: number, Request: request},
	}
}

// ReevaluateWork is the work of evaluating one pull request after a change elsewhere. It is
// a kind of its own, so that neither replaces the other.
func ReevaluateWork(repo contracts.RepositoryRef, number int) Work {
	return Work{
		Kind: KindReevaluate, Key: PullKey(repo.ID, number), Installation: repo.Installation,
		Args: PullArgs{Repository: repo, Number: number, ContractsOnly: true},
	}
}

// KindExpire evaluates a pull request again when an acknowledgement ends: PullArgs.
const KindExpire = "expire"

// ExpireWork is the work of evaluating a pull request again when what lets it pass ends.
func ExpireWork(repo contracts.RepositoryRef, number int, at time.Time) Work {
	return Work{
		Kind: KindExpire, Key: PullKey(repo.ID, number), Installation: repo.Installation, At: at,
		Args: PullArgs{Repository: repo, Number: number, ContractsOnly: true},
	}
}

// KindWaiverEnd evaluates the readiness of a pull request again when a waiver ends:
// PullArgs.
const KindWaiverEnd = "waiver"

// KindTakeBack withdraws reports of a closed pull request that name what may no longer be
// named there: PullArgs.
const KindTakeBack = "take-back"

// TakeBackWork is the work of looking whether a closed pull request names what may no longer
// be named there.
func TakeBackWork(repo contracts.RepositoryRef, number int) Work {
	return Work{
		Kind: KindTakeBack, Key: PullKey(repo.ID, number), Installation: repo.Installation,
		Args: PullArgs{Repository: repo, Number: number},
	}
}

// KindGroup is the work of answering one merge group: Group.
const KindGroup = "group"

// Group is a group of pull requests in the merge queue: its head is what the base branch
// will be. GitHub has no call that lists groups or reads one again. The event says all
// there is, and the queue's branch shows whether the group still counts.
type Group struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// HeadRef is the queue's branch, BaseRef the one that the group goes to; neither
	// with refs/heads/.
	HeadRef string `json:"head_ref"`
	HeadSHA string `json:"head_sha"`
	BaseRef string `json:"base_ref"`
	BaseSHA string `json:"base_sha"`
}

// GroupArgs are the arguments of KindGroup.
type GroupArgs struct {
	Group
	// Only the check run of that name is asked for; empty: every one.
	Only string `json:"only,omitempty"`
	// Request names who asked for new check runs.
	Request string `json:"request,omitempty"`
}

// QueueBranches is below which GitHub keeps the branches of merge groups:
// gh-readonly-queue/BASE/pr-NUMBER-SHA.
// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
const QueueBranches = "gh-readonly-queue/"

// ExternalID leads from a check run back to its group: mg/BASE-SHA/BASE/pr-NUMBER-SHA.
func (g Group) ExternalID() string {
	return "mg/" + g.BaseSHA + "/" + strings.TrimPrefix(g.HeadRef, QueueBranches)
}

// GroupOfCheckRun finds the group of a check run on head by its external id.
func GroupOfCheckRun(repo contracts.RepositoryRef, head, externalID string) (Group, bool) {
	rest, ok := strings.CutPrefix(externalID, "mg/")
	base, branch, cut := strings.Cut(rest, "/")
	end := strings.LastIndexByte(branch, '/')
	if _, err := hex.DecodeString(base); err != nil || !ok || !cut || len(base) < 40 || end <= 0 {
		return Group{}, false
	}
	return Group{Repository: repo, HeadRef: QueueBranches + branch, HeadSHA: head, BaseRef: branch[:end], BaseSHA: base}, true
}

// Kinds of work that handlers give to the queue.
const (
	KindEvaluate   = "evaluate"   // evaluate a pull request: PullArgs
	KindReevaluate = "reevaluate" // evaluate it after a change elsewhere: PullArgs
)
