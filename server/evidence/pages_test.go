package evidence

import (
	"context"
	"flag"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// kept is a database with one installation and repository, and pages of it.
type kept struct {
	t     testing.TB
	store *store.Store
	pages *Pages
	links *Links
	repo  contracts.RepositoryRef
	now   time.Time
}

func open(t testing.TB) *kept {
	t.Helper()
	k := &kept{t: t, now: noon.Add(time.Hour), repo: contracts.RepositoryRef{Installation: 7, ID: 21, Owner: "acme", Name: "orders", Private: true}}
	k.store = storetest.Open(t, store.Options{DSN: storetest.SQLite(t), Clock: func() time.Time { return k.now }})
	k.links, _ = NewLinks("https://plimsoll.acme.dev", [][]byte{[]byte("a secret")}, 90*24*time.Hour)
	k.pages = New(Config{Store: k.store, Links: k.links, Now: func(context.Context) (time.Time, error) { return k.now, nil }, WebURL: "https://github.test"})
	k.must(k.store.PutInstallation(t.Context(), 7, "acme", string(store.Active)))
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
	add := func(m int, into []*deploy.Track) {
		requests, failed, latency := s.happens(m)
		into[0].Bad, into[0].Total = append(into[0].Bad, failed), append(into[0].Total, requests)
		into[1].Value, into[2].Value = append(into[1].Value, requests), append(into[2].Value, latency)
	}
	for m := from; m <= 0; m++ {
		add(m, []*deploy.Track{&h.Signals[0].Track, &h.Signals[1].Track, &h.Signals[2].Track})
	}
	h.Cuts, h.Verified = []signal.Cut{{From: began - 3*86400, To: began - 3*86400, Why: "deployment"}}, []int64{began - 3*86400}
	if !s.forget {
		k.must(k.store.PutHistory(ctx, k.repo, v.ID(), h))
	}
	var samples []deploy.Sample
	for m := 0; m <= s.minutes; m++ {
		at := v.Began.Add(time.Duration(m) * time.Minute)
		k.now = at
		result := deploy.ProbeResult{At: at, Method: "GET", Path: s.probe, Outcome: deploy.ProbePassed, Status: 200, Took: time.Duration(40+m) * time.Millisecond}
		if s.fails != nil && s.fails(m) {
			result.Outcome, result.Status, result.WantStatus = deploy.ProbeStatus, 503, "2XX"
		}
		sample := deploy.Sample{N: m, At: at, Probes: []deploy.ProbeResult{result}}
		if m > 0 {
			tracks := []*deploy.Track{{From: began + int64(m)*step}, {From: began + int64(m)*step}, {From: began + int64(m)*step}}
			add(m, tracks)
			for _, track := range tracks {
				sample.Signals = append(sample.Signals, deploy.Measured{Until: at.Unix(), Track: *track})
			}
		}
		_, err := k.store.PutSample(ctx, k.repo, v.ID(), sample)
		k.must(err)
		samples = append(samples, sample)
		history := h
		if s.forget {
			history = nil
		}
		if verdict, decided := deploy.Decide(v, history, samples, at); decided {
			_, err := k.store.EndVerification(ctx, k.repo, v.ID(), verdict)
			k.must(err)
			break
		}
	}
	k.must(k.store.PutVerificationPulls(ctx, k.repo, v.ID(), s.pulls))
	run, err := k.store.Verification(ctx, k.repo, v.ID())
	k.must(err)
	return run
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

func TestEvidencePages(t *testing.T) {
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".html", open(t).page(s))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: what a person sees has changed (run with -update and read the difference)", file)
	}
}

