package intake_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/server/intake"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// serve runs an intake behind a real listener and returns its address.
func serve(t *testing.T, b *bench) string {
	t.Helper()
	server := httptest.NewServer(b.Intake)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// hold opens a connection, sends a text, and keeps the connection open until the test ends.
func hold(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// unsigned is the head of a webhook whose signature is a guess.
func unsigned(length int) string {
	return fmt.Sprintf("POST /api/github/hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\n"+
		"X-GitHub-Delivery: attack\r\nX-Hub-Signature-256: sha256=%s\r\nContent-Length: %d\r\n\r\n", strings.Repeat("00", 32), length)
}

// trickle sends a byte of a body at a time until the connection ends.
func trickle(conn net.Conn) {
	for tick := time.NewTicker(200 * time.Millisecond); ; <-tick.C {
		if _, err := io.WriteString(conn, " "); err != nil {
			return
		}
	}
}

// post sends a signed webhook over a connection of its own.
func post(t *testing.T, address, delivery, body string) {
	t.Helper()
	r := request("push", delivery, body)
	r.URL.Scheme, r.URL.Host, r.RequestURI = "http", address, ""
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Errorf("%s: %v", delivery, err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK || !strings.Contains(string(text), "stored") {
		t.Errorf("%s: %s %q, expected it to be stored", delivery, answer.Status, text)
	}
}

// Requests without a valid signature declare far more than all bodies together may have,
// and send nearly nothing. Signed webhooks are stored all the same.
func TestDeclaredBodiesDoNotBlockSignedWebhooks(t *testing.T) {
	s := storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})
	address := serve(t, newBench(t, s, intake.Config{}))
	for range 2000 {
		hold(t, address, "POST /api/github/hook HTTP/1.1\r\nHost: x\r\nX-Slow:")
	}
	for range 200 {
		go trickle(hold(t, address, unsigned(25<<20)))
	}
	large := `{"pull":1,"x":"` + strings.Repeat("x", 12<<20) + `"}`
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() { post(t, address, fmt.Sprint("small-", i), `{"pull":1}`) })
	}
	for i := range 2 {
		group.Go(func() { post(t, address, fmt.Sprint("large-", i), large) })
	}
	group.Wait()
}

// Bodies that arrive and then stop hold all the space there is. They are ended when others
// need it; small webhooks do not even wait.
func TestHeldBodiesGiveWay(t *testing.T) {
	s := storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})
	address := serve(t, newBench(t, s, intake.Config{MaxBody: 1 << 20, MaxInFlight: 4 << 20, StoreTimeout: time.Minute, StallTimeout: time.Hour, BodyTimeout: time.Hour}))
	for range 8 {
		hold(t, address, unsigned(1<<20)+strings.Repeat("x", 900<<10))
	}
	large := `{"pull":1,"x":"` + strings.Repeat("x", 900<<10) + `"}`
	var group sync.WaitGroup
	for i := range 3 {
		group.Go(func() { post(t, address, fmt.Sprint("small-", i), `{"pull":1}`) })
		group.Go(func() { post(t, address, fmt.Sprint("large-", i), large) })
	}
	group.Wait()
}

// The beginnings of large bodies fill the reserve for small ones, and stop.
func TestHeldBeginningsGiveWay(t *testing.T) {
	s := storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})
	address := serve(t, newBench(t, s, intake.Config{MaxBody: 1 << 20, MaxInFlight: 4 << 20, StoreTimeout: time.Minute, StallTimeout: time.Hour, BodyTimeout: time.Hour}))
	for range 20 {
		hold(t, address, unsigned(1<<20)+strings.Repeat("x", 120<<10))
	}
	for i := range 10 {
		post(t, address, fmt.Sprint("small-", i), `{"pull":1}`)
	}
}

func TestSlowBodiesEnd(t *testing.T) {
	for name, config := range map[string]intake.Config{
		"nothing more arrives": {StallTimeout: 50 * time.Millisecond},
		"it takes too long":    {BodyTimeout: 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})
			conn := hold(t, serve(t, newBench(t, s, config)), unsigned(1000))
			if config.StallTimeout == 0 {
				go trickle(conn)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			if answer.StatusCode != http.StatusRequestTimeout || !answer.Close {
				t.Errorf("%s, closed %v; expected 408 and the end of the connection", answer.Status, answer.Close)
			}
		})
	}
}
