package workflows

import (
	"path"
	"slices"
	"strings"

	"plimsoll/contracts"
)

// maxCalls is how many workflows are followed that call one another in a row, the
// entry counted. GitHub allows four, or ten where it is newer.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
const maxCalls = 10

// maxVisits bounds how many jobs are visited in all calls of a repository.
const maxVisits = 50_000

// Set is the workflows of one repository.
type Set struct {
	repository string
	byFile     map[string]*Workflow
	files      []string
}

// NewSet takes the workflows of a repository, owner/name. Calls by that name are
// followed like local ones, at this commit; "" follows local ones only.
func NewSet(repository string, all []*Workflow) *Set {
	s := &Set{repository: repository, byFile: map[string]*Workflow{}}
	for _, w := range all {
		s.byFile[w.File] = w
		s.files = append(s.files, w.File)
	}
	slices.Sort(s.files)
	return s
}

// Workflow gives the one at a path; nil where there is none.
func (s *Set) Workflow(file string) *Workflow { return s.byFile[file] }

// called gives the workflow that a job calls; nil where it is none of the set.
func (s *Set) called(c *Call) *Workflow {
	if c == nil {
		return nil
	}
	if local, ok := strings.CutPrefix(c.Uses, "./"); ok {
		return s.byFile[path.Clean(local)]
	}
	name, _, _ := strings.Cut(c.Uses, "@")
	if local, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(s.repository)+"/"); ok && s.repository != "" {
		return s.byFile[name[len(name)-len(local):]]
	}
	return nil
}

// Deployment is one way in which the repository deploys: a run's entry, the jobs
// that call one another, and the job that deploys.
type Deployment struct {
	// Entry is the workflow that an event starts.
	Entry *Workflow
	// Callers are the jobs that call, outermost first; none where the entry deploys.
	Callers []*Job
	// Workflow and Job that deploy; the workflow is the entry where nothing is called.
	Workflow *Workflow
	Job      *Job
	// At is the evidence: the environment, the step that makes a deployment, or the job.
	At contracts.Position
	// Environments that it may deploy to, as far as they are written; Open where an
	// expression may come to others too.
	Environments []string
	Open         bool
	// Concurrency that keeps two of these from running at once; nil without.
	Concurrency *Concurrency
	// Differs is a concurrency whose group differs for each run or commit,
	// and so holds nothing back; nil without.
	Differs *Concurrency
	// Sources are the checkouts that say which commit it takes.
	Sources []Source
	// Dispatched: workflow_dispatch may start it, or might if the entry had that
	// event.
	Dispatched bool
	// Unsteady: its environment differs for each run or commit.
	Unsteady bool
	// Commit is the input of workflow_dispatch that says what is checked out; nil
	// where there is none.
	Commit *Input
	// Uses is an input that could say the commit and goes into a step of the job or of
	// one that it waits for, but into no checkout: it may be the tag of an image, or
	// a remark. nil where there is none.
	Uses *Use
	// Listens: the deployment event starts it, and it deploys that event's commit.
	Listens bool

	way []*Job
}

// Use is where an input goes.
type Use struct {
	At    contracts.Position
	Input Input
}

// ListensFor says whether it listens for deployments to an environment: the
// conditions on the way may name others.
func (d *Deployment) ListensFor(environment string) bool {
	return d.Listens && d.To(environment) && truths{}.runsOn(d.way, run{event: "deployment", environment: environment})
}

// To says whether it may deploy to an environment; capitals do not count, as they
// do not on GitHub.
func (d *Deployment) To(environment string) bool {
	return d.Open || slices.ContainsFunc(d.Environments, func(name string) bool { return strings.EqualFold(name, environment) })
}

// Survey is everything that a repository deploys.
type Survey struct {
	// Deployments in the order of the files and their lines.
	Deployments []Deployment
	// Elsewhere are calls of other repositories' workflows that are given an input
	// of workflow_dispatch: they may deploy the commit in it, and are not read.
	Elsewhere []*Call
	// Cut: the workflows call one another, or refer to one another's values, more
	// often than is followed; there may be more than this.
	Cut bool
}

// Survey follows every workflow from the events that start it.
//
// A workflow that is only called (workflow_call alone) deploys where a workflow of
// the repository calls it; who calls it from elsewhere is not evaluated here.
func (s *Set) Survey() Survey {
	walk := walker{set: s, follow: tracer{read: map[string][]piece{}}, truths: truths{}}
	for _, file := range s.files {
		w := s.byFile[file]
		if slices.ContainsFunc(w.Events, func(e Event) bool { return e.Name != "workflow_call" }) {
			walk.frame(&frame{workflow: w}, nil, 1)
		}
	}
	return Survey{Deployments: walk.found, Elsewhere: walk.elsewhere, Cut: walk.visits > maxVisits || walk.follow.spent}
}

type walker struct {
	set       *Set
	follow    tracer
	truths    truths
	visits    int
	found     []Deployment
	elsewhere []*Call
}

func (w *walker) frame(f *frame, callers []*Job, depth int) {
	for _, job := range f.workflow.Jobs {
		if w.visits++; w.visits > maxVisits {
			return
		}
		way := append(slices.Clone(callers), job)
		if !w.runs(f, way) {
			continue
		}
		if job.Call == nil {
			w.job(f, way)
			continue
		}
		switch next := w.set.called(job.Call); {
		case next != nil && f.inside(next): // GitHub refuses circles
		case next != nil && depth < maxCalls:
			w.frame(&frame{workflow: next, caller: job, up: f}, way, depth+1)
		case next == nil && w.takesInput(f, job) && !slices.Contains(w.elsewhere, job.Call):
			w.elsewhere = append(w.elsewhere, job.Call)
		}
	}
}

// runs says whether any event of the entry lets all jobs of the way run.
func (w *walker) runs(f *frame, way []*Job) bool {
	return slices.ContainsFunc(f.entry().workflow.Events, func(e Event) bool { return e.Name != "workflow_call" && w.truths.runsOn(way, run{event: e.Name}) })
}

func (w *walker) takesInput(f *frame, job *Job) bool {
	for _, given := range job.source.WorkflowCall.Inputs {
		if commit(w.follow.text(value(given.Value), f, job, nil)) != nil {
			return true
		}
	}
	return false
}
