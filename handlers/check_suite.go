package handlers

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"
)

// CheckSuiteHandler answers "Re-run all": GitHub sends no check_run event then.
type CheckSuiteHandler struct {
	Pulls Pulls
	Queue Queue
}

// Handles names the event.
func (h *CheckSuiteHandler) Handles() []string { return []string{"check_suite"} }

// Handle asks for a new run on every open pull request with the suite's head.
// The list in the payload is empty for forks, so the open ones are asked for.
func (h *CheckSuiteHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.CheckSuiteEvent](event, payload)
	if err != nil {
		return err
	}
	repo, head := identify(e.GetInstallation(), e.GetRepo()), e.GetCheckSuite().GetHeadSHA()
	var numbers []int
	for _, pull := range e.GetCheckSuite().PullRequests {
		numbers = append(numbers, pull.GetNumber())
	}
	if len(numbers) == 0 {
		open, err := h.Pulls.OpenPullRequests(ctx, repo)
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
		if err := h.Queue.Enqueue(ctx, JudgeWork(repo, number, true)); err != nil {
			return err
		}
	}
	return nil
}
