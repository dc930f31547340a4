package hook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // GitHub still sends the old header beside the new one
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// headers of a delivery, with its signatures.
func (h *Hook) headers(d *Delivery) http.Header {
	app, header := h.github.App, http.Header{}
	for key, value := range map[string]string{
		"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/5171816",
		"X-GitHub-Event": d.Event, "X-GitHub-Delivery": d.GUID, "X-GitHub-Hook-ID": "1",
		"X-GitHub-Hook-Installation-Target-Type": "integration", "X-GitHub-Hook-Installation-Target-ID": fmt.Sprint(app.ID),
		"X-Hub-Signature": "sha1=" + sign(sha1.New, app.WebhookSecret, d.Payload), "X-Hub-Signature-256": "sha256=" + sign(sha256.New, app.WebhookSecret, d.Payload),
	} {
		header.Set(key, value)
	}
	return header
}

func sign(algorithm func() hash.Hash, secret string, body []byte) string {
	mac := hmac.New(algorithm, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// post queues a delivery and starts a sender if there may be one more.
func (h *Hook) post(d *Delivery) {
	h.log = append(h.log, d)
	h.queue = append(h.queue, d)
	if h.sending == 0 {
		h.idle = make(chan struct{})
	}
	if h.sending < h.senders {
		h.sending++
		go h.send()
	}
}

// send delivers what is queued and ends when nothing is left. It takes the model's lock
// itself.
func (h *Hook) send() {
	client := &http.Client{
		Timeout:       h.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true}, // no proxy from the environment
	}
	for {
		h.github.Lock()
		if len(h.queue) == 0 {
			if h.sending--; h.sending == 0 {
				close(h.idle)
			}
			h.github.Unlock()
			return
		}
		d, url := h.queue[0], h.url
		h.queue = h.queue[1:]
		d.At = h.github.Now()
		h.github.Unlock()

		begin := time.Now()
		code, header, body, err := post(client, url, d)
		took := time.Since(begin)

		h.github.Lock()
		d.Duration, d.StatusCode, d.Response, d.ResponseHeader, d.Status = took, code, body, header, http.StatusText(code)
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
		h.github.Unlock()
	}
}

// post sends one delivery and reads at most 64 KiB of the answer.
func post(client *http.Client, url string, d *Delivery) (code int, header http.Header, body []byte, err error) {
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

// Flush waits until nothing is queued or under way. It does not wait for what the App
// does after its answer. It takes the model's lock itself.
func (h *Hook) Flush(ctx context.Context) error {
	for {
		h.github.Lock()
		idle, busy := h.idle, h.sending > 0
		h.github.Unlock()
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
