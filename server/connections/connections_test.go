package connections_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"plimsoll/server/connections"
)

func serve(t *testing.T, config connections.Config, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	connections.New(config).Limit(server.Config)
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// open opens connections from an address and sends a text over each.
func open(t *testing.T, n int, from, to, text string) []net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	var opened []net.Conn
	for range n {
		conn, err := dialer.Dial("tcp", to)
		if err != nil {
			if runtime.GOOS == "linux" {
				t.Fatal(err)
			}
			t.Skipf("no connections from %s on this system: %v", from, err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		opened = append(opened, conn)
	}
	return opened
}

func get(t *testing.T, from, to, path string) error {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	}}}
	answer, err := client.Get("http://" + to + path)
	if err == nil {
		err = answer.Body.Close()
	}
	return err
}

// closed counts the connections that the other side has closed; the others answer.
func closed(t *testing.T, conns []net.Conn) (n int) {
	t.Helper()
	for _, conn := range conns {
		// Finishing the request makes one that is open answer.
		_, _ = io.WriteString(conn, "x\r\nConnection: close\r\n\r\n")
		if text, _ := io.ReadAll(conn); len(text) == 0 {
			n++
		}
	}
	return n
}

func once(http.ResponseWriter, *http.Request) {}

const unfinished = "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "

func TestTheOldestOfAClientGiveWay(t *testing.T) {
	address := serve(t, connections.Config{PerClient: 10, Patience: 1}, once)
	attack := open(t, 30, "127.0.0.2", address, unfinished)
	for _, from := range []string{"127.0.0.1", "127.0.0.2"} {
		if err := get(t, from, address, "/"); err != nil {
			t.Errorf("from %s: %v", from, err)
		}
	}
	if n := closed(t, attack); n != 21 {
		t.Errorf("%d of 30 are closed, expected 20 and one for the request from the same address", n)
	}
}

func TestTheGreatestClientGivesWayInAll(t *testing.T) {
	address := serve(t, connections.Config{PerClient: 20, Patience: 1, Total: 30}, once)
	few := open(t, 5, "127.0.0.3", address, unfinished)
	attack := append(open(t, 20, "127.0.0.2", address, unfinished), open(t, 15, "127.0.0.4", address, unfinished)...)
	if err := get(t, "127.0.0.1", address, "/"); err != nil {
		t.Error(err)
	}
	if n := closed(t, few); n != 0 {
		t.Errorf("%d connections of a client with few are closed", n)
	}
	if n := closed(t, attack); n != 11 {
		t.Errorf("%d are closed, expected 11", n)
	}
}

func TestProxiesAreNotCounted(t *testing.T) {
	proxy := netip.MustParseAddr("127.0.0.2")
	address := serve(t, connections.Config{PerClient: 10, Total: 10, Patience: 1, Exempt: func(a netip.Addr) bool { return a == proxy }}, once)
	if n := closed(t, open(t, 30, "127.0.0.2", address, unfinished)); n != 0 {
		t.Errorf("%d connections of a proxy are closed", n)
	}
}

// Many good requests may come at once.
func TestABurstIsAnswered(t *testing.T) {
	address := serve(t, connections.Config{PerClient: 10, Patience: time.Hour}, once)
	burst := open(t, 60, "127.0.0.1", address, unfinished)
	if err := get(t, "127.0.0.2", address, "/"); err != nil {
		t.Error(err)
	}
	if n := closed(t, burst); n != 20 {
		t.Errorf("%d of 60 are closed, expected 20", n)
	}
}

func TestAKeptRequestIsAnswered(t *testing.T) {
	began, answer := make(chan struct{}), make(chan struct{})
	address := serve(t, connections.Config{PerClient: 2, Patience: 1}, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/kept" {
			connections.Keep(r.Context())
			close(began)
			<-answer
		}
	})
	kept := open(t, 1, "127.0.0.1", address, "GET /kept HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0]
	<-began
	attack := open(t, 20, "127.0.0.1", address, unfinished)
	if err := get(t, "127.0.0.2", address, "/"); err != nil { // all that were opened before are counted now
		t.Error(err)
	}
	if n := closed(t, attack); n != 19 {
		t.Errorf("%d of 20 are closed, expected 19", n)
	}
	close(answer)
	if text, err := io.ReadAll(kept); err != nil || len(text) == 0 {
		t.Errorf("%q, %v: the kept request is not answered", text, err)
	}
}
