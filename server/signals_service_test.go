package server_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"plimsoll/server/testbed/testbedtest"
)

// measured is a service as a metric server knows it: two routes, of which one may fail.
// Times are minutes after Noon.
type measured struct {
	job string
	// requests a minute, the share that fails, and the share above half a second, of the
	// route /orders/:id, by the minute. nil: usual.
	requests, errors, slow func(minute float64) float64
	// gone is when its series end; 0: never. began is when they begin.
	gone, began float64
}

const (
	scrape  = 15 * time.Second
	history = 80 * time.Hour
	after   = 90 * time.Minute
)

// usual is what nothing happens to: 0.2 % errors, 5 % slow requests, 1,500 requests a
// minute with a daily rhythm.
func usual(minute float64) (requests, errors, slow float64) {
	return 1500 * (1 + 0.3*math.Sin(minute/1440*2*math.Pi)), 0.002, 0.05
}

// write adds the service's samples in the OpenMetrics form, a metric at a time.
func (m measured) write(samples map[string]*strings.Builder) {
	random := rand.New(rand.NewPCG(7, uint64(len(m.job))))
	counts := map[string]float64{}
	add := func(metric, labels string, n float64, at int64) {
		key := metric + "{" + labels + "}"
		counts[key] += n
		if samples[metric] == nil {
			samples[metric] = &strings.Builder{}
		}
		fmt.Fprintf(samples[metric], "%s %g %d\n", key, counts[key], at)
	}
	drift := 0.0
	for t := -history; t < after; t += scrape {
		minute := t.Minutes()
		if minute < m.began && m.began != 0 || m.gone != 0 && minute >= m.gone {
			continue
		}
		drift = 0.97*drift + 0.03*random.NormFloat64() // its own weather
		for _, route := range []struct {
			path  string
			share float64
		}{{"/orders/:id", 0.7}, {"/orders", 0.3}} {
			requests, errors, slow := usual(minute)
			if m.requests != nil {
				requests *= m.requests(minute)
			}
			if route.path == "/orders/:id" {
				if m.errors != nil {
					errors += m.errors(minute)
				}
				if m.slow != nil {
					slow += m.slow(minute)
				}
			}
			n := poisson(random, requests*route.share*(1+drift)*scrape.Minutes())
			bad, late := binomial(random, n, errors), binomial(random, n, slow)
			at := testbedtest.Noon.Add(t).Unix()
			labels := fmt.Sprintf("job=%q,route=%q,method=\"GET\"", m.job, route.path)
			add("http_requests_total", labels+`,code="200"`, n-bad, at)
			add("http_requests_total", labels+`,code="500"`, bad, at)
			for _, bucket := range []struct {
				le string
				n  float64
			}{{"0.5", n - late}, {"+Inf", n}} {
				add("http_request_duration_seconds_bucket", labels+fmt.Sprintf(",le=%q", bucket.le), bucket.n, at)
			}
		}
	}
}

func poisson(random *rand.Rand, mean float64) float64 {
	return math.Max(0, math.Round(mean+math.Sqrt(mean)*random.NormFloat64()))
}

func binomial(random *rand.Rand, n, p float64) (k float64) {
	for range int(n) {
		if random.Float64() < p {
			k++
		}
	}
	return k
}
