package config

// Environment is a place where a component runs.
type Environment struct {
	At         Position
	URL        URL         `key:"url" doc:"URL of the component in this environment, such as https://orders.acme.dev. Default: environment_url of the deployment's status."`
	Production *bool       `key:"production" doc:"Whether this is a production environment. Default: what the deployment says, or true for names that begin with prod."`
	After      []Earlier   `key:"after" doc:"Environments in which the same commit must be verified first, such as [staging]."`
	Verify     *Verify     `key:"verify" doc:"How deployments to this environment are verified."`
	OnFailure  []OnFailure `key:"on_failure" doc:"What to do if a deployment fails its verification, such as [comment, rollback]. With dry_run, a rollback is reported and not performed."`
	Rollback   *Rollback   `key:"rollback" doc:"How to roll back to the last verified commit. Default: the rollback is only proposed."`
	// Irreversible is given where a roll back undoes nothing.
	Irreversible *bool `key:"irreversible" doc:"true: deploying an earlier commit does not undo a deployment, so a rollback is only proposed. Default: false."`
	Gate         *bool `key:"gate" doc:"true: Plimsoll answers the environment's deployment protection rule. Default: false."`
}

// Earlier is an environment in which a commit must be verified first. A name alone stands for it.
type Earlier struct {
	At           Position
	Environment  Name         `key:"environment,required" example:"staging" doc:"Name of the environment that comes first."`
	Inconclusive Inconclusive `key:"inconclusive" doc:"What the gate does if the verification there was inconclusive: reject (default), hold (wait for another verdict) or allow."`
}

func (Earlier) short() string { return "environment" }

// Inconclusive is what a gate does about an inconclusive verification; empty: it rejects.
type Inconclusive string

// What is done.
const (
	InconclusiveRejects Inconclusive = "reject"
	InconclusiveHolds   Inconclusive = "hold"
	InconclusivePasses  Inconclusive = "allow"
)

func (Inconclusive) words() []string {
	return []string{string(InconclusiveRejects), string(InconclusiveHolds), string(InconclusivePasses)}
}

// OnFailure is one thing done when a deployment goes bad.
type OnFailure string

// What can be done.
const (
	FailComment  OnFailure = "comment"
	FailStatus   OnFailure = "status"
	FailIssue    OnFailure = "issue"
	FailRollback OnFailure = "rollback"
	// FailDryRun: what would be rolled back is reported and counted, and not rolled back.
	FailDryRun OnFailure = "dry_run"
)

func (OnFailure) words() []string {
	return []string{string(FailComment), string(FailStatus), string(FailIssue), string(FailRollback), string(FailDryRun)}
}

// Rollback says who goes back.
type Rollback struct {
	At       Position
	By       RollbackBy `key:"by" doc:"deployment: create a deployment of the earlier commit. workflow: start a workflow. none (default): only propose the rollback."`
	Workflow Workflow   `key:"workflow" doc:"File name of the workflow in .github/workflows, such as rollback.yml. It is started with the commit as an input."`
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
	For        Duration `key:"for" doc:"Longest time to watch, such as 10m. Default: 10m, or 30m with signals."`
	Every      Duration `key:"every" doc:"Time between samples, such as 30s. At most 600 samples are taken."`
	Baseline   Duration `key:"baseline" doc:"Time before the deployment to compare with, such as 30m."`
	Timezone   TimeZone `key:"timezone" json:",omitempty" doc:"Time zone of the people who use the service, such as Europe/Berlin. What is usual at a time of the day follows its clock. Default: UTC."`
	Datasource Name     `key:"datasource" doc:"Name of a metric server in the server's configuration. Default: default."`
	Language   Language `key:"language" json:",omitempty" doc:"Language of the queries: promql (default), or datadog or cloudwatch for a datasource that is one."`
	Probes     []Probe  `key:"probes" doc:"Requests that must get the expected response."`
	Signals    []Signal `key:"signals" doc:"Metrics that must not get worse."`
}

