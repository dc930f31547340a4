package deploy

import (
	"slices"
	"time"

	"plimsoll/deploy/signal"
)

// Versions is how a history distinguishes the versions of a service.
type Versions struct {
	// Label has the version.
	Label string `json:"label,omitempty"`
	// Why says in words why versions are not compared; empty: they may be.
	Why string `json:"why,omitempty"`
}

// Sides are a signal's counts by version. They are queried like the signal itself.
type Sides struct {
	// Bad and Total give a series for each version, PartBad and PartTotal what about half of the
	// instances count: PromQL.
	Bad       string `json:"bad"`
	Total     string `json:"total"`
	PartBad   string `json:"part_bad"`
	PartTotal string `json:"part_total"`
	// Tracks are the versions from shortly before the roll-out on, Part that of the history.
	Tracks []Side `json:"tracks,omitempty"`
	Part   Track  `json:"part"`
}

// Side is what one version counts.
type Side struct {
	Version string `json:"version"`
	Track   Track  `json:"track"`
}

// Unbound says why no two versions are compared beside each other.
type Unbound string

// The reasons.
const (
	// NoOldVersion: none served before the roll-out, SeveralOld: more than one did.
	NoOldVersion Unbound = "no old version"
	SeveralOld   Unbound = "several old versions"
	// NoNewVersion: none has begun to serve since, SeveralNew: more than one has.
	NoNewVersion Unbound = "no new version"
	SeveralNew   Unbound = "several new versions"
	// UnsettledOld: nobody knows whether the old version works.
	UnsettledOld Unbound = "unsettled old version"
)

// Binding is which values of the version label are the deployed commit and the one before it.
type Binding struct {
	Old, New string
	// Why is empty if both are known.
	Why Unbound
}

const (
	// sidesBefore is how long before a roll-out versions are looked for, servedBefore how shortly
	// before it the old one must have served.
	sidesBefore  = 15 * time.Minute
	servedBefore = 10 * time.Minute
	// silentBefore is how long before a success versions are looked for if nothing says when its
	// roll-out began.
	silentBefore = 2 * time.Hour
)

// SidesFrom is from when on versions are looked for.
func (v Verification) SidesFrom() time.Time {
	if v.Started.IsZero() {
		return v.Began.Add(-silentBefore)
	}
	return v.RolledOutFrom().Add(-sidesBefore)
}

// rolledOutFrom is when the first instances may have been replaced, by the statuses or by the
// versions that serve.
func (h *History) rolledOutFrom(v Verification) time.Time {
	if h.RolledOut != 0 {
		return time.Unix(h.RolledOut, 0).UTC()
	}
	return v.RolledOutFrom()
}

// secondServes is when the newest version that serves before a success began to, beside one that
// served already and still does; 0: there is none, or it is not known when.
func (h *History) secondServes(v Verification) (from int64) {
	if !v.Started.IsZero() {
		return 0
	}
	began := v.Began.Unix()
	served := h.served(began, nil)
	for _, newer := range served {
		for _, older := range served {
			if older.first < newer.first && older.last >= max(newer.first, began-int64(servedBefore/time.Second)) && newer.first <= began && newer.before >= began-int64(servedBefore/time.Second) {
				from = max(from, newer.first-h.Step) // the sample is of the step before it
			}
		}
	}
	return from
}

