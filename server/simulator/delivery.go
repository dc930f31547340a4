package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// Delivery is one delivery, or one attempt at it: a redelivery has the same GUID.
// A script may read it; it does not change after it has been queued but for the
// fields named in the log.
type Delivery struct {
	ID             int64
	GUID           string
	Event, Action  string
	InstallationID int64
	RepositoryID   int64 // 0 for events of an installation
	Redelivery     bool
	Payload        []byte
	Headers        http.Header

	// In the log, after the attempt:
	At         time.Time
	Duration   time.Duration
	Status     string // OK, or what went wrong
	StatusCode int    // 0 while it is under way
	Response   []byte
	answer     http.Header
}

// Fate is what a script makes of a delivery.
type Fate int

// The fates.
const (
	Send   Fate = iota // as it should be
	Drop               // fails: "failed to connect to host" in the log
	Vanish             // neither sent nor logged: GitHub had an outage
	Double             // sent twice with the same GUID
	Hold               // kept until Release, which sends what it held in any order
)

// SetHook says where deliveries go. Without one nothing is delivered or logged.
func (s *Simulator) SetHook(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook.url = url
}

// OnDelivery lets a script decide on each delivery; nil sends all. The function is
// called with the simulator locked: it must not call back.
func (s *Simulator) OnDelivery(fate func(*Delivery) Fate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook.fate = fate
}

// Held lists the deliveries that are held, oldest first.
func (s *Simulator) Held() []*Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Delivery(nil), s.hook.held...)
}

// Release sends held deliveries in the order given (positions in Held), or all of
// them, the newest first, where none is given.
func (s *Simulator) Release(order ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(order) == 0 {
		for i := len(s.hook.held) - 1; i >= 0; i-- {
			order = append(order, i)
		}
	}
	taken := map[int]bool{}
	for _, i := range order {
		s.post(s.hook.held[i])
		taken[i] = true
	}
	var kept []*Delivery
	for i, d := range s.hook.held {
		if !taken[i] {
			kept = append(kept, d)
		}
	}
	s.hook.held = kept
}

// Deliveries is the log, oldest first.
func (s *Simulator) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var told []Delivery
	for _, d := range s.hook.log {
		told = append(told, *d)
	}
	return told
}

// redeliver sends a delivery again under its GUID.
func (s *Simulator) redeliver(d *Delivery) {
	again := &Delivery{
		ID: s.id("delivery"), GUID: d.GUID, Event: d.Event, Action: d.Action, InstallationID: d.InstallationID,
		RepositoryID: d.RepositoryID, Redelivery: true, Payload: d.Payload, Headers: d.Headers,
	}
	s.post(again)
}

// Redeliver presses "Redeliver" in the App's settings.
func (s *Simulator) Redeliver(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.delivery(id)
	if d == nil {
		panic(fmt.Sprintf("simulator: no delivery %d", id))
	}
	s.redeliver(d)
}

func (s *Simulator) delivery(id int64) *Delivery {
	for _, d := range s.hook.log {
		if d.ID == id {
			return d
		}
	}
	return nil
}
