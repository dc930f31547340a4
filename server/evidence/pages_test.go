package evidence

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

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

// Each plot shows the measurements of its own signal, in whatever order they stand.
func TestEvidencePlotsOfTheirOwn(t *testing.T) {
	k := open(t)
	story := usual(1)
	rise := story.happens
	story.happens = func(m int) (float64, float64, float64) {
		requests, failed, latency := rise(m)
		if m > 0 {
			latency *= 20
		}
		return requests, failed, latency
	}
	s := &shown{expires: k.now}
	s.Run = k.tell(story)
	s.Repository, s.Now, s.Signals, s.History, s.Samples = k.repo, k.now, s.Run.Verdict.Signals, k.told.h, k.told.samples
	page := s.view()
	if page.Main.Name != "latency" || !strings.Contains(string(page.Main.Plot), ">2</text>") {
		t.Errorf("the main plot is of %s, expected latency up to about 2.4 s:\n%s", page.Main.Name, page.Main.Plot)
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
	k.must(k.store.PutInstallation(t.Context(), 7, source.Account{Login: "acme"}, string(store.Suspended)))
	same("an installation that is suspended", link)
	k.must(k.store.PutInstallation(t.Context(), 7, source.Account{Login: "acme"}, string(store.Active)))
	k.must(k.store.GoneRepository(t.Context(), k.repo, "deleted"))
	same("a repository that is gone", link)
}

func TestEvidenceHeaders(t *testing.T) {
	k := open(t)
	w := k.get(k.links.Of(k.tell(usual(1)).Verification, 0))
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "private, no-cache",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: %q, expected %q", header, got, want)
		}
	}
	for path, kind := range map[string]string{"/deployments/style.css": "text/css", "/deployments/live.js": "text/javascript"} {
		if w := k.get(path); w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind+"; charset=utf-8" {
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
