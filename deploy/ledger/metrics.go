package ledger

import (
	"plimsoll/deploy"
	"slices"
	"time"
)

// TargetMetrics are DORA's four keys of one component in one target, over a span of time
// (https://dora.dev/guides/dora-metrics-four-keys/), measured as each field describes. A
// deployment belongs to the span in which it first succeeded; later events about it count
// as well.
type TargetMetrics struct {
	Component   string `json:"component"`
	Environment string `json:"environment"`
	Instance    string `json:"instance,omitempty"`
	Production  bool   `json:"production"`
	// Deployments without rollbacks, and their Frequency per day. Rollbacks are counted
	// in WentBack.
	Deployments int     `json:"deployments"`
	Frequency   float64 `json:"deployments_per_day"`
	WentBack    int     `json:"went_back"`
	// WouldGoBack are the deployments that would have been rolled back but for a dry run.
	WouldGoBack int `json:"would_have_gone_back,omitempty"`
	// Lead time for changes: from the time of a commit to the success of its deployment in
	// the target, over all commits.
	Lead LeadTime `json:"lead_time_for_changes"`
	// Failures: the change failure rate.
	Failures FailureRate `json:"change_failure_rate"`
	// Restore: failed deployment recovery time (formerly time to restore service): from
	// the success of a failed deployment to that of the next verified one there.
	Restore Duration `json:"time_to_restore"`
}

// Duration is a median with the number of its values.
type Duration struct {
	// Median in seconds; nil if none is known.
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

// FailureRate counts failures among the deployments whose result is known: verified ones,
// those with the verdict to roll back, and those that were undone.
type FailureRate struct {
	// Rate is Failed of Concluded; nil if none is concluded.
	Rate      *float64 `json:"rate"`
	Failed    int      `json:"failed"`
	Concluded int      `json:"concluded"`
	// Neither failures nor successes.
	Investigate  int `json:"investigate"`
	Inconclusive int `json:"inconclusive"`
	Superseded   int `json:"superseded"`
	// Open have no verdict: they are still watched, or not watched at all.
	Open int `json:"open"`
}

// Failed reports whether the delivery was a failure, and whether it is known at all.
func (d Delivery) Failed() (failed, known bool) {
	failed = d.Undone || d.Answer == deploy.RollBack
	return failed, failed || d.Answer == deploy.Verified
}

// Metrics returns the four keys of each target with a deployment between from and to,
// sorted, by the ledger's entries about one repository. Entries before from show which
// commits ran before, entries after to what became of the deployments.
func Metrics(entries []Entry, from, to time.Time) []TargetMetrics {
	all := []TargetMetrics{}
	for _, deliveries := range Deliveries(entries) {
		if of, any := metricsOf(deliveries, from, to); any {
			all = append(all, of)
		}
	}
	return all
}

func metricsOf(deliveries []Delivery, from, to time.Time) (m TargetMetrics, any bool) {
	var leads, restores []int64
	for i, d := range deliveries {
		m.Production = m.Production || d.Target.Production
		if d.At.Before(from) || !d.At.Before(to) {
			continue
		}
		any = true
		if d.Back {
			m.WentBack++
			continue
		}
		m.Deployments++
		if i == 0 || deliveries[i-1].Commit != d.Commit { // the same commit again brings no change
			m.Lead.Of++
			if taken := d.leads(); len(taken) > 0 {
				m.Lead.Known++
				leads = append(leads, taken...)
			}
		}
		if d.WouldGoBack {
			m.WouldGoBack++
		}
		m.Failures.count(d)
		if failed, _ := d.Failed(); !failed {
			continue
		}
		m.Restore.Of++
		next := slices.IndexFunc(deliveries[i+1:], func(later Delivery) bool { return later.Answer == deploy.Verified })
		if next >= 0 {
			restores = append(restores, seconds(deliveries[i+1+next].At.Sub(d.At)))
		}
	}
	at := deliveries[0].Target
	m.Component, m.Environment, m.Instance = at.Component, at.Environment, at.Instance
	if days := to.Sub(from).Hours() / 24; days > 0 {
		m.Frequency = float64(m.Deployments) / days
	}
	m.Lead.Commits, m.Lead.Median = len(leads), median(leads)
	m.Restore.Known, m.Restore.Median = len(restores), median(restores)
	if f := &m.Failures; f.Concluded > 0 {
		f.Rate = new(float64(f.Failed) / float64(f.Concluded))
	}
	return m, any
}

// count adds a delivery.
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

// leads returns how long each known commit took, in seconds. A commit that is younger than
// its deployment comes from a wrong clock: its time is unknown.
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

// median sorts the values; of an even number it is the mean of the middle two.
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
