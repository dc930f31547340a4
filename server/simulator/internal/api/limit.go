package api

import (
	"net/http"
	"strconv"
	"time"

	"plimsoll/server/simulator/internal/model"
)

// limit counts the requests of one installation (0: the App itself).
type limit struct {
	limit, used int
	windowEnds  time.Time
	contentUsed int
	contentEnds time.Time
	scripted    bool
}

func (s *Server) limitOf(key int64) *limit {
	l := s.limits[key]
	if l == nil {
		l = &limit{limit: PrimaryLimit}
		s.limits[key] = l
	}
	now := s.github.Now()
	if !now.Before(l.windowEnds) {
		l.used, l.windowEnds, l.limit, l.scripted = 0, now.Add(time.Hour), PrimaryLimit, false
	}
	if !now.Before(l.contentEnds) {
		l.contentUsed, l.contentEnds = 0, now.Add(time.Minute)
	}
	return l
}

// SetRateLimit makes an installation have that many requests left until reset. With
// remaining 0 the next call is refused, whether or not limits are enforced.
func (s *Server) SetRateLimit(i *model.Installation, remaining int, reset time.Time) {
	l := s.limitOf(i.ID)
	l.used, l.windowEnds, l.scripted = l.limit-remaining, reset, true
}

// count counts a call and refuses it above a limit. Conditional
// requests that end in 304 are given back by the caller; GET /rate_limit and the
// token endpoint are never counted.
func (s *Server) count(l *limit, r *http.Request) *reply {
	if (s.options.EnforceLimits || l.scripted) && l.used >= l.limit {
		answer := refuse(http.StatusForbidden, "API rate limit exceeded for installation.")
		return &answer
	}
	l.used++
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if s.options.EnforceLimits && l.contentUsed >= ContentLimit {
		answer := secondary(http.StatusForbidden)
		answer.header.Set("Retry-After", strconv.Itoa(int(l.contentEnds.Sub(s.github.Now()).Seconds())+1))
		return &answer
	}
	l.contentUsed++
	return nil
}

// show writes the limit headers of every answer.
func (l *limit) show(h http.Header) {
	remaining := max(l.limit-l.used, 0)
	for key, value := range map[string]int{
		"X-RateLimit-Limit": l.limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Used": l.used,
		"X-RateLimit-Reset": int(l.windowEnds.Unix()),
	} {
		h.Set(key, strconv.Itoa(value))
	}
	h.Set("X-RateLimit-Resource", "core")
}
