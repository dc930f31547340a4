package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strconv"
	"time"

	gh "github.com/google/go-github/v60/github"
	"github.com/rs/zerolog"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// KindGate answers a deployment protection rule: GateArgs.
const KindGate = "gate"

// GateArgs are the arguments of KindGate. They carry how far the answer has come: a
// gate that is held is asked about again.
type GateArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	// Run of the workflow that waits, Environment as GitHub calls it.
	Run         int64     `json:"run"`
	Environment string    `json:"environment"`
	Deployment  int64     `json:"deployment"`
	Asked       time.Time `json:"asked"`
	// Reports were sent, Said is the last one.
	Reports int    `json:"reports,omitempty"`
	Said    string `json:"said,omitempty"`
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
)

// GateHandler takes deployment protection rules that ask.
type GateHandler struct {
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
	args := GateArgs{
		Repository: identify(e.GetInstallation(), e.GetRepo()), Run: run, Environment: e.GetEnvironment(), Deployment: e.GetDeployment().GetID(), Asked: now,
	}
	return h.Queue.Enqueue(ctx, args.work(time.Time{}))
}

// Gates is what answering a gate needs of GitHub.
type Gates interface {
	// AnswerGate approves or rejects, or reports on a gate that is held.
	AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state deploy.GateState, comment string) error
}

// Gatekeeper answers deployment protection rules. It never approves on an error.
type Gatekeeper struct {
	Gates     Gates
	Registrar *Registrar
	Watcher   *Watcher
	Verifier  *Verifier
	Ledger    deploy.Ledger
	Queue     Queue
	Scans     Scans
	Now       func(ctx context.Context) (time.Time, error)
}

// Answer decides by what is known now, and answers, or reports and asks again.
func (g *Gatekeeper) Answer(ctx context.Context, args GateArgs) error {
	state, reasons, d, err := g.decide(ctx, args)
	if err != nil {
		return fmt.Errorf("answer gate %s of run %d in %s: %w", args.Environment, args.Run, args.Repository.FullName(), err)
	}
	comment := checks.GateComment(args.Environment, state, reasons)
	if state != deploy.GateHeld {
		return g.conclude(ctx, args, state, reasons, d, comment)
	}
	if comment != args.Said && args.Reports < mostReports {
		if err := g.Gates.AnswerGate(ctx, args.Repository, args.Run, args.Environment, deploy.GateHeld, comment); err != nil {
			return err
		}
		args.Reports, args.Said = args.Reports+1, comment
	}
	now, err := g.Now(ctx)
	if err != nil {
		return err
	}
	return g.Queue.Enqueue(ctx, args.work(now.Add(gateEvery)))
}

// gateEntry is the body of the ledger's entry of an answered gate.
type gateEntry struct {
	Run        int64               `json:"run"`
	Deployment int64               `json:"deployment"`
	State      deploy.GateState    `json:"state"`
	Reasons    []deploy.GateReason `json:"reasons"`
}

// conclude answers and keeps the answer.
func (g *Gatekeeper) conclude(ctx context.Context, args GateArgs, state deploy.GateState, reasons []deploy.GateReason, d deploy.Deployment, comment string) error {
	repo := args.Repository
	err := g.Gates.AnswerGate(ctx, repo, args.Run, args.Environment, state, comment)
	if errors.Is(err, fs.ErrNotExist) && g.Queue.Attempt(ctx) >= goneAfter {
		zerolog.Ctx(ctx).Info().Int64("run", args.Run).Msg("the run is gone, and its gate with it")
		return nil
	}
	if err != nil {
		return err
	}
	entry := deploy.Entry{
		Installation: repo.Installation, Kind: deploy.EntryGate, Repository: repo.ID, Environment: args.Environment, Commit: d.Commit, Actor: d.Creator,
		Once: fmt.Sprintf("gate/%d/%s/%d", args.Run, args.Environment, args.Deployment),
		Body: json.RawMessage(plain(gateEntry{args.Run, args.Deployment, state, reasons})),
	}
	return g.Ledger.Append(ctx, entry)
}

