package signals

import (
	"fmt"
	"strings"

	"plimsoll/deploy"
	"plimsoll/deploy/preset"
)

// plan makes the signals, once it is known how far their points lie apart.
func (s *search) plan() {
	for _, d := range s.found {
		if d.source == nil {
			w := deploy.NewWatched(d.own, "")
			w.DryRun = d.dryRun()
			s.add(w)
			continue
		}
		s.history.Convention = d.source.Name
		plan := d.source.HTTP(d.declared, d.bound, s.changed, s.scrape)
		sides := versionsOf(d, s.scrape)
		for _, each := range plan.Whole {
			w := deploy.NewWatched(each, "")
			w.DryRun = d.dryRun()
			sides.side(&w)
			s.add(w)
		}
		s.operations = append(s.operations, perOperation{plan.Operations, plan.Control, d.dryRun()})
		s.history.Missing = append(s.history.Missing, plan.Missing...)
	}
}

// add adds a signal under a name that no other has.
func (s *search) add(w deploy.Watched) {
	name := w.Name
	for n := 2; s.named(w.Name); n++ {
		w.Name = fmt.Sprintf("%s (%d)", name, n)
	}
	s.history.Signals = append(s.history.Signals, w)
}

func (s *search) named(name string) bool {
	for _, w := range s.history.Signals {
		if w.Name == name {
			return true
		}
	}
	return false
}

// fit adds the changed operations, errors and slow requests of each, as far as there is
// room: each signal has its share of the false alarms that are allowed.
func (s *search) fit() {
	h := s.history
	if more := len(h.Signals) - deploy.MostSignals; more > 0 {
		h.Signals = h.Signals[:deploy.MostSignals]
		s.gap(deploy.Gap{Kind: deploy.GapTooMany})
	}
	left := 0
	for _, each := range s.operations {
		controls := map[string]int{}
		for _, watched := range each.watched {
			var signals []deploy.Watched
			for _, one := range watched.Signals {
				if one.Name == preset.Errors || one.Name == preset.SlowRequests {
					w := deploy.NewWatched(one, watched.Operation.String())
					w.DryRun = each.dryRun
					signals = append(signals, w)
				}
			}
			if len(h.Signals)+len(signals) > deploy.MostSignals {
				left++
				continue
			}
			h.Changed = append(h.Changed, watched.Operation.String())
			for i, w := range signals {
				w.Control = s.control(each.control, strings.TrimPrefix(w.Name, w.Operation+": "), controls)
				signals[i] = w
				s.add(w)
			}
		}
	}
	if left > 0 {
		h.Missing = append(h.Missing, fmt.Sprintf("%d changed operations one by one: at most %d signals are evaluated", left, deploy.MostSignals))
	}
}

// control returns the index of a signal among the controls, and adds it if it is new.
func (s *search) control(of []preset.Signal, name string, known map[string]int) int {
	if at := known[name]; at > 0 {
		return at
	}
	for _, one := range of {
		if one.Name != name {
			continue
		}
		w := deploy.NewWatched(one, "")
		w.Name, w.Investigate, w.RollBack = "unchanged operations: "+name, nil, nil
		s.history.Controls = append(s.history.Controls, w)
		known[name] = len(s.history.Controls)
		return known[name]
	}
	return 0
}

// drop leaves out the signals whose history could not be queried: their gap is reported.
func (s *search) drop() {
	kept := s.history.Signals[:0]
	for _, w := range s.history.Signals {
		if max(len(w.Track.Total), len(w.Track.Value)) > 0 {
			kept = append(kept, w)
		}
	}
	s.history.Signals = kept
}
