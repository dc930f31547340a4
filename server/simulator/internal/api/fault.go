package api

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"plimsoll/server/simulator/internal/description"
	"plimsoll/server/simulator/internal/payload"
)

// Fault makes calls of the App go wrong, by script. Of several that match, the
// first given wins.
type Fault struct {
	// Method, "" for any, and Path, a pattern of package path over the path below
	// /api/v3, "" for any: "/repos/*/*/check-runs".
	Method, Path string
	// Operation is GitHub's operationId, "" for any: "checks/create".
	Operation string
	// Match, where given, must agree as well. It must not call the simulator.
	Match func(*http.Request) bool
	// Skip lets that many matching calls pass first; Times is how many it then
	// hits, 0 for one, Always for all.
	Skip, Times int

	// Before is run before the call is answered, with nothing locked: it may wait
	// or change the simulator.
	Before func()
	// After lets the call have its effect and only then fails: the answer is lost.
	After bool
	// Stale answers pulls/get and repos/get-commit by what the pull request or the branch
	// was before its last change, as GitHub does for a moment after it. A new pull request
	// has not been tried to merge yet.
	Stale bool
	// Close cuts the connection without an answer.
	Close bool
	// Status answers with that and a message; 0 with neither Close answers as
	// usual (after Before).
	Status int
	// Message of the answer; default: the status in words.
	Message string
	// RetryAfter in seconds, sent if above 0.
	RetryAfter int
	// Header is added to the answer.
	Header http.Header
	// Body is sent instead of a message: a proxy's error page, say.
	Body string

	hits int
}

// Always as Fault.Times hits every matching call.
const Always = -1

// AddFault puts a fault in place. The function that it returns removes it. Both take the
// model's lock themselves.
func (s *Server) AddFault(f Fault) (remove func()) {
	s.github.Lock()
	defer s.github.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	own := &f
	s.faults = append(s.faults, own)
	return func() {
		s.github.Lock()
		defer s.github.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(other *Fault) bool { return other == own })
	}
}

// faultFor returns the fault that hits the call, nil if none does.
func (s *Server) faultFor(operation string, r *http.Request) *Fault {
	s.github.Lock()
	defer s.github.Unlock()
	for _, f := range s.faults {
		if !f.matches(operation, r) {
			continue
		}
		f.hits++
		if f.hits <= f.Skip || f.Times != Always && f.hits > f.Skip+f.Times {
			continue
		}
		return f
	}
	return nil
}

func (f *Fault) matches(operation string, r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method || f.Operation != "" && f.Operation != operation {
		return false
	}
	if f.Path != "" {
		if ok, err := path.Match(f.Path, strings.TrimPrefix(r.URL.Path, description.APIPath)); err != nil || !ok {
			return false
		}
	}
	return f.Match == nil || f.Match(r)
}

// reply is the answer of a fault with a status.
func (f *Fault) reply() reply {
	message := f.Message
	if message == "" {
		message = http.StatusText(f.Status)
	}
	answer := refuse(f.Status, message)
	if message == secondaryMessage {
		answer = secondary(f.Status)
	}
	for key, values := range f.Header {
		answer.header[key] = values
	}
	if f.RetryAfter > 0 {
		answer.header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Body != "" {
		answer.raw = []byte(f.Body)
	}
	return answer
}

// SecondaryLimit is GitHub's answer above a secondary limit.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
func SecondaryLimit(retryAfter, times int) Fault {
	return Fault{Status: http.StatusForbidden, Message: secondaryMessage, RetryAfter: retryAfter, Times: times}
}

// secondary is GitHub's refusal above a secondary limit; clients know it by its
// message or its documentation.
func secondary(status int) reply {
	answer := refuse(status, secondaryMessage)
	answer.body.(payload.Object)["documentation_url"] = documentation + "/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
	return answer
}

const secondaryMessage = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
