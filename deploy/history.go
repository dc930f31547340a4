package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"time"

	"plimsoll/config"
	"plimsoll/deploy/preset"
	"plimsoll/deploy/signal"
)

// History is what the signals of a verification were before the deployment, and how they
// are queried. It is fixed when it is first known. A verdict on signals depends on it and
// the samples alone.
type History struct {
	// Datasource as the repository names it; empty: the default one.
	Datasource string `json:"datasource,omitempty"`
	// Language of the queries; empty: PromQL.
	Language config.Language `json:"language,omitempty"`
	Asked    time.Time       `json:"asked"`
	// Until is the time of the last point, in Unix seconds; Step is the time between
	// points.
	Until int64 `json:"until"`
	Step  int64 `json:"step"`
	// Scrape is how often the service is scraped, in seconds; 0 if that is unknown.
	Scrape int64 `json:"scrape,omitempty"`
	// Convention that the metrics are named by; empty without the preset.
	Convention string `json:"convention,omitempty"`
	// Signals are evaluated. Controls are the same signals of what the deployment did not
	// change.
	Signals  []Watched `json:"signals"`
	Controls []Watched `json:"controls,omitempty"`
	// Changed are the operations that the deployment changed, as in "GET /orders/{id}".
	Changed []string `json:"changed,omitempty"`
	// Cuts are the roll-out of this deployment, earlier ones and what is not settled of them:
	// none of it is what this one is compared with. Verified are those that were verified.
	Cuts     []signal.Cut `json:"cuts,omitempty"`
	Verified []int64      `json:"verified,omitempty"`
	// RolledOut is when the first instances were replaced, as the versions show that serve; 0: the
	// deployment's statuses say so, or nobody does.
	RolledOut int64 `json:"rolled_out,omitempty"`
	// Versions is how the versions of the service are distinguished; nil if both did not serve at the
	// same time, or no label has the version.
	Versions *Versions `json:"versions,omitempty"`
	// Clock is the local clock of the plan's time zone, if it is changed in this time.
	Clock []signal.Offset `json:"clock,omitempty"`
	// Gaps are declared signals that can't be measured. Missing says in words what a preset
	// does not find.
	Gaps    []Gap    `json:"gaps,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

// Watched is one signal with its queries and what it was before.
type Watched struct {
	// Name is unique in a history.
	Name string `json:"name"`
	// Operation that it is about; empty: the whole service.
	Operation string        `json:"operation,omitempty"`
	Kind      signal.Kind   `json:"kind"`
	Role      signal.Role   `json:"role"`
	Better    config.Better `json:"better,omitempty"`
	// Bad and Total of a proportion, Value of a series or a volume: in the
	// history's language.
	Bad   string `json:"bad,omitempty"`
	Total string `json:"total,omitempty"`
	Value string `json:"value,omitempty"`
	// Above is the bound in seconds from which a request is slow; 0: it is about none.
	Above       float64       `json:"above,omitempty"`
	Investigate *signal.Limit `json:"investigate,omitempty"`
	RollBack    *signal.Limit `json:"rollback,omitempty"`
	Effect      *signal.Harm  `json:"effect,omitempty"`
	Margin      *signal.Harm  `json:"margin,omitempty"`
	// DryRun: the signal alone rolls nothing back.
	DryRun bool `json:"dry_run,omitempty"`
	// Objective is the share that is promised to be good; 0: none is declared.
	Objective float64 `json:"objective,omitempty"`
	// Control counts from 1 in the history's Controls; 0: it has none.
	Control int `json:"control,omitempty"`
	// Sides are the same by version; nil if no label has the version.
	Sides *Sides `json:"sides,omitempty"`
	Track Track  `json:"track"`
}

// Track is measurements at regular times: point i is of the step that ends at From + i
// times the history's step. What was not measured is NaN.
type Track struct {
	From  int64          `json:"from"`
	Bad   signal.Numbers `json:"bad,omitempty"`
	Total signal.Numbers `json:"total,omitempty"`
	Value signal.Numbers `json:"value,omitempty"`
}

// Measured is what one sample shows of one signal.
type Measured struct {
	// Until is up to when the metric server has answered, in Unix seconds; 0: it has not.
	Until int64 `json:"until,omitempty"`
	Track Track `json:"track"`
	// Sides are the same by version.
	Sides []Side `json:"sides,omitempty"`
}

// GapKind says why a declared signal can't be measured.
type GapKind string

// The gaps.
const (
	// GapDatasource: the operator names no metric server like this.
	GapDatasource GapKind = "datasource-unknown"
	// GapUnreachable: the metric server does not answer.
	GapUnreachable GapKind = "unreachable"
	// GapNoMetrics: the metric server has none of the metrics that a preset looks for.
	GapNoMetrics GapKind = "no-metrics"
	// GapQuery: the query is refused.
	GapQuery GapKind = "query"
	// GapMany: the query gives several series.
	GapMany GapKind = "several-series"
	// GapTooMany: more signals are declared than are evaluated.
	GapTooMany GapKind = "too-many"
)

// Gap is a declared signal that can't be measured.
type Gap struct {
	Kind GapKind `json:"kind"`
	// Signal as it is declared: its name, or "preset http".
	Signal string `json:"signal,omitempty"`
	// Detail is what the metric server or the parser says; it is untrusted text.
	Detail string `json:"detail,omitempty"`
}

// MostSignals is how many signals of one deployment are evaluated. Each has its share of
// the false alarms that are allowed, and seven days calibrate no smaller share than a
// fourteenth.
const MostSignals = 13

// clientEffect and clientMargin: what clients send varies by itself, so that harm in
// the answers 4xx must be large to count.
var (
	clientEffect = signal.Harm{Ratio: 2, Difference: 0.02}
	clientMargin = signal.Harm{Ratio: 2, Difference: 0.05}
)

// NewWatched is a preset's signal, of an operation or (empty) the whole service.
func NewWatched(s preset.Signal, operation string) Watched {
	w := Watched{
		Name: s.Name, Operation: operation, Kind: signal.Kind(s.Kind), Role: signal.Other, Better: s.Better, Bad: s.Bad, Total: s.Total, Value: s.Value,
		Above: s.Above, Investigate: signal.LimitOf(s.Investigate), RollBack: signal.LimitOf(s.Rollback), Objective: s.Objective,
	}
	if s.Objective > 0 {
		w.Role = signal.Errors
	}
	if operation != "" {
		w.Name = operation + ": " + s.Name
	}
	switch s.Name {
	case preset.Errors:
		w.Role = signal.Errors
	case preset.ClientErrors:
		w.Effect, w.Margin = &clientEffect, &clientMargin
	case preset.SlowRequests, preset.Latency, preset.MeanLatency:
		w.Role = signal.Slow
	case preset.Throughput:
		w.Role, w.Value, w.Total = signal.Traffic, s.Total, ""
	}
	return w
}

// Hash names the history as it is kept.
func (h *History) Hash() string {
	sum := sha256.Sum256(encoded(h))
	return hex.EncodeToString(sum[:])
}

// All returns the signals, then the controls: the order of a sample's measurements.
func (h *History) All() []Watched {
	return append(h.Signals[:len(h.Signals):len(h.Signals)], h.Controls...)
}

// Answered is the time up to which a signal (by its index in All) has been answered for, by
// the history and the samples.
func (h *History) Answered(i int, samples []Sample) int64 {
	until := h.Until
	for _, s := range samples {
		if i < len(s.Signals) {
			until = max(until, s.Signals[i].Until)
		}
	}
	return until
}

// Points are the measurements of a signal (by its index in All), in order of time: the
// history, then the samples.
func (h *History) Points(i int, samples []Sample) signal.Points {
	p := h.All()[i].Track.append(signal.Points{}, h.Step)
	for _, s := range samples {
		if i < len(s.Signals) {
			p = s.Signals[i].Track.append(p, h.Step)
		}
	}
	return p
}

// append adds the measurements of a track to others.
func (t Track) append(p signal.Points, step int64) signal.Points {
	for k := range max(len(t.Total), len(t.Value)) {
		at := t.From + int64(k)*step
		switch {
		case k < len(t.Total) && k < len(t.Bad) && !math.IsNaN(t.Total[k]) && !math.IsNaN(t.Bad[k]):
			p.At, p.Bad, p.Total = append(p.At, at), append(p.Bad, t.Bad[k]), append(p.Total, t.Total[k])
		case k < len(t.Value) && !math.IsNaN(t.Value[k]):
			p.At, p.Value = append(p.At, at), append(p.Value, t.Value[k])
		}
	}
	return p
}
