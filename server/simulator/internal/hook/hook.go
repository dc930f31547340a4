// Package hook is the App's webhook: it turns events of the model into signed
// deliveries, sends them, and keeps the log from which they can be sent again. A script
// may decide what becomes of each.
//
// It must not change the model. Everything in it is guarded by the model's lock.
package hook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

// payloadLimit is the size in bytes above which GitHub does not deliver at all.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
const payloadLimit = 25 << 20

// Hook is where deliveries go, those under way, and the log.
type Hook struct {
	github  *model.GitHub
	payload *payload.Builder
	senders int
	timeout time.Duration

	url     string
	queue   []*Delivery
	held    []*Delivery
	log     []*Delivery
	fate    func(*Delivery) Fate
	sending int           // workers
	idle    chan struct{} // closed while nothing is queued or under way
	closed  bool
}

// New returns a hook that sends at most senders deliveries at once, each within timeout.
// It delivers nothing until it has an address (SetURL).
func New(github *model.GitHub, builder *payload.Builder, senders int, timeout time.Duration) *Hook {
	idle := make(chan struct{})
	close(idle)
	h := &Hook{github: github, payload: builder, senders: senders, timeout: timeout, idle: idle}
	github.Listen(h.happened)
	return h
}

// URL is where deliveries go, "" for nowhere.
func (h *Hook) URL() string { return h.url }

// SetURL changes where deliveries go. Without an address nothing is delivered or logged.
func (h *Hook) SetURL(url string) { h.url = url }

// SetFate lets a script decide on each delivery; nil sends all.
func (h *Hook) SetFate(fate func(*Delivery) Fate) { h.fate = fate }

// Close forgets what is queued or held, and all that comes.
func (h *Hook) Close() { h.queue, h.held, h.closed = nil, nil, true }

// happened delivers an event to the App, if it is to know of it.
func (h *Hook) happened(e model.Event) {
	if h.url == "" || h.closed {
		return
	}
	if e.Installation == nil && e.Repository == nil { // of the App and a person; needs no subscription
		h.enqueue(e, nil, h.payload.PersonEvent(e))
		return
	}
	if e.Installation != nil { // needs no subscription
		h.enqueue(e, e.Installation, h.payload.InstallationEvent(e))
		return
	}
	i := h.github.InstallationFor(e.Repository)
	if i == nil || i.Suspended != nil || !h.subscribed(i, e) {
		return
	}
	h.enqueue(e, i, h.payload.Event(e, i))
}

// subscribed reports whether an installation hears of an event.
func (h *Hook) subscribed(i *model.Installation, e model.Event) bool {
	if i.Permissions[model.EventNeeds[e.Name]] == "" {
		return false
	}
	switch e.Name {
	case "check_suite":
		if e.Action != "completed" { // reaches the App concerned without a subscription
			return true
		}
	case "check_run":
		// Every App learns that a run was created or completed. "Re-run" and buttons reach
		// only the App that made the run, without a subscription.
		if e.Action == "rerequested" || e.Action == "requested_action" {
			return e.Subject.(*model.CheckRun).Suite.App == h.github.App
		}
	}
	return slices.Contains(i.Events, e.Name)
}

// enqueue makes a delivery of an event.
func (h *Hook) enqueue(e model.Event, i *model.Installation, payload payload.Object) {
	raw, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("simulator: encode %s: %v", e.Name, err))
	}
	if len(raw) > payloadLimit {
		return
	}
	d := &Delivery{ID: h.github.NextID("delivery"), Event: e.Name, Action: e.Action, Payload: raw}
	if i != nil {
		d.InstallationID = i.ID
	}
	d.GUID = uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "delivery/%d", d.ID)).String()
	if e.Repository != nil {
		d.RepositoryID = e.Repository.ID
	}
	d.Headers = h.headers(d)
	fate := Send
	if h.fate != nil {
		fate = h.fate(d)
	}
	switch fate {
	case Send:
		h.post(d)
	case Double:
		again := *d
		again.ID = h.github.NextID("delivery")
		h.post(d)
		h.post(&again)
	case Drop:
		d.At, d.Status, d.StatusCode = h.github.Now(), "failed to connect to host", http.StatusBadGateway
		h.log = append(h.log, d)
	case Hold:
		h.held = append(h.held, d)
	case Vanish:
	}
}
