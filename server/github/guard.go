package github

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/gregjones/httpcache"
)

// guard is the outermost part of an installation's transport: one round trip here
// is one request as the caller made it, or one hop of a redirect, whether the
// cache or the network answers.
type guard struct {
	owner *installation
	api   *url.URL
	next  http.RoundTripper
}

// RoundTrip refuses other hosts (the token would go with the request), keeps the
// limits and tells the metrics.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	c := g.owner.clients
	if req.URL.Host != g.api.Host || req.URL.Scheme != g.api.Scheme {
		return refuse(req, &Error{Class: ClassPermanent, Message: fmt.Sprintf("GitHub leads to another host: %s://%s", req.URL.Scheme, req.URL.Host)})
	}
	method := req.Method
	if req.URL.Path == c.graphql {
		method = http.MethodGet // we only read there
	}
	if limited := g.owner.gate.admit(method, c.now()); limited != nil {
		c.metrics.limited(limited, true)
		return refuse(req, limited)
	}
	if isWrite(method) {
		if err := c.config.BeforeWrite(req.Context()); err != nil {
			return refuse(req, err)
		}
	}
	route := c.routes.of(req)
	res, err := g.next.RoundTrip(req)
	if err != nil {
		c.metrics.request(route, 0, false)
		return nil, err
	}
	cached := res.Header.Get(httpcache.XFromCache) != ""
	c.metrics.request(route, res.StatusCode, cached)
	c.logger(req.Context()).Debug().Str("route", route).Int("status", res.StatusCode).Bool("cached", cached).
		Str("github_request_id", res.Header.Get("X-Github-Request-Id")).Msg("asked GitHub")
	g.owner.doubt(res.StatusCode)
	// The cache keeps this response's headers until its body is read: change a copy.
	out := *res
	out.Header = res.Header.Clone()
	// go-github would refuse by itself, by its own clock, what the gate already evaluates.
	for _, name := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "X-Ratelimit-Used", "X-Varied-Authorization"} {
		out.Header.Del(name)
	}
	// A moved repository: writes have to be repeated as they are, where net/http
	// would make a GET of them.
	if isWrite(req.Method) && (res.StatusCode == http.StatusMovedPermanently || res.StatusCode == http.StatusFound) {
		out.StatusCode = http.StatusPermanentRedirect
	}
	out.Body = drained{res.Body}
	return &out, nil
}

func refuse(req *http.Request, err error) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, err
}

// drained reads what a JSON decoder left of the body, so that the connection can
// be used again and the HTTP cache, which stores at the end of the body, sees it.
type drained struct{ io.ReadCloser }

const maxDrain = 64 << 10

func (d drained) Close() error {
	_, _ = io.CopyN(io.Discard, d.ReadCloser, maxDrain)
	return d.ReadCloser.Close()
}
