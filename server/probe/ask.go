package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"plimsoll/deploy"
)

// maxAddresses is how many addresses of a name are tried.
const maxAddresses = 4

var errUnresolved = errors.New("no address was found")

// answer is what one request gave.
type answer struct {
	status   int
	took     time.Duration
	location string // of a redirect
	body     []byte // at most as much as is read
	more     bool   // the body is longer than that
	read     int    // bytes of the body, where body was changed since
}

// size is how many bytes of the body were read.
func (a answer) size() int {
	if a.read > 0 {
		return a.read
	}
	return len(a.body)
}

// message is what a request says beside where it goes.
type message struct {
	method string
	header http.Header
	body   []byte
}

// ask makes one request on a connection of its own. end is why there is no answer that
// could be evaluated; empty if there is one.
func (p *Prober) ask(ctx context.Context, m message, t target, g guard, left time.Duration) (a answer, end deploy.ProbeOutcome) {
	limits := p.config.Limits
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	transport := &http.Transport{
		Proxy: nil, // where a probe goes is not the environment's to say
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return p.connect(ctx, t, g)
		},
		TLSClientConfig:        &tls.Config{RootCAs: p.config.Authorities, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    limits.TLS,
		ResponseHeaderTimeout:  limits.Header,
		MaxResponseHeaderBytes: int64(limits.HeaderBytes),
		DisableKeepAlives:      true,
		DisableCompression:     true,
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(limited, m.method, t.url(), bytes.NewReader(m.body))
	if err != nil {
		return a, deploy.ProbeRefused
	}
	request.Header.Set("User-Agent", "plimsoll-probe")
	request.Header.Set("Accept", "application/json, */*;q=0.5")
	request.Header.Set("Accept-Encoding", "identity")
	for name, values := range m.header {
		request.Header[name] = values
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return a, outcome(ctx, err, t)
	}
	defer func() { _ = response.Body.Close() }()
	if a.body, err = io.ReadAll(io.LimitReader(response.Body, int64(limits.BodyBytes)+1)); err != nil {
		switch {
		case ctx.Err() != nil:
			return a, deploy.ProbeInterrupted
		case limited.Err() != nil:
			return a, deploy.ProbeSlow
		}
		return a, deploy.ProbeSilent
	}
	if a.more = len(a.body) > limits.BodyBytes; a.more {
		a.body = a.body[:limits.BodyBytes]
	}
	a.status, a.took = response.StatusCode, time.Since(began)
	switch a.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		a.location = response.Header.Get("Location")
	}
	return a, ""
}

// outcome says why there was no answer, in so few words that nobody can find out what runs
// where.
func outcome(ctx context.Context, err error, t target) deploy.ProbeOutcome {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case ctx.Err() != nil:
		return deploy.ProbeInterrupted
	case errors.Is(err, errAddress):
		return deploy.ProbeRefused
	case errors.Is(err, errUnresolved):
		return deploy.ProbeUnresolved
	case certificate && t.usual():
		return deploy.ProbeUntrusted
	}
	return deploy.ProbeSilent
}

// connect resolves the target's name once, and connects to one of the addresses. If one
// of them is not allowed none is connected to.
func (p *Prober) connect(ctx context.Context, t target, g guard) (net.Conn, error) {
	addresses, err := p.resolve(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		if !g.address(address) {
			return nil, errAddress
		}
	}
	ctx, cancel := context.WithTimeout(ctx, p.config.Limits.Connect)
	defer cancel()
	addresses = addresses[:min(len(addresses), maxAddresses)]
	for i, address := range addresses {
		dialer := &net.Dialer{
			Timeout:        p.config.Limits.Connect / time.Duration(len(addresses)),
			FallbackDelay:  -1,
			KeepAlive:      -1,
			ControlContext: g.control(t.port),
		}
		var connection net.Conn
		connection, err = p.config.Dial(ctx, dialer, "tcp", net.JoinHostPort(address.String(), strconv.Itoa(int(t.port))))
		if err == nil {
			return connection, nil
		}
		if errors.Is(err, errAddress) || i+1 == len(addresses) || ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("connect: %w", err)
}

func (p *Prober) resolve(ctx context.Context, t target) ([]netip.Addr, error) {
	if t.address.IsValid() {
		return []netip.Addr{t.address}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.config.Limits.Connect)
	defer cancel()
	found, err := p.config.Resolver.LookupNetIP(ctx, "ip", t.host)
	if err != nil || len(found) == 0 {
		return nil, errUnresolved
	}
	addresses := make([]netip.Addr, len(found))
	for i, a := range found {
		addresses[i] = a.WithZone("").Unmap()
	}
	return addresses, nil
}
