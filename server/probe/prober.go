package probe

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
)

// Resolver gives the addresses of a host's name; [net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Limits of one probe. Zero values mean the defaults.
type Limits struct {
	// Connect bounds finding the addresses, and then connecting to one: 3 seconds each.
	Connect time.Duration
	// TLS bounds the handshake: 3 seconds.
	TLS time.Duration
	// Header bounds the time from the request to the end of the answer's header: 5 seconds.
	Header time.Duration
	// Whole bounds everything with its redirects: 10 seconds.
	Whole time.Duration
	// HeaderBytes and BodyBytes bound what is read: 16 KiB and 64 KiB.
	HeaderBytes, BodyBytes int
	// PerInstallation is how many probes of one installation run at once: 4. Of one host
	// of an installation it is one.
	PerInstallation int
}

// Config says what a prober works with. Zero values mean the defaults.
type Config struct {
	Limits Limits
	// Resolver is net.DefaultResolver.
	Resolver Resolver
	// Dial connects with a dialer whose ControlContext is set, which is to be kept:
	// (*net.Dialer).DialContext.
	Dial func(ctx context.Context, dialer *net.Dialer, network, address string) (net.Conn, error)
	// Authorities that certificates may come from; nil: the system's.
	Authorities *x509.CertPool
	// Now is the clock that results are dated with: time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	l := &c.Limits
	l.Connect = cmp.Or(l.Connect, 3*time.Second)
	l.TLS = cmp.Or(l.TLS, 3*time.Second)
	l.Header = cmp.Or(l.Header, 5*time.Second)
	l.Whole = cmp.Or(l.Whole, 10*time.Second)
	l.HeaderBytes = cmp.Or(l.HeaderBytes, 16<<10)
	l.BodyBytes = cmp.Or(l.BodyBytes, 64<<10)
	l.PerInstallation = cmp.Or(l.PerInstallation, 4)
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.Dial == nil {
		c.Dial = func(ctx context.Context, dialer *net.Dialer, network, address string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, address)
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Values stand for the templates in expected values.
type Values struct {
	// SHA is {{deployment.sha}}, Environment {{deployment.environment}}.
	SHA, Environment string
	// ID is {{deployment.id}}.
	ID int64
}

// Request is one probe.
type Request struct {
	// Installation whose budget it takes from.
	Installation int64
	// Base is the environment's address; an outsider may have chosen it.
	Base string
	// Method is GET or HEAD.
	Method string
	// Path with the query, behind the path of Base.
	Path string
	// Redirects is how many are followed, 3 at the most.
	Redirects int
	Expect    config.Expect
	// Allowed is the operator's list.
	Allowed []config.Allowed
	Values  Values
}

// From gives the request for a declared probe.
func From(p config.Probe) Request {
	r := Request{Method: http.MethodGet, Path: string(p.Get), Redirects: p.Redirects, Expect: p.Expect}
	if p.Head != "" {
		r.Method, r.Path = http.MethodHead, string(p.Head)
	}
	return r
}

// Prober makes probes. It may be used by many at once.
type Prober struct {
	config        Config
	hosts         *slots[hostSlot]
	installations *slots[int64]
}

type hostSlot struct {
	installation int64
	host         string
}

// New makes a prober.
func New(c Config) *Prober {
	c = c.withDefaults()
	return &Prober{config: c, hosts: newSlots[hostSlot](1), installations: newSlots[int64](c.Limits.PerInstallation)}
}

// maxRedirects is how many redirects are followed at most.
const maxRedirects = 3

// ErrBusy means that no probe was made, because as many of the host or of the installation
// run as may run at once. It says nothing of the environment: try again later.
var ErrBusy = errors.New("other probes of this host or installation are under way")

// Probe makes one probe. Anything that goes wrong with it is its outcome; the only error is
// ErrBusy. It never waits for other probes to end.
func (p *Prober) Probe(ctx context.Context, r Request) (deploy.ProbeResult, error) {
	result := deploy.ProbeResult{At: p.config.Now().UTC(), Method: r.Method, Path: r.Path,
		Within: r.Expect.Within.Value(), WantStatus: wantStatus(r.Expect.Status)}
	t, refusal := first(r.Base, r.Path)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		refusal = deploy.RefusedURL
	}
	g := guard{r.Allowed}
	left := p.config.Limits.Whole
	for {
		if refusal == "" {
			refusal = g.host(t)
		}
		if refusal != "" {
			result.Outcome, result.Refusal = deploy.ProbeRefused, refusal
			return result, nil
		}
		a, end, err := p.turn(ctx, r, t, g, left)
		if err != nil {
			return deploy.ProbeResult{}, err
		}
		if end != "" {
			result.Outcome = end
			if end == deploy.ProbeRefused {
				result.Refusal = deploy.RefusedAddress
			}
			return result, nil
		}
		left -= a.took
		if a.location == "" || result.Redirects >= min(r.Redirects, maxRedirects) {
			result.Took = p.config.Limits.Whole - left // of an answer only: otherwise it would reveal ports
			return evaluate(result, r.Expect, r.Values.fill, a), nil
		}
		result.Redirects++
		t, refusal = t.redirected(a.location)
	}
}

// turn makes one request where a slot of the host and one of the installation are free.
// Both are given back before a redirect is followed.
func (p *Prober) turn(ctx context.Context, r Request, t target, g guard, left time.Duration) (answer, deploy.ProbeOutcome, error) {
	freeHost, ok := p.hosts.take(hostSlot{r.Installation, t.host})
	if !ok {
		return answer{}, "", ErrBusy
	}
	defer freeHost()
	free, ok := p.installations.take(r.Installation)
	if !ok {
		return answer{}, "", ErrBusy
	}
	defer free()
	a, end := p.ask(ctx, message{method: r.Method}, t, g, left)
	return a, end, nil
}
