package github

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// RateLimited says that GitHub, or our own care not to reach its limits, wants
// no request of this installation before Until. The work itself is not at fault:
// sleep on it and do not count the attempt.
type RateLimited struct {
	Until        time.Time
	Installation int64
	// Secondary is true for limits on how fast, false for the hourly allowance.
	Secondary bool
}

// Error says until when.
func (e *RateLimited) Error() string {
	kind := "rate limit"
	if e.Secondary {
		kind = "secondary rate limit"
	}
	return fmt.Sprintf("github %s of installation %d until %s", kind, e.Installation, e.Until.UTC().Format(time.RFC3339))
}

// How long to wait where GitHub does not say.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
const (
	secondaryPause    = time.Minute
	maxSecondaryPause = 16 * time.Minute
	// maxPause bounds what a header may ask for; the primary limit resets hourly.
	maxPause = 2 * time.Hour
	// afterReset is waited beyond a reset, whose header is in whole seconds.
	afterReset = time.Second
)

// limit is what a refusing response says of limits.
type limit struct {
	until     time.Time // zero: it does not say
	secondary bool
}

// recognise reads a 403 or 429 and its body; ok is false for anything that is not
// about limits.
//
// Primary is remaining 0; secondary is Retry-After, or the message, or a 429
// without more.
func recognise(status int, header http.Header, body []byte, now time.Time) (limit, bool) {
	if status != http.StatusForbidden && status != http.StatusTooManyRequests {
		return limit{}, false
	}
	text := strings.ToLower(string(body))
	saysSecondary := strings.Contains(text, "secondary rate limit") || strings.Contains(text, "secondary-rate-limits") ||
		strings.Contains(text, "abuse detection") || strings.Contains(text, "abuse-rate-limits")
	retryAfter, hasRetryAfter := retryAfterTime(header.Get("Retry-After"), now)
	if header.Get("X-Ratelimit-Remaining") == "0" && !saysSecondary {
		reset, _ := resetTime(header)
		return limit{until: later(reset, retryAfter)}, true
	}
	switch {
	case hasRetryAfter:
		return limit{until: retryAfter, secondary: true}, true
	case saysSecondary, status == http.StatusTooManyRequests:
		return limit{secondary: true}, true
	case strings.Contains(text, "api rate limit exceeded"):
		reset, _ := resetTime(header)
		return limit{until: reset}, true
	default:
		return limit{}, false
	}
}

// resetTime reads X-RateLimit-Reset, seconds since 1970.
func resetTime(header http.Header) (time.Time, bool) {
	seconds, err := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).Add(afterReset), true
}

