package preset

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll/config"
)

// Rule is a recording rule, as its name says what it records: level:metric:operations.
// https://prometheus.io/docs/practices/rules/
type Rule struct {
	// Name of the metric that it records.
	Name string
	// Unfit says why it can't be used; empty: it can.
	Unfit string
	role  role
	// requests is which requests it is about: http_request of http_requests, http_request_errors
	// and http_request_duration_seconds.
	requests string
	window   time.Duration // of its rate; 0: none
	scale    float64       // how many units of a duration a second has
}

type role int

const (
	ofRequests role = iota // a rate of requests
	ofFailed               // a rate of failed requests
	ofBuckets              // a rate of the buckets of durations
	ofRatio                // the share of failed requests
	ofQuantile             // the p95 of durations
)

// Windows of rates that can be used. A shorter one leaves requests out, and a longer one still
// holds the time before when a deployment begins to count.
const (
	leastRate = time.Minute
	mostRate  = 5 * time.Minute
)

var (
	rateOf     = regexp.MustCompile(`^(?:sum_)?rate_?([0-9]+)([smhd])$`)
	ratioOf    = regexp.MustCompile(`^(?:error_)?ratio(?:_rate_?([0-9]+)([smhd]))?$`)
	quantileOf = regexp.MustCompile(`^(?:p95|95quantile|p95quantile|quantile95)(?:_?(?:rate_?)?([0-9]+)([smhd]))?$`)
	// served are the ends of the metrics of requests that a service answers, and timed of the
	// durations of the same.
	served = regexp.MustCompile(`(?:^|_)requests?$|requests?_(?:duration|latency)?_?(?:milli)?seconds_count$`)
	failed = regexp.MustCompile(`(?:^|_)requests?_(?:errors?|failures?|failed|5xx)$|(?:^|_)http_(?:errors|5xx)$|(?:^|_)(?:failed|error)_requests$`)
	timed  = regexp.MustCompile(`requests?_(?:duration|latency)?_?(milli)?seconds(_bucket)?$`)
	// measured is the end of their names that says what of the requests is measured.
	measured = regexp.MustCompile(`(?:(?:failed|error)_)?requests?(?:_(?:errors?|failures?|failed|5xx)|_(?:duration|latency)?_?(?:milli)?seconds(?:_count|_bucket)?)?$|(?:errors|5xx)$`)
)

