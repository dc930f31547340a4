package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Verification is the watching of one deployment in one place: what is fixed when it
// begins. It is stored as JSON, and everything that follows is decided by it and the
// samples alone.
type Verification struct {
	Repository contracts.RepositoryRef `json:"repository"`
	Deployment int64                   `json:"deployment"`
	Place      Place                   `json:"place"`
	Commit     string                  `json:"commit"`
	// Before is the commit that ran in the place before, Verified the last one that was
	// verified there; empty: none is known.
	Before   string `json:"before,omitempty"`
	Verified string `json:"verified,omitempty"`
	// Began is when the deployment succeeded; samples are counted from there.
	Began time.Time `json:"began"`
	// URL where the environment is reached; empty: nobody says.
	URL     string `json:"url,omitempty"`
	Creator string `json:"creator,omitempty"`
	Task    string `json:"task,omitempty"`
	// Artifact is the digest of what was deployed, as the deployment's payload names it;
	// empty: it names none.
	Artifact string `json:"artifact,omitempty"`
	// Changes are the commits that came with it; nil: not known.
	Changes *Changes `json:"changes,omitempty"`
	Plan    Plan     `json:"plan"`
}

// Plan is how a deployment is watched, by the default branch's file.
type Plan struct {
	// Declared: there is a `verify` for the environment. Without one nothing is watched.
	Declared bool `json:"declared"`
	// For is how long to watch at the longest, Every how often to look, Baseline how
	// far before the deployment to compare with.
	For        time.Duration   `json:"for"`
	Every      time.Duration   `json:"every"`
	Baseline   time.Duration   `json:"baseline"`
	Datasource string          `json:"datasource,omitempty"`
	Probes     []config.Probe  `json:"probes,omitempty"`
	Signals    []config.Signal `json:"signals,omitempty"`
	// Response is what is done when it goes bad.
	Response Response `json:"response"`
}

// The defaults of a plan. See docs/configuration.md, "Keys of the repository file".
const (
	DefaultFor      = 10 * time.Minute
	DefaultSignals  = 30 * time.Minute // DefaultFor where signals are declared
	DefaultEvery    = 30 * time.Second
	DefaultBaseline = 30 * time.Minute
)

// mostLooks are taken at one deployment: each is judged with all that were before it.
const mostLooks = 600

// NewPlan is the plan of an environment as the repository declares it.
func NewPlan(environment config.Environment) Plan {
	v := environment.Verify
	if v == nil {
		return Plan{Response: NewResponse(environment)}
	}
	or := func(given config.Duration, otherwise time.Duration) time.Duration {
		if given > 0 {
			return given.Value()
		}
		return otherwise
	}
	watch := DefaultFor
	if len(v.Signals) > 0 {
		watch = DefaultSignals
	}
	plan := Plan{
		Declared: true, For: or(v.For, watch), Every: or(v.Every, DefaultEvery), Baseline: or(v.Baseline, DefaultBaseline),
		Datasource: string(v.Datasource), Probes: v.Probes, Signals: v.Signals,
		Response: NewResponse(environment),
	}
	plan.Every = max(min(plan.Every, plan.For), plan.For/mostLooks)
	return plan
}

// Hash names the plan: equal plans have equal hashes.
func (p Plan) Hash() string {
	sum := sha256.Sum256(encoded(p))
	return hex.EncodeToString(sum[:8])
}

// encoded gives plain data as JSON.
func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%T is plain data: %v", v, err))
	}
	return text
}

// ID names the verification in its installation: a deployment is watched once in each
// place that it reaches.
func (v Verification) ID() string {
	return fmt.Sprintf("%d/%d/%s/%s/%s", v.Repository.ID, v.Deployment, v.Place.Component, v.Place.Environment, v.Place.Instance)
}

// Course is a verification with how far it has come.
//
//	begun ─▶ sample 0, 1, 2 … ─▶ verdict ─▶ told
//	                └─ a newer deployment succeeds ─▶ superseded ─▶ told
type Course struct {
	Verification
	// Verdict is nil while it goes on.
	Verdict *Verdict
	// Told: everybody who is told of the verdict has been.
	Told bool
	// Remedy is what is done about one that went bad; nil: nothing.
	Remedy *Remedy
	// Pulls are the pull requests that the deployment carried, once they are known.
	Pulls []int
}

// Sample is one look at a deployment.
type Sample struct {
	// N counts from 0; sample N is due N times Every after the beginning. A number may
	// be missing: nobody looked then.
	N      int           `json:"n"`
	At     time.Time     `json:"at"`
	Probes []ProbeResult `json:"probes,omitempty"`
	// Signals are what was measured since the look before, in the order of History.All.
	Signals []Measured `json:"signals,omitempty"`
	// Gap is why the signals could not be asked for.
	Gap *Gap `json:"gap,omitempty"`
}

// Due is when sample n is to be taken.
func (v Verification) Due(n int) time.Time { return v.Began.Add(time.Duration(n) * v.Plan.Every) }

// Ends is when the watching is over at the latest.
func (v Verification) Ends() time.Time { return v.Began.Add(v.Plan.For) }

// mostShown is how often the progress of one verification is shown.
const mostShown = 15

// Shown is every how many samples the progress is shown: GitHub counts requests.
func (v Verification) Shown() int {
	return max(1, int((v.Plan.For/mostShown+v.Plan.Every-1)/max(v.Plan.Every, 1)))
}

// Last is the number of the last sample; -1 where nothing is declared, and none is taken.
func (v Verification) Last() int {
	if v.Plan.Every <= 0 {
		return -1
	}
	return int(v.Plan.For / v.Plan.Every)
}

// Next tells which sample is to be taken after those that were, and when. What is long
// past is not looked at any more: the newest that is due comes next. ok is false where
// none is left, or nothing is declared.
func (v Verification) Next(taken []Sample, now time.Time) (n int, due time.Time, ok bool) {
	if v.Plan.Every <= 0 {
		return 0, v.Began, false
	}
	if len(taken) > 0 {
		n = taken[len(taken)-1].N + 1
	}
	if late := int(now.Sub(v.Began) / v.Plan.Every); late > n {
		n = min(late, max(n, v.Last()))
	}
	return n, v.Due(n), n <= v.Last()
}
