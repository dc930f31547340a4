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

// The schemas name the answers; they are part of the outside. KeysSchema is that of the
// metrics under their old path.
const (
	MetricsSchema = "plimsoll.metrics/v1"
	KeysSchema    = "plimsoll.keys/v1"
	RunningSchema = "plimsoll.running/v1"
)

// Bounds of the span that keys are asked for, in days; what ran in keysBefore days
// before it is known.
const (
	keysDays   = 30
	mostDays   = 366
	keysBefore = 90
)

// KeysAnswer are the four keys of the components of one repository.
type KeysAnswer struct {
	Schema     string                 `json:"schema"`
	Repository string                 `json:"repository"`
	From       time.Time              `json:"from"`
	To         time.Time              `json:"to"`
	Places     []ledger.TargetMetrics `json:"places"`
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
	days := keysDays
	if text := r.URL.Query().Get("days"); text != "" {
		if days, err = strconv.Atoi(text); err != nil || days < 1 || days > mostDays {
			return bad("days: expected a number from 1 to "+strconv.Itoa(mostDays), "")
		}
	}
	now, err := a.store.Now(r.Context())
	if err != nil {
		return err
	}
	out := KeysAnswer{Schema: schema, Repository: repo.FullName(), To: now.UTC().Truncate(time.Second)}
	out.From = out.To.AddDate(0, 0, -days)
	entries, err := a.store.LedgerFacts(r.Context(), repo, out.From.AddDate(0, 0, -keysBefore))
	if err != nil {
		return err
	}
	wanted := wantedPlace(r)
	out.Places = slices.DeleteFunc(ledger.Metrics(entries, out.From, out.To), func(k ledger.TargetMetrics) bool {
		return !wanted(k.Component, k.Environment) || r.URL.Query().Get("environment") == "" && !k.Production
	})
	reply(w, http.StatusOK, out)
	return nil
}

// wantedPlace tells which places are asked for.
func wantedPlace(r *http.Request) func(component, environment string) bool {
	query := r.URL.Query()
	wantComponent, wantEnvironment := query.Get("component"), query.Get("environment")
	return func(component, environment string) bool {
		return (wantComponent == "" || wantComponent == component) && (wantEnvironment == "" || strings.EqualFold(wantEnvironment, environment))
	}
}

// RunningAnswer is what runs of one repository.
type RunningAnswer struct {
	Schema     string         `json:"schema"`
	Repository string         `json:"repository"`
	Running    []RunningPlace `json:"running"`
}

// RunningPlace is a commit that runs in a place.
type RunningPlace struct {
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
	// Verdict is "watched" until there is one; left out where nobody watches.
	Verdict string `json:"verdict,omitempty"`
}

// running gives what runs where since when by whom.
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
	out := RunningAnswer{Schema: RunningSchema, Repository: repo.FullName(), Running: []RunningPlace{}}
	wanted := wantedPlace(r)
	for _, version := range live {
		if !wanted(version.Component, version.Environment) {
			continue
		}
		place, err := a.runs(r, repo, version, newest)
		if err != nil {
			return err
		}
		out.Running = append(out.Running, place)
	}
	slices.SortFunc(out.Running, func(x, y RunningPlace) int {
		return cmp.Or(cmp.Compare(x.Component, y.Component), cmp.Compare(x.Environment, y.Environment), cmp.Compare(x.Instance, y.Instance), cmp.Compare(x.Release, y.Release), x.Since.Compare(y.Since))
	})
	reply(w, http.StatusOK, out)
	return nil
}

// runsOfTarget are looked at for the one that runs: the newest, unless a rollout has
// begun since.
const runsOfTarget = 10

// runs finds who brought a version, and what was found of it.
func (a *API) runs(r *http.Request, repo contracts.RepositoryRef, version contracts.LiveVersion, newest []deploy.Deployment) (RunningPlace, error) {
	place := RunningPlace{
		Component: version.Component, Environment: version.Environment, Instance: version.Instance, Release: version.Release,
		Production: version.Production, Commit: version.Commit, Since: version.Since.UTC(), Rolling: version.Rolling,
	}
	if version.Release != "" {
		return place, nil
	}
	runs, err := a.store.Verifications(r.Context(), repo, deploy.Target{Component: version.Component, Environment: version.Environment, Instance: version.Instance}, runsOfTarget)
	if err != nil {
		return place, err
	}
	for _, run := range runs {
		if run.Commit != version.Commit || version.Rolling {
			continue
		}
		place.Deployment, place.By, place.Verdict = run.Deployment, run.Creator, "watched"
		if run.Verdict != nil {
			place.Verdict = string(run.Verdict.Answer)
		}
		return place, nil
	}
	for _, d := range newest {
		began := d.SucceededAt
		if version.Rolling {
			began = d.StateAt
		}
		if d.Commit == version.Commit && began.Equal(version.Since) {
			place.Deployment, place.By = d.ID, d.Creator
			break
		}
	}
	return place, nil
}
