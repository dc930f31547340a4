package bucket

import (
	"net"
	"net/http"
)

// Client is the key for limits on who sent a request: the IPv4 address, or the IPv6 network,
// since an IPv6 host has many addresses.
func Client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return host
}
