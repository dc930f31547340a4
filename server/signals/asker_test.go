package signals

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
)

var began = time.Date(2026, 11, 2, 12, 0, 7, 0, time.UTC)

// server answers as a test says; by default as one quiet service.
type server struct {
	names prometheus.Names
	// labels of the series that discovery finds; nil: a usual one.
	labels map[string]string
	// at answers a range's point; nil: 1. refuse gives an error for a query.
	at     func(query string, at time.Time) float64
	refuse func(query string) error
	series int    // of a range; 0: one
	silent string // part of the queries that give nothing
	asked  []string
	values []string // of every label
}

func (s *server) MetricNames(context.Context, string) (prometheus.Names, error) {
	if s.refuse != nil {
		if err := s.refuse("names"); err != nil {
			return nil, err
		}
	}
	if s.names == nil {
		return prometheus.Names{"http_requests_total": {}, "http_request_duration_seconds_bucket": {}}, nil
	}
	return s.names, nil
}

// LabelValues gives what the label has: the names of metrics, or the values of a test.
func (s *server) LabelValues(ctx context.Context, _, label, selector string, _, _ time.Time) ([]string, error) {
	s.asked = append(s.asked, selector)
	if label != "__name__" {
		return s.values, nil
	}
	names, err := s.MetricNames(ctx, "")
	return slices.Collect(maps.Keys(names)), err
}

func (s *server) Query(_ context.Context, _, query string, at time.Time) (prometheus.Answer, error) {
	s.asked = append(s.asked, query)
	if s.refuse != nil {
		if err := s.refuse(query); err != nil {
			return prometheus.Answer{}, err
		}
	}
	one := func(labels map[string]string, value float64) prometheus.Series {
		return prometheus.Series{Labels: labels, Points: []prometheus.Point{{At: at, Value: value}}}
	}
	switch {
	case s.silent != "" && strings.Contains(query, s.silent):
		return prometheus.Answer{}, nil
	case strings.HasPrefix(query, "max(count_over_time"):
		return prometheus.Answer{Series: []prometheus.Series{one(nil, 20)}}, nil
	case strings.HasPrefix(query, "sum by (le)"):
		return prometheus.Answer{Series: []prometheus.Series{one(map[string]string{"le": "0.5"}, 96), one(map[string]string{"le": "+Inf"}, 100)}}, nil
	}
	labels := s.labels
	if labels == nil {
		labels = map[string]string{"code": "200", "route": "/orders/:id", "method": "GET"}
	}
	return prometheus.Answer{Series: []prometheus.Series{one(labels, 1)}}, nil
}

func (s *server) QueryRange(_ context.Context, _, query string, r prometheus.Range) (prometheus.Answer, error) {
	s.asked = append(s.asked, query)
	if s.refuse != nil {
		if err := s.refuse(query); err != nil {
			return prometheus.Answer{}, err
		}
	}
	var answer prometheus.Answer
	for range max(s.series, 1) {
		one := prometheus.Series{Labels: s.labels}
		for at := r.Start; !at.After(r.End); at = at.Add(r.Step) {
			value := 1.0
			if s.at != nil {
				value = s.at(query, at)
			}
			one.Points = append(one.Points, prometheus.Point{At: at, Value: value})
		}
		answer.Series = append(answer.Series, one)
	}
	return answer, nil
}

func (*server) Settles() time.Duration { return 10 * time.Second }

func verification(signals ...config.Signal) deploy.Verification {
	return deploy.Verification{Began: began, Plan: deploy.Plan{Declared: true, For: 30 * time.Minute, Every: time.Minute, Baseline: 30 * time.Minute, Signals: signals}}
}

var (
	http   = config.Signal{Preset: "http", Match: map[string]string{"job": "orders"}}
	own    = config.Signal{Name: "checkouts", Query: "sum(rate(checkouts_total[5m]))", Better: config.Up}
	absent = &prometheus.Error{Datasource: "default", Message: "could not be asked"}
	wrong  = &prometheus.Error{Datasource: "default", Message: "it refuses the query", Query: true}
)

