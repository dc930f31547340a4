package probe

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plimsoll/deploy"
)

// maxURL bounds an address with its path, in bytes.
const maxURL = 4096

// target is where one request goes. Everything in it was parsed and written again: nothing
// behind it interprets an untrusted address again.
type target struct {
	scheme string
	// host is a name in small letters without the dot at its end, or an address.
	host string
	// address is valid where the host is one; never one mapped into IPv6.
	address netip.Addr
	port    uint16
	// path with the query, escaped.
	path string
}

// hostName is a name of the DNS: ASCII, and its last label no number in any notation,
// for 127.1, 0x7f.1 and 2130706433 are addresses to some.
var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// otherProtocols are ports above 1023 of which something else than HTTP is known: those
// of https://fetch.spec.whatwg.org/#port-blocking, and databases and caches that read
// lines.
var otherProtocols = []uint16{
	1433, 1521, 1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 6000, 6379, 6380,
	6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 10080, 11211, 27017, 27018,
}

// first gives the target of an environment's address and a path. A path of the address
// stands before the path, a query of it is left out.
func first(base, path string) (target, deploy.ProbeRefusal) {
	if len(base)+len(path) > maxURL || !strings.HasPrefix(path, "/") || strings.Contains(path, "#") || strange(path) || strange(base) {
		return target{}, deploy.RefusedURL
	}
	u, err := url.Parse(base)
	if err != nil || u.Fragment != "" {
		return target{}, deploy.RefusedURL
	}
	t, refusal := read(u)
	if refusal != "" {
		return target{}, refusal
	}
	asked, err := url.ParseRequestURI(strings.TrimRight(u.EscapedPath(), "/") + path)
	if err != nil || asked.Host != "" || asked.Scheme != "" {
		return target{}, deploy.RefusedURL
	}
	t.path = asked.RequestURI()
	return t, ""
}

// redirected gives the target of a Location, seen from this one.
func (t target) redirected(location string) (target, deploy.ProbeRefusal) {
	if location == "" || len(location) > maxURL || strange(location) {
		return target{}, deploy.RefusedURL
	}
	here, err := url.Parse(t.url())
	if err != nil {
		return target{}, deploy.RefusedURL
	}
	u, err := here.Parse(location)
	if err != nil {
		return target{}, deploy.RefusedURL
	}
	next, refusal := read(u)
	if refusal != "" {
		return target{}, refusal
	}
	if t.scheme == "https" && next.scheme != "https" {
		return target{}, deploy.RefusedDowngrade
	}
	next.path = u.RequestURI()
	if !strings.HasPrefix(next.path, "/") {
		return target{}, deploy.RefusedURL
	}
	return next, ""
}

// strange reports whether a text has what no escaped address has, and what readers of
// addresses disagree about.
func strange(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' })
}

// read takes scheme, host and port from an address.
func read(u *url.URL) (target, deploy.ProbeRefusal) {
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" || u.User != nil || u.Host == "" {
		return target{}, deploy.RefusedURL
	}
	t := target{scheme: u.Scheme, host: strings.ToLower(u.Hostname()), port: 80}
	if t.scheme == "https" {
		t.port = 443
	}
	if port := u.Port(); port != "" {
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return target{}, deploy.RefusedURL
		}
		t.port = uint16(number)
	} else if strings.HasSuffix(u.Host, ":") {
		return target{}, deploy.RefusedURL
	}
	if strings.HasPrefix(u.Host, "[") != strings.Contains(t.host, ":") {
		return target{}, deploy.RefusedURL
	}
	if address, err := netip.ParseAddr(t.host); err == nil {
		if address.Zone() != "" {
			return target{}, deploy.RefusedURL
		}
		t.address = address.Unmap()
		t.host = t.address.String()
	} else {
		t.host = strings.TrimSuffix(t.host, ".")
		if len(t.host) > 253 || !hostName.MatchString(t.host) {
			return target{}, deploy.RefusedURL
		}
	}
	if t.port != 80 && t.port != 443 && (t.port < 1024 || slices.Contains(otherProtocols, t.port)) {
		return target{}, deploy.RefusedPort
	}
	return t, ""
}

// usual reports whether the port is the scheme's own.
func (t target) usual() bool {
	return t.scheme == "http" && t.port == 80 || t.scheme == "https" && t.port == 443
}

// authority is host and port as an address has them.
func (t target) authority() string {
	switch {
	case !t.usual():
		return net.JoinHostPort(t.host, strconv.Itoa(int(t.port)))
	case strings.Contains(t.host, ":"):
		return "[" + t.host + "]"
	}
	return t.host
}

func (t target) url() string { return t.scheme + "://" + t.authority() + t.path }
