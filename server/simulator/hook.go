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

// payloadLimit is the size in bytes above which GitHub does not deliver at all.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
const payloadLimit = 25 << 20

// enqueue makes a delivery of an event.
func (s *Simulator) enqueue(event, action string, i *Installation, r *Repository, payload object) {
	if s.hook.url == "" || s.hook.closed {
		return
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("simulator: encode %s: %v", event, err))
	}
	if len(raw) > payloadLimit {
		return
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