// retryAfterTime reads Retry-After: seconds or a date (RFC 9110, section 10.2.3).
func retryAfterTime(value string, now time.Time) (time.Time, bool) {
	if value == "" {
		return time.Time{}, false
	}
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil && seconds >= 0 {
		return now.Add(time.Duration(seconds) * time.Second), true
	}
	if date, err := http.ParseTime(value); err == nil {
		return date, true
	}
	return time.Time{}, false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// GitHub's secondary limits that are kept before they are reached.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
const (
	// MaxPointsPerMinute: a read costs 1 point, a write 5.
	MaxPointsPerMinute = 900
	// MaxContentPerMinute and MaxContentPerHour count requests that create or change content.
	MaxContentPerMinute = 80
	MaxContentPerHour   = 500

	readPoints  = 1
	writePoints = 5
)

// rateGate knows the limits of one installation: what GitHub said, and what was sent
// in the last minute and hour.
type rateGate struct {
	installation int64

	mu        sync.Mutex
	closed    time.Time // no request before
	secondary bool      // why it is closed
	left      int       // of the allowance, as GitHub said last; -1 before
	resets    time.Time // when GitHub grants the whole allowance again; zero: not known
	strikes   int       // secondary limits in a row that named no time
	paced     bool      // GitHub has limits
	points    window
	content   window
	hourly    window // content
}

// newGate makes the gate of an installation. Where the server is not GitHub's own, it is
// paced once an answer says that there are limits.
func newGate(installation int64, paced bool, pointsPerMinute, contentPerMinute int) *rateGate {
	g := &rateGate{
		installation: installation,
		left:         -1,
		paced:        paced,
		points:       window{limit: pointsPerMinute, unit: 1},
		content:      window{limit: contentPerMinute, unit: 1},
	}
	if contentPerMinute > 0 {
		g.hourly = window{limit: MaxContentPerHour, unit: 60}
	}
	return g
}

// admit books one request, or says until when to wait.
func (g *rateGate) admit(method string, now time.Time) *RateLimited {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Before(g.closed) {
		return g.limited(g.closed, g.secondary)
	}
	cost, writes := readPoints, 0
	if isWrite(method) {
		cost, writes = writePoints, 1
	}
	for _, w := range []struct {
		*window
		n int
	}{{&g.content, writes}, {&g.hourly, writes}, {&g.points, cost}} {
		if until, ok := w.fits(now, w.n); !ok && g.paced {
			return g.limited(until, true)
		}
	}
	g.content.add(now, writes)
	g.hourly.add(now, writes)
	g.points.add(now, cost)
	return nil
}

// close takes over what a response said and gives the error for it.
func (g *rateGate) close(l limit, now time.Time) *RateLimited {
	g.mu.Lock()
	defer g.mu.Unlock()
	until := l.until
	switch {
	case until.IsZero() && !l.secondary:
		until = now.Add(secondaryPause)
	case until.IsZero():
		// Answers to requests that were under way together are one strike.
		if !now.Before(g.closed) {
			g.strikes++
		}
		until = now.Add(min(secondaryPause<<min(max(g.strikes-1, 0), 10), maxSecondaryPause))
	}
	// A reset in the past means that the clocks differ.
	if earliest := now.Add(afterReset); until.Before(earliest) {
		until = earliest
	}
	if latest := now.Add(maxPause); until.After(latest) {
		until = latest
	}
	if until.After(g.closed) {
		g.closed, g.secondary = until, l.secondary
	}
	return g.limited(g.closed, g.secondary)
}

// observe reads the headers of an answer that was no refusal. It gives what is
// left of the allowance, -1 where the answer does not say.
func (g *rateGate) observe(header http.Header, now time.Time) (remaining int) {
	remaining, err := strconv.Atoi(header.Get("X-Ratelimit-Remaining"))
	if err != nil || remaining < 0 {
		remaining = -1
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !now.Before(g.closed) {
		g.strikes = 0
	}
	g.paced = g.paced || header.Get("X-Ratelimit-Limit") != ""
	if resource := header.Get("X-Ratelimit-Resource"); resource != "" && resource != "core" {
		return -1
	}
	reset, ok := resetTime(header)
	if remaining >= 0 {
		g.left, g.resets = remaining, reset
	}
	if ok && remaining == 0 && reset.After(g.closed) && reset.Before(now.Add(maxPause)) {
		g.closed, g.secondary = reset, false
	}
	return remaining
}

// Left gives how many requests GitHub still grants an installation, by its last
// answer; known is false where it has not said, or has granted new ones since.
func (c *Clients) Left(installation int64) (left int, known bool) {
	i, err := c.installation(installation)
	if err != nil {
		return 0, false
	}
	i.gate.mu.Lock()
	defer i.gate.mu.Unlock()
	known = i.gate.left >= 0 && (i.gate.resets.IsZero() || c.now().Before(i.gate.resets))
	return i.gate.left, known
}

func (g *rateGate) limited(until time.Time, secondary bool) *RateLimited {
	return &RateLimited{Until: until, Installation: g.installation, Secondary: secondary}
}

func isWrite(method string) bool {
	return method != http.MethodGet && method != http.MethodHead
}

// slots is into how many parts a window is divided.
const slots = 60

// window counts what was sent within the last 60 units of time: seconds or minutes. A
// limit that is not positive is none.
type window struct {
	limit int
	unit  int64 // in seconds
	parts [slots]struct {
		at int64
		n  int
	}
}

// used is what was counted within the window.
func (w *window) used(now time.Time) int {
	at, used := w.part(now), 0
	for _, p := range w.parts {
		if p.at > at-slots && p.at <= at {
			used += p.n
		}
	}
	return used
}

// part is the number of the unit of time that a moment belongs to.
func (w *window) part(now time.Time) int64 { return now.Unix() / w.unit }

// fits reports whether n more would stay within the limit, and if not, when they would.
func (w *window) fits(now time.Time, n int) (time.Time, bool) {
	if w.limit <= 0 || n == 0 {
		return time.Time{}, true
	}
	last, used := w.part(now), w.used(now)
	if used+n <= w.limit {
		return time.Time{}, true
	}
	for at := last - slots + 1; at <= last; at++ {
		if p := w.parts[slot(at)]; p.at == at {
			used -= p.n
		}
		if used+n <= w.limit {
			return time.Unix((at+slots)*w.unit, 0), false
		}
	}
	return time.Unix((last+slots)*w.unit, 0), false
}

func (w *window) add(now time.Time, n int) {
	if w.limit <= 0 || n == 0 {
		return
	}
	at := w.part(now)
	p := &w.parts[slot(at)]
	if p.at != at {
		p.at, p.n = at, 0
	}
	p.n += n
}

// slot also serves clocks that stand before 1970, as tests' do.
func slot(at int64) int { return int((at%slots + slots) % slots) }
