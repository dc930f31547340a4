package probe_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/server/probe"
)

// world is a network of the test's: names with their answers, one after the other, and
// addresses behind which something listens.
type world struct {
	names map[string][]string // each answer: addresses by comma; the last one stays
	hosts map[string]string   // "address:port" → where that really listens
	// rewrite is what a broken dialer makes of an address after it was checked.
	rewrite map[string]string

	mu        sync.Mutex
	asked     []string
	connected []string
}

// blackhole is a host that never answers.
const blackhole = "blackhole"

func (w *world) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, host)
	answers := w.names[host]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		w.names[host] = answers[1:]
	}
	var all []netip.Addr
	for text := range strings.SplitSeq(answers[0], ",") {
		all = append(all, netip.MustParseAddr(text))
	}
	return all, nil
}

// dial does what the system's dialer does: asks control with the address in its hand,
// then connects. What it connects to is kept.
func (w *world) dial(ctx context.Context, dialer *net.Dialer, _, address string) (net.Conn, error) {
	if other, ok := w.rewrite[address]; ok {
		address = other
	}
	network := "tcp4"
	if strings.HasPrefix(address, "[") {
		network = "tcp6"
	}
	if err := dialer.ControlContext(ctx, network, address, nil); err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	w.mu.Lock()
	w.connected = append(w.connected, address)
	w.mu.Unlock()
	to, ok := w.hosts[address]
	if to == blackhole {
		ctx, cancel := context.WithTimeout(ctx, dialer.Timeout)
		defer cancel()
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", to)
}

func (w *world) seen() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.connected, " ")
}

// allow is an operator's list.
func allow(rules ...string) []config.Allowed {
	var all []config.Allowed
	for _, rule := range rules {
		if prefix, err := netip.ParsePrefix(rule); err == nil {
			all = append(all, config.Allowed{Prefix: prefix})
		} else {
			all = append(all, config.Allowed{Host: rule})
		}
	}
	return all
}

// probed makes a probe that is not busy.
func probed(ctx context.Context, t *testing.T, p *probe.Prober, r probe.Request) deploy.ProbeResult {
	t.Helper()
	result, err := p.Probe(ctx, r)
	if err != nil {
		t.Errorf("%s: %v", r.Base, err)
	}
	return result
}
