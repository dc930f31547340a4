package cloudwatch

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"plimsoll/config"
	"plimsoll/server/aws"
	"plimsoll/server/datasource"
)

// Server is CloudWatch in one region, as one role of the operator's reads it.
type Server struct {
	// Name by which repositories know it.
	Name string
	// URL of its API.
	URL string
	// AWS signs each request.
	AWS config.AWS
	// Accounts and Repositories may use it, as the operator's file says; MayAsk is asked.
	Accounts     []config.Account
	Repositories []config.RepositoryPattern
}

// Config says which servers there are and what an answer may cost. Zero values mean the
// defaults.
type Config struct {
	Servers []Server
	// Timeout of one query with its answer; 30 seconds.
	Timeout time.Duration
	// MaxBody bounds an answer in bytes, unpacked; 8 MiB.
	MaxBody int64
	// Now is the clock; time.Now.
	Now func() time.Time
	// MayAsk reports whether the work of ctx may use a server. A server that it may not use
	// is as unknown to it as one that does not exist. nil: all work may use every server.
	MayAsk func(ctx context.Context, server Server) (bool, error)
}

// FromOperator gives the servers that the operator's file names.
func FromOperator(datasources []config.Datasource) (servers []Server) {
	for _, d := range datasources {
		if d.CloudWatch == (config.CloudWatch{}) {
			continue
		}
		servers = append(servers, Server{Name: string(d.Name), URL: cmp.Or(string(d.CloudWatch.APIURL), address(string(d.CloudWatch.Region))),
			AWS: d.CloudWatch.Signed(), Accounts: d.Accounts, Repositories: d.Repositories})
	}
	return servers
}

// address is that of a region. https://docs.aws.amazon.com/general/latest/gr/cw_region.html
func address(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "https://monitoring." + region + ".amazonaws.com.cn"
	}
	return "https://monitoring." + region + ".amazonaws.com"
}

// Servers asks CloudWatch. It is safe for concurrent use.
type Servers struct {
	config    Config
	transport *http.Transport
	client    *http.Client
	// byName may be replaced while servers are asked. A server and those who may use it are
	// one value, so that no account ever asks the server of another one.
	byName atomic.Pointer[map[string]server]
}

// server is a server with what signs its requests.
type server struct {
	Server
	signer *aws.Signer
}

var _ datasource.Client = (*Servers)(nil)

// New makes the client; it asks nothing yet. The error names what is wrong with a server's
// settings.
func New(c Config) (*Servers, error) {
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.MaxBody = cmp.Or(c.MaxBody, 8<<20)
	transport := datasource.Transport(nil, c.Timeout)
	s := &Servers{config: c, transport: transport, client: datasource.HTTPClient(transport)}
	s.byName.Store(&map[string]server{})
	replace, err := s.Prepare(c.Servers)
	if err != nil {
		return nil, err
	}
	replace()
	return s, nil
}

// Named reports whether there is any.
func (s *Servers) Named() bool { return len(*s.byName.Load()) > 0 }

// Prepare makes what signs the requests to other servers. The function that it returns puts
// them in the place of those in use. A server whose settings are the same keeps its
// credentials.
func (s *Servers) Prepare(servers []Server) (replace func(), err error) {
	next, inUse := map[string]server{}, *s.byName.Load()
	for _, each := range servers {
		if _, twice := next[each.Name]; twice {
			return nil, fmt.Errorf("use the metric server %q: the name is there twice", each.Name)
		}
		if known, ok := inUse[each.Name]; ok && reflect.DeepEqual(known.Server, each) {
			next[each.Name] = known
			continue
		}
		if err := datasource.CheckURL(each.URL); err != nil {
			return nil, fmt.Errorf("use the metric server %q: %w", each.Name, err)
		}
		signer, err := aws.New(each.AWS, "monitoring", s.config.Now)
		if err != nil {
			return nil, fmt.Errorf("use the metric server %q: %w", each.Name, err)
		}
		next[each.Name] = server{each, signer}
	}
	return func() { s.byName.Store(&next) }, nil
}

// Close ends idle connections.
func (s *Servers) Close() { s.transport.CloseIdleConnections() }
