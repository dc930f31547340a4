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

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// KindGate answers a deployment protection rule: GateArgs.
const KindGate = "gate"

// GateArgs are the arguments of KindGate. How far the answer has come is kept apart
// from them: a gate that is held is asked about again.
type GateArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// Run of the workflow that waits, Environment as GitHub calls it.
	Run         int64  `json:"run"`
	Environment string `json:"environment"`
}

func (a GateArgs) work(at time.Time) Work {
	return Work{Kind: KindGate, Key: fmt.Sprintf("repo/%d/gate/%d/%s", a.Repository.ID, a.Run, a.Environment), Installation: a.Repository.Installation, At: at, Args: a}
}

// Bounds on a gate that is held.
const (
	// gateEvery is how often it is asked about again, gateWaits how long a deployment
	// that must come before may take to begin.
	gateEvery = 30 * time.Second
	gateWaits = 15 * time.Minute
	// mostReports is how many reports GitHub takes of one deployment; the last place is
	// left for the answer.
	// https://docs.github.com/en/actions/deployment/targeting-different-environments/creating-custom-deployment-protection-rules
	mostReports = 9
	// decisionLasts is how long a decision is sent again as it is, where it is not known
	// whether it has arrived.
	decisionLasts = 2 * time.Minute
)

// AskedGates remembers the protection rules that have asked.
type AskedGates interface {
	// AskGate keeps one. One that is known stays as it is, unless a newer deployment asks.
	AskGate(ctx context.Context, repo contracts.RepositoryRef, gate deploy.AskedGate) error
	// Gate gives an error that wraps io/fs.ErrNotExist for one that has not asked.
	Gate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string) (deploy.AskedGate, error)
	// PutGate keeps how far the answer has come; one that is answered stays as it is.
	PutGate(ctx context.Context, repo contracts.RepositoryRef, gate deploy.AskedGate) error
	// PruneGates forgets those that asked before a time.
	PruneGates(ctx context.Context, before time.Time) error
	// Gated lists the readable repositories of every installation that have one answered.
	Gated(ctx context.Context) ([]contracts.RepositoryRef, error)
}

// GateHandler takes deployment protection rules that ask.
type GateHandler struct {
	Gates AskedGates
	Queue Queue
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
	gate := deploy.AskedGate{Run: run, Environment: e.GetEnvironment(), Deployment: e.GetDeployment().GetID(), Asked: now}
	if err := h.Gates.AskGate(ctx, repo, gate); err != nil {
		return err
	}
	return h.Queue.Enqueue(ctx, GateArgs{repo, gate.Run, gate.Environment}.work(time.Time{}))
}