func history(t *testing.T, s *server, v deploy.Verification, changed preset.Changed) (*deploy.History, *deploy.Gap) {
	t.Helper()
	h, gap, err := (&Asker{servers: s}).History(t.Context(), v, changed)
	if err != nil {
		t.Fatal(err)
	}
	return h, gap
}

// Seven days in steps of four scrapes, before the deployment, for everything declared.
func TestHistory(t *testing.T) {
	s := &server{at: func(_ string, at time.Time) float64 { return float64(at.Unix() % 1000) }}
	changed := preset.Changed{Operations: []preset.Operation{{Method: "GET", Path: "/orders/{id}"}}}
	h, gap := history(t, s, verification(http, own), changed)
	if gap != nil || len(h.Gaps) > 0 || h.Scrape != 30 || h.Step != 120 || h.Convention != "Prometheus client" {
		t.Fatalf("%+v, %+v", gap, h)
	}
	var names []string
	for _, w := range h.Signals {
		names = append(names, w.Name)
		for i, at := range h.Points(len(names)-1, nil).At {
			if at > began.Unix() || at < began.Add(-7*24*time.Hour).Unix() || at%120 != 0 || i > 0 && at <= h.Points(len(names)-1, nil).At[i-1] {
				t.Fatalf("%s: a point at %d", w.Name, at)
			}
		}
		if n := len(h.Points(len(names)-1, nil).At); n != 7*24*30 {
			t.Errorf("%s: %d points", w.Name, n)
		}
	}
	want := "errors, client errors, slow requests, throughput, checkouts, GET /orders/{id}: errors, GET /orders/{id}: slow requests"
	if got := strings.Join(names, ", "); got != want || len(h.Controls) != 2 || len(h.Changed) != 1 {
		t.Errorf("%s, %d controls", got, len(h.Controls))
	}
	for _, w := range h.Signals[5:] {
		if w.Control == 0 || w.Operation != "GET /orders/{id}" || w.Investigate != nil {
			t.Errorf("%+v has no control", w)
		}
	}
	if h.Signals[4].Better != config.Up || h.Signals[2].Above != 0.5 {
		t.Errorf("%+v", h.Signals)
	}
}

// Versions are an extra: a server that refuses what they need leaves the signals as they are. One
// that is away is asked again.
func TestVersionsAreAnExtra(t *testing.T) {
	for _, c := range []struct {
		refused string
		err     error
		why     string
		passes  bool
	}{
		{"plimsoll_nothing", nil, "", false},
		{"group by (rollouts_pod_template_hash", wrong, "refuses", false},
		{"plimsoll_version", wrong, "refuses", false},
		{"pod=~", wrong, "refuses", false},
		{"group by (rollouts_pod_template_hash", absent, "", true},
		{"plimsoll_version", absent, "", true},
	} {
		s := &server{labels: map[string]string{"code": "200", "pod": "orders-6d4cf56db6-b7kq2", preset.Version: "6d4cf56db6"}, refuse: func(query string) error {
			if strings.Contains(query, c.refused) {
				return c.err
			}
			return nil
		}}
		h, gap := history(t, s, verification(http), preset.Changed{})
		if c.passes {
			if gap == nil || h != nil {
				t.Errorf("%s: %+v, %+v", c.refused, gap, h)
			}
			continue
		}
		if gap != nil || len(h.Gaps) > 0 || len(h.Signals) != 4 || h.Versions == nil || !strings.Contains(h.Versions.Why, c.why) || (h.Versions.Why == "") != (h.Signals[0].Sides != nil) {
			t.Fatalf("%s: %+v, %+v", c.refused, gap, h)
		}
		if c.why == "" && (len(h.Signals[0].Sides.Tracks) != 1 || len(h.Signals[0].Sides.Part.Total) == 0 || h.Signals[3].Sides != nil) {
			t.Errorf("%+v", h.Signals[0].Sides)
		}
	}
}