// Strangers' words are words, wherever they stand.
func TestEvidenceOfHostileNames(t *testing.T) {
	const evil = `</code></pre><script>alert(1)</script><img src=x onerror=alert(2)>"'&{{.}}`
	s := usual(9)
	s.name, s.probe, s.query = `or"><script>alert(3)</script>ders`, "/"+evil, evil+"\n</svg><style>*{}</style>"
	s.fails = func(m int) bool { return m == 2 }
	page := open(t).page(s)
	for _, bad := range []string{"<script", "<img", "<style", "onerror=alert(2)>\"", " style=\"", "javascript:", "</code></pre><"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	clean := open(t).page(func() story { s := usual(9); s.fails = func(m int) bool { return m == 2 }; return s }())
	tag := regexp.MustCompile(`<[^>]*`)
	if a, b := len(tag.FindAllString(page, -1)), len(tag.FindAllString(clean, -1)); a != b {
		t.Errorf("the page has %d tags, one with harmless names %d", a, b)
	}
}

// A wrong link, an old one and a good one to what is gone.
func TestEvidenceBehindLinks(t *testing.T) {
	k := open(t)
	run := k.tell(usual(1))
	link := k.links.Of(run.Verification, 0)
	unknown := run.Verification
	unknown.Deployment = 99
	elsewhere := run.Verification
	elsewhere.Repository.Installation = 8
	nothing := k.get("/deployments/7/21/11?component=orders&environment=production")
	if nothing.Code != http.StatusNotFound {
		t.Fatalf("without a signature: %d", nothing.Code)
	}
	same := func(name, link string) {
		t.Helper()
		w := k.get(link)
		if w.Code != nothing.Code || w.Body.String() != nothing.Body.String() {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		for header := range nothing.Header() {
			if w.Header().Get(header) != nothing.Header().Get(header) {
				t.Errorf("%s: another %s", name, header)
			}
		}
	}
	same("a changed signature", link[:len(link)-1]+map[bool]string{true: "1", false: "0"}[strings.HasSuffix(link, "0")])
	same("a forged end", strings.Replace(link, "expires=1", "expires=9", 1))
	same("another installation's", strings.Replace(link, "/7/21/", "/8/21/", 1))
	same("nothing behind a good signature", k.links.Of(unknown, 0))
	same("an installation that is not there", k.links.Of(elsewhere, 0))
	same("no such path", "/deployments/x")

	if w := k.get(link); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "orders in production is verified") {
		t.Errorf("the link itself: %d", w.Code)
	}
	was := k.now
	k.now = noon.Add(90 * 24 * time.Hour)
	if w := k.get(link); w.Code != http.StatusGone || strings.Contains(w.Body.String(), "orders") {
		t.Errorf("an old link: %d %s", w.Code, w.Body)
	}
	same("an old link that is forged", strings.Replace(link, "orders", "ordres", 1))
	k.now = was
	k.must(k.store.PutInstallation(t.Context(), 7, "acme", string(store.Suspended)))
	same("an installation that is suspended", link)
	k.must(k.store.PutInstallation(t.Context(), 7, "acme", string(store.Active)))
	k.must(k.store.GoneRepository(t.Context(), k.repo, "deleted"))
	same("a repository that is gone", link)
}

func TestEvidenceHeaders(t *testing.T) {
	k := open(t)
	w := k.get(k.links.Of(k.tell(usual(1)).Verification, 0))
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "private, no-cache",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: %q, expected %q", header, got, want)
		}
	}
	for _, path := range []string{"/deployments/style.css"} {
		if w := k.get(path); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

// Whoever asks for a page again and again waits, and nobody else does.
func TestEvidenceIsRationed(t *testing.T) {
	k := open(t)
	s := usual(1)
	s.minutes = 1
	link := k.links.Of(k.tell(s).Verification, 0)
	for range pageBurst {
		if w := k.get(link); w.Code != http.StatusOK {
			t.Fatalf("%d", w.Code)
		}
	}
	if w := k.get(link); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d, to come back after %q", w.Code, w.Header().Get("Retry-After"))
	}
	k.now = k.now.Add(time.Second)
	if w := k.get(link); w.Code != http.StatusOK {
		t.Errorf("a second later: %d", w.Code)
	}
}

// What was measured is not kept for ever; what it came to is.
func TestEvidenceThatIsPruned(t *testing.T) {
	k := open(t)
	s := &shown{expires: k.now}
	s.Run = k.tell(usual(9))
	s.Repository, s.Now, s.Signals = k.repo, k.now, s.Run.Verdict.Signals
	var page strings.Builder
	if err := pageTemplate().Execute(&page, s.view()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Roll back orders in production", "8 of 31 samples were taken", "the reference samples are missing or were deleted", "None of "} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not say %q:\n%s", want, page.String())
		}
	}
}

// As many signals, probes and looks as there can be make a page of a bounded size.
func TestEvidenceOfALot(t *testing.T) {
	k := open(t)
	run := k.tell(usual(9))
	h, _, err := k.store.History(t.Context(), k.repo, run.ID())
	k.must(err)
	s := &shown{}
	s.Repository, s.Run, s.Now, s.WebURL, s.expires = k.repo, run, k.now, "https://github.test", k.now
	s.Samples, err = k.store.Samples(t.Context(), k.repo, run.ID())
	k.must(err)
	s.History, s.Signals = h, run.Verdict.Signals
	long := strings.Repeat("sum(x) + ", 450)
	for len(h.Signals) < 40 {
		w := h.Signals[0]
		w.Name += strings.Repeat("é", 300) + string(rune('a'+len(h.Signals)))
		w.Bad, w.Total = long, long
		h.Signals = append(h.Signals, w)
	}
	for n := len(s.Samples); n < 5000; n++ {
		sample := deploy.Sample{N: n, At: noon.Add(time.Duration(n) * time.Second)}
		for range 20 {
			sample.Probes = append(sample.Probes, deploy.ProbeResult{Method: "GET", Path: "/" + strings.Repeat("p", 1000), Outcome: deploy.ProbeStatus, Status: 500, WantStatus: "2XX"})
		}
		s.Samples = append(s.Samples, sample)
	}
	var page strings.Builder
	if err := pageTemplate().Execute(&page, s.view()); err != nil {
		t.Fatal(err)
	}
	if page.Len() > 2<<20 {
		t.Errorf("the page has %d bytes", page.Len())
	}
}

func BenchmarkEvidencePage(b *testing.B) {
	k := open(b)
	link := k.links.Of(k.tell(usual(9)).Verification, 0)
	for b.Loop() {
		k.now = k.now.Add(time.Second)
		if w := k.get(link); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
