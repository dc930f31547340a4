package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"plimsoll/config"
	"plimsoll/deploy/promql"
	"plimsoll/server/datasource"
)

// Default is what a metric server is called where a repository does not say.
const Default = datasource.Default

// Server is one metric server of the operator's.
type Server struct {
	// Name by which repositories know it.
	Name string
	// URL of its API, without /api/v1.
	URL string
	// Token that it asks for; empty: none.
	Token config.Secret
	// TokenFile holds the token in place of Token, and is read again when it changes.
	TokenFile string
	// BasicAuth in place of a token; empty: none.
	BasicAuth config.BasicAuth
	// SigV4 signs each request for Amazon Managed Service for Prometheus; empty: it does not.
	SigV4 config.AWS
	// Headers go with every request.
	Headers []config.Header
	// TLS holds the authorities that its certificate may come from, and this client's own one.
	TLS config.TLS
	// Matchers are put into every selector of every query, and select the names of metrics.
	Matchers promql.Matchers
	// Accounts and Repositories may use it, as the operator's file says; MayAsk is asked.
	Accounts     []config.Account
	Repositories []config.RepositoryPattern
}

// Config says which servers there are and what an answer may cost. Zero values mean
// the defaults.
type Config struct {
	Servers []Server
	// Timeout of one request with its answer; 30 seconds.
	Timeout time.Duration
	// MaxBody bounds an answer in bytes, unpacked; 32 MiB.
	MaxBody int64
	// KeepNames is how long the names of metrics are remembered; 5 minutes.
	KeepNames time.Duration
	// KeepFailure is how long it is remembered that they could not be asked; 30 seconds.
	KeepFailure time.Duration
	// Now is the clock; time.Now.
	Now func() time.Time
	// MayAsk reports whether the work of ctx may use a server. A server that it may not use
	// is as unknown to it as one that does not exist. nil: all work may use every server.
	MayAsk func(ctx context.Context, server Server) (bool, error)
}

func (c Config) withDefaults() Config {
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.MaxBody = cmp.Or(c.MaxBody, 32<<20)
	c.KeepNames = cmp.Or(c.KeepNames, 5*time.Minute)
	c.KeepFailure = cmp.Or(c.KeepFailure, 30*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// FromOperator gives the servers with the API of Prometheus that the operator's file names.
func FromOperator(datasources []config.Datasource) ([]Server, error) {
	servers := make([]Server, 0, len(datasources))
	for i, d := range datasources {
		if d.Datadog != (config.Datadog{}) || d.CloudWatch != (config.CloudWatch{}) {
			continue // of another kind
		}
		matchers, err := promql.ReadMatchers(texts(d.Matchers))
		if err != nil {
			return nil, fmt.Errorf("datasources[%d].matchers of the operator's file: %w", i, err)
		}
		server := Server{Name: string(d.Name), URL: string(d.Prometheus), Token: d.BearerToken, TokenFile: d.BearerTokenFile, BasicAuth: d.BasicAuth, SigV4: d.SigV4, Headers: d.Headers, TLS: d.TLS,
			Matchers: matchers, Accounts: d.Accounts, Repositories: d.Repositories}
		if server.TokenFile != "" {
			server.Token = config.Secret{}
		}
		servers = append(servers, server)
	}
	return servers, nil
}

func texts(matchers []config.Matcher) []string {
	all := make([]string, len(matchers))
	for i, m := range matchers {
		all[i] = string(m)
	}
	return all
}

// Servers asks the operator's metric servers. It may be used by many at once.
type Servers struct {
	config Config
	// byName may be replaced while servers are asked. A server and those who may use it are
	// one value, so that no account ever asks the server of another one.
	byName atomic.Pointer[map[string]*server]
}

// server is one metric server with its own connections.
type server struct {
	Server
	api         v1.API
	transport   *http.Transport
	credentials *credentials
	names       namesKept
}

// New makes the clients; it asks nothing yet. The error names what is wrong with a
// server's settings.
func New(c Config) (*Servers, error) {
	s := &Servers{config: c.withDefaults()}
	s.byName.Store(&map[string]*server{})
	replace, err := s.Prepare(s.config.Servers)
	if err != nil {
		return nil, err
	}
	replace()
	return s, nil
}

// Prepare makes the clients of other servers. The function that it returns puts them in the
// place of those in use. Servers whose settings are the same keep their connections and what
// is remembered of them.
func (s *Servers) Prepare(servers []Server) (replace func(), err error) {
	next, inUse := map[string]*server{}, *s.byName.Load()
	for _, each := range servers {
		if next[each.Name] != nil {
			return nil, fmt.Errorf("use the metric server %q: the name is there twice", each.Name)
		}
		if known := inUse[each.Name]; known != nil && reflect.DeepEqual(known.Server, each) {
			next[each.Name] = known
			continue
		}
		if next[each.Name], err = newServer(each, s.config); err != nil {
			return nil, fmt.Errorf("use the metric server %q: %w", each.Name, err)
		}
	}
	return func() {
		s.byName.Store(&next)
		for name, one := range inUse {
			if next[name] != one {
				one.transport.CloseIdleConnections()
			}
		}
	}, nil
}

// Named reports whether there is any.
func (s *Servers) Named() bool { return len(*s.byName.Load()) > 0 }

// Close ends idle connections.
func (s *Servers) Close() {
	for _, each := range *s.byName.Load() {
		each.transport.CloseIdleConnections()
	}
}

func newServer(s Server, c Config) (*server, error) {
	address, err := url.Parse(s.URL)
	if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" || address.RawQuery != "" || address.Fragment != "" {
		return nil, errors.New("its address is no http or https URL without query and fragment")
	}
	secured, err := tlsOf(s.TLS)
	if err != nil {
		return nil, err
	}
	credentials, err := newCredentials(s, c.Now)
	if err != nil {
		return nil, err
	}
	transport := datasource.Transport(secured, c.Timeout)
	made := &server{Server: s, transport: transport, credentials: credentials}
	client, err := api.NewClient(api.Config{Address: s.URL, Client: &http.Client{
		Transport:     &roundTripper{next: transport, credentials: credentials, scheme: address.Scheme, host: address.Host, most: c.MaxBody},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}})
	if err != nil {
		return nil, errors.New("its address is no http or https URL")
	}
	made.api = v1.NewAPI(client)
	return made, nil
}

// named finds a server; "" is the default one.
func (s *Servers) named(ctx context.Context, name string) (*server, error) {
	var mayAsk func(context.Context, *server) (bool, error)
	if s.config.MayAsk != nil {
		mayAsk = func(ctx context.Context, found *server) (bool, error) { return s.config.MayAsk(ctx, found.Server) }
	}
	return datasource.Find(ctx, *s.byName.Load(), name, mayAsk)
}
