package signal

import "encoding/json"

// Version of the judge: it goes up when the same input may give another evaluation.
const Version = 3

// Answer is what the signals say.
type Answer string

// The four answers.
const (
	RollBack     Answer = "roll_back"
	Investigate  Answer = "investigate"
	Verified     Answer = "verified"
	Inconclusive Answer = "inconclusive"
)

// Evaluation is the answer at one sample, with everything that it is based on.
type Evaluation struct {
	Version int    `json:"version"`
	Answer  Answer `json:"answer"`
	// Decided: watching on changes nothing, the verification ends.
	Decided bool `json:"decided"`
	// At is the instant, Elapsed and Remaining of the window in seconds.
	At        int64 `json:"at"`
	Elapsed   int64 `json:"elapsed"`
	Remaining int64 `json:"remaining"`
	// Guard is how many seconds after the deployment do not count.
	Guard int64 `json:"guard"`
	// Reasons of the answer, the weightiest first.
	Reasons []Reason `json:"reasons"`
	Metrics []Result `json:"metrics"`
	// Thresholds are all that were used.
	Thresholds Thresholds `json:"thresholds"`
}

// UnmarshalJSON reads what was stored, also by versions that called a sample a look.
func (e *Evaluation) UnmarshalJSON(data []byte) error {
	type current Evaluation
	stored := struct {
		*current
		Look int64 `json:"look"`
	}{current: (*current)(e)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.Look != 0 {
		e.At = stored.Look
	}
	return nil
}

// Code names a reason; the words are made elsewhere.
type Code string

// The reasons.
const (
	// Alarm: p (Value) is at or below the metric's share of α (Limit), with the effect.
	Alarm Code = "alarm"
	// AlarmWithoutEffect: p is as small, but the harm is too small, or over.
	AlarmWithoutEffect Code = "alarm_without_effect"
	// Suspicious: the corrected p (Value) is at or below Limit.
	Suspicious Code = "suspicious"
	// BothWorse: since the deployment the old version is as bad as the new one. Value is the
	// corrected p against the time before, Limit from which it is suspicious.
	BothWorse Code = "both_worse"
	// SuspiciousUncalibrated: the statistic (Value) is at or above Limit, with the
	// effect, but no history says how often that happens by itself.
	SuspiciousUncalibrated Code = "suspicious_uncalibrated"
	// RollBackLimit, InvestigateLimit: the value (Value) is beyond what was declared
	// (Limit) for Seconds.
	RollBackLimit    Code = "rollback_limit"
	InvestigateLimit Code = "investigate_limit"
	// ProbeFailing: Count of the last Of probes called Metric failed.
	ProbeFailing Code = "probe_failing"
	// Burning: the burn rate (Value) is above Limit, over Seconds, with Count errors.
	Burning Code = "burning"
	// Gross: most requests (Value, of Count) fail over Seconds, beyond Limit, and a probe
	// fails with them.
	Gross Code = "gross"
	// UnusualTraffic: there is Value times the most traffic of the history, above Limit:
	// statistics say nothing.
	UnusualTraffic Code = "unusual_traffic"
	// NoReference: no quiet, usual time lies in the Seconds before the deployment.
	NoReference Code = "no_reference"
	// Vanished: a series that was there before has had no data for Seconds.
	Vanished Code = "vanished"
	// Disagree: rules speak against each other; the reasons beside say which.
	Disagree Code = "disagree"
	// Excluded: harm beyond the margin (Limit) is excluded: the bound is Value.
	Excluded Code = "excluded"
	// WithinLimits: without history, everything stayed within what was declared
	// (Limit): the bound, or the worst value, is Value.
	WithinLimits Code = "within_limits"
	// NotExcluded: the bound (Value) is still beyond the margin (Limit). Requests
	// (Count) and Seconds say what would decide it; none where more would not.
	NotExcluded Code = "not_excluded"
	// NoHistory: too little history (Seconds of it, Limit needed): statistics only
	// say "investigate".
	NoHistory Code = "no_history"
	// FewPlacebos: Count instants without events, Of needed: the same.
	FewPlacebos Code = "few_placebos"
	// NoData: nothing was measured since the deployment: never a pass.
	NoData Code = "no_data"
	// NoAnswer: the metric's server has not answered since; never evidence.
	NoAnswer Code = "no_answer"
	// NothingWatched: there is neither a metric nor a probe.
	NothingWatched Code = "nothing_watched"
	// ProbesPassed: no metric is watched; Count probes passed, with none failing.
	ProbesPassed Code = "probes_passed"
	// TooEarly: the guard or the least time to watch is not over for Seconds.
	TooEarly Code = "too_early"
)

// Reason is one of the things that an answer rests on. Numbers that a code does not
// name are 0.
type Reason struct {
	Code Code `json:"code"`
	// Metric, or the probe, that it is about.
	Metric  string  `json:"metric,omitempty"`
	Value   float64 `json:"value,omitempty"`
	Limit   float64 `json:"limit,omitempty"`
	Count   int64   `json:"count,omitempty"`
	Of      int64   `json:"of,omitempty"`
	Seconds int64   `json:"seconds,omitempty"`
}

// Result is what one metric says.
type Result struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	Role Role   `json:"role"`
	// Before and After are the windows compared.
	Before Sample `json:"before"`
	// Reference are the spans that Before is made of, the oldest first.
	Reference []Period `json:"reference,omitempty"`
	After     Sample   `json:"after"`
	// Statistic at the last horizon, bare; Largest the scaled one, largest so far,
	// reached Horizon seconds after the deployment.
	Statistic float64 `json:"statistic"`
	Largest   float64 `json:"largest"`
	Horizon   int64   `json:"horizon"`
	// P of the placebos, Corrected for all metrics; Alpha is this metric's share. 1
	// if nothing was computed.
	P         float64 `json:"p"`
	Corrected float64 `json:"corrected"`
	Alpha     float64 `json:"alpha"`
	// Calibrated: history says what is usual. History in seconds; Placebos of which
	// AtLeast are at least as large, VerifiedPlacebos earlier deployments.
	Calibrated       bool  `json:"calibrated"`
	History          int64 `json:"history"`
	Placebos         int   `json:"placebos"`
	VerifiedPlacebos int   `json:"verified_placebos"`
	AtLeast          int   `json:"at_least"`
	// Band holds the placebos' largest scaled statistic at 5, 50, 95 and 99 %.
	Band []float64 `json:"band,omitempty"`
	// Control is the share of the control's statistic that was subtracted.
	Control float64 `json:"control"`
	// Versions are what both showed beside each other; nil if they did not. ByVersion: the largest
	// statistic is theirs, and Horizon counts from when both served.
	Versions  *Compared `json:"versions,omitempty"`
	ByVersion bool      `json:"by_version,omitempty"`
	Effect    Effect    `json:"effect"`
	Bound     Bound     `json:"bound"`
	// Dropped counts points that are no measurement.
	Dropped int `json:"dropped"`
}

