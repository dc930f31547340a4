package model

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// CheckSuite holds the check runs of one App on one commit.
type CheckSuite struct {
	Repo    *Repository
	App     *App
	ID      int64
	Head    plumbing.Hash
	Branch  string // "" for a commit of a fork
	Created time.Time
	Updated time.Time
	Runs    []*CheckRun
	// Rerequested: somebody has asked for it to run again, and nothing has happened since.
	// https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run
	Rerequested bool
}

// CheckRun is one check run.
type CheckRun struct {
	ID          int64
	Suite       *CheckSuite
	Name        string
	ExternalID  string
	DetailsURL  string
	Status      string // queued, in_progress, completed
	Conclusion  string
	Started     *time.Time
	Completed   *time.Time
	Title       string
	Summary     string
	Text        string
	HasOutput   bool
	Annotations []Annotation
	Actions     []Action
}

// Annotation is a remark on lines of a file.
type Annotation struct {
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

// Action is a button.
type Action struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

// OwnSuite returns the suite of our App on a commit, nil if there is none.
func (r *Repository) OwnSuite(head plumbing.Hash) *CheckSuite { return r.suiteOf(r.GitHub.App, head) }

// suiteOf returns the suite of an App on a commit, nil if there is none.
func (r *Repository) suiteOf(a *App, head plumbing.Hash) *CheckSuite {
	for _, suite := range r.Suites[head] {
		if suite.App == a {
			return suite
		}
	}
	return nil
}

// Suite returns the suite of an App on a commit and makes it if needed: GitHub has at
// most one for each App and commit.
func (r *Repository) Suite(a *App, head plumbing.Hash, branch string) *CheckSuite {
	if suite := r.suiteOf(a, head); suite != nil {
		return suite
	}
	g := r.GitHub
	suite := &CheckSuite{Repo: r, App: a, ID: g.NextID("suite"), Head: head, Branch: branch, Created: g.Now(), Updated: g.Now()}
	g.CheckSuites[suite.ID] = suite
	r.Suites[head] = append(r.Suites[head], suite)
	return suite
}

// RunsAt lists the check runs of all Apps on a commit, oldest first: all of them, or
// with latest only the newest of each name and App.
func (r *Repository) RunsAt(head plumbing.Hash, latest bool) []*CheckRun {
	var runs []*CheckRun
	for _, suite := range r.Suites[head] {
		if latest {
			runs = append(runs, suite.Latest()...)
		} else {
			runs = append(runs, suite.Runs...)
		}
	}
	slices.SortFunc(runs, func(a, b *CheckRun) int { return cmp.Compare(a.ID, b.ID) })
	return runs
}

// Latest lists the newest run of each name, in the order in which the names came.
func (c *CheckSuite) Latest() []*CheckRun {
	var list []*CheckRun
	for _, run := range c.Runs {
		if i := slices.IndexFunc(list, func(o *CheckRun) bool { return o.Name == run.Name }); i >= 0 {
			list[i] = run
		} else {
			list = append(list, run)
		}
	}
	return list
}

// NewestRun returns the newest run of a name, nil if there is none.
func (c *CheckSuite) NewestRun(name string) *CheckRun {
	for _, run := range slices.Backward(c.Runs) {
		if run.Name == name {
			return run
		}
	}
	return nil
}

// Pulls lists the open pull requests whose head is the suite's commit. GitHub leaves
// those of forks out.
func (c *CheckSuite) Pulls() []*PullRequest {
	var list []*PullRequest
	for _, p := range c.Repo.Pulls {
		if p.Head == c.Head && p.HeadRepo == c.Repo && p.State == "open" {
			list = append(list, p)
		}
	}
	return list
}

// Status of a suite follows from its runs.
func (c *CheckSuite) Status() string {
	if c.Rerequested {
		return "queued"
	}
	return StatusOf(c.Latest())
}

// Conclusion of a suite follows from its runs.
func (c *CheckSuite) Conclusion() string {
	if c.Rerequested {
		return ""
	}
	return ConclusionOf(c.Latest())
}

// StatusOf sums up the status of check runs.
func StatusOf(runs []*CheckRun) string {
	if len(runs) == 0 {
		return "queued"
	}
	for _, run := range runs {
		if run.Status != "completed" {
			return "in_progress"
		}
	}
	return "completed"
}

// severity orders conclusions, the worst first.
var severity = []string{"failure", "timed_out", "cancelled", "action_required", "stale", "success", "neutral", "skipped"}

// ConclusionOf returns the worst conclusion of check runs, "" while one is not completed.
func ConclusionOf(runs []*CheckRun) string {
	if StatusOf(runs) != "completed" {
		return ""
	}
	worst := len(severity)
	for _, run := range runs {
		worst = min(worst, slices.Index(severity, run.Conclusion))
	}
	if worst < 0 || worst == len(severity) {
		return ""
	}
	return severity[worst]
}

// Add puts a new run into the suite and emits its events.
func (c *CheckSuite) Add(run *CheckRun, by *Account) {
	run.Suite = c
	c.Runs = append(c.Runs, run)
	c.Rerequested = false
	c.Updated = c.Repo.GitHub.Now()
	c.Repo.GitHub.CheckRuns[run.ID] = run
	run.emit("created", by, "")
	if run.Status == "completed" {
		run.emit("completed", by, "")
	}
}

// AddForeignRun makes a check run of another App. Without a conclusion it is in progress.
func (r *Repository) AddForeignRun(a *App, head plumbing.Hash, name, conclusion string) *CheckRun {
	if conclusion != "" && !slices.Contains(severity, conclusion) {
		panic(fmt.Sprintf("simulator: no check run concludes with %q", conclusion))
	}
	now := r.GitHub.Now()
	run := &CheckRun{ID: r.GitHub.NextID("run"), Name: name, Status: "in_progress", Started: &now}
	if conclusion != "" {
		run.Status, run.Conclusion, run.Completed = "completed", conclusion, &now
	}
	r.Suite(a, head, r.BranchAt(head)).Add(run, a.Bot)
	return run
}

// Complete emits check_run.completed.
func (run *CheckRun) Complete() { run.emit("completed", run.Suite.App.Bot, "") }

// Rerequest presses "Re-run". The run itself stays as it is.
func (run *CheckRun) Rerequest(by *Account) {
	run.Suite.Rerequested = true
	run.emit("rerequested", by, "")
}

// Press presses a button.
func (run *CheckRun) Press(by *Account, identifier string) {
	run.emit("requested_action", by, identifier)
}

func (run *CheckRun) emit(action string, by *Account, button string) {
	repo := run.Suite.Repo
	repo.GitHub.Emit(Event{Name: "check_run", Action: action, Repository: repo, By: by, Subject: run, Button: button})
}

// Rerequest presses "Re-run all" and emits check_suite.rerequested, and nothing else.
func (c *CheckSuite) Rerequest(by *Account) {
	c.Rerequested = true
	c.emit("rerequested", by)
}

func (c *CheckSuite) emit(action string, by *Account) {
	c.Repo.GitHub.Emit(Event{Name: "check_suite", Action: action, Repository: c.Repo, By: by, Subject: c})
}

// Line shows an annotation in one line.
func (a Annotation) Line() string {
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