// What is declared and can't be looked at is a gap that stays; a server that is away is
// one that passes, and leaves no history.
func TestHistoryGaps(t *testing.T) {
	on := func(part string, err error) func(string) error {
		return func(query string) error {
			if strings.Contains(query, part) {
				return err
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		server  server
		signals []config.Signal
		gap     deploy.GapKind // that stays
		passes  bool
		left    int // signals
	}{
		"away at the names":         {server: server{refuse: on("names", absent)}, signals: []config.Signal{http}, passes: true},
		"away at the bound":         {server: server{refuse: on("sum by (le)", absent)}, signals: []config.Signal{http}, passes: true},
		"away in the history":       {server: server{refuse: on("clamp_min", absent)}, signals: []config.Signal{http, own}, passes: true},
		"none of the metrics":       {server: server{names: prometheus.Names{"up": {}}}, signals: []config.Signal{http, own}, gap: deploy.GapNoMetrics, left: 1},
		"a label that can't be":     {signals: []config.Signal{{Preset: "http", Match: map[string]string{"__name__": "x"}}, own}, gap: deploy.GapQuery, left: 1},
		"the status as a label":     {signals: []config.Signal{{Preset: "http", Match: map[string]string{"code": "200"}}, own}, gap: deploy.GapQuery, left: 1},
		"no PromQL":                 {signals: []config.Signal{{Name: "x", Query: "sum("}, own}, gap: deploy.GapQuery, left: 1},
		"refused by the server":     {server: server{refuse: on("checkouts", wrong)}, signals: []config.Signal{http, own}, gap: deploy.GapQuery, left: 4},
		"several series":            {server: server{series: 2}, signals: []config.Signal{own}, gap: deploy.GapMany},
		"more than are judged":      {signals: many(20), gap: deploy.GapTooMany, left: deploy.MostSignals},
		"presets with one name":     {signals: []config.Signal{http, http}, left: 8},
		"a query of the same name":  {signals: []config.Signal{http, {Name: "errors", Query: "sum(rate(x_total[5m]))"}}, left: 5},
		"a service without latency": {server: server{names: prometheus.Names{"http_requests_total": {}}}, signals: []config.Signal{http}, left: 3},
	} {
		t.Run(name, func(t *testing.T) {
			h, gap := history(t, &c.server, verification(c.signals...), preset.Changed{})
			if c.passes {
				if gap == nil || gap.Kind != deploy.GapUnreachable || h != nil {
					t.Fatalf("%+v, %+v", gap, h)
				}
				return
			}
			if gap != nil || len(h.Signals) != c.left || (c.gap == "") != (len(h.Gaps) == 0) || c.gap != "" && h.Gaps[0].Kind != c.gap {
				t.Fatalf("%+v, %+v, %d signals", gap, h.Gaps, len(h.Signals))
			}
			names := map[string]bool{}
			for _, w := range h.Signals {
				if names[w.Name] {
					t.Errorf("two are called %s", w.Name)
				}
				names[w.Name] = true
			}
		})
	}
}

// A server that is too old for native histograms is no reason to give up: what it can count is
// watched, and the report says what it can't.
func TestServersWithoutNativeHistograms(t *testing.T) {
	old := &prometheus.Error{Datasource: "default", Message: `it refuses the query: unknown function with name "histogram_count"`, Query: true}
	refuse := func(query string) error {
		if strings.Contains(query, "histogram_") {
			return old
		}
		return nil
	}
	const why = `whether http_request_duration_seconds is a native histogram; the metric server counts none (Prometheus does from 2.40 on): it refuses the query: unknown function with name "histogram_count"`
	beside, gap := history(t, &server{refuse: refuse, names: prometheus.Names{"http_requests_total": {}, "http_request_duration_seconds": {}}}, verification(http), preset.Changed{})
	if gap != nil || len(beside.Gaps) > 0 || len(beside.Signals) != 4 { // of the summary that it may be as well
		t.Errorf("%+v, %+v", gap, beside)
	}
	alone, gap := history(t, &server{refuse: refuse, names: prometheus.Names{"http_request_duration_seconds": {}}}, verification(http), preset.Changed{})
	if gap != nil || len(alone.Gaps) != 1 || alone.Gaps[0].Kind != deploy.GapNoMetrics || !strings.Contains(alone.Gaps[0].Detail, "it is not known "+why) {
		t.Errorf("%+v, %+v", gap, alone)
	}
	none := &server{refuse: refuse, silent: "quantile", names: prometheus.Names{"http_requests_total": {}, "http_request_duration_seconds": {}}}
	told, gap := history(t, none, verification(http), preset.Changed{})
	if gap != nil || len(told.Gaps) > 0 || len(told.Signals) != 3 || !slices.Contains(told.Missing, why) {
		t.Errorf("%+v, %+v", gap, told)
	}
	none.refuse = func(query string) error {
		if strings.Contains(query, "histogram_") {
			return absent
		}
		return nil
	}
	if _, gap := history(t, none, verification(http), preset.Changed{}); gap == nil || gap.Kind != deploy.GapUnreachable {
		t.Errorf("a server that is away: %+v", gap)
	}
}

func many(n int) (all []config.Signal) {
	for i := range n {
		all = append(all, config.Signal{Name: config.Reason(fmt.Sprintf("s%d", i)), Query: "sum(rate(x_total[5m]))"})
	}
	return all
}

// What was not answered is asked again from where it was left; the others go on. What is
// no number is no measurement.
func TestSince(t *testing.T) {
	away := false
	s := &server{at: func(query string, at time.Time) float64 {
		switch {
		case strings.Contains(query, "checkouts") && at.Minute()%3 == 0:
			return math.NaN()
		case strings.Contains(query, "checkouts") && at.Minute()%3 == 1:
			return math.Inf(1)
		}
		return 1
	}}
	s.refuse = func(query string) error {
		if away && strings.Contains(query, "checkouts") {
			return wrong
		}
		return nil
	}
	h, _ := history(t, s, verification(own, config.Signal{Name: "other", Query: "sum(rate(x_total[5m]))"}), preset.Changed{})
	asker := &Asker{servers: s}
	var samples []deploy.Sample
	sample := func(minute int) []deploy.Measured {
		t.Helper()
		answered := []int64{h.Answered(0, samples), h.Answered(1, samples)}
		measured, _, err := asker.Since(t.Context(), h, answered, began.Add(time.Duration(minute)*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, deploy.Sample{N: minute, Signals: measured})
		return measured
	}
	sample(3)
	away = true
	if m := sample(6); m[0].Until != 0 || m[1].Until == 0 {
		t.Errorf("%+v", m)
	}
	away = false
	sample(9)
	before := len(h.Points(1, nil).At)
	if n := len(h.Points(1, samples).At) - before; n != 8 { // 12:01 to 12:08: the newest minute is not stored yet
		t.Errorf("%d points since the deployment", n)
	}
	for i, at := range h.Points(0, samples).At {
		if minute := time.Unix(at, 0).UTC().Minute() % 3; minute != 2 {
			t.Errorf("point %d at a minute that has none", i)
		}
	}
	if n := len(h.Points(0, samples).At) - len(h.Points(0, nil).At); n != 3 {
		t.Errorf("%d points of what was refused for a while, expected those of minutes 2, 5 and 8", n)
	}
	asked := len(s.asked)
	if sample(9); len(s.asked) != asked {
		t.Error("what is answered is asked for again")
	}
}

// Giving up says nothing of the metric server.
func TestGivingUp(t *testing.T) {
	s := &server{refuse: func(string) error { return fmt.Errorf("ask: %w", context.Canceled) }}
	if _, gap, err := (&Asker{servers: s}).History(t.Context(), verification(http), preset.Changed{}); gap != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", gap, err)
	}
}
