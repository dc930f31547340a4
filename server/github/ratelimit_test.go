package github

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"plimsoll/checks"
	"plimsoll/server/github/githubtest"
)

func TestRecognise(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	reset := strconv.FormatInt(now.Add(20*time.Minute).Unix(), 10)
	tests := map[string]struct {
		status    int
		header    []string
		body      string
		ok        bool
		after     time.Duration // 0: it does not say
		secondary bool
	}{
		"primary":                      {403, []string{"X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", reset}, "API rate limit exceeded", true, 20*time.Minute + afterReset, false},
		"primary as 429":               {429, []string{"X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", reset}, "", true, 20*time.Minute + afterReset, false},
		"primary without a reset":      {403, []string{"X-Ratelimit-Remaining", "0"}, "", true, 0, false},
		"primary by its words":         {403, []string{"X-Ratelimit-Reset", reset}, "API rate limit exceeded for installation ID 1.", true, 20*time.Minute + afterReset, false},
		"primary and Retry-After":      {403, []string{"X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", reset, "Retry-After", "3000"}, "", true, 50 * time.Minute, false},
		"secondary, seconds":           {403, []string{"Retry-After", "90", "X-Ratelimit-Remaining", "4000"}, "", true, 90 * time.Second, true},
		"secondary, date":              {429, []string{"Retry-After", now.Add(2 * time.Minute).UTC().Format(http.TimeFormat)}, "", true, 2 * time.Minute, true},
		"secondary by words":           {403, nil, "You have exceeded a secondary rate limit. Please wait", true, 0, true},
		"secondary by its page":        {403, nil, `{"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`, true, 0, true},
		"abuse detection":              {403, nil, "You have triggered an abuse detection mechanism", true, 0, true},
		"secondary on an empty budget": {403, []string{"X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", reset, "Retry-After", "60"}, "secondary rate limit", true, time.Minute, true},
		"bare 429":                     {429, nil, "", true, 0, true},
		"nonsense in Retry-After":      {429, []string{"Retry-After", "soon"}, "", true, 0, true},
		"negative Retry-After":         {429, []string{"Retry-After", "-5"}, "", true, 0, true},
		"permission":                   {403, []string{"X-Ratelimit-Remaining", "4000"}, "Resource not accessible by integration", false, 0, false},
		"not found at the last":        {404, []string{"X-Ratelimit-Remaining", "0"}, "", false, 0, false},
		"unavailable, Retry-After":     {503, []string{"Retry-After", "60"}, "", false, 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			for i := 0; i+1 < len(test.header); i += 2 {
				header.Set(test.header[i], test.header[i+1])
			}
			got, ok := recognise(test.status, header, []byte(test.body), now)
			if ok != test.ok || got.secondary != test.secondary {
				t.Errorf("recognised %t %+v", ok, got)
			}
			if test.after == 0 != got.until.IsZero() || test.after != 0 && got.until.Sub(now) != test.after {
				t.Errorf("until %s, want after %s", got.until, test.after)
			}
		})
	}
}

func TestGateSecondaryGrows(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	g := newGate(1, true, MaxPointsPerMinute, MaxContentPerMinute)
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 16, 16} {
		limited := g.close(limit{secondary: true}, now)
		// What was under way with it is told the same and counts once.
		for range 3 {
			if again := g.close(limit{secondary: true}, now.Add(time.Second)); again.Until.Sub(limited.Until) > time.Second {
				t.Fatalf("strike %d: %s, then %s", i, limited.Until, again.Until)
			}
		}
		if got := limited.Until.Sub(now).Round(time.Minute); got != want*time.Minute {
			t.Errorf("strike %d: %s, want %s", i, got, want*time.Minute)
		}
		now = g.closed
	}
	if remaining := g.observe(http.Header{}, now); remaining != -1 {
		t.Errorf("remaining %d without a header", remaining)
	}
	if got := g.close(limit{secondary: true}, now).Until.Sub(now); got != time.Minute {
		t.Errorf("after a success: %s", got)
	}
}

