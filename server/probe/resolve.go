package probe

import (
	"context"
	"net/netip"

	"plimsoll/config"
)

// Address is an address of a host.
type Address struct {
	Addr netip.Addr
	// Allowed: probes may connect to it. One that is not keeps them from the whole host.
	Allowed bool
}

// Resolve finds the addresses of a host's name as a probe does, under the operator's list. It
// connects to none of them.
func (p *Prober) Resolve(ctx context.Context, host string, allowed []config.Allowed) ([]Address, error) {
	found, err := p.resolve(ctx, target{host: host})
	if err != nil {
		return nil, err
	}
	addresses := make([]Address, len(found))
	for i, a := range found {
		addresses[i] = Address{a, guard{allowed}.address(a)}
	}
	return addresses, nil
}

// Opens reports whether a range of the operator's list lets its first address be probed. It
// does not if no host can have that address, or if the range is wider than the special range
// (a private one, say) that the address is in.
func Opens(r netip.Prefix) bool {
	return guard{[]config.Allowed{{Prefix: r}}}.address(r.Addr())
}
