package probe_test

import (
	"fmt"
	"net/netip"
	"testing"

	"plimsoll/config"
	"plimsoll/server/probe"
)

// What Resolve says of an address is what a probe of the host does.
func TestResolve(t *testing.T) {
	w := &world{names: map[string][]string{
		"public.acme.dev": {"93.184.215.14"}, "private.acme.dev": {"10.1.2.3"}, "both.acme.dev": {"93.184.215.14,192.168.1.1"}, "mapped.acme.dev": {"::ffff:10.1.2.3"},
	}}
	prober := probe.New(probe.Config{Resolver: w, Dial: w.dial})
	ranges := []config.Allowed{{Prefix: netip.MustParsePrefix("192.168.0.0/16")}}
	for host, want := range map[string]string{
		"public.acme.dev": "[{93.184.215.14 true}]", "private.acme.dev": "[{10.1.2.3 false}]",
		"both.acme.dev": "[{93.184.215.14 true} {192.168.1.1 true}]", "mapped.acme.dev": "[{10.1.2.3 false}]",
	} {
		addresses, err := prober.Resolve(t.Context(), host, ranges)
		if got := fmt.Sprint(addresses); err != nil || got != want {
			t.Errorf("%s: %s, %v, expected %s", host, got, err, want)
		}
	}
	if _, err := prober.Resolve(t.Context(), "gone.acme.dev", ranges); err == nil {
		t.Error("a host without an address was resolved")
	}
	if len(w.connected) > 0 {
		t.Errorf("it connected to %q", w.connected)
	}
}

func TestOpens(t *testing.T) {
	for text, want := range map[string]bool{
		"10.0.0.0/8": true, "10.1.0.0/16": true, "93.184.0.0/16": true, "fc00::/7": true, "127.0.0.1/32": true,
		"0.0.0.0/0": false, "10.0.0.0/7": false, "224.0.0.0/8": false, "::/0": false,
	} {
		if got := probe.Opens(netip.MustParsePrefix(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
