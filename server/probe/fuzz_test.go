package probe

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
)

// nowhere gives loopback for every name.
type nowhere struct{}

func (nowhere) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// Whatever address, path and Location are: what is accepted reads the same to every
// reader, its host is on the list, and nothing is connected to but a listed range.
func FuzzTarget(f *testing.F) {
	for _, seed := range [][3]string{
		{"https://ok.acme.dev", "/healthz", "/again"},
		{"http://[::ffff:127.0.0.1]:8080/base?x#y", "/a%2Fb?c", "//evil.example"},
		{"http://u:p@127.1", "/\\x", "https://0x7f.1/"},
		{"http://10.20.0.1:8080", "//x", "http://10.20.0.2:8080/"},
		{"HTTP://①.acme.dev.:080", "/;x", "?only=query"},
		{"http://[fd12::1%25eth0]", "/", "\thttps://ok.acme.dev"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	allowed := []config.Allowed{{Host: "*.acme.dev"}, {Prefix: netip.MustParsePrefix("10.20.0.0/16")}}
	g := guard{allowed}
	listed := netip.MustParsePrefix("10.20.0.0/16")
	f.Fuzz(func(t *testing.T, base, path, location string) {
		check := func(what target) {
			u, err := url.Parse(what.url())
			if err != nil || u.Scheme != what.scheme || u.Hostname() != what.host || u.User != nil || u.Fragment != "" || strange(what.url()) {
				t.Fatalf("%+v reads as %+v, %v", what, u, err)
			}
			if port := u.Port(); port != "" && port != strconv.Itoa(int(what.port)) || port == "" && !what.usual() {
				t.Fatalf("%+v has the port %q", what, port)
			}
			if request, err := http.NewRequest("GET", what.url(), nil); err != nil || request.URL.RequestURI() != what.path || request.Host != what.authority() {
				t.Fatalf("%+v is sent as %+v, %v", what, request, err)
			}
			if what.port == 0 || what.port < 1024 && what.port != 80 && what.port != 443 {
				t.Fatalf("the port %d", what.port)
			}
			if g.host(what) != "" {
				return
			}
			if what.address.IsValid() && !listed.Contains(what.address) || !what.address.IsValid() && !strings.HasSuffix(what.host, ".acme.dev") {
				t.Fatalf("%+v passes", what)
			}
		}
		one, refusal := first(base, path)
		if refusal == "" {
			check(one)
			next, refusal := one.redirected(location)
			if refusal == "" {
				check(next)
				if one.scheme == "https" && next.scheme != "https" {
					t.Fatalf("%s → %s", one.url(), next.url())
				}
			}
		}
		p := New(Config{Resolver: nowhere{}, Limits: Limits{Whole: time.Second}, Dial: func(ctx context.Context, dialer *net.Dialer, network, address string) (net.Conn, error) {
			err := dialer.ControlContext(ctx, "tcp4", address, nil)
			if to, bad := netip.ParseAddrPort(address); err == nil && (bad != nil || !listed.Contains(to.Addr())) {
				t.Errorf("connects to %s", address)
			}
			return nil, errAddress
		}})
		if result, err := p.Probe(t.Context(), Request{Base: base, Method: "GET", Path: path, Allowed: allowed}); err != nil || result.Outcome != deploy.ProbeRefused {
			t.Errorf("%s", result)
		}
	})
}

// Whatever an answer's body and a declared field are, reading it neither panics nor tells
// what is not plain.
func FuzzFields(f *testing.F) {
	f.Add(`{"a": [{"b": "c"}]}`, "a[0].b", "c")
	f.Add(`{"a": 1e400}`, "a", "{{deployment.sha}}")
	f.Add(`[[[`, "a..b", "")
	f.Fuzz(func(t *testing.T, body, path, want string) {
		for _, kind := range []string{"string", "number", "boolean", "null"} {
			values := Values{SHA: "{{deployment.id}}", ID: 7}
			for _, field := range fields(map[string]config.Literal{path: {Text: want, Kind: kind}}, values.fill, []byte(body)) {
				if len(field.Found) > 7 || strings.Trim(field.Found, "0123456789abcdef") != "" {
					t.Errorf("told %q", field.Found)
				}
				if field.Matches && field.Kind != kind {
					t.Errorf("%+v matches a %s", field, kind)
				}
			}
		}
	})
}
