package ledger

import (
	"plimsoll/deploy"
	"slices"
	"time"
)

// PlaceKeys are the four keys of one component in one place, over a span of time. They
// are those of DORA (https://dora.dev/guides/dora-metrics-four-keys/), measured as is
// said at each. A deployment belongs to the span by when it first succeeded; what became
// of it later counts as well.
type TargetMetrics struct {
	Component   string `json:"component"`
	Environment string `json:"environment"`
	Instance    string `json:"instance,omitempty"`
	Production  bool   `json:"production"`
	// Deployments that brought something, and Frequency a day. Those that went back are
	// counted apart.
	Deployments int     `json:"deployments"`
	Frequency   float64 `json:"deployments_per_day"`
	WentBack    int     `json:"went_back"`
	// Lead time for changes: from when a commit was written to the deployment's success
	// in the place, over all commits.
	Lead LeadTime `json:"lead_time_for_changes"`
	// Failures: the change failure rate.
	Failures FailureRate `json:"change_failure_rate"`
	// Restore: failed deployment recovery time (formerly time to restore service): from
	// the success of a deployment that failed to that of the next one there that was
	// verified.
	Restore Duration `json:"time_to_restore"`
}

// Duration is a median with how many it was taken of.
type Duration struct {
	// Median in seconds; nil where none is known.
	Median *int64 `json:"median_seconds"`
	// Known of Of deployments.
	Known int `json:"known"`
	Of    int `json:"of"`
}

// LeadTime is the median over the commits of Known of Of deployments.
type LeadTime struct {
	Duration
	// Commits whose time is known.
	Commits int `json:"commits"`
}

// FailureRate says how many deployments failed of those of which it is known: verified
// ones, those that were to be rolled back, and those that were undone whatever had been
// said of them.
type FailureRate struct {
	// Rate is Failed of Concluded; nil where none is concluded.
	Rate      *float64 `json:"rate"`
	Failed    int      `json:"failed"`
	Concluded int      `json:"concluded"`
	// What is neither a failure nor a success.
	Investigate  int `json:"investigate"`
	Inconclusive int `json:"inconclusive"`
	Superseded   int `json:"superseded"`
	// Open have no verdict: they are watched, or nobody watches.
	Open int `json:"open"`
}

// Failed tells whether the delivery was a failure, and whether it is known at all.
func (d Delivery) Failed() (failed, known bool) {
	failed = d.Undone || d.Answer == deploy.RollBack
	return failed, failed || d.Answer == deploy.Verified
}

// Keys gives the four keys of each place with a deployment from from up to to, sorted,
// by the ledger's entries about one repository. Entries before from tell which commits
// ran before, those after to what became of the deployments.
func Metrics(entries []Entry, from, to time.Time) []TargetMetrics {
	keys := []TargetMetrics{}
	for _, place := range Deliveries(entries) {
		if of, any := metricsOf(place, from, to); any {
			keys = append(keys, of)
		}
	}
	return keys
}

func metricsOf(place []Delivery, from, to time.Time) (keys TargetMetrics, any bool) {
	var leads, restores []int64
	for i, d := range place {
		keys.Production = keys.Production || d.Place.Production
		if d.At.Before(from) || !d.At.Before(to) {
			continue
		}
		any = true
		if d.Back {
			keys.WentBack++
			continue
		}
		keys.Deployments++
		if i == 0 || place[i-1].Commit != d.Commit { // the same again brings nothing
			keys.Lead.Of++
			if taken := d.leads(); len(taken) > 0 {
				keys.Lead.Known++
				leads = append(leads, taken...)
			}
		}
		keys.Failures.count(d)
		if failed, _ := d.Failed(); !failed {
			continue
		}
		keys.Restore.Of++
		next := slices.IndexFunc(place[i+1:], func(later Delivery) bool { return later.Answer == deploy.Verified })
		if next >= 0 {
			restores = append(restores, seconds(place[i+1+next].At.Sub(d.At)))
		}
	}
	at := place[0].Place
	keys.Component, keys.Environment, keys.Instance = at.Component, at.Environment, at.Instance
	if days := to.Sub(from).Hours() / 24; days > 0 {
		keys.Frequency = float64(keys.Deployments) / days
	}
	keys.Lead.Commits, keys.Lead.Median = len(leads), median(leads)
	keys.Restore.Known, keys.Restore.Median = len(restores), median(restores)
	if f := &keys.Failures; f.Concluded > 0 {
		f.Rate = new(float64(f.Failed) / float64(f.Concluded))
	}
	return keys, any
}

// count puts a delivery where it belongs.
func (f *FailureRate) count(d Delivery) {
	failed, known := d.Failed()
	switch {
	case known:
		f.Concluded++
		if failed {
			f.Failed++
		}
	case d.Answer == deploy.Investigate:
		f.Investigate++
	case d.Answer == deploy.Inconclusive:
		f.Inconclusive++
	case d.Answer == deploy.Superseded:
		f.Superseded++
	default:
		f.Open++
	}
}

// leads gives how long each known commit took, in seconds. A commit that says it is
// younger than its deployment has a wrong clock: its time is not known.
func (d Delivery) leads() (taken []int64) {
	if d.Changes == nil {
		return nil
	}
	for _, committed := range d.Changes.Committed {
		if lead := d.At.Unix() - committed; lead >= 0 {
			taken = append(taken, lead)
		}
	}
	return taken
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// median sorts; between two it is in the middle.
func median(of []int64) *int64 {
	if len(of) == 0 {
		return nil
	}
	slices.Sort(of)
	middle := of[len(of)/2]
	if len(of)%2 == 0 {
		before := of[len(of)/2-1]
		middle = before + (middle-before)/2
	}
	return &middle
}
