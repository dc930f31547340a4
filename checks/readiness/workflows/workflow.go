package workflows

import (
	"path"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"plimsoll/checks/readiness/extent"
	"plimsoll/contracts"
)

// Folder is where GitHub looks for workflows; not below it.
const Folder = ".github/workflows"

// IsWorkflow says whether a path is a workflow's.
func IsWorkflow(file string) bool {
	return path.Dir(file) == Folder && (strings.HasSuffix(file, ".yml") || strings.HasSuffix(file, ".yaml"))
}

// Workflow is what one workflow file says.
type Workflow struct {
	File string
	// Name as written; "" without one.
	Name string
	// Events that it runs on, in the order of the file.
	Events []Event
	// Inputs of workflow_dispatch, CallInputs of workflow_call, by name in lower case.
	Inputs, CallInputs map[string]Input
	// Concurrency of the workflow; nil without one.
	Concurrency *Concurrency
	// Jobs in the order of the file.
	Jobs []*Job
	// Nodes of the file's tree, which stays in memory with it.
	Nodes int
	// Faults are what GitHub would not accept, as far as the parser can tell. What
	// it could read is above all the same.
	Faults []contracts.Problem

	env  *actionlint.Env
	byID map[string]*Job
	root *yaml.Node
	// data is the file, and lines what its nodes stand on, once somebody asks.
	data  []byte
	lines *extent.File
}

// Event is one that starts a workflow.
type Event struct {
	At   contracts.Position
	Name string
	// Types are the kinds of activity that count; none: the event's default.
	Types []string
	// Paths is the filter by changed files; none: any file.
	Paths []string
}

// On gives the event of a name.
func (w *Workflow) On(name string) (Event, bool) {
	for _, event := range w.Events {
		if event.Name == name {
			return event, true
		}
	}
	return Event{}, false
}

// Job gives the job of an id, whose capitals do not count; nil where there is none.
func (w *Workflow) Job(id string) *Job { return w.byID[strings.ToLower(id)] }

// Input is one that is given when a workflow is started or called.
type Input struct {
	At   contracts.Position
	Name string
	// Type is string, choice, boolean, number or environment.
	Type string
	// Options of a choice.
	Options []string
	// Default as written; "" without one.
	Default string
}

// Concurrency is a group of which one runs at a time.
type Concurrency struct {
	At contracts.Position
	// Group as written, expressions and all.
	Group string
	// Cancel: what runs is cancelled for what comes after it. An expression counts
	// as false.
	Cancel bool
}

// Job is one job of a workflow.
type Job struct {
	At contracts.Position
	ID string
	// Environment that it names; nil without one.
	Environment *Environment
	Concurrency *Concurrency
	// Needs are the ids of the jobs that it waits for.
	Needs []string
	// Call of a reusable workflow; nil where the job has steps of its own.
	Call *Call
	// Checkouts are its steps that check out this repository.
	Checkouts []Checkout
	// Creates are its steps that make a deployment by an action.
	Creates []Creation

	source    *actionlint.Job
	condition actionlint.ExprNode // nil: none, or none that can be read
	texts     []given
}

// given is a text with expressions that a step is given.
type given struct {
	at   contracts.Position
	text string
	step *actionlint.Step
}

// Environment is one that a job names.
type Environment struct {
	At contracts.Position
	// Name as written, expressions and all.
	Name string
	// Silent: deployment is false, so that GitHub makes no deployment.
	Silent bool
}

// Call is the call of a reusable workflow.
type Call struct {
	At contracts.Position
	// Uses as written: ./.github/workflows/x.yml, or owner/name/…/x.yml@ref.
	Uses string
}

// Checkout is a step that uses actions/checkout on this repository.
type Checkout struct {
	At contracts.Position
	// Ref as written; "" is the commit of the event that started the workflow.
	Ref string

	step *actionlint.Step
}

// Source is a checkout that says which commit a deployment takes.
type Source struct {
	Workflow *Workflow
	Job      *Job
	Checkout *Checkout

	ref flow
}

// Creation is a step that makes a deployment.
type Creation struct {
	At     contracts.Position
	Action string
	// Environment as written.
	Environment string
}
