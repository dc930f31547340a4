package github

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Config says who we are and where GitHub is. Zero values take the defaults.
type Config struct {
	// WebURL is where people go, https://github.com by default.
	WebURL string
	// V3URL is the REST API; by default what belongs to WebURL
	// (https://api.github.com, or /api/v3 of an Enterprise server).
	V3URL string
	// AppID and PrivateKey (PEM, PKCS #1 or #8) are the App's.
	AppID      int64
	PrivateKey []byte
	UserAgent  string
	// CacheBytes bounds the HTTP cache (32 MiB).
	CacheBytes int64
	// ContentPerMinute bounds the writes of an installation, PointsPerMinute all
	// its requests (MaxContentPerMinute, MaxPointsPerMinute); below 0 there is no
	// bound, and only GitHub's own answers count.
	ContentPerMinute, PointsPerMinute int
	// BeforeWrite is called with the context of each request that changes something,
	// before it is sent; where it fails, the request fails. nil: nothing is called.
	BeforeWrite func(context.Context) error
	// Timeout bounds one request with its body (60 s).
	Timeout time.Duration
	// Transport is the way to the network; net/http with time-outs by default.
	Transport http.RoundTripper
	// Clock gives the time (time.Now). Tokens follow the machine's clock.
	Clock func() time.Time
	Log   zerolog.Logger
	// Registerer takes the metrics; nil: they go nowhere.
	Registerer prometheus.Registerer
}

// APIOf returns the address of the REST API that belongs to GitHub's web address.
// https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
// https://docs.github.com/en/enterprise-server@latest/rest/quickstart
func APIOf(web string) string {
	scheme, host, _ := strings.Cut(web, "://")
	if host == "github.com" || strings.HasSuffix(host, ".ghe.com") {
		return scheme + "://api." + host
	}
	return web + "/api/v3"
}

// graphqlOf returns the path of the GraphQL API beside the path of the REST API.
func graphqlOf(rest string) string {
	return strings.TrimSuffix(strings.TrimSuffix(rest, "/"), "/v3") + "/graphql"
}

// hosted reports whether GitHub runs the server, with its limits. On an Enterprise Server
// there are none unless its administrators have set some.
func hosted(web string) bool { return !strings.HasSuffix(APIOf(web), "/api/v3") }

// WithDefaults fills in what is zero.
func (c Config) WithDefaults() Config {
	orString := func(v *string, d string) {
		if *v == "" {
			*v = d
		}
	}
	orString(&c.WebURL, "https://github.com")
	c.WebURL = strings.TrimSuffix(c.WebURL, "/")
	orString(&c.V3URL, APIOf(c.WebURL))
	c.V3URL = strings.TrimSuffix(c.V3URL, "/") + "/"
	orString(&c.UserAgent, "plimsoll")
	if c.CacheBytes <= 0 {
		c.CacheBytes = 32 << 20
	}
	if c.ContentPerMinute == 0 {
		c.ContentPerMinute = MaxContentPerMinute
	}
	if c.PointsPerMinute == 0 {
		c.PointsPerMinute = MaxPointsPerMinute
	}
	if c.Timeout <= 0 {
		c.Timeout = 60 * time.Second
	}
	if c.Transport == nil {
		c.Transport = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:     true,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 30 * time.Second,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConnsPerHost:   16,
			MaxConnsPerHost:       64,
		}
	}
	if c.BeforeWrite == nil {
		c.BeforeWrite = func(context.Context) error { return nil }
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}
