package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// CheckSuite holds the check runs of one App on one commit.
type CheckSuite struct {
	repo    *Repository
	app     *app
	id      int64
	head    plumbing.Hash
	branch  string // "" for a commit of a fork
	created time.Time
	updated time.Time
	runs    []*checkRun
}

// checkRun is one check run.
type checkRun struct {
	id          int64
	suite       *CheckSuite
	name        string
	externalID  string
	detailsURL  string
	status      string // queued, in_progress, completed
	conclusion  string
	started     *time.Time
	completed   *time.Time
	title       string
	summary     string
	text        string
	hasOutput   bool
	annotations []annotation
	actions     []action
	updates     int
}

// annotation stands on lines of a file.
type annotation struct {
	Path        string  `json:"path"`
	StartLine   int     `json:"start_line"`
	EndLine     int     `json:"end_line"`
	StartColumn *int    `json:"start_column"`
	EndColumn   *int    `json:"end_column"`
	Level       string  `json:"annotation_level"`
	Message     string  `json:"message"`
	Title       *string `json:"title"`
	RawDetails  *string `json:"raw_details"`
}

// action is a button.
type action struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

// ownSuite returns the suite of our App on a commit, nil if there is none.
func (r *Repository) ownSuite(head plumbing.Hash) *CheckSuite { return r.suiteOf(r.sim.app, head) }

// suiteOf returns the suite of an App on a commit, nil if there is none.
func (r *Repository) suiteOf(a *app, head plumbing.Hash) *CheckSuite {
	for _, suite := range r.suites[head] {
		if suite.app == a {
			return suite
		}
	}
	return nil
}

// suite returns the suite of an App on a commit and creates it if needed: GitHub has
// at most one for each App and commit.
func (r *Repository) suite(a *app, head plumbing.Hash, branch string) *CheckSuite {
	if suite := r.suiteOf(a, head); suite != nil {
		return suite
	}
	suite := &CheckSuite{repo: r, app: a, id: r.sim.id("suite"), head: head, branch: branch, created: r.sim.now(), updated: r.sim.now()}
	r.sim.suites[suite.id] = suite
	r.suites[head] = append(r.suites[head], suite)
	return suite
}

// runsAt lists the check runs of all Apps on a commit, oldest first: all of them, or
// with latest only the newest of each name and App.
func (r *Repository) runsAt(head plumbing.Hash, latest bool) []*checkRun {
	var runs []*checkRun
	for _, suite := range r.suites[head] {
		if latest {
			runs = append(runs, suite.latest()...)
		} else {
			runs = append(runs, suite.runs...)
		}
	}
	slices.SortFunc(runs, func(a, b *checkRun) int { return cmp.Compare(a.id, b.id) })
	return runs
}

