package openapi

import "time"

// sunsetAfter tells whether date a lies after date b. Dates are RFC 3339, with
// or without the time, or HTTP dates (RFC 8594); a date that can't be read is
// not after anything.
func SunsetAfter(a, b string) bool {
	x, okA := ParseSunset(a)
	y, okB := ParseSunset(b)
	return okA && okB && x.After(y)
}

// sameSunset tells whether two texts say the same date.
func SameSunset(a, b string) bool {
	x, okA := ParseSunset(a)
	y, okB := ParseSunset(b)
	return okA && okB && x.Equal(y)
}

func ParseSunset(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.RFC1123, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
