package evidence

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
	"strings"
	"testing"
	"time"
)

// kept is a database with one installation and repository, and pages of it.
type kept struct {
	t     testing.TB
	store *store.Store
	pages *Pages
	links *Links
	repo  contracts.RepositoryRef
	now   time.Time
	told  telling
}

// telling is how far a story has come.
type telling struct {
	v       deploy.Verification
	h       *deploy.History
	samples []deploy.Sample
}

func open(t testing.TB) *kept {
	t.Helper()
	k := &kept{t: t, now: noon.Add(time.Hour), repo: contracts.RepositoryRef{Installation: 7, ID: 21, Owner: "acme", Name: "orders", Private: true}}
	k.store = storetest.Open(t, store.Options{DSN: storetest.SQLite(t), Clock: func() time.Time { return k.now }})
	k.links, _ = NewLinks("https://plimsoll.acme.dev", [][]byte{[]byte("a secret")}, 90*24*time.Hour)
	k.pages = New(Config{Store: k.store, Links: k.links, Now: func(context.Context) (time.Time, error) { return k.now, nil }, WebURL: "https://github.test"})
	k.must(k.store.PutInstallation(t.Context(), 7, source.Account{Login: "acme"}, string(store.Active)))
	_, _, err := k.store.PutRepository(t.Context(), source.Repository{RepositoryRef: k.repo, DefaultBranch: "main"})
	k.must(err)
	return k
}

func (k *kept) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// get asks for a page by its link.
func (k *kept) get(link string) *httptest.ResponseRecorder {
	k.t.Helper()
	w := httptest.NewRecorder()
	k.pages.ServeHTTP(w, httptest.NewRequest("GET", strings.TrimPrefix(link, "https://plimsoll.acme.dev"), nil))
	return w
}

// happens says what a service does in a minute, counted from the deployment.
type happens func(minute int) (requests, errors, latency float64)

// story is a deployment that is watched: what it is called, what happens, what is said.
type story struct {
	name    string // of the component
	probe   string
	query   string
	pulls   []int
	minutes int // watched so far
	happens happens
	fails   func(minute int) bool
	forget  bool // the history
}

func quiet(r *rand.Rand, after float64) happens {
	drift := 0.0
	return func(m int) (float64, float64, float64) {
		drift = 0.8*drift + 0.1*r.NormFloat64()
		requests := 600 * (1 + 0.3*math.Sin(2*math.Pi*float64(m)/1440))
		rate := 0.004 * math.Exp(drift)
		if m > 0 {
			rate *= after
		}
		return math.Round(requests + math.Sqrt(requests)*r.NormFloat64()), math.Round(requests * rate * (1 + 0.1*r.NormFloat64())), 0.12 * math.Exp(0.5*drift)
	}
}

// tell plays a story into the database, deciding as the server does, and gives the run.
func (k *kept) tell(s story) deploy.VerificationRun {
	k.t.Helper()
	ctx := k.t.Context()
	v := verification(deploy.Target{Component: s.name, Environment: "production", Production: true})
	v.Repository, v.Commit, v.Before, v.Verified, v.Creator = k.repo, strings.Repeat("c0ffee1", 6)[:40], strings.Repeat("0dd5eed", 6)[:40], strings.Repeat("0dd5eed", 6)[:40], "bob"
	v.URL = "https://orders.acme.dev"
	v.Plan = deploy.Plan{
		Declared: true, For: 30 * time.Minute, Every: time.Minute, Baseline: time.Hour,
		Probes:  []config.Probe{{Get: config.RequestPath(s.probe)}},
		Signals: []config.Signal{{Preset: "http", Match: map[string]string{"job": s.name}}, {Name: "latency", Query: config.Query(s.query), Better: config.Down}},
	}
	_, err := k.store.BeginVerification(ctx, v)
	k.must(err)
	began, step := v.Began.Unix(), int64(60)
	h := &deploy.History{Asked: v.Began, Until: began, Step: step, Convention: "prometheus", Changed: []string{"GET /orders/{id}"}, Signals: []deploy.Watched{
		{Name: "errors", Kind: signal.Proportion, Role: signal.Errors, Bad: `sum(increase(http_requests_total{code=~"5..", job="` + s.name + `"}[1m]))`, Total: "sum(increase(http_requests_total[1m]))",
			RollBack: &signal.Limit{Operator: ">", Value: 0.05, Percent: true, For: 300}, Investigate: &signal.Limit{Operator: ">", Value: 0.02, Percent: true}},
		{Name: "requests", Kind: signal.Volume, Role: signal.Traffic, Better: config.Up, Value: "sum(increase(http_requests_total[1m]))"},
		{Name: "latency", Kind: signal.Series, Role: signal.Slow, Better: config.Down, Value: s.query, Investigate: &signal.Limit{Relative: true, Percent: true, Value: 0.25}},
	}}
	from := -7*24*60 - 60
	for i := range h.Signals {
		h.Signals[i].Track.From = began + int64(from)*step
	}
	for m := from; m <= 0; m++ {
		s.measure(m, []*deploy.Track{&h.Signals[0].Track, &h.Signals[1].Track, &h.Signals[2].Track})
	}
	h.Cuts, h.Verified = []signal.Cut{{From: began - 3*86400, To: began - 3*86400, Why: "deployment"}}, []int64{began - 3*86400}
	if !s.forget {
		k.must(k.store.PutHistory(ctx, k.repo, v.ID(), h))
	}
	k.told = telling{v: v, h: h}
	k.watch(s, 0)
	k.must(k.store.PutVerificationPulls(ctx, k.repo, v.ID(), s.pulls))
	run, err := k.store.Verification(ctx, k.repo, v.ID())
	k.must(err)
	return run
}

