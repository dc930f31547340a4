package api

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
)

// The schemas name the answers; they are part of the outside. FormerMetricsSchema is that of the
// metrics under their old path.
const (
	MetricsSchema       = "plimsoll.metrics/v1"
	FormerMetricsSchema = "plimsoll.keys/v1"
	RunningSchema       = "plimsoll.running/v1"
)

// Bounds of the span that metrics are asked for, in days; what ran in metricsBefore days
// before it is known.
const (
	metricsDays   = 30
	mostDays      = 366
	metricsBefore = 90
)

// MetricsAnswer holds the DORA metrics of the components of one repository.
type MetricsAnswer struct {
	Schema     string                 `json:"schema"`
	Repository string                 `json:"repository"`
	From       time.Time              `json:"from"`
	To         time.Time              `json:"to"`
	Targets    []ledger.TargetMetrics `json:"targets"`
}

// metrics gives DORA's metrics: of production, or of the environment that is asked for.
func (a *API) metrics(schema string) func(http.ResponseWriter, *http.Request, *asker) error {
	return func(w http.ResponseWriter, r *http.Request, who *asker) error {
		return a.writeMetrics(w, r, who, schema)
	}
}

func (a *API) writeMetrics(w http.ResponseWriter, r *http.Request, who *asker, schema string) error {
	repo, err := a.asked(r, who)
	if err != nil {
		return err
	}
	days := metricsDays
	if text := r.URL.Query().Get("days"); text != "" {
		if days, err = strconv.Atoi(text); err != nil || days < 1 || days > mostDays {
			return bad("days: expected a number from 1 to "+strconv.Itoa(mostDays), "")
		}
	}
	now, err := a.store.Now(r.Context())
	if err != nil {
		return err
	}
	out := MetricsAnswer{Schema: schema, Repository: repo.FullName(), To: now.UTC().Truncate(time.Second)}
	out.From = out.To.AddDate(0, 0, -days)
	entries, err := a.store.LedgerFacts(r.Context(), repo, out.From.AddDate(0, 0, -metricsBefore))
	if err != nil {
		return err
	}
	wanted := wantedTarget(r)
	out.Targets = slices.DeleteFunc(ledger.Metrics(entries, out.From, out.To), func(k ledger.TargetMetrics) bool {
		return !wanted(k.Component, k.Environment) || r.URL.Query().Get("environment") == "" && !k.Production
	})
	reply(w, http.StatusOK, out)
	return nil
}

// wantedTarget returns which targets are asked for.
func wantedTarget(r *http.Request) func(component, environment string) bool {
	query := r.URL.Query()
	wantComponent, wantEnvironment := query.Get("component"), query.Get("environment")
	return func(component, environment string) bool {
		return (wantComponent == "" || wantComponent == component) && (wantEnvironment == "" || strings.EqualFold(wantEnvironment, environment))
	}
}

// RunningAnswer is what runs of one repository.
type RunningAnswer struct {
	Schema     string          `json:"schema"`
	Repository string          `json:"repository"`
	Running    []RunningTarget `json:"running"`
}

// RunningTarget is a commit that runs in a target.
type RunningTarget struct {
	Component   string `json:"component"`
	Environment string `json:"environment,omitempty"`
	Instance    string `json:"instance,omitempty"`
	// Release is the tag of a release, which runs nowhere in particular.
	Release    string    `json:"release,omitempty"`
	Production bool      `json:"production"`
	Commit     string    `json:"commit"`
	Since      time.Time `json:"since,omitzero"`
	// Rolling: its deployment has begun and not ended; the one before still runs.
	Rolling bool `json:"rolling,omitempty"`
	// Deployment and By are left out where they are not known.
	Deployment int64  `json:"deployment,omitempty"`
	By         string `json:"by,omitempty"`
	// Verdict is "watched" until there is one; it is left out if nothing watches.
	Verdict string `json:"verdict,omitempty"`
}

// running gives what runs in each target, since when, and who deployed it.
func (a *API) running(w http.ResponseWriter, r *http.Request, who *asker) error {
	repo, err := a.asked(r, who)
	if err != nil {
		return err
	}
	live, err := a.store.Live(r.Context(), repo)
	if err != nil {
		return err
	}
	newest, err := a.store.Deployments(r.Context(), repo, mostDeployments)
	if err != nil {
		return err
	}
	out := RunningAnswer{Schema: RunningSchema, Repository: repo.FullName(), Running: []RunningTarget{}}
	wanted := wantedTarget(r)
	for _, version := range live {
		if !wanted(version.Component, version.Environment) {
			continue
		}
		target, err := a.runs(r, repo, version, newest)
		if err != nil {
			return err
		}
		out.Running = append(out.Running, target)
	}
	slices.SortFunc(out.Running, func(x, y RunningTarget) int {
		return cmp.Or(cmp.Compare(x.Component, y.Component), cmp.Compare(x.Environment, y.Environment), cmp.Compare(x.Instance, y.Instance), cmp.Compare(x.Release, y.Release), x.Since.Compare(y.Since))
	})
	reply(w, http.StatusOK, out)
	return nil
}

// runsOfTarget is how many runs are read to find the one of the running commit: the newest,
// unless a rollout has begun since.
const runsOfTarget = 10

// runs finds who brought a version, and what was found of it.
func (a *API) runs(r *http.Request, repo contracts.RepositoryRef, version contracts.LiveVersion, newest []deploy.Deployment) (RunningTarget, error) {
	target := RunningTarget{
		Component: version.Component, Environment: version.Environment, Instance: version.Instance, Release: version.Release,
		Production: version.Production, Commit: version.Commit, Since: version.Since.UTC(), Rolling: version.Rolling,
	}
	if version.Release != "" {
		return target, nil
	}
	runs, err := a.store.Verifications(r.Context(), repo, deploy.Target{Component: version.Component, Environment: version.Environment, Instance: version.Instance}, runsOfTarget)
	if err != nil {
		return target, err
	}
	for _, run := range runs {
		if run.Commit != version.Commit || version.Rolling {
			continue
		}
		target.Deployment, target.By, target.Verdict = run.Deployment, run.Creator, "watched"
		if run.Verdict != nil {
			target.Verdict = string(run.Verdict.Answer)
		}
		return target, nil
	}
	for _, d := range newest {
		began := d.SucceededAt
		if version.Rolling {
			began = d.StateAt
		}
		if d.Commit == version.Commit && began.Equal(version.Since) {
			target.Deployment, target.By = d.ID, d.Creator
			break
		}
	}
	return target, nil
}
