package server

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"plimsoll/config"
)

func TestTheAddressOfAClient(t *testing.T) {
	var trusted []config.AddressRange
	for _, text := range []string{"10.0.0.0/8", "2001:db8::/32"} {
		allowed, err := config.ParseAllowed(text)
		if err != nil {
			t.Fatal(err)
		}
		trusted = append(trusted, config.AddressRange{Prefix: allowed.Prefix})
	}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"no proxy":                         {"203.0.113.5:7000", nil, "203.0.113.5:7000"},
		"a client that forges the header":  {"203.0.113.5:7000", []string{"198.51.100.1"}, "203.0.113.5:7000"},
		"behind a proxy":                   {"10.1.2.3:7000", []string{"203.0.113.5"}, "203.0.113.5:0"},
		"behind a proxy, mapped to IPv6":   {"[::ffff:10.1.2.3]:7000", []string{"203.0.113.5"}, "203.0.113.5:0"},
		"forged, behind a proxy":           {"10.1.2.3:7000", []string{"198.51.100.1, 203.0.113.5"}, "203.0.113.5:0"},
		"forged as a header of its own":    {"10.1.2.3:7000", []string{"198.51.100.1", "203.0.113.5"}, "203.0.113.5:0"},
		"behind two proxies":               {"10.1.2.3:7000", []string{"198.51.100.1, 203.0.113.5, 10.9.9.9"}, "203.0.113.5:0"},
		"a proxy itself":                   {"10.1.2.3:7000", nil, "10.1.2.3:7000"},
		"a header that is no address":      {"10.1.2.3:7000", []string{"unknown"}, "10.1.2.3:7000"},
		"no address behind a second proxy": {"10.1.2.3:7000", []string{"evil, 10.9.9.9"}, "10.9.9.9:0"},
		"with a port":                      {"[2001:db8::1]:7000", []string{"[2001:db9::7]:1234"}, "[2001:db9::7]:0"},
		"only proxies":                     {"10.1.2.3:7000", []string{"10.4.4.4"}, "10.4.4.4:0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.forwarded
			got := ""
			fromClients(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(nil, r)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
