package simulator

import (
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/model"
)

// CheckSuite holds our App's check runs of one commit.
type CheckSuite struct {
	sim   *Simulator
	model *model.CheckSuite
}

func (s *Simulator) suite(c *model.CheckSuite) *CheckSuite {
	return handle(s, c, func(s *Simulator, c *model.CheckSuite) *CheckSuite { return &CheckSuite{s, c} })
}

// Check is one check run.
type Check struct {
	ID         int64
	App        string // slug of the App that made it
	Name       string
	Status     string
	Conclusion string
	Title      string
	Summary    string
	Text       string
	ExternalID string
	DetailsURL string
	// Annotations as path:line-end level title message.
	Annotations []string
	Actions     []string // identifiers
}

func checkOf(run *model.CheckRun) Check {
	c := Check{
		ID: run.ID, App: run.Suite.App.Slug, Name: run.Name, Status: run.Status, Conclusion: run.Conclusion, Title: run.Title,
		Summary: run.Summary, Text: run.Text, ExternalID: run.ExternalID, DetailsURL: run.DetailsURL,
	}
	for _, a := range run.Annotations {
		c.Annotations = append(c.Annotations, a.Line())
	}
	for _, a := range run.Actions {
		c.Actions = append(c.Actions, a.Identifier)
	}
	return c
}

// Checks lists our App's newest check run of each name, or of the given names, on the
// pull request's head.
func (p *PullRequest) Checks(of ...string) []Check {
	defer p.sim.lock()()
	return checksAt(p.model.Repo, p.model.Head, of)
}

// Checks lists our App's newest check run of each name, or of the given names, on a
// commit (a branch, tag or SHA).
func (r *Repository) Checks(at string, of ...string) []Check {
	defer r.sim.lock()()
	return checksAt(r.model, r.model.MustResolve(at), of)
}

func checksAt(r *model.Repository, head plumbing.Hash, of []string) []Check {
	suite := r.OwnSuite(head)
	if suite == nil {
		return nil
	}
	var list []Check
	for _, run := range suite.Latest() {
		if len(of) == 0 || slices.Contains(of, run.Name) {
			list = append(list, checkOf(run))
		}
	}
	return list
}

// CheckNumbered returns a check run by its id, whether or not it is the newest of its
// name.
func (r *Repository) CheckNumbered(id int64) (Check, bool) {
	defer r.sim.lock()()
	run := r.sim.github.CheckRuns[id]
	if run == nil || run.Suite.Repo != r.model {
		return Check{}, false
	}
	return checkOf(run), true
}

// GitHubActions is the slug of the App that the check runs of workflow jobs belong to.
const GitHubActions = model.GitHubActions

// ForeignCheckRun makes a check run of another App, named by its slug, on a commit (a
// branch, tag or SHA): one of GitHubActions, or of an App that uses a name of ours. Without
// a conclusion it is in progress. Our App receives check_run.created and, with a
// conclusion, check_run.completed.
func (r *Repository) ForeignCheckRun(app, at, name, conclusion string) Check {
	defer r.sim.lock()()
	head := r.model.MustResolve(at)
	return checkOf(r.model.AddForeignRun(r.sim.github.OtherApp(app), head, name, conclusion))
}

// NewestCheck returns the newest check run of a name on a commit (a branch, tag or SHA),
// whichever App made it: it decides a required check of that name.
func (r *Repository) NewestCheck(at, name string) (Check, bool) {
	defer r.sim.lock()()
	for _, run := range slices.Backward(r.model.RunsAt(r.model.MustResolve(at), false)) {
		if run.Name == name {
			return checkOf(run), true
		}
	}
	return Check{}, false
}

// Rerequest presses "Re-run" on our App's newest check run of that name and delivers
// check_run.rerequested.
func (p *PullRequest) Rerequest(check string) {
	defer p.sim.lock()()
	p.mustRun(check).Rerequest(p.model.Author)
}

// Press presses a button of our App's newest check run of that name, as a user.
func (p *PullRequest) Press(login, check, identifier string) {
	defer p.sim.lock()()
	p.sim.press(p.mustRun(check), login, identifier)
}

func (s *Simulator) press(run *model.CheckRun, login, identifier string) {
	if !slices.ContainsFunc(run.Actions, func(a model.Action) bool { return a.Identifier == identifier }) {
		panic(fmt.Sprintf("simulator: check %s has no button %s", run.Name, identifier))
	}
	run.Press(s.github.Person(login), identifier)
}

func (p *PullRequest) mustRun(name string) *model.CheckRun {
	if suite := p.model.Repo.OwnSuite(p.model.Head); suite != nil {
		if run := suite.NewestRun(name); run != nil {
			return run
		}
	}
	panic(fmt.Sprintf("simulator: pull request %d has no check %s", p.model.Number, name))
}

// Rerequest presses "Re-run" on our App's newest check run of that name on a commit (a
// branch, tag or SHA).
func (r *Repository) Rerequest(at, check string) {
	defer r.sim.lock()()
	r.mustRun(at, check).Rerequest(r.sim.github.Person(""))
}

// Press presses a button of our App's newest check run of that name on a commit (a branch,
// tag or SHA), as a user.
func (r *Repository) Press(login, at, check, identifier string) {
	defer r.sim.lock()()
	r.sim.press(r.mustRun(at, check), login, identifier)
}

func (r *Repository) mustRun(at, check string) *model.CheckRun {
	if suite := r.model.OwnSuite(r.model.MustResolve(at)); suite != nil {
		if run := suite.NewestRun(check); run != nil {
			return run
		}
	}
	panic(fmt.Sprintf("simulator: %s has no check %s at %s", r.model.FullName(), check, at))
}

// Suite returns our App's check suite of a commit, which must have one.
func (r *Repository) Suite(at string) *CheckSuite {
	defer r.sim.lock()()
	if suite := r.model.OwnSuite(r.model.MustResolve(at)); suite != nil {
		return r.sim.suite(suite)
	}
	panic(fmt.Sprintf("simulator: %s has no check suite at %s", r.model.FullName(), at))
}

// Suite returns our App's check suite of the pull request's head.
func (p *PullRequest) Suite() *CheckSuite {
	defer p.sim.lock()()
	branch := p.model.HeadRef
	if p.model.HeadRepo != p.model.Repo {
		branch = ""
	}
	return p.sim.suite(p.model.Repo.Suite(p.sim.github.App, p.model.Head, branch))
}

// Status of the suite, in GitHub's words.
func (c *CheckSuite) Status() string {
	defer c.sim.lock()()
	return c.model.Status()
}

// Rerequest presses "Re-run all" and delivers check_suite.rerequested, and nothing else.
func (c *CheckSuite) Rerequest() {
	defer c.sim.lock()()
	c.model.Rerequest(c.sim.github.Person(""))
}