func TestGateBoundsWhatHeadersSay(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for name, test := range map[string]struct {
		until time.Time
		want  time.Duration
	}{
		"long ago":    {now.Add(-time.Hour), afterReset},
		"in a decade": {now.Add(87600 * time.Hour), maxPause},
	} {
		if got := newGate(1, true, MaxPointsPerMinute, MaxContentPerMinute).close(limit{until: test.until}, now).Until.Sub(now); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestWindowSlides(t *testing.T) {
	w := window{limit: 80, unit: 1}
	start := time.Unix(1_800_000_000, 0)
	for i := range 80 {
		at := start.Add(time.Duration(i/2) * time.Second)
		if until, ok := w.fits(at, 1); !ok {
			t.Fatalf("number %d refused until %s", i, until)
		}
		w.add(at, 1)
	}
	now := start.Add(45 * time.Second)
	until, ok := w.fits(now, 1)
	if ok || !until.Equal(start.Add(60*time.Second)) {
		t.Errorf("81st: %t, %s", ok, until.Sub(start))
	}
	// Five need three seconds' worth of two.
	if until, ok := w.fits(now, 5); ok || !until.Equal(start.Add(62*time.Second)) {
		t.Errorf("five more: %t, %s", ok, until.Sub(start))
	}
	if _, ok := w.fits(start.Add(60*time.Second), 2); !ok {
		t.Error("after a minute the first two are still counted")
	}
	if _, ok := w.fits(start.Add(60*time.Second), 3); ok {
		t.Error("after a minute more than the first two are forgotten")
	}
	if _, ok := (&window{limit: -1}).fits(now, 1000); !ok {
		t.Error("no limit refuses")
	}
	old := window{limit: 1, unit: 1}
	old.add(time.Time{}, 1)
	if _, ok := old.fits(time.Time{}, 1); ok {
		t.Error("a clock before 1970 counts nothing")
	}
}

func TestLimitClosesInstallationOnly(t *testing.T) {
	clock := githubtest.NewClock()
	f := githubtest.New(t).Tokens()
	refuse := true
	f.HandleFunc(pullPath, func(w http.ResponseWriter, r *http.Request) {
		if refuse && r.Header.Get("Authorization") == "token token-1" {
			githubtest.Refusal(w, 429, "API rate limit exceeded", "X-RateLimit-Remaining", "0",
				"X-RateLimit-Reset", strconv.FormatInt(clock.Now().Add(10*time.Minute).Unix(), 10))
			return
		}
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	clients := newClients(t, f, func(c *Config) { c.Clock = clock.Now })

	_, err := clients.PullRequest(t.Context(), githubtest.Orders, 7)
	limited, ok := errors.AsType[*RateLimited](err)
	if !ok || limited.Installation != 1 || limited.Secondary || limited.Until.Sub(clock.Now()) != 10*time.Minute+afterReset {
		t.Fatalf("%v: %+v", err, limited)
	}
	if len(f.Requests()) != 1 {
		t.Fatalf("asked %v", f.Requests())
	}
	// Until then nothing is sent for it.
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); Classify(err) != ClassRateLimited {
		t.Errorf("before the reset: %v", err)
	}
	if len(f.Requests()) != 1 {
		t.Errorf("asked before the reset: %v", f.Requests())
	}
	other := githubtest.Orders
	other.Installation = 2
	if _, err := clients.PullRequest(t.Context(), other, 7); err != nil {
		t.Errorf("another installation: %v", err)
	}
	refuse = false
	clock.Forward(10*time.Minute + afterReset)
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
		t.Errorf("after the reset: %v", err)
	}
}

// The last request of the hour is answered; the next is not sent. Our clock alone
// evaluates: go-github would go by the machine's.
func TestRemainingZeroCloses(t *testing.T) {
	clock := githubtest.NewClockAt(time.Now())
	f := githubtest.New(t).Tokens()
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(clock.Now().Add(5*time.Minute).Unix(), 10))
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	clients := newClients(t, f, func(c *Config) { c.Clock = clock.Now })
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
		t.Fatal(err)
	}
	_, err := clients.PullRequest(t.Context(), githubtest.Orders, 7)
	if limited, ok := errors.AsType[*RateLimited](err); !ok || limited.Secondary {
		t.Errorf("second: %v", err)
	}
	clock.Forward(6 * time.Minute)
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
		t.Errorf("after the reset: %v", err)
	}
}

// What is left of the App's own allowance says nothing about the installation's.
func TestTokenAnswersDoNotClose(t *testing.T) {
	clock := githubtest.NewClock()
	f := githubtest.New(t)
	f.HandleFunc("POST /app/installations/1/access_tokens", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(clock.Now().Add(5*time.Minute).Unix(), 10))
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"token": "t", "expires_at": time.Now().Add(time.Hour)})
	})
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	clients := newClients(t, f, func(c *Config) { c.Clock = clock.Now })
	for range 2 {
		if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
			t.Error(err)
		}
	}
}

// Other allowances (search, for one) are not the one that is used here.
func TestOtherResourcesDoNotClose(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	header := http.Header{}
	header.Set("X-Ratelimit-Remaining", "0")
	header.Set("X-Ratelimit-Reset", strconv.FormatInt(now.Add(time.Minute).Unix(), 10))
	for resource, closed := range map[string]bool{"": true, "core": true, "search": false} {
		g := newGate(1, true, MaxPointsPerMinute, MaxContentPerMinute)
		header.Set("X-Ratelimit-Resource", resource)
		g.observe(header, now)
		if limited := g.admit(http.MethodGet, now); (limited != nil) != closed {
			t.Errorf("%q: %v", resource, limited)
		}
	}
}

