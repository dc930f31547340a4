package flags

import (
	"errors"
	"strings"
	"time"
)

// Since reads when something begins: a date, an instant, or how long ago ("30d").
func Since(text string, now time.Time) (time.Time, error) {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if ago, err := time.ParseDuration(days + "h"); err == nil && ago >= 0 && ago < time.Duration(1<<63-1)/24 {
			return now.Add(-24 * ago), nil
		}
	} else if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, errors.New("--since: expected a date (2026-11-02), a time (2026-11-02T12:00:00Z) or an age (30d, 12h)")
}
