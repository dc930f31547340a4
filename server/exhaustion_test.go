package server_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/server"
	"plimsoll/server/testbed"
)

// exhaust opens connections that never bring a signed webhook, from the address that
// GitHub's webhooks come from too, and keeps them open until the test ends.
func (w *world) exhaust() {
	w.t.Helper()
	hold := func(text string) net.Conn {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL(), "http://"))
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { _ = conn.Close() })
		_, _ = io.WriteString(conn, text) // the server may have closed it
		return conn
	}
	for range 2000 {
		hold("POST " + server.HookPath + " HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	}
	for range 200 {
		conn := hold("POST " + server.HookPath + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: attack\r\n" +
			"X-Hub-Signature-256: sha256=" + strings.Repeat("00", 32) + "\r\nContent-Length: 26000000\r\n\r\n{")
		go func() {
			for tick := time.NewTicker(200 * time.Millisecond); ; <-tick.C {
				if _, err := io.WriteString(conn, " "); err != nil {
					return
				}
			}
		}()
	}
}

// Thousands of connections that declare much and send little keep no webhook out.
func TestUnsignedRequestsDelayNoWebhook(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	before := len(w.GitHub.Deliveries())
	w.exhaust()
	large := payloadOf(w.installation.ID(), w.shop.ID(), "acme/shop", fmt.Sprintf(`"ref":"refs/heads/other","x":%q`, strings.Repeat("x", 20<<20)))
	if status := w.send("push", "large", large); status >= 300 {
		t.Errorf("a webhook of 20 MB is answered with %d", status)
	}
	for i := range 10 {
		w.pull(fmt.Sprint("change-", i), map[string]string{"openapi.yaml": without("price")})
	}
	deliveries := w.GitHub.Deliveries()
	if len(deliveries) < before+10 {
		t.Fatalf("%d deliveries of 10 pull requests", len(deliveries)-before)
	}
	for _, d := range deliveries {
		if d.StatusCode != http.StatusOK && d.StatusCode != http.StatusAccepted {
			t.Errorf("%s is answered with %d", d.Event, d.StatusCode)
		}
	}
}
