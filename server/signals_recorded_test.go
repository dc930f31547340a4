package server_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"plimsoll/server/prometheus/prometheustest"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// recorded adds what a recording rule records of the service each minute: requests a second over
// 5 minutes, by status. Nothing else is known of it.
func (m measured) recorded(b *strings.Builder) {
	random := rand.New(rand.NewPCG(7, uint64(len(m.job))))
	var all [][2]float64
	for t := -history; t < after; t += time.Minute {
		minute := t.Minutes()
		requests, errors, _ := usual(minute)
		if m.errors != nil {
			errors += m.errors(minute)
		}
		n := poisson(random, requests)
		bad := binomial(random, n, errors)
		all = append(all, [2]float64{n - bad, bad})
		if len(all) < 5 {
			continue
		}
		for i, code := range []string{"200", "500"} {
			sum := 0.0
			for _, each := range all[len(all)-5:] {
				sum += each[i]
			}
			fmt.Fprintf(b, "job_code:http_requests:rate5m{job=%q,code=%q} %g %d\n", m.job, code, sum/300, testbedtest.Noon.Add(t).Unix())
		}
	}
}

// A service of which a metric server has nothing but a recording rule is watched by it.
func TestRecordingRules(t *testing.T) {
	var b strings.Builder
	for job, service := range map[string]measured{"recorded": {}, "recorded-errors": {errors: from(func(float64) float64 { return 0.02 })}} {
		service.job = job
		service.recorded(&b)
	}
	b.WriteString("# EOF\n")
	address, err := url.Parse(prometheustest.Start(t, b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []scene{
		{name: "recorded", play: comes("success", "orders in production is verified")},
		{name: "recorded-errors", play: comes("failure", "Roll back orders in production: errors 0.")},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(t, storetest.SQLite(t), address)
		})
	}
}