// branchAt names a branch of the repository whose head is the commit, "" without one.
func (r *Repository) branchAt(head plumbing.Hash) string {
	var names []string
	for name, hash := range r.branches {
		if hash == head {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return cmp.Or(append(names, "")...)
}

func (c *CheckSuite) status() string { return statusOf(c.latest()) }

func (c *CheckSuite) conclusion() string { return conclusionOf(c.latest()) }

// statusOf sums up the status of check runs.
func statusOf(runs []*checkRun) string {
	if len(runs) == 0 {
		return "queued"
	}
	for _, run := range runs {
		if run.status != "completed" {
			return "in_progress"
		}
	}
	return "completed"
}

// severity orders conclusions, the worst first.
var severity = []string{"failure", "timed_out", "cancelled", "action_required", "stale", "success", "neutral", "skipped"}

// conclusionOf returns the worst conclusion of check runs, "" while one is not completed.
func conclusionOf(runs []*checkRun) string {
	if statusOf(runs) != "completed" {
		return ""
	}
	worst := len(severity)
	for _, run := range runs {
		worst = min(worst, slices.Index(severity, run.conclusion))
	}
	if worst < 0 || worst == len(severity) {
		return ""
	}
	return severity[worst]
}

// latest lists the newest run of each name, in the order in which the names came.
func (c *CheckSuite) latest() []*checkRun {
	var list []*checkRun
	for _, run := range c.runs {
		if i := slices.IndexFunc(list, func(o *checkRun) bool { return o.name == run.name }); i >= 0 {
			list[i] = run
		} else {
			list = append(list, run)
		}
	}
	return list
}

// pulls lists the open pull requests whose head the suite's commit is. GitHub
// leaves those of forks out.
func (c *CheckSuite) pulls() []*PullRequest {
	var list []*PullRequest
	for _, p := range c.repo.pulls {
		if p.head == c.head && p.headRepo == c.repo && p.state == "open" {
			list = append(list, p)
		}
	}
	return list
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

// Checks lists our App's newest check run of each name, or of the given names, on the
// pull request's head.
func (p *PullRequest) Checks(of ...string) []Check {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	return p.repo.checks(p.head, of)
}

// Checks lists our App's newest check run of each name, or of the given names, on a
// commit (a branch, tag or SHA).
func (r *Repository) Checks(at string, of ...string) []Check {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.checks(r.mustResolve(at), of)
}

func (r *Repository) checks(head plumbing.Hash, of []string) []Check {
	suite := r.ownSuite(head)
	if suite == nil {
		return nil
	}
	var list []Check
	for _, run := range suite.latest() {
		if len(of) == 0 || slices.Contains(of, run.name) {
			list = append(list, run.check())
		}
	}
	return list
}

func (run *checkRun) check() Check {
	c := Check{
		ID: run.id, App: run.suite.app.slug, Name: run.name, Status: run.status, Conclusion: run.conclusion, Title: run.title,
		Summary: run.summary, Text: run.text, ExternalID: run.externalID, DetailsURL: run.detailsURL,
	}
	for _, a := range run.annotations {
		c.Annotations = append(c.Annotations, a.line())
	}
	for _, a := range run.actions {
		c.Actions = append(c.Actions, a.Identifier)
	}
	return c
}

// CheckNumbered gives a check run by its id, newest of its name or not.
func (r *Repository) CheckNumbered(id int64) (Check, bool) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	run := r.sim.runs[id]
	if run == nil || run.suite.repo != r {
		return Check{}, false
	}
	return run.check(), true
}

// line tells an annotation in one line.
func (a annotation) line() string {
	where := fmt.Sprintf("%s:%d", a.Path, a.StartLine)
	if a.EndLine != a.StartLine {
		where += fmt.Sprintf("-%d", a.EndLine)
	}
	if a.StartColumn != nil {
		where += fmt.Sprintf(" (column %d", *a.StartColumn)
		if a.EndColumn != nil {
			where += fmt.Sprintf(" to %d", *a.EndColumn)
		}
		where += ")"
	}
	if a.Title != nil {
		return fmt.Sprintf("%s %s: %s: %s", where, a.Level, *a.Title, a.Message)
	}
	return fmt.Sprintf("%s %s: %s", where, a.Level, a.Message)
}

// Rerequest presses "Re-run" on the newest check run of that name and delivers
// check_run.rerequested.
func (p *PullRequest) Rerequest(check string) {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	p.repo.sim.emitRun(p.mustRun(check), "rerequested", p.author, nil)
}

// Press presses a button of the newest check run of that name, as a user.
func (p *PullRequest) Press(login, check, identifier string) {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	p.repo.sim.press(p.mustRun(check), login, identifier)
}

func (s *Simulator) press(run *checkRun, login, identifier string) {
	if !slices.ContainsFunc(run.actions, func(a action) bool { return a.Identifier == identifier }) {
		panic(fmt.Sprintf("simulator: check %s has no button %s", run.name, identifier))
	}
	s.emitRun(run, "requested_action", s.person(login), object{"requested_action": object{"identifier": identifier}})
}

func (p *PullRequest) mustRun(name string) *checkRun {
	if suite := p.repo.ownSuite(p.head); suite != nil {
		for _, run := range suite.latest() {
			if run.name == name {
				return run
			}
		}
	}
	panic(fmt.Sprintf("simulator: pull request %d has no check %s", p.number, name))
}

// Rerequest presses "Re-run" on the newest check run of that name on a commit (a
// branch, tag or SHA).
func (r *Repository) Rerequest(at, check string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.sim.emitRun(r.mustRun(at, check), "rerequested", r.sim.person(""), nil)
}

// Press presses a button of the newest check run of that name on a commit (a branch,
// tag or SHA), as a user.
func (r *Repository) Press(login, at, check, identifier string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.sim.press(r.mustRun(at, check), login, identifier)
}

func (r *Repository) mustRun(at, check string) *checkRun {
	if suite := r.ownSuite(r.mustResolve(at)); suite != nil {
		for _, run := range suite.latest() {
			if run.name == check {
				return run
			}
		}
	}
	panic(fmt.Sprintf("simulator: %s has no check %s at %s", r.fullName(), check, at))
}

// Suite gives the App's check suite of a commit, which must have one.
func (r *Repository) Suite(at string) *CheckSuite {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	if suite := r.ownSuite(r.mustResolve(at)); suite != nil {
		return suite
	}
	panic(fmt.Sprintf("simulator: %s has no check suite at %s", r.fullName(), at))
}

// Suite gives the App's check suite of the pull request's head.
func (p *PullRequest) Suite() *CheckSuite {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	branch := p.headRef
	if p.headRepo != p.repo {
		branch = ""
	}
	return p.repo.suite(p.repo.sim.app, p.head, branch)
}

// Rerequest presses "Re-run all" and delivers check_suite.rerequested, and nothing else.
func (c *CheckSuite) Rerequest() {
	s := c.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitSuite(c, "rerequested", s.person(""))
}
