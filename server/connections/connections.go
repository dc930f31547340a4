// Package connections bounds how many connections a client may hold open.
//
// A connection above the bound is not refused, since it may be the one that brings a
// webhook. The oldest one that has shown nothing yet is closed instead.
package connections

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Config says how many connections there may be.
type Config struct {
	// PerClient bounds the connections of one address; of IPv6, those of one /64 network,
	// which is what a client is given. Default 256. A burst may have four times as many,
	// as long as they are younger than Patience. Default 1 second.
	PerClient int
	Patience  time.Duration
	// Total bounds the connections of all clients. Default 8,192.
	Total int
	// Exempt tells the addresses whose connections are not counted: proxies, which bring
	// those of many clients. nil: none.
	Exempt func(netip.Addr) bool
}

// burst is how many times PerClient a client may have for a moment.
const burst = 4

// Limiter counts the connections of a server.
type Limiter struct {
	config Config

	mu      sync.Mutex
	open    map[net.Conn]*connection
	clients map[netip.Prefix]map[*connection]struct{}
}

// New makes a limiter.
func New(config Config) *Limiter {
	config.PerClient = cmp.Or(config.PerClient, 256)
	config.Patience = cmp.Or(config.Patience, time.Second)
	config.Total = cmp.Or(config.Total, 8192)
	return &Limiter{config: config, open: map[net.Conn]*connection{}, clients: map[netip.Prefix]map[*connection]struct{}{}}
}

// connection is one that is counted. Its limiter's mu guards it.
type connection struct {
	limiter *Limiter
	conn    net.Conn
	client  netip.Prefix
	// since is when it was opened, or last began or ended a request.
	since time.Time
	// kept: its request is known to be a good one.
	kept bool
}

type key struct{}

// Limit makes a server count its connections. Call it before the server serves.
func (l *Limiter) Limit(server *http.Server) {
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if c := l.add(conn); c != nil {
			return context.WithValue(ctx, key{}, c)
		}
		return ctx
	}
	server.ConnState = l.changed
}

// Keep says that the request of a context is a good one: its connection is not closed for
// the sake of others until it is answered.
func Keep(ctx context.Context) {
	if c, ok := ctx.Value(key{}).(*connection); ok {
		c.limiter.mu.Lock()
		defer c.limiter.mu.Unlock()
		c.kept = true
	}
}

// add counts a connection; nil where it is exempt. Others may be closed for it.
func (l *Limiter) add(conn net.Conn) *connection {
	address, ok := addressOf(conn)
	if !ok || l.config.Exempt != nil && l.config.Exempt(address) {
		return nil
	}
	c := &connection{limiter: l, conn: conn, client: clientOf(address), since: time.Now()}
	l.mu.Lock()
	l.open[conn] = c
	if l.clients[c.client] == nil {
		l.clients[c.client] = map[*connection]struct{}{}
	}
	own := l.clients[c.client]
	own[c] = struct{}{}
	victims := l.over(own, c)
	if len(l.open) > l.config.Total {
		if victim := oldest(l.clients[l.greatest()], c); victim != nil {
			l.remove(victim)
			victims = append(victims, victim)
		}
	}
	l.mu.Unlock()
	for _, victim := range victims {
		_ = victim.conn.Close()
	}
	return c
}

// over takes out what a client has above its bound.
func (l *Limiter) over(own map[*connection]struct{}, added *connection) (victims []*connection) {
	for len(own) > l.config.PerClient {
		victim := oldest(own, added)
		if victim == nil || len(own) <= burst*l.config.PerClient && time.Since(victim.since) < l.config.Patience {
			break
		}
		l.remove(victim)
		victims = append(victims, victim)
	}
	return victims
}

// greatest is the client with the most connections.
func (l *Limiter) greatest() netip.Prefix {
	var greatest netip.Prefix
	for client, own := range l.clients {
		if len(own) > len(l.clients[greatest]) {
			greatest = client
		}
	}
	return greatest
}

// oldest is the connection that takes longest to send a request, or does nothing. nil where
// all but the new one are kept.
func oldest(among map[*connection]struct{}, added *connection) *connection {
	var oldest *connection
	for c := range among {
		if c != added && !c.kept && (oldest == nil || c.since.Before(oldest.since)) {
			oldest = c
		}
	}
	return oldest
}

func (l *Limiter) remove(c *connection) {
	delete(l.open, c.conn)
	delete(l.clients[c.client], c)
	if len(l.clients[c.client]) == 0 {
		delete(l.clients, c.client)
	}
}

// changed follows the state of a connection.
func (l *Limiter) changed(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.open[conn]
	if c == nil {
		return
	}
	switch state {
	case http.StateActive, http.StateIdle:
		c.kept, c.since = false, time.Now()
	case http.StateClosed, http.StateHijacked:
		l.remove(c)
	}
}

func addressOf(conn net.Conn) (netip.Addr, bool) {
	address, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	return address.Addr().Unmap().WithZone(""), err == nil
}

func clientOf(address netip.Addr) netip.Prefix {
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	client, err := address.Prefix(bits)
	if err != nil {
		panic("an address has as many bits: " + err.Error())
	}
	return client
}
