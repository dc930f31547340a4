package server_test

import (
	"math/rand/v2"
	"net/url"
	"testing"

	"plimsoll/server/prometheus/prometheustest"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// native gives the samples of a service whose only metric of requests is a native histogram.
func (m measured) native() (all []prometheustest.Native) {
	random := rand.New(rand.NewPCG(7, uint64(len(m.job))))
	counts := map[string]map[int]uint64{"200": {}, "500": {}}
	for t := -history; t < after; t += scrape {
		minute := t.Minutes()
		requests, errors, slow := usual(minute)
		if m.errors != nil {
			errors += m.errors(minute)
		}
		if m.slow != nil {
			slow += m.slow(minute)
		}
		n := poisson(random, requests*scrape.Minutes())
		bad := binomial(random, n, errors)
		late := binomial(random, n-bad, slow)
		counts["500"][-24] += uint64(bad)
		counts["200"][-24] += uint64(n - bad - late)
		counts["200"][3] += uint64(late)
		for code, buckets := range counts {
			copied := map[int]uint64{}
			for at, count := range buckets {
				if copied[at] = count; count == 0 {
					delete(copied, at)
				}
			}
			if len(copied) > 0 {
				labels := map[string]string{"__name__": "http_request_duration_seconds", "job": m.job, "instance": "10.0.0.1:8080", "code": code}
				all = append(all, prometheustest.Native{Labels: labels, At: testbedtest.Noon.Add(t), Schema: 3, Buckets: copied})
			}
		}
	}
	return all
}

// A service with a native histogram alone is watched as one with buckets is.
func TestNativeHistograms(t *testing.T) {
	services := map[string]measured{
		"native":        {},
		"native-errors": {errors: from(func(float64) float64 { return 0.02 })},
		"native-slow":   {slow: from(func(float64) float64 { return 0.10 })},
	}
	var all []prometheustest.Native
	for job, service := range services {
		service.job = job
		all = append(all, service.native()...)
	}
	address, err := url.Parse(prometheustest.StartNative(t, all))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []scene{
		{name: "native", play: comes("success", "orders in production is verified")},
		{name: "native-errors", play: comes("failure", "Roll back orders in production: errors 0.")},
		{name: "native-slow", play: comes("failure", "Roll back orders in production: slow requests")},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(t, storetest.SQLite(t), address)
		})
	}
}