// Period is a span of time in Unix seconds.
type Period struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Sample is what a window holds. Value is Bad of Total, the median, or the mean of a
// step, as it was measured.
type Sample struct {
	From   int64   `json:"from"`
	To     int64   `json:"to"`
	Points int     `json:"points"`
	Bad    float64 `json:"bad,omitempty"`
	Total  float64 `json:"total,omitempty"`
	Value  float64 `json:"value"`
}

// Effect is how large the harm is at the last sample: Relative and Difference are positive
// for the worse (0.5: half as much again, or half of it gone).
type Effect struct {
	Relative   float64 `json:"relative"`
	Difference float64 `json:"difference"`
	// Needed is what a roll back asks for.
	Needed Harm `json:"needed"`
	// Holds: both are reached. Gone: they were, but no longer are of late.
	Holds bool `json:"holds"`
	Gone  bool `json:"gone"`
}

// Bound is what harm can be excluded. Upper, Margin and Reach are differences in
// fractions for a Proportion, shares of the value before for the others.
type Bound struct {
	// Known: there is data and, for the over-dispersion, history.
	Known bool    `json:"known"`
	Upper float64 `json:"upper"`
	// Margin is what must be excluded, Excluded whether it is.
	Margin   float64 `json:"margin"`
	Excluded bool    `json:"excluded"`
	// Dispersion is by how much the placebos spread wider than independent requests.
	Dispersion float64 `json:"dispersion"`
	// Reach is the smallest harm that could be excluded now, had nothing changed.
	Reach float64 `json:"reach"`
	// Requests (for a Proportion) and Seconds that are missing for the margin; 0
	// where it is excluded, or where more would not help.
	Requests int64 `json:"requests,omitempty"`
	Seconds  int64 `json:"seconds,omitempty"`
}