// Recorded returns the recording rules among the names of metrics that record requests or their
// durations, in the order of their names.
func Recorded(names Names) (rules []Rule) {
	for name := range names {
		parts := strings.Split(name, ":")
		if len(parts) != 3 || !labelName.MatchString("_"+strings.ReplaceAll(name, ":", "")) || slices.ContainsFunc(strings.Split(parts[1], "_"), func(word string) bool { return slices.Contains(notServed, word) }) {
			continue
		}
		if r, ok := readRule(strings.TrimSuffix(parts[1], "_total"), parts[2]); ok {
			r.Name = name
			rules = append(rules, r)
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return rules
}

// readRule reads what is recorded of a metric; ok is false for anything but requests.
func readRule(metric, operations string) (r Rule, ok bool) {
	duration := timed.FindStringSubmatch(metric)
	rate, ratio, quantile := rateOf.FindStringSubmatch(operations), ratioOf.FindStringSubmatch(operations), quantileOf.FindStringSubmatch(operations)
	var window []string
	switch {
	case failed.MatchString(metric) && rate != nil:
		r.role, window = ofFailed, rate
	case failed.MatchString(metric) && ratio != nil, served.MatchString(metric) && ratio != nil && strings.HasPrefix(operations, "error"):
		r.role, window = ofRatio, ratio
	case served.MatchString(metric) && rate != nil:
		r.role, window = ofRequests, rate
	case duration != nil && duration[2] != "" && rate != nil:
		r.role, window = ofBuckets, rate
	case duration != nil && duration[2] == "" && quantile != nil:
		r.role, window = ofQuantile, quantile
	case failed.MatchString(metric) || served.MatchString(metric) || duration != nil:
		r.Unfit = "its name does not say that it is a rate of requests over a time, a share of errors or the p95"
		return r, true
	default:
		return r, false
	}
	r.requests = measured.ReplaceAllString(metric, "request")
	if r.scale = 1; duration != nil && duration[1] != "" {
		r.scale = 1000
	}
	if window[1] != "" {
		n, err := strconv.Atoi(window[1])
		unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[window[2]]
		if r.window = time.Duration(n) * unit; err != nil || n > 1000 {
			r.window = 1000 * unit
		}
	}
	switch {
	case r.window > mostRate:
		r.Unfit = fmt.Sprintf("it averages over %s, at most %s can be used: after a deployment it still holds the time before", promDuration(r.window), promDuration(mostRate))
	case r.window > 0 && r.window < leastRate:
		r.Unfit = fmt.Sprintf("it averages over %s, at least %s can be used: it leaves requests out", promDuration(r.window), promDuration(leastRate))
	}
	return r, true
}

// RulesOf selects the series of rules with the given labels: ask which names there are.
func RulesOf(rules []Rule, match map[string]string) (string, error) {
	var all []Convention
	for _, r := range rules {
		all = append(all, Convention{Requests: r.Name})
	}
	return Counters(all, match)
}

// recording are the metrics that rules record of one service.
type recording struct {
	// failed, ratio and quantile are rules; empty: there is none.
	failed, ratio, quantile string
	// window is the longest one of the rates.
	window time.Duration
	// units of what they record.
	units string
}

// AmbiguousError is that two rules record different requests, and nothing says which ones the
// service answers.
type AmbiguousError struct{ First, Second string }

func (e *AmbiguousError) Error() string {
	return e.First + " and " + e.Second + " may both record the requests: narrow match down, or declare queries of your own"
}

// FromRules returns the convention of the rules that a service has: one for each role, all of
// the same requests, and of several the one with the shortest window. A rate of requests by status
// comes before others: labels gives the labels of a rule's series. A rule that can't be used beside
// the others becomes unfit. ok is false if none can be used. The error is an AmbiguousError where
// rules record different requests.
func FromRules(rules []Rule, labels func(of string) ([]string, error)) (c Convention, ok bool, err error) {
	c = Convention{Name: "recording rules", PerSecond: 1, classes: httpClasses, status: clientStatus, route: clientRoute, method: clientMethod, recorded: &recording{}}
	if err := sameRequests(rules); err != nil {
		return c, false, err
	}
	best := map[role]Rule{}
	byStatus := false
	for _, r := range rules {
		if r.Unfit != "" {
			continue
		}
		other, known := best[r.role]
		better := !known || r.window < other.window
		if r.role == ofRequests {
			has, err := labels(r.Name)
			if err != nil {
				return c, false, err
			}
			status := slices.ContainsFunc(has, func(label string) bool { return slices.Contains(clientStatus, label) })
			better = !known || status && !byStatus || status == byStatus && r.window < other.window
			byStatus = byStatus || better && status
		}
		if better {
			best[r.role] = r
		}
	}
	for _, r := range best {
		c.recorded.window = max(c.recorded.window, r.window)
	}
	c.Requests, c.Buckets = best[ofRequests].Name, best[ofBuckets].Name
	c.recorded.failed, c.recorded.ratio, c.recorded.quantile = best[ofFailed].Name, best[ofRatio].Name, best[ofQuantile].Name
	c.recorded.units = unitsOf(best)
	if c.Buckets != "" {
		c.PerSecond = best[ofBuckets].scale
	}
	return c, len(best) > 0, nil
}

// sameRequests makes those rules unfit that record other requests than the rate of requests does,
// and counts of a part if there is no such rate. The error is an AmbiguousError if it is not clear
// which requests are meant.
func sameRequests(rules []Rule) error {
	fit := func(r Rule) bool { return r.Unfit == "" }
	counted := slices.ContainsFunc(rules, func(r Rule) bool { return fit(r) && r.role == ofRequests })
	var first Rule
	for i, r := range rules {
		if fit(r) && !counted && (r.role == ofFailed || r.role == ofBuckets) {
			rules[i].Unfit = "no recording rule that can be used has the rate of all requests"
			continue
		}
		if !fit(r) || counted && r.role != ofRequests {
			continue
		}
		if first.Name == "" {
			first = r
		}
		if r.requests != first.requests {
			return &AmbiguousError{first.Name, r.Name}
		}
	}
	for i, r := range rules {
		if fit(r) && r.requests != first.requests {
			rules[i].Unfit = "its name says that it is about other requests than " + first.Name
		}
	}
	return nil
}

// unitsOf says in which units the rules are by their names.
func unitsOf(rules map[role]Rule) string {
	var all []string
	for _, of := range []role{ofBuckets, ofQuantile} {
		r, has := rules[of]
		unit := "seconds"
		if r.scale == 1000 {
			unit = "milliseconds"
		}
		if has && !slices.Contains(all, unit) {
			all = append(all, unit)
		}
	}
	if _, has := rules[ofRequests]; has {
		all = append(all, "requests a second")
	}
	return strings.Join(all, " and ")
}

// Labels returns the query for the statuses and methods of a rule's series.
func (c Convention) Labels(match map[string]string) (string, error) {
	c.status, c.method = clientStatus, clientMethod
	d, err := c.Discover(match)
	return d.Requests, err
}

// Rules are the recording rules of the convention.
func (c Convention) Rules() []string {
	all := []string{c.Requests, c.Buckets, c.recorded.failed, c.recorded.ratio, c.recorded.quantile}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// Units are the units that the names of the recording rules say; empty: they are shares.
func (c Convention) Units() string { return c.recorded.units }

// Window is over how long the rates of recording rules are averages; 0: there are none.
func (c Convention) Window() time.Duration {
	if c.recorded == nil {
		return 0
	}
	return c.recorded.window
}

// present is a metric that a service of the convention has.
func (c Convention) present() string {
	if c.recorded == nil {
		return c.Requests
	}
	return cmp.Or(c.Requests, c.recorded.ratio, c.recorded.quantile)
}

// signals are those of rules that are not by status. bound is the one of the buckets; 0: there is
// none.
func (r *recording) signals(s Source, declared config.Signal, bound float64) (all []Signal, missing []string) {
	of := func(name string) selector {
		return selector{metric: name, matchers: s.match, rate: true}
	}
	switch {
	case s.Status != "":
	case r.failed != "":
		total := s.pace.counted(s.requests())
		// Failed requests without the others would be a share of 1.
		one := proportionOf(Errors, "("+s.pace.counted(of(r.failed))+" and "+total+")", total)
		missing = append(missing, "whether there were errors where "+r.failed+" records nothing; they count as none")
		one.Investigate, one.Rollback, one.Objective = declared.Investigate, declared.Rollback, declared.Objective.Share()
		all = append(all, one)
	case r.ratio != "":
		all = append(all, Signal{Name: ErrorRatio, Kind: Series, Better: config.Down, Value: "max(" + of(r.ratio).String() + ")"})
		missing = append(missing, "how many errors there were: "+r.ratio+" is a share without a count, and no limit or objective is applied to it")
	default:
		missing = append(missing, "errors: no recording rule that can be used has them by status, as a rate or as a share")
	}
	if r.quantile != "" && (!s.Histogram || bound == 0) {
		all = append(all, Signal{Name: Latency, Kind: Series, Better: config.Down, Value: "max(" + of(r.quantile).String() + ")"})
	}
	if r.quantile == "" && !s.Histogram {
		missing = append(missing, "latency: no recording rule that can be used has the buckets or the p95")
	}
	return all, missing
}
