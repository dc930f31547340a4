package signal

import "plimsoll/config"

// Kind says in what form a metric is measured.
type Kind string

// The kinds.
const (
	// Proportion: Bad among Total of each step, counts. The best form: exact at any
	// traffic.
	Proportion Kind = "proportion"
	// Series: one Value of each step, such as a quantile that the service computes.
	Series Kind = "series"
	// Volume: Value is how many there were in each step, a count.
	Volume Kind = "volume"
)

// Role says what a metric stands for; it picks the effect and the margin where
// none is declared.
type Role string

// The roles.
const (
	// Errors: failed among all requests.
	Errors Role = "errors"
	// Slow: requests above a histogram's bound among all, or a latency.
	Slow Role = "slow"
	// Traffic: how many requests there are.
	Traffic Role = "traffic"
	// Other: anything else.
	Other Role = "other"
)

// Input is everything that one evaluation is based on. Times are Unix seconds.
type Input struct {
	// Deployed is the instant t of the deployment, Now that of the sample.
	Deployed int64 `json:"deployed"`
	Now      int64 `json:"now"`
	// Restart is when the last instance came up, in seconds after Deployed: the
	// guard begins there. -1: nothing was restarted, there is no guard.
	Restart int64    `json:"restart"`
	Metrics []Metric `json:"metrics"`
	// Cuts are roll-outs, earlier deployments and incidents: neither a placebo nor the
	// deployment's reference touches them.
	Cuts []Cut `json:"cuts,omitempty"`
	// Verified are the instants of earlier deployments of the service that were
	// verified: they are placebos, even where a cut names them.
	Verified []int64 `json:"verified,omitempty"`
	// Clock is the local clock of those who use the service, as ClockOf returns it: what is usual
	// at a time of the day follows it. Empty: UTC.
	Clock []Offset `json:"clock,omitempty"`
	// Probes are the answers to probes since the deployment; those under the guard do
	// not count.
	Probes []Probe `json:"probes,omitempty"`
	// Thresholds: what is 0 takes its default.
	Thresholds Thresholds `json:"thresholds"`

	broken breakage
}

// breakage leaves out a part of the judge, so that tests can show that its absence
// is noticed. Nothing outside this package's tests can set it.
type breakage struct{ guard, calibration, overdispersion bool }

// Metric is one signal with its history: the seven days before the deployment and what came
// after, up to the sample.
type Metric struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	Role Role   `json:"role"`
	// Better is the good direction; down where empty, but up for a Volume. For a
	// Proportion, up means that Bad counts the good ones.
	Better config.Better `json:"better,omitempty"`
	// Step is the time between points in seconds, 60 at least.
	Step int64 `json:"step"`
	Points
	// Answered is the time up to which the metric's server has answered; 0: up to the
	// sample. A server that is down is never evidence.
	Answered int64 `json:"answered,omitempty"`
	// Control is the same of what the deployment did not touch (unchanged routes, an
	// old version still serving): its statistic is subtracted.
	Control *Points `json:"control,omitempty"`
	// Versions are the old and the new version while both serve.
	Versions *Versions `json:"versions,omitempty"`
	// Weight is the metric's share of α, in proportion to the others'; 0: 1.
	Weight float64 `json:"weight,omitempty"`
	// Effect is the harm that a rollback needs in addition to the statistic, Margin the
	// harm that "verified" excludes; nil: by the role.
	Effect *Harm `json:"effect,omitempty"`
	Margin *Harm `json:"margin,omitempty"`
	// Investigate and RollBack are limits that were declared.
	Investigate *Limit `json:"investigate,omitempty"`
	RollBack    *Limit `json:"rollback,omitempty"`
	// Objective is the share of good ones that is promised, for the burn rate of
	// Errors; 0: what the history has, 99.9 % at the most.
	Objective float64 `json:"objective,omitempty"`
}

// Points are measurements, in any order: the step that ends at At[i] had Bad[i] of
// Total[i] (Proportion), or was Value[i].
type Points struct {
	At    []int64 `json:"at"`
	Bad   Numbers `json:"bad,omitempty"`
	Total Numbers `json:"total,omitempty"`
	Value Numbers `json:"value,omitempty"`
}

// Harm is a size of change for the worse. Ratio: after over before (1.5), or for
// what should be high the same below 1 (0.85). Difference: in the metric's own
// unit, a fraction for a Proportion (0.002 is 0.2 points). As an effect both must
// be reached; as a margin the wider of the two counts. 0: does not count.
type Harm struct {
	Ratio      float64 `json:"ratio,omitempty"`
	Difference float64 `json:"difference,omitempty"`
}

// Cut is a span in which something did happen. A deployment has From = To.
type Cut struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
	// Why, for the record: deployment, incident.
	Why string `json:"why,omitempty"`
}

// Probe is the answer to one probe.
type Probe struct {
	Name   string `json:"name"`
	At     int64  `json:"at"`
	Passed bool   `json:"passed"`
}

// Limit is config.Bound as a ledger stores it.
type Limit struct {
	// Relative: Value is a change from the baseline (signed, a fraction where
	// Percent); else the bad side of Value is Operator's.
	Relative bool    `json:"relative,omitempty"`
	Operator string  `json:"operator,omitempty"`
	Value    float64 `json:"value"`
	Percent  bool    `json:"percent,omitempty"`
	// For is how long it must last in seconds; 0: one sample is enough. AtOnce: also under
	// the guard.
	For    int64 `json:"for,omitempty"`
	AtOnce bool  `json:"at_once,omitempty"`
}

// LimitOf returns what was declared; nil of nothing.
func LimitOf(b config.Bound) *Limit {
	if b.Text == "" {
		return nil
	}
	return &Limit{Relative: b.Relative, Operator: b.Operator, Value: b.Value, Percent: b.Percent, For: int64(b.For.Value().Seconds()), AtOnce: b.AtOnce}
}
