package production

import (
	"math"
	"math/rand/v2"
	"time"
)

// route is one of the service's operations as its framework names it, with its share of
// the traffic and what usually comes of it.
type route struct {
	method, path string
	share        float64
	// failed is the share of requests that end with 500, refused with refusal.
	failed, refused float64
	refusal         string
	// breaks is the share that fails on a bad commit.
	breaks float64
}

var routes = []route{
	{method: "GET", path: "/orders", share: 0.35, failed: 0.002, refused: 0.004, refusal: "400", breaks: 0.09},
	{method: "GET", path: "/orders/:id", share: 0.30, failed: 0.002, refused: 0.010, refusal: "404"},
	{method: "POST", path: "/orders", share: 0.15, failed: 0.002, refused: 0.020, refusal: "422"},
	{method: "GET", path: "/orders/:id/shipment", share: 0.20, failed: 0.002, refused: 0.030, refusal: "404"},
}

// buckets are the bounds of the service's histogram in seconds, as they are written, and
// the share of requests that take longer.
var buckets = []struct {
	le     string
	bound  float64
	slower float64
}{{"0.1", 0.1, 0.45}, {"0.25", 0.25, 0.17}, {"0.5", 0.5, 0.05}, {"1.0", 1, 0.008}, {"+Inf", math.Inf(1), 0}}

const (
	// seed of all that is made up.
	seed = 1876 // the year of the Merchant Shipping Act
	// perMinute is the mean of the service's requests.
	perMinute = 6000
	// rhythm is by how much the day differs from the night.
	rhythm = 0.3
	// before and after the story's beginning there is traffic, in minutes.
	before, after = 8 * 24 * 60, 24 * 60
	// breaking is how long it takes until a bad commit serves all of the requests.
	breaking = 2 * time.Minute
)

// counts are what one route served in one minute; slower by the place in buckets.
type counts struct {
	requests, failed, refused float64
	slower                    []float64
}

// weather is how traffic differs from its rhythm, minute by minute: what is above the
// mean in one minute is mostly so in the next.
func weather() []float64 {
	random, drift := rand.New(rand.NewPCG(seed, 0)), 0.0
	all := make([]float64, before+after)
	for i := range all {
		drift = 0.9*drift + 0.03*random.NormFloat64()
		all[i] = drift
	}
	return all
}

// minute gives what a route served in the minute that ends at a time; ok is false where
// there is no traffic known.
func (p *Production) minute(n int, end time.Time) (c counts, ok bool) {
	minute := int(end.Sub(p.began) / time.Minute)
	i := minute + before
	if i < 0 || i >= len(p.weather) || end.After(p.options.Clock()) {
		return c, false
	}
	r := routes[n]
	random := rand.New(rand.NewPCG(seed, uint64(i)*uint64(len(routes))+uint64(n)+1))
	mean := perMinute * r.share * (1 + rhythm*math.Sin(2*math.Pi*float64(minute)/(24*60)) + p.weather[i])
	c.requests = drawn(random, mean)
	c.failed = min(c.requests, drawn(random, c.requests*(r.failed+r.breaks*p.broken(end))))
	c.refused = min(c.requests-c.failed, drawn(random, c.requests*r.refused))
	left := c.requests
	for _, b := range buckets {
		left = min(left, drawn(random, c.requests*b.slower)) // never more than above a lower bound
		c.slower = append(c.slower, left)
	}
	return c, true
}

// broken is the share of the requests of the minute that ends at a time that a bad
// commit served.
func (p *Production) broken(end time.Time) float64 {
	middle := end.Add(-30 * time.Second)
	r := p.at(middle)
	if !r.bad {
		return 0
	}
	return min(1, float64(middle.Sub(r.at))/float64(breaking))
}

// drawn is a number of events where so many are to be expected (Poisson's distribution;
// above 30 its normal approximation).
func drawn(random *rand.Rand, mean float64) float64 {
	if mean > 30 {
		return max(0, math.Round(mean+math.Sqrt(mean)*random.NormFloat64()))
	}
	n, product, limit := 0.0, random.Float64(), math.Exp(-mean)
	for product > limit {
		product *= random.Float64()
		n++
	}
	return n
}

// ErrorShare is the share of the requests that failed in the last whole minute.
func (p *Production) ErrorShare() float64 {
	end := p.options.Clock().UTC().Truncate(time.Minute)
	var failed, requests float64
	for n := range routes {
		if c, ok := p.minute(n, end); ok {
			failed, requests = failed+c.failed, requests+c.requests
		}
	}
	return failed / max(requests, 1)
}
