package openapi

import "time"

// SunsetAfter tells whether date a is later than date b. A date that cannot be parsed is
// not later than anything.
func SunsetAfter(a, b string) bool {
	x, okA := ParseSunset(a)
	y, okB := ParseSunset(b)
	return okA && okB && x.After(y)
}

// SameSunset tells whether two texts mean the same date.
func SameSunset(a, b string) bool {
	x, okA := ParseSunset(a)
	y, okB := ParseSunset(b)
	return okA && okB && x.Equal(y)
}

// ParseSunset parses a sunset date: RFC 3339, with or without the time, or an HTTP date
// (RFC 8594).
func ParseSunset(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.RFC1123, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
