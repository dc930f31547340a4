package signal

import "encoding/json"

// Thresholds are all the numbers that an evaluation depends on, apart from its data. Spans
// are in seconds. A field that is 0 takes its default.
type Thresholds struct {
	// Alpha is how often a harmless deployment may raise an alarm, over all metrics and
	// samples together.
	Alpha float64 `json:"alpha"`
	// Suspicion is the corrected p from which a person should look.
	Suspicion float64 `json:"suspicion"`
	// Confidence of the bound that excludes harm, one-sided.
	Confidence float64 `json:"confidence"`
	// Baseline before the deployment, Guard after a restart, Window in all.
	Baseline int64 `json:"baseline"`
	Guard    int64 `json:"guard"`
	Window   int64 `json:"window"`
	// Reach is how far before the deployment its reference may lie.
	Reach int64 `json:"reach,omitempty"`
	// MostTraffic is how many times the most traffic of the history statistics are trusted at.
	MostTraffic float64 `json:"most_traffic,omitempty"`
	// LeastWatch after the guard before anything is verified.
	LeastWatch int64 `json:"least_watch"`
	// History is how far back placebos go, LeastHistory what statistics need.
	History      int64 `json:"history"`
	LeastHistory int64 `json:"least_history"`
	LeastPlacebo int   `json:"least_placebos"`
	MostPlacebo  int   `json:"most_placebos"`
	// Scale is the quantile of the placebos by which a horizon is scaled.
	Scale float64 `json:"scale"`
	// Coverage is the share of a window's points that must be there.
	Coverage float64 `json:"coverage"`
	// Uncalibrated is the statistic from which a person should look if no history
	// calibrates it.
	Uncalibrated float64 `json:"uncalibrated"`
	// The effects of a roll back and the margins of "verified", by role.
	ErrorEffect   Harm `json:"error_effect"`
	SlowEffect    Harm `json:"slow_effect"`
	TrafficEffect Harm `json:"traffic_effect"`
	ErrorMargin   Harm `json:"error_margin"`
	SlowMargin    Harm `json:"slow_margin"`
	TrafficMargin Harm `json:"traffic_margin"`
	// Rescue rules: a probe that fails ProbeFailures of its last ProbeLast; a burn
	// rate over BurnSpan with at least BurnErrors errors; a series that had data in
	// VanishedBefore of the baseline and none for VanishedSpan.
	ProbeFailures int     `json:"probe_failures"`
	ProbeLast     int     `json:"probe_last"`
	BurnRate      float64 `json:"burn_rate"`
	BurnErrors    float64 `json:"burn_errors"`
	BurnSpan      int64   `json:"burn_span"`
	// Gross harm: GrossShare of at least GrossRequests fail over GrossSpan, and a probe with
	// them.
	GrossShare     float64 `json:"gross_share,omitempty"`
	GrossRequests  float64 `json:"gross_requests,omitempty"`
	GrossSpan      int64   `json:"gross_span,omitempty"`
	VanishedBefore float64 `json:"vanished_before"`
	VanishedSpan   int64   `json:"vanished_span"`
	// SampleSpan is over how long a Proportion is taken when it is compared with a limit.
	SampleSpan int64 `json:"sample_span"`
}

// UnmarshalJSON reads what was stored, also by versions that called a sample a look.
func (t *Thresholds) UnmarshalJSON(data []byte) error {
	type current Thresholds
	stored := struct {
		*current
		LookSpan int64 `json:"look_span"`
	}{current: (*current)(t)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.LookSpan != 0 {
		t.SampleSpan = stored.LookSpan
	}
	return nil
}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// WithDefaults returns the thresholds with a number for everything.
func (t Thresholds) WithDefaults() Thresholds {
	fill(&t.Alpha, 0.01)
	fill(&t.Suspicion, 0.05)
	fill(&t.Confidence, 0.95)
	fill(&t.Baseline, hour)
	fill(&t.Guard, 5*minute)
	fill(&t.Window, 30*minute)
	fill(&t.Reach, day)
	fill(&t.MostTraffic, 2)
	fill(&t.LeastWatch, 10*minute)
	fill(&t.History, 7*day)
	fill(&t.LeastHistory, day)
	fill(&t.LeastPlacebo, 100)
	fill(&t.MostPlacebo, 1400)
	fill(&t.Scale, 0.9)
	fill(&t.Coverage, 0.5)
	fill(&t.Uncalibrated, 4)
	fill(&t.ErrorEffect, Harm{Ratio: 1.5, Difference: 0.0005})
	fill(&t.SlowEffect, Harm{Ratio: 1.25})
	fill(&t.TrafficEffect, Harm{Ratio: 0.85})
	fill(&t.ErrorMargin, Harm{Ratio: 1.5, Difference: 0.002})
	fill(&t.SlowMargin, Harm{Ratio: 1.5})
	fill(&t.TrafficMargin, Harm{Ratio: 0.7})
	fill(&t.ProbeFailures, 3)
	fill(&t.ProbeLast, 5)
	fill(&t.BurnRate, 14.4)
	fill(&t.BurnErrors, 20)
	fill(&t.BurnSpan, 5*minute)
	fill(&t.GrossShare, 0.5)
	fill(&t.GrossRequests, 20)
	fill(&t.GrossSpan, 2*minute)
	fill(&t.VanishedBefore, 0.9)
	fill(&t.VanishedSpan, 5*minute)
	fill(&t.SampleSpan, 5*minute)
	return t
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
