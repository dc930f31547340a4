// Package datasource has what metric servers of every kind share: what a query gives, and
// why one could not be asked.
package datasource

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"time"
)

// Default is what a metric server is called where a repository does not say.
const Default = "default"

// Client asks one kind of metric servers, in their own language. It is
// safe for concurrent use.
type Client interface {
	// QueryRange asks a server ("" is the default one) for the values of a query over a range:
	// the point at a time is about the step that ends then. What is not known is no point. The
	// error is [Error], or of ctx.
	QueryRange(ctx context.Context, datasource, query string, r Range) (Answer, error)
	// Settles is how long the newest data may still change.
	Settles() time.Duration
}

// Transport makes the connections of a client: without a proxy, because the environment does not
// decide where credentials go, and for at most as long as an answer may take. secured may be nil.
func Transport(secured *tls.Config, answer time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        secured,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  answer,
		MaxResponseHeaderBytes: 64 << 10,
		MaxConnsPerHost:        8,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}
}

// Point is a value at a time; it may be NaN or infinite, as the server gave it.
type Point struct {
	At    time.Time
	Value float64
}

// Series is one series of an answer.
type Series struct {
	Labels map[string]string
	// Points in the order of time: one from Query, those that there are from QueryRange.
	Points []Point
}

// Answer is what a query gives.
type Answer struct {
	// Series sorted by their labels. None: the query matched nothing.
	Series []Series
	// Warnings and hints of the server, shortened.
	Warnings []string
}

// Range is from Start to End, both included, in steps.
type Range struct {
	Start, End time.Time
	Step       time.Duration
}

// Error says why a metric server could not be asked, or what it refused. It may be
// shown to everybody: no address, no credentials, nothing of an answer but the text of a
// query's error, shortened.
type Error struct {
	// Datasource is the server's name.
	Datasource string
	Message    string
	// Hint says what to do; may be empty.
	Hint string
	// Query: the query is at fault, and asking again gives the same.
	Query bool
	// Unknown: the operator names no such server for this account.
	Unknown bool
}

// Error gives `metric server "name": message (hint)`.
func (e *Error) Error() string {
	text := fmt.Sprintf("metric server %q: %s", e.Datasource, e.Message)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Is reports that a name which no server has is one that does not exist.
func (e *Error) Is(target error) bool {
	return e.Unknown && target == fs.ErrNotExist
}

// Find returns the server with a name ("" is the default one), if the work of ctx may use it.
// mayAsk is nil if all work may use every server.
func Find[S any](ctx context.Context, servers map[string]S, name string, mayAsk func(context.Context, S) (bool, error)) (found S, err error) {
	name = cmp.Or(name, Default)
	if server, ok := servers[name]; ok {
		if mayAsk == nil {
			return server, nil
		}
		may, err := mayAsk(ctx, server)
		if err != nil {
			return found, &Error{Datasource: name, Message: "it is not known whether this account may use it", Hint: "it is asked again by itself"}
		}
		if may {
			return server, nil
		}
	}
	return found, &Error{Datasource: name, Message: "the operator names no metric server like this", Hint: "name one of the operator's, or have this one added to datasources of the operator's file", Unknown: true}
}

// Shown is a text of a server's as it may be shown: one line, short, without the secrets.
func Shown(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " ")
	const most = 300
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}

// fewPoints say nothing of how far points lie apart: of rare events there are only some.
const fewPoints = 10

// Apart is how far the points of an answer lie apart: what all distances are multiples of. 0:
// not known. Times are in milliseconds since 1970.
func Apart(times []int64) time.Duration {
	if len(times) < fewPoints {
		return 0
	}
	common := int64(0)
	for i := 1; i < len(times); i++ {
		for a, b := common, times[i]-times[i-1]; ; a, b = b, a%b {
			if b == 0 {
				common = a
				break
			}
		}
	}
	return time.Duration(common) * time.Millisecond
}
