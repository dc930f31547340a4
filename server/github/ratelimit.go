package github

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
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