// Bind finds out which version is the deployed one, by what has been measured: it begins to serve
// after the roll-out's start, and the old one served right before. The names decide nothing.
func (h *History) Bind(v Verification, samples []Sample) Binding {
	start := h.rolledOutFrom(v).Unix()
	var earlier, later []string
	for version, served := range h.served(start, samples) {
		switch {
		case served.first > start:
			later = append(later, version)
		case served.before >= start-int64(servedBefore/time.Second):
			earlier = append(earlier, version)
		}
	}
	unsettled := slices.ContainsFunc(h.Cuts, func(c signal.Cut) bool { return (c.Why == CutUnsettled || c.Why == CutFailed) && c.To >= start })
	switch {
	case len(earlier) == 0:
		return Binding{Why: NoOldVersion}
	case len(earlier) > 1:
		return Binding{Why: SeveralOld}
	case len(later) == 0:
		return Binding{Old: earlier[0], Why: NoNewVersion}
	case len(later) > 1:
		return Binding{Old: earlier[0], Why: SeveralNew}
	case unsettled:
		return Binding{Old: earlier[0], New: later[0], Why: UnsettledOld}
	}
	return Binding{Old: earlier[0], New: later[0]}
}

// serving is when a version had requests: first and last, and last before the roll-out.
type serving struct{ first, last, before int64 }

// served returns when each version had requests, and when before the roll-out's start.
func (h *History) served(start int64, samples []Sample) map[string]serving {
	all := map[string]serving{}
	for i, w := range h.Signals {
		if w.Sides == nil {
			continue
		}
		for version, points := range h.sides(i, samples) {
			one, known := all[version]
			for k, at := range points.At {
				if !(points.Total[k] > 0) {
					continue
				}
				if !known || at < one.first {
					one.first, known = at, true
				}
				one.last = max(one.last, at)
				if at <= start {
					one.before = max(one.before, at)
				}
			}
			if known {
				all[version] = one
			}
		}
	}
	return all
}

// sides are the measurements of each version of a signal.
func (h *History) sides(i int, samples []Sample) map[string]signal.Points {
	all := map[string]signal.Points{}
	add := func(sides []Side) {
		for _, side := range sides {
			points := all[side.Version]
			points = side.Track.append(points, h.Step)
			all[side.Version] = points
		}
	}
	add(h.Signals[i].Sides.Tracks)
	for _, s := range samples {
		if i < len(s.Signals) {
			add(s.Signals[i].Sides)
		}
	}
	return all
}

// mostVersions is how many versions a service may have at once.
const mostVersions = 10

// Settle leaves versions out if they can't be compared: there are too many, or the old one has gone
// before the new one was warm.
func (h *History) Settle(v Verification) {
	if h.Versions == nil {
		return
	}
	if h.Versions.Why != "" { // of one of several presets
		h.LeaveVersions(h.Versions.Why)
		return
	}
	h.RolledOut = h.secondServes(v)
	start := h.rolledOutFrom(v).Unix()
	served := h.served(start, nil)
	lately := 0
	for _, one := range served {
		if one.last >= start-int64(servedBefore/time.Second) {
			lately++
		}
	}
	if lately > mostVersions {
		h.LeaveVersions("more than 10 versions serve")
		return
	}
	bound := h.Bind(v, nil)
	old := served[bound.Old]
	over := bound.Old != "" && old.last < h.Until-2*h.Step
	if len(served) == 0 || over && (bound.New == "" || old.last <= served[bound.New].first) {
		h.LeaveVersions("")
	}
}

// LeaveVersions compares no versions and says why; empty: there are none.
func (h *History) LeaveVersions(why string) {
	label := ""
	if h.Versions != nil {
		label = h.Versions.Label
	}
	if h.Versions = nil; why != "" {
		h.Versions = &Versions{Label: label, Why: why}
	}
	for i := range h.Signals {
		h.Signals[i].Sides = nil
	}
}

// compare adds the versions to the signals that are evaluated.
func (h *History) compare(in *signal.Input, v Verification, samples []Sample) {
	if h.Versions == nil || h.Versions.Why != "" {
		return
	}
	bound := h.Bind(v, samples)
	if bound.Why != "" {
		return
	}
	for i, w := range h.Signals {
		if w.Sides == nil {
			continue
		}
		sides := h.sides(i, samples)
		in.Metrics[i].Versions = &signal.Versions{Old: sides[bound.Old], New: sides[bound.New], Part: w.Sides.Part.append(signal.Points{}, h.Step)}
	}
}
