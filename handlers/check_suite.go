package handlers

import (
	"context"
	"fmt"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/verification"
	"plimsoll/handlers/work"
)

// checkSuiteHandler answers "Re-run all": GitHub sends no check_run event then.
type checkSuiteHandler struct {
	open source.Pulls
	runs source.OwnRuns
	// deployed answers for the deployments of the suite's head.
	deployed *verification.Reporter
	queue    work.Queue
}

func routeCheckSuite(e *envelope) Route {
	return e.work(e.event, fmt.Sprintf("repo/%d/suite/%s", e.Repository.ID, e.CheckSuite.HeadSHA))
}

// handle asks for a new run on every open pull request with the suite's head.
// The list in the payload is empty for forks, so the open ones are asked for; a
// merge group is found by the check run that it has.
func (h *checkSuiteHandler) handle(ctx context.Context, delivery string, e *gh.CheckSuiteEvent) error {
	repo, head := identify(e.GetInstallation(), e.GetRepo()), e.GetCheckSuite().GetHeadSHA()
	if strings.HasPrefix(e.GetCheckSuite().GetHeadBranch(), work.QueueBranches) {
		return h.group(ctx, repo, head, "suite/"+delivery)
	}
	var numbers []int
	for _, pull := range e.GetCheckSuite().PullRequests {
		numbers = append(numbers, pull.GetNumber())
	}
	if len(numbers) == 0 {
		open, err := h.open.OpenPullRequests(ctx, repo)
		if err != nil {
			return fmt.Errorf("find the pull requests with head %s: %w", head, err)
		}
		for _, pull := range open {
			if pull.HeadSHA == head {
				numbers = append(numbers, pull.Number)
			}
		}
	}
	for _, number := range numbers {
		if err := h.queue.Enqueue(ctx, work.EvaluateWork(repo, number, "suite/"+delivery)); err != nil {
			return err
		}
	}
	return h.deployments(ctx, repo, head)
}

// deployments answers for the deployments of a head.
func (h *checkSuiteHandler) deployments(ctx context.Context, repo contracts.RepositoryRef, head string) error {
	ids, err := h.runs.ExternalIDs(ctx, repo, head, checks.DeployRun)
	if err != nil {
		return fmt.Errorf("find the deployments of %s: %w", head, err)
	}
	for _, id := range ids {
		if verified, ok := verificationOfCheckRun(id); ok {
			if err := h.deployed.Again(ctx, repo, verified); err != nil {
				return err
			}
		}
	}
	return nil
}

// group asks for a new run on a merge group that has one.
func (h *checkSuiteHandler) group(ctx context.Context, repo contracts.RepositoryRef, head, request string) error {
	ids, err := h.runs.ExternalIDs(ctx, repo, head, checks.ContractsRun)
	if err != nil {
		return fmt.Errorf("find the merge group with head %s: %w", head, err)
	}
	for _, id := range ids {
		if group, ok := work.GroupOfCheckRun(repo, head, id); ok {
			return h.queue.Enqueue(ctx, work.Work{Kind: work.KindGroup, Key: work.GroupKey(repo.ID, head), Installation: repo.Installation, Args: work.GroupArgs{Group: group, Request: request}})
		}
	}
	return nil
}
