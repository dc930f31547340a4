package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"plimsoll/config"
)

// fromClients sets the RemoteAddr of each request to the address of the client, where a
// trusted proxy names it in X-Forwarded-For. The header is read from its end: what stands
// before the first address that is no trusted proxy could have been written by anybody.
func fromClients(trusted []config.AddressRange, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if client, ok := clientOf(trusted, r); ok {
			r = r.WithContext(r.Context()) // a copy
			r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		}
		next.ServeHTTP(w, r)
	})
}

// clientOf returns the address that the nearest trusted proxies name.
func clientOf(trusted []config.AddressRange, r *http.Request) (client netip.Addr, ok bool) {
	address, valid := parseAddress(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && valid && contains(trusted, address); i-- {
		if address, valid = parseAddress(strings.TrimSpace(hops[i])); valid {
			client, ok = address, true
		}
	}
	return client, ok
}

// trustedProxy tells addresses that bring the connections of many clients.
func (s *Server) trustedProxy(address netip.Addr) bool {
	return contains(s.options.Config.TrustedProxies, address)
}

func contains(ranges []config.AddressRange, address netip.Addr) bool {
	for _, r := range ranges {
		if r.Contains(address) {
			return true
		}
	}
	return false
}

// parseAddress reads an IP address with or without a port.
func parseAddress(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	if err != nil {
		var withPort netip.AddrPort
		if withPort, err = netip.ParseAddrPort(text); err != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), true
}
