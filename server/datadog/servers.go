package datadog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"plimsoll/config"
	"plimsoll/server/datasource"
)

// Server is one Datadog organisation of the operator's.
type Server struct {
	// Name by which repositories know it.
	Name string
	// URL of its API, without /api/v2.
	URL string
	// APIKey and ApplicationKey belong together.
	APIKey, ApplicationKey config.Secret
	// Accounts and Repositories may use it, as the operator's file says; MayAsk is asked.
	Accounts     []config.Account
	Repositories []config.RepositoryPattern
}

// Config says which servers there are and what an answer may cost. Zero values mean the
// defaults.
type Config struct {
	Servers []Server
	// Timeout of one request with its answer; 30 seconds.
	Timeout time.Duration
	// MaxBody bounds an answer in bytes, unpacked; 8 MiB.
	MaxBody int64
	// MayAsk reports whether the work of ctx may use a server. A server that it may not use
	// is as unknown to it as one that does not exist. nil: all work may use every server.
	MayAsk func(ctx context.Context, server Server) (bool, error)
}

// FromOperator gives the servers that the operator's file names.
func FromOperator(datasources []config.Datasource) (servers []Server) {
	for _, d := range datasources {
		if d.Datadog == (config.Datadog{}) {
			continue
		}
		address := "https://api." + cmp.Or(string(d.Datadog.Site), defaultSite)
		servers = append(servers, Server{Name: string(d.Name), URL: cmp.Or(string(d.Datadog.APIURL), address),
			APIKey: d.Datadog.APIKey.Secret, ApplicationKey: d.Datadog.ApplicationKey.Secret, Accounts: d.Accounts, Repositories: d.Repositories})
	}
	return servers
}

const defaultSite = "datadoghq.com"

// Servers asks the operator's Datadog organisations. It is safe for concurrent use.
type Servers struct {
	config    Config
	transport *http.Transport
	client    *http.Client
	// byName may be replaced while servers are asked. A server and those who may use it are
	// one value, so that no account ever asks the server of another one.
	byName atomic.Pointer[map[string]Server]
}

var _ datasource.Client = (*Servers)(nil)

// New makes the client; it asks nothing yet. The error names what is wrong with a server's
// settings.
func New(c Config) (*Servers, error) {
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.MaxBody = cmp.Or(c.MaxBody, 8<<20)
	transport := datasource.Transport(nil, c.Timeout)
	s := &Servers{config: c, transport: transport, client: datasource.HTTPClient(transport)}
	replace, err := s.Prepare(c.Servers)
	if err != nil {
		return nil, err
	}
	replace()
	return s, nil
}

// Named reports whether there is any.
func (s *Servers) Named() bool { return len(*s.byName.Load()) > 0 }

// Prepare checks other servers. The function that it returns puts them in the place of those
// in use.
func (s *Servers) Prepare(servers []Server) (replace func(), err error) {
	next := map[string]Server{}
	for _, each := range servers {
		if _, twice := next[each.Name]; twice {
			return nil, fmt.Errorf("use the metric server %q: the name is there twice", each.Name)
		}
		if err := each.check(); err != nil {
			return nil, fmt.Errorf("use the metric server %q: %w", each.Name, err)
		}
		next[each.Name] = each
	}
	return func() { s.byName.Store(&next) }, nil
}

func (s Server) check() error {
	if err := datasource.CheckURL(s.URL); err != nil {
		return err
	}
	if s.APIKey.Empty() || s.ApplicationKey.Empty() {
		return errors.New("it needs an API key and an application key")
	}
	return nil
}

// Close ends idle connections.
func (s *Servers) Close() { s.transport.CloseIdleConnections() }
