package simulator

import (
	"slices"

	"plimsoll/server/simulator/internal/api"
)

// The limits of GitHub Apps, per installation.
const (
	PrimaryLimit = api.PrimaryLimit
	ContentLimit = api.ContentLimit
)

// Exchange is one call of the App and its answer.
type Exchange = api.Exchange

// Requests lists all calls so far, oldest first.
func (s *Simulator) Requests() []Exchange {
	defer s.lock()()
	return slices.Clone(s.api.Exchanges())
}

// RequestsSince lists the calls after the first n: n is len(Requests()) at an
// earlier time. Calls for tokens are left out unless tokens says otherwise.
func (s *Simulator) RequestsSince(n int, tokens bool) []Exchange {
	var list []Exchange
	for _, e := range s.Requests()[n:] {
		if tokens || e.Operation != "apps/create-installation-access-token" {
			list = append(list, e)
		}
	}
	return list
}

// Violations lists what was wrong with the traffic: calls of the App that GitHub's
// description, its limits or the App's permissions do not allow, and answers of the
// simulator that the description does not allow. A test fails on any.
func (s *Simulator) Violations() []string {
	defer s.lock()()
	return slices.Clone(s.api.Violations())
}

// Fault makes calls of the App go wrong, by script. Of several that match, the
// first given wins.
type Fault = api.Fault

// Always as Fault.Times hits every matching call.
const Always = api.Always

// Fault puts a fault in place. The function that it returns removes it.
func (s *Simulator) Fault(f Fault) (remove func()) { return s.api.AddFault(f) }

// SecondaryLimit is GitHub's answer above a secondary limit.
func SecondaryLimit(retryAfter, times int) Fault { return api.SecondaryLimit(retryAfter, times) }
