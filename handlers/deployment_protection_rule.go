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

// GateHandler takes deployment protection rules that ask.
type GateHandler struct {
	Gates gates.AskedGates
	Queue work.Queue
	Now   func(ctx context.Context) (time.Time, error)
}

// Handles names the event.
func (h *GateHandler) Handles() []string { return []string{"deployment_protection_rule"} }

// callbackPath is the path that GitHub names for the answer. The run is all that is
// taken from it: the answer goes to our own address of GitHub's API.
var callbackPath = regexp.MustCompile(`/repos/[^/]+/[^/]+/actions/runs/([0-9]{1,18})/deployment_protection_rule$`)

// Handle has the gate answered.
func (h *GateHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.DeploymentProtectionRuleEvent](event, payload)
	if err != nil || e.GetAction() != "requested" {
		return err
	}
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
	now, err := h.Now(ctx)
	if err != nil {
		return err
	}
	repo := identify(e.GetInstallation(), e.GetRepo())
	gate := gate.Asked{Run: run, Environment: e.GetEnvironment(), Deployment: e.GetDeployment().GetID(), Asked: now}
	if err := h.Gates.AskGate(ctx, repo, gate); err != nil {
		return err
	}
	return h.Queue.Enqueue(ctx, work.GateWork(work.GateArgs{Repository: repo, Run: gate.Run, Environment: gate.Environment}, time.Time{}))
}