func TestContentLimit(t *testing.T) {
	clock := githubtest.NewClock()
	f := githubtest.New(t).Tokens()
	f.HandleFunc("POST /repos/acme/orders/check-runs", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		githubtest.Answer(w, map[string]any{"id": 5})
	})
	f.HandleFunc(pullPath, func(w http.ResponseWriter, _ *http.Request) {
		githubtest.Answer(w, pullAnswer(7, githubtest.SHA("head")))
	})
	clients := newClients(t, f, func(c *Config) { c.Clock = clock.Now })
	run := checks.CheckRun{Name: checks.ContractsRun, HeadSHA: githubtest.SHA("head"), Title: "t", Summary: "s", Conclusion: checks.Success}
	for i := range MaxContentPerMinute {
		if _, err := clients.CreateCheckRun(t.Context(), githubtest.Orders, run); err != nil {
			t.Fatalf("number %d: %v", i+1, err)
		}
	}
	_, err := clients.CreateCheckRun(t.Context(), githubtest.Orders, run)
	limited, ok := errors.AsType[*RateLimited](err)
	if !ok || !limited.Secondary || limited.Until.Sub(clock.Now()) != time.Minute {
		t.Fatalf("number 81: %v", err)
	}
	if n := len(f.Requests()); n != MaxContentPerMinute {
		t.Errorf("%d were sent", n)
	}
	if _, err := clients.PullRequest(t.Context(), githubtest.Orders, 7); err != nil {
		t.Errorf("reading is not content: %v", err)
	}
	other := githubtest.Orders
	other.Installation = 2
	if _, err := clients.CreateCheckRun(t.Context(), other, run); err != nil {
		t.Errorf("another installation: %v", err)
	}
	clock.Forward(time.Minute)
	if _, err := clients.CreateCheckRun(t.Context(), githubtest.Orders, run); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// The limit of an hour is reached by far fewer requests a minute than that of a minute.
func TestContentLimitOfAnHour(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	g := newGate(1, true, MaxPointsPerMinute, MaxContentPerMinute)
	for i := range MaxContentPerHour {
		if limited := g.admit(http.MethodPost, start.Add(time.Duration(i)*3*time.Second)); limited != nil {
			t.Fatalf("number %d: %v", i+1, limited)
		}
	}
	now := start.Add(MaxContentPerHour * 3 * time.Second)
	limited := g.admit(http.MethodPost, now)
	if limited == nil || limited.Until.Before(start.Add(time.Hour)) || limited.Until.After(start.Add(61*time.Minute)) {
		t.Fatalf("number %d: %v", MaxContentPerHour+1, limited)
	}
	if limited := g.admit(http.MethodGet, now); limited != nil {
		t.Errorf("reading is not content: %v", limited)
	}
	if limited := g.admit(http.MethodPost, limited.Until); limited != nil {
		t.Errorf("when the hour is over: %v", limited)
	}
}

// An Enterprise Server has no limits unless its answers say so.
func TestServerWithoutLimits(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	g := newGate(1, false, MaxPointsPerMinute, MaxContentPerMinute)
	for range 1000 {
		if limited := g.admit(http.MethodPost, now); limited != nil {
			t.Fatal(limited)
		}
		g.observe(http.Header{}, now)
	}
	g.observe(http.Header{"X-Ratelimit-Limit": {"5000"}, "X-Ratelimit-Remaining": {"4000"}}, now)
	if g.admit(http.MethodPost, now) == nil {
		t.Error("a server with limits is not paced")
	}
}

func TestPointsLimit(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	g := newGate(1, true, MaxPointsPerMinute, -1)
	sent := 0
	for g.admit(http.MethodPatch, now) == nil {
		sent++
	}
	if sent != MaxPointsPerMinute/writePoints {
		t.Errorf("%d writes in a minute", sent)
	}
	if g.admit(http.MethodGet, now) == nil {
		t.Error("a read above the points was sent")
	}
	if g.admit(http.MethodGet, now.Add(time.Minute)) != nil {
		t.Error("a minute later a read is refused")
	}
}

func TestRateLimitedText(t *testing.T) {
	text := (&RateLimited{Until: time.Unix(1_800_000_000, 0), Installation: 9, Secondary: true}).Error()
	if !strings.Contains(text, "secondary rate limit of installation 9 until 2027-01-15T08:00:00Z") {
		t.Error(text)
	}
}

func pullAnswer(number int, head string) map[string]any {
	repo := map[string]any{"id": 10, "name": "orders", "owner": map[string]any{"login": "acme"}}
	return map[string]any{
		"number": number, "state": "open", "title": "Drop sku", "user": map[string]any{"login": "ann"},
		"base": map[string]any{"ref": "main", "sha": githubtest.SHA("base"), "repo": repo},
		"head": map[string]any{"ref": "drop-sku", "sha": head, "repo": repo},
	}
}
