package simulator

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // GitHub still sends the old header beside the new one
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// hook is the App's one webhook: where deliveries go, those under way, and the log.
type hook struct {
	url     string
	queue   []*Delivery
	held    []*Delivery
	log     []*Delivery
	fate    func(*Delivery) Fate
	sending int           // workers
	idle    chan struct{} // closed while nothing is queued or under way
	closed  bool
}

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

// enqueue makes a delivery of an event.
func (s *Simulator) enqueue(event, action string, i *Installation, r *Repository, payload object) {
	if s.hook.url == "" || s.hook.closed {
		return
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("simulator: encode %s: %v", event, err))
	}
	d := &Delivery{
		ID: s.id("delivery"), Event: event, Action: action, InstallationID: i.id, Payload: raw,
	}
	d.GUID = uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "delivery/%d", d.ID)).String()
	if r != nil {
		d.RepositoryID = r.id
	}
	d.Headers = s.deliveryHeaders(d)
	fate := Send
	if s.hook.fate != nil {
		fate = s.hook.fate(d)
	}
	switch fate {
	case Send:
		s.post(d)
	case Double:
		again := *d
		again.ID = s.id("delivery")
		s.post(d)
		s.post(&again)
	case Drop:
		d.At, d.Status, d.StatusCode = s.now(), "failed to connect to host", http.StatusBadGateway
		s.hook.log = append(s.hook.log, d)
	case Hold:
		s.hook.held = append(s.hook.held, d)
	case Vanish:
	}
}

func (s *Simulator) deliveryHeaders(d *Delivery) http.Header {
	h := http.Header{}
	for key, value := range map[string]string{
		"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/5171816",
		"X-GitHub-Event": d.Event, "X-GitHub-Delivery": d.GUID, "X-GitHub-Hook-ID": "1",
		"X-GitHub-Hook-Installation-Target-Type": "integration", "X-GitHub-Hook-Installation-Target-ID": fmt.Sprint(s.app.id),
		"X-Hub-Signature": "sha1=" + sign(sha1.New, s.options.WebhookSecret, d.Payload), "X-Hub-Signature-256": "sha256=" + sign(sha256.New, s.options.WebhookSecret, d.Payload),
	} {
		h.Set(key, value)
	}
	return h
}

func sign(algorithm func() hash.Hash, secret string, body []byte) string {
	mac := hmac.New(algorithm, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// post queues a delivery for sending and sees to it that somebody sends.
func (s *Simulator) post(d *Delivery) {
	s.hook.log = append(s.hook.log, d)
	s.hook.queue = append(s.hook.queue, d)
	if s.hook.sending == 0 {
		s.hook.idle = make(chan struct{})
	}
	if s.hook.sending < s.options.Senders {
		s.hook.sending++
		go s.send()
	}
}

// send delivers what is queued and ends when nothing is.
func (s *Simulator) send() {
	client := &http.Client{
		Timeout:       s.options.HookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true}, // no proxy from the environment
	}
	for {
		s.mu.Lock()
		if len(s.hook.queue) == 0 {
			if s.hook.sending--; s.hook.sending == 0 {
				close(s.hook.idle)
			}
			s.mu.Unlock()
			return
		}
		d, url := s.hook.queue[0], s.hook.url
		s.hook.queue = s.hook.queue[1:]
		d.At = s.now()
		s.mu.Unlock()

		begin := time.Now()
		code, answer, body, err := post(client, url, d)
		took := time.Since(begin)

		s.mu.Lock()
		d.Duration, d.StatusCode, d.Response, d.answer, d.Status = took, code, body, answer, http.StatusText(code)
		switch {
		case err != nil:
			d.Status = failure(err)
			d.StatusCode = http.StatusBadGateway
			if d.Status == "timed out" {
				d.StatusCode = http.StatusGatewayTimeout
			}
		case code >= 400:
			d.Status = fmt.Sprintf("Invalid HTTP Response: %d", code)
		}
		s.mu.Unlock()
	}
}

// post sends one delivery and reads at most 64 KiB of the answer.
func post(client *http.Client, url string, d *Delivery) (code int, answer http.Header, body []byte, err error) {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(d.Payload))
	if err != nil {
		return 0, nil, nil, err
	}
	request.Header = maps.Clone(d.Headers)
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, 64<<10))
	return response.StatusCode, response.Header, body, err
}

// failure names an error as GitHub's log does.
func failure(err error) string {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "timed out"
	}
	return "failed to connect to host"
}

// Flush waits until nothing is queued or under way. What the App does after it has
// answered is not waited for.
func (s *Simulator) Flush(ctx context.Context) error {
	for {
		s.mu.Lock()
		idle, busy := s.hook.idle, s.hook.sending > 0
		s.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return fmt.Errorf("wait for deliveries: %w", ctx.Err())
		}
	}
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