// measure adds what happens in a minute to the tracks of the three signals.
func (s story) measure(minute int, into []*deploy.Track) {
	requests, failed, latency := s.happens(minute)
	into[0].Bad, into[0].Total = append(into[0].Bad, failed), append(into[0].Total, requests)
	into[1].Value, into[2].Value = append(into[1].Value, requests), append(into[2].Value, latency)
}

// watch goes on with the story from a minute, up to the verdict or its last minute.
func (k *kept) watch(s story, from int) {
	k.t.Helper()
	ctx, v, h := k.t.Context(), k.told.v, k.told.h
	began := v.Began.Unix()
	for m := from; m <= s.minutes; m++ {
		at := v.Began.Add(time.Duration(m) * time.Minute)
		k.now = at
		result := deploy.ProbeResult{At: at, Method: "GET", Path: s.probe, Outcome: deploy.ProbePassed, Status: 200, Took: time.Duration(40+m) * time.Millisecond}
		if s.fails != nil && s.fails(m) {
			result.Outcome, result.Status, result.WantStatus = deploy.ProbeStatus, 503, "2XX"
		}
		sample := deploy.Sample{N: m, At: at, Probes: []deploy.ProbeResult{result}}
		if m > 0 {
			start := began + int64(m)*h.Step
			tracks := []*deploy.Track{{From: start}, {From: start}, {From: start}}
			s.measure(m, tracks)
			for _, track := range tracks {
				sample.Signals = append(sample.Signals, deploy.Measured{Until: at.Unix(), Track: *track})
			}
		}
		_, err := k.store.PutSample(ctx, k.repo, v.ID(), sample)
		k.must(err)
		k.told.samples = append(k.told.samples, sample)
		history := h
		if s.forget {
			history = nil
		}
		if verdict, decided := deploy.Decide(v, history, k.told.samples, at); decided {
			_, err := k.store.EndVerification(ctx, k.repo, v.ID(), verdict)
			k.must(err)
			return
		}
	}
}

// page plays a story and gives its page.
func (k *kept) page(s story) string {
	k.t.Helper()
	w := k.get(k.links.Of(k.tell(s).Verification, 0))
	if w.Code != http.StatusOK {
		k.t.Fatalf("%d: %s", w.Code, w.Body)
	}
	if n := w.Body.Len(); n > 2<<20 {
		k.t.Errorf("the page has %d bytes", n)
	}
	return w.Body.String()
}

func usual(after float64) story {
	return story{name: "orders", probe: "/healthz", query: "latency", pulls: []int{17, 23}, minutes: 30, happens: quiet(rand.New(rand.NewPCG(1, 2)), after)}
}

// stories are pages that are kept as golden files.
func stories() map[string]story {
	watching, unsteady, forgotten := usual(1), usual(1), usual(1)
	watching.minutes = 8
	unsteady.happens = quiet(rand.New(rand.NewPCG(5, 2)), 1)
	unsteady.fails = func(m int) bool { return m == 12 || m > 27 }
	forgotten.forget = true
	return map[string]story{"roll-back": usual(9), "verified": usual(1), "watching": watching, "unsteady": unsteady, "no-history": forgotten}
}
