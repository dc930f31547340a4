package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/publication"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/work"
)

// CheckRunHandler answers "Re-run" on one check with a new run, and its buttons.
type CheckRunHandler struct {
	Judge     *pulls.Evaluator
	Commander *commands.Commander
	Publisher *publication.Publisher
}

// Handles names the event.
func (h *CheckRunHandler) Handles() []string { return []string{"check_run"} }

// Handle judges the pull request, or the merge group, of the check run again.
func (h *CheckRunHandler) Handle(ctx context.Context, event, delivery string, payload []byte) error {
	e, err := decode[gh.CheckRunEvent](event, payload)
	if err != nil {
		return err
	}
	repo, name := identify(e.GetInstallation(), e.GetRepo()), e.GetCheckRun().GetName()
	if e.GetAction() == "created" || e.GetAction() == "completed" {
		return h.Publisher.Foreign(ctx, repo, e.GetCheckRun().GetHeadSHA(), name)
	}
	check := checks.CheckOf(name)
	if group, ok := work.GroupOfCheckRun(repo, e.GetCheckRun().GetHeadSHA(), e.GetCheckRun().GetExternalID()); ok {
		return h.Judge.Group(ctx, work.GroupArgs{Group: group, Only: check, Request: "rerun/" + delivery})
	}
	if id, ok := verificationOfCheckRun(e.GetCheckRun().GetExternalID()); ok && name == checks.DeployRun {
		if e.GetAction() != "requested_action" {
			return nil
		}
		return h.Commander.Press(ctx, work.Press{
			Repository: repo, Login: e.GetSender().GetLogin(), Identifier: e.GetRequestedAction().Identifier, Delivery: delivery, Verification: id,
		})
	}
	var listed []pullNumber
	for _, pull := range e.GetCheckRun().PullRequests {
		listed = append(listed, pullNumber{Number: pull.GetNumber()})
	}
	number, ok := pullOfCheckRun(e.GetCheckRun().GetExternalID(), listed)
	if !ok {
		return nil
	}
	if e.GetAction() == "requested_action" {
		return h.Commander.Press(ctx, work.Press{
			Repository: repo, Number: number, Login: e.GetSender().GetLogin(),
			Identifier: e.GetRequestedAction().Identifier, CheckRun: e.GetCheckRun().GetID(), Delivery: delivery, Name: name,
		})
	}
	if check == checks.ReadinessRun {
		return h.Judge.Readiness.Do(ctx, work.PullArgs{Repository: repo, Number: number, Request: "rerun/" + delivery})
	}
	return h.Judge.Judge(ctx, work.PullArgs{Repository: repo, Number: number, Request: "rerun/" + delivery, ContractsOnly: true})
}
