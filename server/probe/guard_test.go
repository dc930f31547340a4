package probe

import (
	"net/netip"
	"testing"

	"plimsoll/config"
)

// What the dialer has in its hand may be mapped and have a zone.
func TestControl(t *testing.T) {
	g := guard{[]config.Allowed{{Prefix: netip.MustParsePrefix("10.20.0.0/16")}, {Prefix: netip.MustParsePrefix("fe80::/64")}, {Host: "*.acme.dev"}}}
	for address, want := range map[string]bool{
		"93.184.216.34:443":            true,
		"10.20.0.1:443":                true,
		"[::ffff:10.20.0.1]:443":       true,
		"[::ffff:10.20.0.1%eth0]:443":  true,
		"[::ffff:93.184.216.34]:443":   true,
		"[fe80::1%eth0]:443":           true,
		"[fe80:0:0:1::1%eth0]:443":     false,
		"10.21.0.1:443":                false,
		"[::ffff:10.21.0.1]:443":       false,
		"[::ffff:127.0.0.1%eth0]:443":  false,
		"[::ffff:169.254.169.254]:443": false,
		"93.184.216.34:80":             false,
		"[4000::1]:443":                false,
		"[2606:2800:220:1::1]:443":     true,
		"[2606:2800::5efe:7f00:1]:443": false,
		"[2606::200:5efe:a00:1]:443":   false,
		"[2606::200:5efe:5db8:d8]:443": true,
		"ok.acme.dev:443":              false,
		"":                             false,
		"93.184.216.34":                false,
		"/run/docker.sock":             false,
		"[64:ff9b::5db8:d822]:443":     false,
		"[2002:5db8:d822::1]:443":      false,
		"[2001:0:5db8:d822::a247]:443": false,
		"[100::1]:443":                 false,
		"[5f00::1]:443":                false,
		"192.88.99.1:443":              false,
		"192.0.0.8:443":                false,
		"[2001:4860:4860::8888]:443":   true,
		"[fe80::1]:443":                true,
		"[fec0::1]:443":                false,
		"100.127.255.255:443":          false,
		"100.128.0.1:443":              true,
		"172.32.0.1:443":               true,
		"172.16.0.1:443":               false,
		"[::ffff:0:10.20.0.1]:443":     false,
		"[::10.20.0.1]:443":            false,
	} {
		network := "tcp4"
		if address != "" && address[0] == '[' {
			network = "tcp6"
		}
		if err := g.control(443)(t.Context(), network, address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, network := range []string{"udp4", "unix", "ip4", "tcp"} {
		if g.control(443)(t.Context(), network, "93.184.216.34:443", nil) == nil {
			t.Errorf("%s", network)
		}
	}
}

// A slot that nobody holds takes no memory.
func TestSlotsAreForgotten(t *testing.T) {
	s := newSlots[string](1)
	free, ok := s.take("a")
	if !ok || len(s.held) != 1 {
		t.Fatalf("taken %v, %d kept", ok, len(s.held))
	}
	if _, ok := s.take("a"); ok {
		t.Error("taken twice")
	}
	free()
	if len(s.held) != 0 {
		t.Errorf("%d kept", len(s.held))
	}
}
