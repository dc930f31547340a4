// Package production is the production environment of the demo's story: a service that
// answers as its deployed commit does, and a metric server that knows what the service
// has served. Both are simulated, as GitHub is, and are reached over HTTP; what asks
// them is the real server, which can't tell.
//
// What the service would have counted is made up with a fixed seed, so that every play
// is the same: the same traffic at the same minute of the story, whatever the day.
//
// It must know neither the simulated GitHub nor the server.
package production

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"plimsoll/config"
	"plimsoll/deploy/preset"
)

// Options of Open. All are needed.
type Options struct {
	// Clock gives the story's time.
	Clock func() time.Time
	// Job is the label by which the metric server knows the service.
	Job string
	// Changed are the operations that the story's deployments change.
	Changed preset.Changed
	// Baseline is how far before a deployment the story's environment is compared with.
	Baseline time.Duration
}

// Production is a running environment. Close it when done.
type Production struct {
	options Options
	weather []float64 // how traffic differs from its rhythm, by the minute
	began   time.Time // a whole minute; the story's first
	known   map[string]answer
	service *door
	metrics *door
	mu      sync.Mutex
	runs    []run
	unknown []string
}

// run is a commit from when it began to serve.
type run struct {
	commit string
	bad    bool
	at     time.Time
}

// Open starts both servers on this machine.
func Open(o Options) (*Production, error) {
	p := &Production{options: o, began: o.Clock().UTC().Truncate(time.Minute)}
	p.weather = weather()
	var err error
	if p.known, err = p.queries(); err != nil {
		return nil, fmt.Errorf("prepare the metric server: %w", err)
	}
	if p.service, err = open(http.HandlerFunc(p.serve)); err != nil {
		return nil, err
	}
	if p.metrics, err = open(p.api()); err != nil {
		return nil, errors.Join(err, p.service.close())
	}
	return p, nil
}

// Close ends both.
func (p *Production) Close() error { return errors.Join(p.service.close(), p.metrics.close()) }

// URL of the service, without a slash at the end.
func (p *Production) URL() string { return p.service.url }

// MetricsURL is that of the metric server.
func (p *Production) MetricsURL() string { return p.metrics.url }

// Datasources and Probes are what the operator of this place would write into the
// server's file.
func (p *Production) Datasources() []config.Datasource {
	return []config.Datasource{{Name: "default", Prometheus: config.URL(p.metrics.url)}}
}

// Probes allows this machine alone.
func (p *Production) Probes() []config.Allowed {
	return []config.Allowed{{Prefix: netip.MustParsePrefix("127.0.0.1/32")}}
}

// Runs has a commit serve from now on. A bad one answers its probes, and fails a good
// part of the requests for lists.
func (p *Production) Runs(commit string, bad bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs = append(p.runs, run{commit, bad, p.options.Clock()})
}

// at gives what served at a time; the zero run before the first.
func (p *Production) at(when time.Time) run {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range slices.Backward(p.runs) {
		if !r.at.After(when) {
			return r
		}
	}
	return run{}
}

// serve is the service: its health, its version, and nothing else that is asked for.
func (p *Production) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/healthz":
		answerWith(w, map[string]string{"status": "ok"})
	case "/version":
		answerWith(w, map[string]string{"sha": p.at(p.options.Clock()).commit})
	default:
		http.NotFound(w, r)
	}
}

func answerWith(w http.ResponseWriter, body any) {
	_ = json.NewEncoder(w).Encode(body) // who asked has gone away: nobody is left to tell
}

// door is a listening server.
type door struct {
	url    string
	server *http.Server
	ended  chan error
}

func open(handler http.Handler) (*door, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	d := &door{"http://" + listener.Addr().String(), &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}, make(chan error, 1)}
	go func() { d.ended <- d.server.Serve(listener) }()
	return d, nil
}

// closeWithin bounds how long what is being answered may go on.
const closeWithin = 5 * time.Second

func (d *door) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	err := d.server.Shutdown(ctx)
	if ended := <-d.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
