package handlers

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	gh "github.com/google/go-github/v60/github"
	"github.com/rs/zerolog"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// KindGroup is the work of answering one merge group: Group.
const KindGroup = "group"

// Group is a group of pull requests in the merge queue: its head is what the base
// branch will be. GitHub has no call that lists groups or reads one again: what the
// event says is all there is, and the queue's branch tells whether it still counts.
type Group struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// HeadRef is the queue's branch, BaseRef the one that the group goes to; neither
	// with refs/heads/.
	HeadRef string `json:"head_ref"`
	HeadSHA string `json:"head_sha"`
	BaseRef string `json:"base_ref"`
	BaseSHA string `json:"base_sha"`
}

// MergeGroupHandler answers a merge group that asks for checks.
type MergeGroupHandler struct {
	Judge *Judge
}

// Handles names the event.
func (h *MergeGroupHandler) Handles() []string { return []string{"merge_group"} }

// Handle judges the group. One that is destroyed needs nothing: the event has taken
// the place of what waited for the group, or supersedes what runs for it.
func (h *MergeGroupHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.MergeGroupEvent](event, payload)
	if err != nil || e.GetAction() != "checks_requested" {
		return err
	}
	group := e.GetMergeGroup()
	asked := Group{
		Repository: identify(e.GetInstallation(), e.GetRepo()),
		HeadRef:    strings.TrimPrefix(group.GetHeadRef(), "refs/heads/"), HeadSHA: group.GetHeadSHA(),
		BaseRef: strings.TrimPrefix(group.GetBaseRef(), "refs/heads/"), BaseSHA: group.GetBaseSHA(),
	}
	return h.Judge.Group(ctx, GroupArgs{Group: asked})
}

// pull is a group as the pull request that it is judged as; there is false for one
// that has left the queue.
func (g Group) pull(ctx context.Context, branches Branches, queue Queue) (pull PullRequest, there bool, err error) {
	head, err := branches.Head(ctx, g.Repository, g.HeadRef)
	gone := errors.Is(err, fs.ErrNotExist)
	switch {
	case gone && queue.Attempt(ctx) >= goneAfter, err == nil && head.SHA != g.HeadSHA:
		zerolog.Ctx(ctx).Info().Str("head", g.HeadSHA).Msg("the merge group has left the queue")
		return pull, false, nil
	case err != nil:
		return pull, false, fmt.Errorf("read the merge group %s of %s: %w", g.HeadRef, g.Repository.FullName(), err)
	}
	return PullRequest{Repository: g.Repository, Open: true, Group: g.externalID(), BaseRef: g.BaseRef, BaseSHA: g.BaseSHA, HeadSHA: g.HeadSHA}, true, nil
}

// GroupArgs are the arguments of KindGroup.
type GroupArgs struct {
	Group
	// Only the check run of that name is asked for; empty: every one.
	Only string `json:"only,omitempty"`
}

// Group answers everything in the group together, with check runs on its head and
// no comment: the pull requests have had theirs. A group that has left the queue
// gets nothing.
func (j *Judge) Group(ctx context.Context, args GroupArgs) error {
	pull, there, err := args.pull(ctx, j.Registrar.Branches, j.Queue)
	if err != nil || !there {
		return err
	}
	comparison, unread := compare(ctx, j.Pulls, pull)
	failure := unread
	if args.Only != checks.ReadinessRun {
		failure = j.groupContracts(ctx, args.Group, pull, comparison, unread)
	}
	if unread != nil || args.Only == checks.ContractsRun || failure != nil && !j.toldOf(ctx, failure) {
		return failure
	}
	return errors.Join(failure, j.Readiness.judge(ctx, pull, comparison, false))
}

// groupContracts publishes plimsoll/contracts on the group's head; failure is why it
// could not be compared.
func (j *Judge) groupContracts(ctx context.Context, group Group, pull PullRequest, comparison Comparison, failure error) error {
	var answer answer
	if failure == nil {
		answer, failure = j.answer(ctx, pull, comparison, PullState{})
	}
	if failure != nil {
		explanation, tell := j.Explain(ctx, failure)
		if !tell {
			return failure
		}
		run := checks.PermanentError(checks.ContractsRun, group.HeadSHA, 0, explanation)
		answer.run = &run
	}
	if answer.run == nil {
		return nil // the repository takes no part
	}
	if superseded, err := j.Queue.Superseded(ctx); err != nil || superseded {
		return errors.Join(failure, err)
	}
	answer.run.ExternalID = pull.Group
	id, err := publishRun(ctx, j.Publisher, pull.Repository, *answer.run, j.Queue.Again(ctx))
	if err == nil {
		zerolog.Ctx(ctx).Info().Int64("check_run", id).Str("conclusion", string(answer.run.Conclusion)).Str("title", answer.run.Title).Msg("published")
	}
	return errors.Join(failure, err)
}

// present is the repository of a merge group as it is now: who may be named depends
// on it, and the event may be old.
func (j *Judge) present(ctx context.Context, repo contracts.RepositoryRef) (contracts.RepositoryRef, error) {
	found, err := j.Registrar.Branches.Repository(ctx, repo)
	if err != nil {
		return repo, fmt.Errorf("read repository %s: %w", repo.FullName(), err)
	}
	return found.RepositoryRef, nil
}

// queueBranches is below which GitHub keeps the branches of merge groups:
// gh-readonly-queue/BASE/pr-NUMBER-SHA.
// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
const queueBranches = "gh-readonly-queue/"

// externalID leads from a check run back to its group: mg/BASE-SHA/BASE/pr-NUMBER-SHA.
func (g Group) externalID() string {
	return "mg/" + g.BaseSHA + "/" + strings.TrimPrefix(g.HeadRef, queueBranches)
}

// groupOfCheckRun finds the group of a check run on head by its external id.
func groupOfCheckRun(repo contracts.RepositoryRef, head, externalID string) (Group, bool) {
	rest, ok := strings.CutPrefix(externalID, "mg/")
	base, place, cut := strings.Cut(rest, "/")
	end := strings.LastIndexByte(place, '/')
	if _, err := hex.DecodeString(base); err != nil || !ok || !cut || len(base) < 40 || end <= 0 {
		return Group{}, false
	}
	return Group{Repository: repo, HeadRef: queueBranches + place, HeadSHA: head, BaseRef: place[:end], BaseSHA: base}, true
}

// against is what a head is compared with: the base branch as it is now; of a merge
// group the commit that it was put upon.
func (p PullRequest) against() string {
	if p.Number == 0 {
		return p.BaseSHA
	}
	return p.BaseRef
}

// compare asks what a pull request, or a merge group, adds to what it is compared with.
func compare(ctx context.Context, pulls Pulls, pull PullRequest) (Comparison, error) {
	comparison, err := pulls.Compare(ctx, pull.Repository, pull.against(), pull.HeadSHA)
	if err != nil {
		err = fmt.Errorf("compare %s...%s in %s: %w", pull.against(), pull.HeadSHA, pull.Repository.FullName(), err)
	}
	return comparison, err
}

func groupKey(repository int64, head string) string {
	return fmt.Sprintf("repo/%d/group/%s", repository, head)
}
