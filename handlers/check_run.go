package handlers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/work"
)

// checkRunHandler answers "Re-run" on one check with a new run, and its buttons. It looks
// at check runs that others make under our names.
type checkRunHandler struct {
	app   int64
	pulls PullRequests
}

func (h *checkRunHandler) route(e *envelope) Route {
	switch e.Action {
	case "requested_action":
		return routePress(e)
	case "rerequested":
		return routeRerun(e)
	}
	return h.routeForeign(e)
}

// routeForeign takes check runs that somebody else makes under our names: GitHub decides a
// required check by the newest run of its name.
func (h *checkRunHandler) routeForeign(e *envelope) Route {
	check := checks.CheckOf(e.CheckRun.Name)
	switch {
	case check != checks.ContractsRun && check != checks.ReadinessRun:
		return e.ignore("check run " + e.CheckRun.Name)
	case e.CheckRun.App.ID == h.app:
		return e.ignore("our own check run")
	}
	return e.work(e.event+"/foreign", fmt.Sprintf("repo/%d/foreign/%s", e.Repository.ID, e.CheckRun.HeadSHA))
}

// routePress takes the buttons that people press.
func routePress(e *envelope) Route {
	number, ok := pullOfCheckRun(e.CheckRun.ExternalID, e.CheckRun.PullRequests)
	verification, ofDeployment := verificationOfCheckRun(e.CheckRun.ExternalID)
	switch {
	case !slices.Contains([]string{checks.ContractsRun, checks.ReadinessRun, checks.DeployRun}, checks.CheckOf(e.CheckRun.Name)):
		return e.ignore("check run " + e.CheckRun.Name)
	case !pressable(e.CheckRun.Name, e.RequestedAction.Identifier):
		return e.ignore("button " + e.RequestedAction.Identifier)
	case e.Sender.isBot():
		return e.ignore("by a bot")
	case e.CheckRun.Name == checks.DeployRun && ofDeployment:
		return e.work(e.unique(), "verify/"+verification)
	case e.CheckRun.Name == checks.DeployRun || !ok:
		return e.ignore("a check run that belongs to no pull request")
	}
	return e.work(e.unique(), work.PullKey(e.Repository.ID, number))
}

func routeRerun(e *envelope) Route {
	kind := e.event
	switch checks.CheckOf(e.CheckRun.Name) {
	case checks.ContractsRun:
	case checks.ReadinessRun:
		kind += "/readiness" // one must not take the other's place
	case checks.DeployRun:
		verification, ok := verificationOfCheckRun(e.CheckRun.ExternalID)
		if !ok {
			return e.ignore("a check run that belongs to no deployment")
		}
		return e.work(e.unique(), "verify/"+verification)
	default:
		return e.ignore("check run " + e.CheckRun.Name)
	}
	if _, ok := work.GroupOfCheckRun(contracts.RepositoryRef{}, e.CheckRun.HeadSHA, e.CheckRun.ExternalID); ok {
		return e.work(kind, work.GroupKey(e.Repository.ID, e.CheckRun.HeadSHA))
	}
	number, ok := pullOfCheckRun(e.CheckRun.ExternalID, e.CheckRun.PullRequests)
	if !ok {
		return e.ignore("a check run that belongs to no pull request")
	}
	return e.work(kind, work.PullKey(e.Repository.ID, number))
}

// handle evaluates the pull request, or the merge group, of the check run again.
func (h *checkRunHandler) handle(ctx context.Context, delivery string, e *gh.CheckRunEvent) error {
	repo, name := identify(e.GetInstallation(), e.GetRepo()), e.GetCheckRun().GetName()
	if e.GetAction() == "created" || e.GetAction() == "completed" {
		return h.pulls.Publisher.Foreign(ctx, repo, e.GetCheckRun().GetHeadSHA(), name)
	}
	check := checks.CheckOf(name)
	if group, ok := work.GroupOfCheckRun(repo, e.GetCheckRun().GetHeadSHA(), e.GetCheckRun().GetExternalID()); ok {
		return h.pulls.Evaluator.Group(ctx, work.GroupArgs{Group: group, Only: check, Request: "rerun/" + delivery})
	}
	if id, ok := verificationOfCheckRun(e.GetCheckRun().GetExternalID()); ok && name == checks.DeployRun {
		if e.GetAction() != "requested_action" {
			return h.pulls.Deployed.Again(ctx, repo, id)
		}
		return h.pulls.Buttons.Press(ctx, work.Press{
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
		return h.pulls.Buttons.Press(ctx, work.Press{
			Repository: repo, Number: number, Login: e.GetSender().GetLogin(),
			Identifier: e.GetRequestedAction().Identifier, CheckRun: e.GetCheckRun().GetID(), Delivery: delivery, Name: name,
		})
	}
	if check == checks.ReadinessRun {
		return h.pulls.Readiness.Do(ctx, work.PullArgs{Repository: repo, Number: number, Request: "rerun/" + delivery})
	}
	return h.pulls.Evaluator.Evaluate(ctx, work.PullArgs{Repository: repo, Number: number, Request: "rerun/" + delivery, ContractsOnly: true})
}

// verificationOfCheckRun finds the verification whose check run it is.
func verificationOfCheckRun(externalID string) (id string, ok bool) {
	id, ok = strings.CutPrefix(externalID, "verify/")
	return id, ok && id != ""
}

// pullOfCheckRun finds the pull request of a check run: external_id holds it,
// because pull_requests is empty for a fork's head.
func pullOfCheckRun(externalID string, listed []pullNumber) (int, bool) {
	if digits, ok := strings.CutPrefix(externalID, "pr/"); ok {
		if number, err := strconv.Atoi(digits); err == nil && number > 0 {
			return number, true
		}
	}
	if len(listed) > 0 && listed[0].Number > 0 {
		return listed[0].Number, true
	}
	return 0, false
}

// pressable tells whether somebody answers a button on a check run of a name.
func pressable(run, identifier string) bool {
	buttons := map[string][]checks.Action{
		checks.ContractsRun: checks.Buttons(), checks.ReadinessRun: {checks.RecheckAction()}, checks.DeployRun: {checks.RollbackAction()},
	}[checks.CheckOf(run)]
	return slices.ContainsFunc(buttons, func(a checks.Action) bool { return a.Identifier == identifier })
}