// Probe is one request, or a journey of several: exactly one of Get, Head, Post and Steps is
// given.
type Probe struct {
	At        Position
	Get       RequestPath         `key:"get" doc:"Path to request with GET, such as /healthz."`
	Head      RequestPath         `key:"head" doc:"Path to request with HEAD, such as /healthz."`
	Post      RequestPath         `key:"post" json:",omitempty" doc:"Path to request with POST. The operator allows POST for each host (probes.post)."`
	Headers   map[string]Template `key:"headers" json:",omitempty" doc:"Headers, such as {Authorization: \"Bearer {{secrets.shop-login}}\"}."`
	Body      *Body               `key:"body" json:",omitempty" doc:"Body of a POST: json or form."`
	Redirects int                 `key:"redirects" doc:"Number of redirects to follow, 0 (default) to 3. Only to the same host where headers or a placeholder are sent."`
	Expect    Expect              `key:"expect" doc:"Expected response. Default: any status from 200 to 299."`
	Name      Reason              `key:"name" json:",omitempty" doc:"Name of a journey in reports, such as place an order."`
	Within    Duration            `key:"within" json:",omitempty" doc:"Longest time for all steps of a journey, such as 20s. Default: 10s, at most 30s."`
	Steps     []Step              `key:"steps" json:",omitempty" doc:"Requests of a journey, one after the other, 10 at most. It ends at the first one that fails, and counts as one probe."`
}

// Expect is what the answer to a request must be.
type Expect struct {
	At     Position
	Status Status             `key:"status" doc:"Expected status, such as 200 or 2XX."`
	Within Duration           `key:"within" doc:"Longest time for the response, such as 500ms. At most 10s."`
	JSON   map[string]Literal `key:"json" doc:"Fields of the JSON body and their expected values, such as {build.sha: \"{{deployment.sha}}\"}. {{deployment.sha}}, {{deployment.environment}}, {{deployment.id}} and values of earlier steps are filled in."`
	Text   []Template         `key:"text" json:",omitempty" doc:"Texts that stand in the body as whole words, such as [Order placed]."`
}

// Signal is a metric: a preset with its match, a query of one's own, or two that count what
// went wrong and how much there was.
type Signal struct {
	At           Position
	Preset       Preset            `key:"preset" doc:"http: error ratio, p95 latency and throughput from standard HTTP metrics."`
	Match        map[string]string `key:"match" doc:"Labels of the preset's series, such as {job: orders}."`
	Name         Reason            `key:"name" doc:"Name of the signal in reports, such as orders placed."`
	Query        Query             `key:"query" doc:"PromQL that returns one series, such as sum(rate(orders_placed_total[1m]))."`
	Bad          Query             `key:"bad" json:",omitempty" doc:"PromQL that counts what went wrong in a minute, such as sum(increase(jobs_failed_total[1m])). Needs total."`
	Total        Query             `key:"total" json:",omitempty" doc:"PromQL that counts all of it in a minute, such as sum(increase(jobs_total[1m])). The signal is the share of bad in total."`
	VersionLabel LabelName         `key:"version_label" json:",omitempty" doc:"Label of the preset's series that has the version of the service, such as version. Default: the labels of Kubernetes, Argo Rollouts and Istio. While the old and the new version serve, they are compared with each other."`
	Objective    Percentage        `key:"objective" json:",omitempty" doc:"Share of requests that are promised to succeed, such as 99.9%. Errors that use up the rest too fast are harm. Default: what the last 7 days show, 99.9% at most."`
	Better       Better            `key:"better" doc:"Direction that is good: up or down."`
	Investigate  Bound             `key:"investigate" doc:"Threshold from which a person should look at the deployment: a change from the baseline (-10%) or a level (> 1%, < 3), with an optional duration (> 5% for 5m)."`
	DryRun       *bool             `key:"dry_run" json:",omitempty" doc:"true: this signal alone rolls nothing back. What it would have rolled back is reported and counted."`
	Rollback     Bound             `key:"rollback" doc:"Threshold from which the deployment must be rolled back, in the same form as investigate. A level for 0s (> 20% for 0s) also counts while instances restart."`
}

// Preset names a ready-made set of signals.
type Preset string

func (Preset) words() []string { return []string{"http"} }

// Language is that of queries; empty means LanguagePromQL.
type Language string

// The languages.
const (
	LanguagePromQL     Language = "promql"
	LanguageDatadog    Language = "datadog"
	LanguageCloudWatch Language = "cloudwatch"
)

func (Language) words() []string {
	return []string{string(LanguagePromQL), string(LanguageDatadog), string(LanguageCloudWatch)}
}

// Foreign returns the language if it is not PromQL; else it is empty.
func (l Language) Foreign() Language {
	if l == LanguagePromQL {
		return ""
	}
	return l
}

// Better says which direction of a signal is good.
type Better string

// The directions.
const (
	Up   Better = "up"
	Down Better = "down"
)

func (Better) words() []string { return []string{string(Up), string(Down)} }
