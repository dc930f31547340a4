package hook

import (
	"net/http"
	"slices"
	"time"
)

// Delivery is one delivery, or one attempt at it: a redelivery has the same GUID. A
// script may read it. Once queued, only the fields of the log change.
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
	At             time.Time
	Duration       time.Duration
	Status         string // OK, or what went wrong
	StatusCode     int    // 0 while it is under way
	Response       []byte
	ResponseHeader http.Header
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

// Log lists all deliveries that were attempted, oldest first.
func (h *Hook) Log() []*Delivery { return h.log }

// Delivery returns a delivery of the log, nil if there is none of that id.
func (h *Hook) Delivery(id int64) *Delivery {
	for _, d := range h.log {
		if d.ID == id {
			return d
		}
	}
	return nil
}

// Held lists the deliveries that are held, oldest first.
func (h *Hook) Held() []*Delivery { return h.held }

// Release sends held deliveries in the order given (positions in Held). Without any it
// sends all, the newest first.
func (h *Hook) Release(order []int) {
	if len(order) == 0 {
		for i := range slices.Backward(h.held) {
			order = append(order, i)
		}
	}
	taken := map[int]bool{}
	for _, i := range order {
		h.post(h.held[i])
		taken[i] = true
	}
	var kept []*Delivery
	for i, d := range h.held {
		if !taken[i] {
			kept = append(kept, d)
		}
	}
	h.held = kept
}

// Redeliver sends a delivery again under its GUID.
func (h *Hook) Redeliver(d *Delivery) {
	h.post(&Delivery{
		ID: h.github.NextID("delivery"), GUID: d.GUID, Event: d.Event, Action: d.Action, InstallationID: d.InstallationID,
		RepositoryID: d.RepositoryID, Redelivery: true, Payload: d.Payload, Headers: d.Headers,
	})
}
