package config

// Environment is a place where a component runs.
type Environment struct {
	At         Position
	URL        URL         `key:"url" doc:"Where it is reached. Default: environment_url of the deployment's status."`
	Production *bool       `key:"production" doc:"Whether it is of the production class. Default: what the deployment says, or a name like prod*."`
	After      []Name      `key:"after" doc:"Environments in which the same commit must have been verified before."`
	Verify     *Verify     `key:"verify" doc:"How a deployment is watched."`
	OnFailure  []OnFailure `key:"on_failure" doc:"What happens when a deployment goes bad."`
	Rollback   *Rollback   `key:"rollback" doc:"How to go back to the last verified commit. Default: it is proposed only."`
	// Irreversible is given where a roll back undoes nothing.
	Irreversible *bool `key:"irreversible" doc:"true: deploying an earlier commit does not undo what was deployed, so a roll back is proposed only."`
	Gate         *bool `key:"gate" doc:"true: answer the environment's deployment protection rule."`
}

// OnFailure is one thing done when a deployment goes bad.
type OnFailure string

// What can be done.
const (
	FailComment  OnFailure = "comment"
	FailStatus   OnFailure = "status"
	FailIssue    OnFailure = "issue"
	FailRollback OnFailure = "rollback"
)

func (OnFailure) words() []string {
	return []string{string(FailComment), string(FailStatus), string(FailIssue), string(FailRollback)}
}

// Rollback says who goes back.
type Rollback struct {
	At       Position
	By       RollbackBy `key:"by" doc:"deployment: a new deployment of the old commit. workflow: a workflow is dispatched. none: it is proposed only."`
	Workflow Workflow   `key:"workflow" doc:"File in .github/workflows, dispatched with the commit as an input."`
}

// RollbackBy is a way to go back.
type RollbackBy string

// The ways to go back; empty means ByNone.
const (
	ByDeployment RollbackBy = "deployment"
	ByWorkflow   RollbackBy = "workflow"
	ByNone       RollbackBy = "none"
)

func (RollbackBy) words() []string {
	return []string{string(ByDeployment), string(ByWorkflow), string(ByNone)}
}

// Verify says how a deployment is watched. Zero durations are not given.
type Verify struct {
	At         Position
	For        Duration `key:"for" doc:"How long to watch at the longest, such as 10m. Default: 10m, and 30m with signals."`
	Every      Duration `key:"every" doc:"How often to look, such as 30s; 600 times at the most."`
	Baseline   Duration `key:"baseline" doc:"How far before the deployment to compare with, such as 30m."`
	Datasource Name     `key:"datasource" doc:"Which of the operator's metric servers to ask. Default: default."`
	Probes     []Probe  `key:"probes" doc:"Requests that must be answered as expected."`
	Signals    []Signal `key:"signals" doc:"Metrics that must not get worse."`
}

// Probe is one request; exactly one of Get and Head is given.
type Probe struct {
	At        Position
	Get       RequestPath `key:"get" doc:"Path that is asked for with GET."`
	Head      RequestPath `key:"head" doc:"Path that is asked for with HEAD."`
	Redirects int         `key:"redirects" doc:"How many redirects are followed, 0 (default) to 3."`
	Expect    Expect      `key:"expect" doc:"What the answer must be. Default: a status of 200 to 299."`
}

// Expect is what the answer to a probe must be.
type Expect struct {
	At     Position
	Status Status             `key:"status" doc:"The status, such as 200 or 2XX."`
	Within Duration           `key:"within" doc:"How fast, such as 500ms; 10s at the most."`
	JSON   map[string]Literal `key:"json" doc:"Fields of the JSON body and the values that they must have. {{deployment.sha}} and {{deployment.environment}} are filled in."`
}

// Signal is a metric: a preset with its match, or a query of one's own.
type Signal struct {
	At          Position
	Preset      Preset            `key:"preset" doc:"http: error ratio, p95 latency and throughput from standard HTTP metrics."`
	Match       map[string]string `key:"match" doc:"Labels that a preset's series must have."`
	Name        Reason            `key:"name" doc:"What the signal is called in reports."`
	Query       Query             `key:"query" doc:"PromQL that gives one series."`
	Better      Better            `key:"better" doc:"Which direction is good: up or down."`
	Investigate Bound             `key:"investigate" doc:"From where somebody should look: against the baseline (-10%) or absolute (> 1%, < 3), optionally 'for 5m'."`
	Rollback    Bound             `key:"rollback" doc:"From where it must go back: in the same form."`
}

// Preset names a ready-made set of signals.
type Preset string

func (Preset) words() []string { return []string{"http"} }

// Better says which direction of a signal is good.
type Better string

// The directions.
const (
	Up   Better = "up"
	Down Better = "down"
)

func (Better) words() []string { return []string{string(Up), string(Down)} }
