package deploytext

import (
	"testing"

	"plimsoll/deploy"
)

// TestProbesPassed: only what was requested and passed each time is called so.
func TestProbesPassed(t *testing.T) {
	samples := func(outcomes ...deploy.ProbeOutcome) (all []deploy.Sample) {
		for _, o := range outcomes {
			all = append(all, deploy.Sample{Probes: []deploy.ProbeResult{{Outcome: o}}})
		}
		return all
	}
	for want, s := range map[string][]deploy.Sample{
		"all probes passed in 3 samples":                                  samples(deploy.ProbePassed, deploy.ProbePassed, deploy.ProbePassed),
		"probes passed with 1 failure in 3 samples":                       samples(deploy.ProbePassed, deploy.ProbeStatus, deploy.ProbePassed),
		"probes passed in 3 samples, with 1 missing result":               samples(deploy.ProbePassed, deploy.ProbeRefused, deploy.ProbePassed),
		"probes passed with 1 failure in 3 samples, and 1 missing result": samples(deploy.ProbePassed, deploy.ProbeStatus, deploy.ProbeInterrupted),
		"probes passed in 3 samples":                                      nil, // deleted
	} {
		if got := (Deployed{Samples: s}).probesPassed(3); got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}
