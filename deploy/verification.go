package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy/signal"
)

// Verification is the watching of one deployment in one target: what is fixed when it
// begins. It is stored as JSON; with the samples it decides everything that follows.
type Verification struct {
	Repository contracts.RepositoryRef `json:"repository"`
	Deployment int64                   `json:"deployment"`
	Target     Target                  `json:"target"`
	Commit     string                  `json:"commit"`
	// Before is the commit that ran in the target before, Verified the last one that was
	// verified there; empty: unknown.
	Before   string `json:"before,omitempty"`
	Verified string `json:"verified,omitempty"`
	// Began is when the deployment succeeded, or when it was heard of if that was late; samples
	// are counted from there. Started is when it began to replace what ran before; zero:
	// unknown. Succeeded is when it succeeded, if it was heard of late.
	Began     time.Time `json:"began"`
	Started   time.Time `json:"started,omitzero"`
	Succeeded time.Time `json:"succeeded,omitzero"`
	// URL of the environment; empty: unknown.
	URL string `json:"url,omitempty"`
	// LogURL is the page with the deployment's log, as its statuses name it; may be empty.
	LogURL  string `json:"log_url,omitempty"`
	Creator string `json:"creator,omitempty"`
	Task    string `json:"task,omitempty"`
	// Artifact is the digest in the deployment's payload; empty: there is none.
	Artifact string `json:"artifact,omitempty"`
	// Changes are the commits that it brought; nil: unknown.
	Changes *Changes `json:"changes,omitempty"`
	Plan    Plan     `json:"plan"`
}

// UnmarshalJSON reads what was stored, also by versions that called the target a place.
func (v *Verification) UnmarshalJSON(data []byte) error {
	type current Verification
	stored := struct {
		*current
		Place *Target `json:"place"`
	}{current: (*current)(v)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.Place != nil {
		v.Target = *stored.Place
	}
	return nil
}

// Plan is how a deployment is watched, as the file on the default branch declares it.
type Plan struct {
	// Declared: the environment declares `verify`. Without it nothing is watched.
	Declared bool `json:"declared"`
	// For is the longest time to watch, Every the time between samples, Baseline the time
	// before the deployment to compare with.
	For      time.Duration `json:"for"`
	Every    time.Duration `json:"every"`
	Baseline time.Duration `json:"baseline"`
	// Timezone is whose clock what is usual at a time of the day follows; empty: UTC.
	Timezone   config.TimeZone `json:"timezone,omitempty"`
	Datasource string          `json:"datasource,omitempty"`
	// Language of the signals' queries; empty: PromQL.
	Language config.Language `json:"language,omitempty"`
	Probes   []config.Probe  `json:"probes,omitempty"`
	Signals  []config.Signal `json:"signals,omitempty"`
	// Response is what to do when the deployment goes bad.
	Response Response `json:"response"`
}

// The defaults of a plan. See docs/configuration.md, "Keys of the repository file".
const (
	DefaultFor      = 10 * time.Minute
	DefaultSignals  = 30 * time.Minute // DefaultFor where signals are declared
	DefaultEvery    = 30 * time.Second
	DefaultBaseline = time.Hour
)

// mostSamples bounds the samples of one deployment: each is evaluated with all before it.
const mostSamples = 600

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
		Timezone: v.Timezone, Datasource: string(v.Datasource), Language: v.Language.Foreign(), Probes: v.Probes, Signals: v.Signals,
		Response: NewResponse(environment),
	}
	plan.Every = max(min(plan.Every, plan.For), plan.For/mostSamples)
	return plan
}

// clock returns the local clock of the plan's time zone, as far as a deployment's evaluation needs
// it.
func (p Plan) clock(deployed time.Time) ([]signal.Offset, error) {
	zone, err := time.LoadLocation(string(p.Timezone))
	if err != nil {
		return nil, fmt.Errorf("read the clock of %q: %w", p.Timezone, err)
	}
	return signal.ClockOf(zone, deployed), nil
}

// Hash names the plan: equal plans have equal hashes.
func (p Plan) Hash() string {
	sum := sha256.Sum256(encoded(p))
	return hex.EncodeToString(sum[:8])
}

// encoded returns plain data as JSON.
func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%T is plain data: %v", v, err))
	}
	return text
}

// ID names the verification in its installation: a deployment is watched once in each of
// its targets.
func (v Verification) ID() string {
	return fmt.Sprintf("%d/%d/%s/%s/%s", v.Repository.ID, v.Deployment, v.Target.Component, v.Target.Environment, v.Target.Instance)
}

// VerificationRun is a verification with its progress.
//
//	begun ─▶ sample 0, 1, 2 … ─▶ verdict ─▶ reported
//	                └─ a newer deployment succeeds ─▶ superseded ─▶ reported
type VerificationRun struct {
	Verification
	// Verdict is nil until it is decided.
	Verdict *Verdict
	// Reported: the verdict was published everywhere.
	Reported bool
	// Rollback is that of a deployment that failed its verification; nil if there is none.
	Rollback *Rollback
	// Pulls are the pull requests in the deployment; nil until they are known.
	Pulls []int
}

// Sample is one observation of a deployment.
type Sample struct {
	// N counts from 0; sample N is due N times Every after the beginning. Numbers may be
	// missing: no sample was taken then.
	N      int           `json:"n"`
	At     time.Time     `json:"at"`
	Probes []ProbeResult `json:"probes,omitempty"`
	// Signals are the measurements since the previous sample, in the order of History.All.
	Signals []Measured `json:"signals,omitempty"`
	// Gap is why the signals could not be measured.
	Gap *Gap `json:"gap,omitempty"`
}

// DeployedAt is when the deployment succeeded.
func (v Verification) DeployedAt() time.Time {
	if v.Succeeded.IsZero() {
		return v.Began
	}
	return v.Succeeded
}

// Due is when sample n is due.
func (v Verification) Due(n int) time.Time { return v.Began.Add(time.Duration(n) * v.Plan.Every) }

// Ends is when the watching ends at the latest.
func (v Verification) Ends() time.Time { return v.Began.Add(v.Plan.For) }

// mostShown is how often the progress of one verification is published.
const mostShown = 15

// Shown is after how many samples the progress is published: GitHub counts requests.
func (v Verification) Shown() int {
	return max(1, int((v.Plan.For/mostShown+v.Plan.Every-1)/max(v.Plan.Every, 1)))
}

// Last is the number of the last sample; -1 if nothing is declared.
func (v Verification) Last() int {
	if v.Plan.Every <= 0 {
		return -1
	}
	return int(v.Plan.For / v.Plan.Every)
}

// Next returns the number of the sample that follows those taken, and when it is due.
// Missed samples are skipped: the newest one that is due comes next. ok is false if none is
// left or nothing is declared.
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
