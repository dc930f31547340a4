package server_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed/testbedtest"
)

// versioned is a service of pods, as a metric server knows it. Its new version gets a share of the
// requests from badAt on, beside the old one until that is gone.
type versioned struct {
	job   string
	share float64
	// gone is the minute in which the old version is; 0: it stays.
	gone float64
	// errors that are added to the new version, and to both, by the minute.
	fresh, both func(minute float64) float64
	// label is the label that has the version; empty: the pods' names have it.
	label string
	// instances of the new version that run from badAt on; 0: two.
	hashes []string
}

var oldPods = []string{"b7kq2", "xw9c4", "lmn5d", "zt8vf"}

// versionedServices are the services of the scenarios in which versions are told apart.
func versionedServices() map[string]versioned {
	late := func(x float64) func(float64) float64 {
		return func(minute float64) float64 { return map[bool]float64{true: x}[minute >= badAt+12] }
	}
	return map[string]versioned{
		"canary":            {share: 0.3},
		"canary-at-fault":   {share: 0.1, fresh: func(float64) float64 { return 0.04 }},
		"canary-both-worse": {share: 0.3, both: late(0.02)},
		"canary-labelled":   {share: 0.1, fresh: func(float64) float64 { return 0.04 }, label: "version"},
		"two-canaries":      {share: 0.3, hashes: []string{"7c9f8d5b44", "5f6bcd9q77"}},
		"rolled-out":        {share: 0.5, gone: badAt + 25, fresh: func(float64) float64 { return 0.04 }},
	}
}

// write adds the pods' samples in the OpenMetrics form.
func (v versioned) write(samples map[string]*strings.Builder) {
	random := rand.New(rand.NewPCG(11, uint64(len(v.job))))
	counts := map[string]float64{}
	add := func(labels string, n float64, at int64) {
		const metric = "http_requests_total"
		key := metric + "{" + labels + "}"
		counts[key] += n
		if samples[metric] == nil {
			samples[metric] = &strings.Builder{}
		}
		fmt.Fprintf(samples[metric], "%s %g %d\n", key, counts[key], at)
	}
	hashes := v.hashes
	if hashes == nil {
		hashes = []string{"7c9f8d5b44"}
	}
	drift := 0.0
	for t := -history; t < after; t += scrape {
		minute := t.Minutes()
		drift = 0.97*drift + 0.03*random.NormFloat64()
		requests, errors, _ := usual(minute)
		share := 0.0
		switch {
		case v.gone > 0 && minute >= v.gone:
			share = 1
		case minute >= badAt:
			share = v.share
		}
		if v.both != nil {
			errors += v.both(minute)
		}
		pod := func(name, hash string, share, errors float64) {
			n := poisson(random, requests*share*(1+drift)*scrape.Minutes())
			bad := binomial(random, n, errors)
			labels := fmt.Sprintf("job=%q,pod=\"orders-%s-%s\"", v.job, hash, name)
			if v.label != "" {
				labels = fmt.Sprintf("job=%q,instance=\"10.0.0.%d:8080\",%s=%q", v.job, len(hash)+strings.Index("bxlzsm", name[:1]), v.label, "v"+hash[:1])
			}
			at := testbedtest.Noon.Add(t).Unix()
			add(labels+`,code="200"`, n-bad, at)
			add(labels+`,code="500"`, bad, at)
		}
		for _, name := range oldPods {
			if share < 1 {
				pod(name, "6d4cf56db6", (1-share)/float64(len(oldPods)), errors)
			}
		}
		if share == 0 {
			continue
		}
		worse := errors
		if v.fresh != nil {
			worse += v.fresh(minute)
		}
		if minute < badAt+3 { // the new pods start
			worse += 0.2
		}
		for _, hash := range hashes {
			for _, name := range []string{"s2d5k", "m6v7h"} {
				pod(name, hash, share/float64(2*len(hashes)), worse)
			}
		}
	}
}

// versionScenes are judged by old and new version at the same time.
var versionScenes = []scene{
	{name: "canary", both: true, play: comes("success", "orders in production is verified")},
	{name: "canary-at-fault", play: comes("failure", "Roll back orders in production: errors 0.")},
	{name: "canary-labelled", file: replace("match: {job: canary-labelled}", "match: {job: canary-labelled}\n              version_label: version"),
		play: comes("failure", "Roll back orders in production: errors 0.")},
	{name: "canary-both-worse", play: comes("action_required", "Investigate orders in production: errors 0.")},
	{name: "two-canaries", play: comes("success", "orders in production is verified")},
	// Both versions served for 25 minutes before it succeeded: it is rolled back at once.
	{name: "rolled-out", play: func(t *testing.T, w *watching, door *metricDoor) {
		w.clock.set(testbedtest.Noon.Add(badAt * time.Minute))
		w.Settle()
		_, commit := w.change("goes-out")
		w.service.runs(commit, 200)
		d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
		d.Status("in_progress", "")
		w.pass(26)
		d.Status("success", w.url)
		w.Settle()
		w.pass(4)
		w.concluded(commit, "failure", "Roll back orders in production: errors 0.")
	}},
	// The same without a word of the roll-out before it succeeded: the versions tell of it.
	{name: "rolled-out-silently", job: "rolled-out", play: func(t *testing.T, w *watching, door *metricDoor) {
		w.clock.set(testbedtest.Noon.Add(badAt * time.Minute))
		w.Settle()
		_, commit := w.change("goes-out")
		w.service.runs(commit, 200)
		d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
		w.pass(26)
		d.Status("success", w.url)
		w.Settle()
		w.pass(4)
		w.concluded(commit, "failure", "Roll back orders in production: errors 0.")
	}},
}
