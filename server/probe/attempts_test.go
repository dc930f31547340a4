package probe_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/deploy"
	"plimsoll/server/probe"
)

// public is where the honest service of these tests is.
const public = "93.184.216.34"

// attempt is one way to make the server ask what it should not.
type attempt struct {
	name string
	base string
	path string // "": /healthz
	// names beside ok.acme.dev, which is public.
	names map[string][]string
	// location that ok.acme.dev redirects to.
	location string
	rewrite  map[string]string
	allow    []string // beside *.acme.dev
	want     deploy.ProbeRefusal
	// first: the honest first request is made, nothing else.
	first bool
}

func attempts() []attempt {
	at := func(addresses ...string) map[string][]string {
		return map[string][]string{"a.acme.dev": addresses}
	}
	name := func(name, addresses string, allow ...string) attempt {
		return attempt{name: "name at " + name, base: "http://a.acme.dev", names: at(addresses), allow: allow, want: deploy.RefusedAddress}
	}
	base := func(name, base string, want deploy.ProbeRefusal, allow ...string) attempt {
		return attempt{name: name, base: base, want: want, allow: allow}
	}
	redirect := func(name, location string, want deploy.ProbeRefusal) attempt {
		return attempt{name: "redirect to " + name, base: "https://ok.acme.dev", location: location, want: want, first: true}
	}
	const url, host, address, port = deploy.RefusedURL, deploy.RefusedHost, deploy.RefusedAddress, deploy.RefusedPort
	return []attempt{
		base("host of a stranger", "https://evil.example", host),
		base("suffix without a dot", "https://evilacme.dev", host),
		base("the suffix itself", "https://acme.dev", host),
		base("listed name in front", "https://ok.acme.dev.evil.example", host),
		base("public address, not listed", "http://"+public, host),
		base("loopback", "http://127.0.0.1", address),
		base("loopback by name", "http://localhost", host),
		base("loopback, IPv6", "http://[::1]", address),
		base("metadata", "http://169.254.169.254/latest/meta-data", address),
		base("metadata by name", "http://metadata.google.internal", host),
		base("metadata, IPv6", "http://[fd00:ec2::254]", address),
		base("metadata, under a list of everything", "http://169.254.169.254", address, "0.0.0.0/0", "::/0"),
		base("loopback, under a list of everything", "http://[::1]", address, "0.0.0.0/0", "::/0"),
		base("address beside the listed range", "http://10.21.0.1", address, "10.20.0.0/16"),
		base("this host", "http://0.0.0.0", address, "0.0.0.0/8"),
		base("this host, IPv6", "http://[::]", address, "::/128"),
		base("broadcast", "http://255.255.255.255", address, "255.255.255.255/32"),
		base("multicast", "http://224.0.0.1", address, "224.0.0.0/4"),
		base("multicast, IPv6", "http://[ff02::1]", address, "ff00::/8"),
		base("mapped loopback", "http://[::ffff:127.0.0.1]", address),
		base("mapped loopback in digits", "http://[::ffff:7f00:1]", address, "::ffff:0:0/96"),
		base("zone", "http://[fe80::1%25eth0]", url, "fe80::/10"),
		base("zone on loopback", "http://[::1%251]", url, "::1/128"),
		base("decimal host", "http://2130706433", url),
		base("octal host", "http://0177.0.0.1", url),
		base("hexadecimal host", "http://0x7f.0.0.1", url),
		base("hexadecimal host in one", "http://0x7f000001", url),
		base("short host", "http://127.1", url),
		base("host is 0", "http://0", url),
		base("address with leading zeros", "http://127.000.000.001", url),
		base("address with a dot at its end", "http://127.0.0.1.", url),
		base("name with a dot at its end", "http://localhost.", host),
		base("name with two dots at its end", "http://ok.acme.dev..", url),
		base("user who looks like the host", "http://ok.acme.dev@169.254.169.254/", url),
		base("user and password", "http://ok.acme.dev:80@127.0.0.1", url),
		base("backslash before the host's end", `http://evil.example\@ok.acme.dev`, url),
		base("backslash behind the host", `http://127.0.0.1\.acme.dev`, url),
		base("fragment before the host's end", "http://127.0.0.1#.acme.dev", url),
		base("question mark before the host's end", "http://127.0.0.1?.acme.dev", address),
		base("digits in circles", "http://①②⑦.⓪.⓪.①", url),
		base("full stop of another script", "http://127。0。0。1", url),
		base("letters of another script", "http://ok.аcme.dev", url),
		base("punycode of such letters", "http://ok.xn--cme-6cd.dev", host),
		base("escaped host", "http://%31%32%37.0.0.1", url),
		base("escaped letters of the host", "http://ok%2eacme.dev", url),
		base("tab in the scheme", "ht\ttp://ok.acme.dev", url),
		base("line end in the host", "http://ok.acme.dev\r\nX: y", url),
		base("another scheme", "file:///etc/passwd", url),
		base("gopher", "gopher://ok.acme.dev:70/_x", url),
		base("no scheme", "//ok.acme.dev", url),
		base("opaque", "http:ok.acme.dev", url),
		base("no host", "http:///healthz", url),
		base("port 0", "http://ok.acme.dev:0", port),
		base("port of mail", "http://ok.acme.dev:25", port),
		base("port of secure shell", "http://ok.acme.dev:22", port),
		base("port of a cache", "http://ok.acme.dev:6379", port),
		base("port beyond 65535", "http://ok.acme.dev:65616", url),
		base("port without digits", "http://ok.acme.dev:", url),
		base("two ports", "http://ok.acme.dev:80:22", url),
		{name: "path is an address", base: "https://ok.acme.dev", path: "http://127.0.0.1/", want: url},
		{name: "path completes the host", base: "https://ok.acme.dev", path: ".evil.example/", want: url},
		{name: "path begins with a user", base: "https://ok.acme.dev", path: "@127.0.0.1/", want: url},
		{name: "path ends the request", base: "https://ok.acme.dev", path: "/ HTTP/1.1\r\nHost: x\r\n\r\n", want: url},
		{name: "very long path", base: "https://ok.acme.dev", path: "/" + strings.Repeat("x", 1<<16), want: url},

		name("loopback", "127.0.0.1"),
		name("another loopback", "127.8.9.10"),
		name("a private address", "10.0.0.5"),
		name("a private address of 172", "172.31.255.1"),
		name("a private address of 192", "192.168.1.1"),
		name("metadata", "169.254.169.254"),
		name("carrier-grade NAT", "100.64.10.1"),
		name("this host", "0.0.0.0"),
		name("broadcast", "255.255.255.255"),
		name("a documentation address", "203.0.113.5"),
		name("a benchmark address", "198.18.0.1"),
		name("a unique local address", "fd12:3456:789a::1"),
		name("a site-local address", "fec0::1"),
		name("a link-local address with a zone", "fe80::1%eth0"),
		name("mapped loopback", "::ffff:127.0.0.1"),
		name("mapped metadata with a zone", "::ffff:169.254.169.254%1"),
		name("compatible loopback", "::127.0.0.1"),
		name("translated loopback", "::ffff:0:127.0.0.1"),
		name("loopback behind NAT64", "64:ff9b::7f00:1"),
		name("loopback behind a listed NAT64", "64:ff9b::7f00:1", "64:ff9b::/96"),
		name("a private address behind a listed local NAT64", "64:ff9b:1:a00:0:500::", "64:ff9b:1::/48"),
		name("loopback behind 6to4", "2002:7f00:1::1"),
		name("metadata behind a listed 6to4", "2002:a9fe:a9fe::1", "2002::/16"),
		name("a Teredo client at a private address", "2001:0:5db8:d822:0:0:f5ff:fffa"),
		name("a Teredo client at a private address, listed", "2001:0:5db8:d822:0:0:f5ff:fffa", "2001::/32"),
		name("ISATAP of a private address", "2600:1f18::5efe:a00:5"),
		name("documentation, IPv6", "2001:db8::1"),
		name("one private address of many", public+",2606:2800:220:1::1,93.184.216.35,10.0.0.5"),
		name("an alias of a private name", "10.96.0.1"),
		name("a private address, under a list of everything", "10.0.0.5", "0.0.0.0/0"),

		{name: "rebinding: a dialer that goes elsewhere than was checked", base: "http://a.acme.dev", names: at(public), rewrite: map[string]string{public + ":80": "127.0.0.1:80"}, want: address},
		{name: "rebinding: a dialer that goes to another port", base: "http://a.acme.dev", names: at(public), rewrite: map[string]string{public + ":80": public + ":22"}, want: address},
		{name: "rebinding: a dialer that goes to a zone", base: "http://a.acme.dev", names: at(public), rewrite: map[string]string{public + ":80": "[fe80::1%eth0]:80"}, want: address},
		{name: "rebinding: another answer behind a redirect", base: "https://ok.acme.dev", names: map[string][]string{"ok.acme.dev": {public, "127.0.0.1"}}, location: "/again", want: address, first: true},

		redirect("metadata", "http://169.254.169.254/latest/meta-data/iam", deploy.RefusedDowngrade),
		redirect("metadata, over TLS", "https://169.254.169.254/", address),
		redirect("loopback", "https://127.0.0.1/", address),
		redirect("loopback, without a scheme", "//127.0.0.1/", address),
		redirect("loopback, short", "https://127.1/", url),
		redirect("loopback, mapped", "https://[::ffff:127.0.0.1]/", address),
		redirect("a host of a stranger", "https://evil.example/", host),
		redirect("plain http on the same host", "http://ok.acme.dev/", deploy.RefusedDowngrade),
		redirect("another port", "https://ok.acme.dev:22/", port),
		redirect("a file", "file:///etc/passwd", url),
		redirect("a user", "https://ok.acme.dev@127.0.0.1/", url),
		redirect("a backslash", `https:\\127.0.0.1\`, url),
		redirect("a line end", "https://ok.acme.dev/%0d%0a\tx", url),
		{name: "redirect to a listed name at a private address", base: "https://ok.acme.dev", names: at("10.0.0.5"), location: "https://a.acme.dev/", want: address, first: true},
	}
}

// None of the attempts connects to anything but the honest service.
func TestNothingConnects(t *testing.T) {
	for _, a := range attempts() {
		t.Run(a.name, func(t *testing.T) {
			requests := 0
			server := serveTLS(t, func(w http.ResponseWriter, _ *http.Request) {
				if requests++; requests > 1 {
					t.Error("a second request")
				}
				w.Header().Set("Location", a.location)
				w.WriteHeader(http.StatusFound)
			})
			w := &world{names: map[string][]string{"ok.acme.dev": {public}}, rewrite: a.rewrite, hosts: map[string]string{}}
			for name, answers := range a.names {
				w.names[name] = answers
			}
			w.hosts[public+":443"] = server.Listener.Addr().String()
			p := probe.New(probe.Config{Resolver: w, Dial: w.dial, Authorities: trusted()})
			path := a.path
			if path == "" {
				path = "/healthz"
			}
			result := probed(t.Context(), t, p, probe.Request{Base: a.base, Method: "GET", Path: path, Redirects: 3, Allowed: allow(append(a.allow, "*.acme.dev")...)})
			if result.Outcome != deploy.ProbeRefused || result.Refusal != a.want {
				t.Errorf("%s, %s: %s; expected the refusal %q", result.Outcome, result.Refusal, result, a.want)
			}
			want := ""
			if a.first {
				want = public + ":443"
			}
			if w.seen() != want || (requests == 1) != a.first {
				t.Errorf("connected to %q, %d requests", w.seen(), requests)
			}
			for _, asked := range w.asked {
				if !strings.HasSuffix(asked, ".acme.dev") {
					t.Errorf("asked for the address of %s", asked)
				}
			}
			if result.Status != 0 || result.Took != 0 || result.Size != 0 || result.Counts() {
				t.Errorf("told too much: %+v", result)
			}
			for _, secret := range []string{"127.0.0.1", "10.0.0.5", "169.254", "connect", "dial"} {
				if strings.Contains(strings.TrimPrefix(result.String(), "GET "+path), secret) {
					t.Errorf("%q tells %s", result, secret)
				}
			}
		})
	}
	if n := len(attempts()); n < 21 {
		t.Errorf("%d attempts", n)
	}
}

// The same list and dialer let an honest probe through: the attempts fail for what they try.
func TestHonestProbesConnect(t *testing.T) {
	server := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/from") {
			http.Redirect(w, r, "/to", http.StatusTemporaryRedirect)
		}
	})
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct {
		name, base, path, address, seen string
		redirects                       int
		allow                           []string
	}{
		{"public name", "https://ok.acme.dev", "/", public, public + ":443", 0, []string{"*.acme.dev"}},
		{"capitals and a dot at the end", "HTTPS://OK.Acme.dev./", "/", public, public + ":443", 0, []string{"*.acme.dev"}},
		{"name by itself", "https://acme.dev", "/", public, public + ":443", 0, []string{"acme.dev"}},
		{"redirect", "https://ok.acme.dev", "/from", public, public + ":443 " + public + ":443", 1, []string{"*.acme.dev"}},
		{"public, IPv6", "https://ok.acme.dev", "/", "2606:2800:220:1::1", "[2606:2800:220:1::1]:443", 0, []string{"*.acme.dev"}},
		{"first of many that answers", "https://ok.acme.dev", "/", "93.184.216.1," + public, "93.184.216.1:443 " + public + ":443", 0, []string{"*.acme.dev"}},
		{"private, listed", "http://ok.acme.dev:8080", "/", "10.0.0.5", "10.0.0.5:8080", 0, []string{"*.acme.dev", "10.0.0.0/8"}},
		{"private, mapped, listed", "http://ok.acme.dev:8080", "/", "::ffff:10.0.0.5", "10.0.0.5:8080", 0, []string{"*.acme.dev", "10.0.0.0/8"}},
		{"unique local, listed", "http://ok.acme.dev:8080", "/", "fd12::1", "[fd12::1]:8080", 0, []string{"*.acme.dev", "fd00::/8"}},
		{"link-local, listed", "http://ok.acme.dev:8080", "/", "169.254.7.7", "169.254.7.7:8080", 0, []string{"*.acme.dev", "169.254.7.7/32"}},
		{"NAT64 of a public address, listed", "http://ok.acme.dev:8080", "/", "64:ff9b::5db8:d822", "[64:ff9b::5db8:d822]:8080", 0, []string{"*.acme.dev", "64:ff9b::/96"}},
		{"address, listed", "http://10.0.0.5:8080", "/", "", "10.0.0.5:8080", 0, []string{"10.0.0.0/8"}},
		{"IPv6 address, listed", "http://[fd12::1]:8080", "/", "", "[fd12::1]:8080", 0, []string{"fd00::/8"}},
		{"public address, listed", "http://" + public + ":8080", "/", "", public + ":8080", 0, []string{"93.184.216.0/24"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{names: map[string][]string{"ok.acme.dev": {c.address}, "acme.dev": {c.address}}, hosts: map[string]string{}}
			for address := range strings.SplitSeq(c.seen, " ") {
				w.hosts[address] = plain.Listener.Addr().String()
				if strings.HasSuffix(address, ":443") {
					w.hosts[address] = server.Listener.Addr().String()
				}
			}
			delete(w.hosts, "93.184.216.1:443")
			p := probe.New(probe.Config{Resolver: w, Dial: w.dial, Authorities: trusted()})
			result := probed(t.Context(), t, p, probe.Request{Base: c.base, Method: "GET", Path: c.path, Redirects: c.redirects, Allowed: allow(c.allow...)})
			if !result.Passed() || result.Status != 200 || w.seen() != c.seen || result.Redirects != c.redirects {
				t.Errorf("%s (%s), connected to %q", result, result.Refusal, w.seen())
			}
		})
	}
}
