package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/deploy/gate"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/work"
)

// protectionRuleHandler takes deployment protection rules that ask.
type protectionRuleHandler struct {
	gates gates.AskedGates
	queue work.Queue
	now   func(ctx context.Context) (time.Time, error)
}

// callbackPath is the path that GitHub names for the answer. The run is all that is
// taken from it: the answer goes to our own address of GitHub's API.
var callbackPath = regexp.MustCompile(`/repos/[^/]+/[^/]+/actions/runs/([0-9]{1,18})/deployment_protection_rule$`)

// routeProtectionRule gives each request a kind of its own: each has to be answered.
func routeProtectionRule(e *envelope) Route {
	return e.work(e.unique(), work.RepositoryKey(e.Repository.ID)+"/gates")
}

// handle has the gate answered.
func (h *protectionRuleHandler) handle(ctx context.Context, _ string, e *gh.DeploymentProtectionRuleEvent) error {
	callback, err := url.Parse(e.GetDeploymentCallbackURL())
	if err != nil {
		return fmt.Errorf("read the callback of a protection rule: %w", err)
	}
	match := callbackPath.FindStringSubmatch(callback.Path)
	if match == nil {
		return errors.New("read the callback of a protection rule: it names no run of a workflow")
	}
	run, err := strconv.ParseInt(match[1], 10, 64)
	if err != nil {
		return fmt.Errorf("read the callback of a protection rule: %w", err)
	}
	now, err := h.now(ctx)
	if err != nil {
		return err
	}
	repo := identify(e.GetInstallation(), e.GetRepo())
	gate := gate.Asked{Run: run, Environment: e.GetEnvironment(), Deployment: e.GetDeployment().GetID(), Commit: e.GetDeployment().GetSHA(), Asked: now}
	if err := h.gates.AskGate(ctx, repo, gate); err != nil {
		return err
	}
	return h.queue.Enqueue(ctx, work.GateWork(work.GateArgs{Repository: repo, Run: gate.Run, Environment: gate.Environment}, time.Time{}))
}