// decide answers for every place that the deployment reaches.
func (g *Gatekeeper) decide(ctx context.Context, args GateArgs) (deploy.GateState, []deploy.GateReason, deploy.Deployment, error) {
	repo := args.Repository
	// One that was not met yet is read now: nobody else knows whether it takes part.
	registration, err := g.Registrar.known(ctx, repo)
	if err != nil {
		return "", nil, deploy.Deployment{}, err
	}
	if registration.Broken && len(registration.Components) == 0 {
		return deploy.GateRejected, []deploy.GateReason{{Kind: deploy.GateBroken, State: deploy.GateRejected}}, deploy.Deployment{}, nil
	}
	k, ok, err := g.Watcher.recall(ctx, repo)
	if err != nil {
		return "", nil, deploy.Deployment{}, err
	}
	scan, err := g.Scans.Scan(ctx, repo.Installation)
	if err != nil {
		return "", nil, deploy.Deployment{}, err
	}
	if !ok {
		return deploy.GateApproved, nil, deploy.Deployment{}, nil // it takes no part
	}
	d, err := g.Watcher.Record.Deployment(ctx, repo, args.Deployment)
	if err != nil {
		return "", nil, d, err
	}
	file, err := g.Verifier.declared(ctx, k.registration)
	if err != nil {
		return "", nil, d, err
	}
	now, err := g.Now(ctx)
	if err != nil {
		return "", nil, d, err
	}
	var all []deploy.GateReason
	for _, place := range k.places(d) {
		environment := environmentOf(file, place)
		q := deploy.GateQuestion{
			Place: place, Declared: environment.Gate != nil && *environment.Gate, Reading: scan.Running, Late: now.Sub(args.Asked) > gateWaits,
		}
		if q.Declared {
			if err := g.ask(ctx, k.registration.Repository, d, &q); err != nil {
				return "", nil, d, err
			}
			for _, name := range environment.After {
				before := place
				before.Environment, before.Instance = string(name), ""
				courses, err := g.of(ctx, repo, before, d.Commit)
				if err != nil {
					return "", nil, d, err
				}
				q.Before = append(q.Before, deploy.GateEnvironment{Name: string(name), Courses: courses})
			}
		}
		all = append(all, deploy.GateReasons(q)...)
	}
	return deploy.GravestGate(all), all, d, nil
}

// ask fills in what the commit came to in the place before, and what can-i-deploy says.
func (g *Gatekeeper) ask(ctx context.Context, repo contracts.RepositoryRef, d deploy.Deployment, q *deploy.GateQuestion) (err error) {
	if q.Here, err = g.of(ctx, repo, q.Place, d.Commit); err != nil {
		return err
	}
	asked, err := g.Watcher.Answers.CanIDeploy(ctx, DeployQuestion{
		Repository: repo, Components: []string{q.Place.Component}, Commit: d.Commit, Environment: q.Place.Environment, Production: &q.Place.Production, Known: true,
	})
	if bad, ok := errors.AsType[*checks.BadQuestion](err); ok {
		zerolog.Ctx(ctx).Info().Err(bad).Msg("can-i-deploy can't be asked")
		q.May = contracts.AnswerUnknown
		return nil
	}
	if err != nil {
		return err
	}
	q.May = asked.Answer
	q.Said = contracts.SeenBy(asked.Reasons, func(v contracts.AnswerVersion) bool { return repo.Private || !v.Private })
	return nil
}

// of gives the verifications of a commit in a place, the newest first.
func (g *Gatekeeper) of(ctx context.Context, repo contracts.RepositoryRef, place deploy.Place, commit string) ([]deploy.Course, error) {
	all, err := g.Verifier.Courses.Verifications(ctx, repo, place, mostCourses)
	if err != nil {
		return nil, err
	}
	var of []deploy.Course
	for _, course := range all {
		if course.Commit == commit {
			of = append(of, course)
		}
	}
	return of, nil
}
