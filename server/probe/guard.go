package probe

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"

	"plimsoll/config"
	"plimsoll/deploy"
)

// errAddress is that an address may not be connected to.
var errAddress = errors.New("an address that is not allowed")

// guard is the operator's list.
type guard struct{ allowed []config.Allowed }

// host says whether a target's host is on the list, by name or by address.
func (g guard) host(t target) deploy.ProbeRefusal {
	if t.address.IsValid() {
		if !g.address(t.address) {
			return deploy.RefusedAddress
		}
		if !slices.ContainsFunc(g.allowed, func(a config.Allowed) bool { return a.Prefix.IsValid() && a.Prefix.Contains(t.address) }) {
			return deploy.RefusedHost
		}
		return ""
	}
	if !slices.ContainsFunc(g.allowed, func(a config.Allowed) bool { return a.MatchHost(t.host) }) {
		return deploy.RefusedHost
	}
	return ""
}

// never are addresses that no list opens: they are no host's.
var never = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/128"), netip.MustParsePrefix("ff00::/8"),
}

// special6 are the ranges outside of global unicast that a list can open.
// https://www.iana.org/assignments/iana-ipv6-special-registry
var special6 = []netip.Prefix{
	netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"),
}

// address says whether an address may be connected to: it is public, or in a range of
// the list that is no wider than what makes it special.
func (g guard) address(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if !a.IsValid() || contains(never, a).IsValid() {
		return false
	}
	special := contains(ssrf.IPv4DeniedPrefixes, a)
	if a.Is6() {
		special = contains(ssrf.IPv6DeniedPrefixes, a)
		if !ssrf.IPv6GlobalUnicast.Contains(a) {
			if special = contains(special6, a); !special.IsValid() {
				return false
			}
		}
	}
	if special.IsValid() && !slices.ContainsFunc(g.allowed, func(l config.Allowed) bool {
		return l.Prefix.IsValid() && l.Prefix.Contains(a) && l.Prefix.Bits() >= special.Bits()
	}) {
		return false
	}
	for _, carried := range carried(a) {
		if !g.address(carried) {
			return false
		}
	}
	return true
}

// contains gives the narrowest of the ranges that hold an address; invalid: none does.
func contains(ranges []netip.Prefix, a netip.Addr) (narrowest netip.Prefix) {
	for _, r := range ranges {
		if r.Contains(a) && (!narrowest.IsValid() || r.Bits() > narrowest.Bits()) {
			narrowest = r
		}
	}
	return narrowest
}

var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215
	sixToFour  = netip.MustParsePrefix("2002::/16")      // RFC 3056
	teredo     = netip.MustParsePrefix("2001::/32")      // RFC 4380
)

// carried gives the IPv4 addresses that a packet to an IPv6 address ends at, or passes.
func carried(a netip.Addr) []netip.Addr {
	if !a.Is6() {
		return nil
	}
	b := a.As16()
	last := netip.AddrFrom4([4]byte(b[12:16]))
	switch {
	case nat64.Contains(a):
		return []netip.Addr{last}
	case nat64Local.Contains(a):
		if [6]byte(b[6:12]) == [6]byte{} {
			return []netip.Addr{last}
		}
		return []netip.Addr{netip.AddrFrom4([4]byte{b[6], b[7], b[9], b[10]})}
	case sixToFour.Contains(a):
		return []netip.Addr{netip.AddrFrom4([4]byte(b[2:6]))}
	case teredo.Contains(a):
		client := netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})
		return []netip.Addr{netip.AddrFrom4([4]byte(b[4:8])), client}
	case (b[8] == 0 || b[8] == 2) && [3]byte(b[9:12]) == [3]byte{0, 0x5e, 0xfe}: // ISATAP, RFC 5214
		return []netip.Addr{last}
	}
	return nil
}

// control is asked by the dialer before it connects, with the address in its hand: what
// was checked before may not be what a resolver or dialer makes of it.
func (g guard) control(port uint16) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" || to.Port() != port || !g.address(to.Addr()) {
			return errAddress
		}
		return nil
	}
}
