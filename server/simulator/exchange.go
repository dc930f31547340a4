package simulator

import "time"

// Exchange is one call of the App and its answer.
type Exchange struct {
	At             time.Time
	Method, Path   string // below APIPath
	Query          string
	Route          string // GitHub's template of the path, "" outside the description
	Operation      string // GitHub's operationId
	Status         int    // 0: the connection was cut
	InstallationID int64  // whose token, 0: the App's own or none
	Conditional    bool   // If-None-Match was sent
	NotModified    bool   // and hit: not counted by GitHub
	Fault          bool   // the answer came from a Fault
	Writes         bool
	Body           string // of the request
	Bytes          int    // of the answer
}

// Requests lists all calls so far, oldest first.
func (s *Simulator) Requests() []Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Exchange(nil), s.exchanges...)
}

// RequestsSince lists the calls after the first n: n is len(Requests()) at an
// earlier time. Calls for tokens are left out unless tokens says otherwise.
func (s *Simulator) RequestsSince(n int, tokens bool) []Exchange {
	var list []Exchange
	for _, e := range s.Requests()[n:] {
		if tokens || e.Operation != "apps/create-installation-access-token" {
			list = append(list, e)
		}
	}
	return list
}
