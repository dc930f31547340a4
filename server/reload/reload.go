// Package reload finds that the operator's file, or a file of secrets that it names, has
// changed, and has the running server take the change over as a whole, or not at all.
package reload

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"plimsoll/config"
)

// every is how often the files are read. A change counts once it was read twice the same: an
// editor may be in the middle of writing it.
const every = 5 * time.Second

// Config of New. Load and Apply are needed.
type Config struct {
	// Load reads the configuration as at start.
	Load func() (*config.Server, error)
	// Apply takes a configuration over that differs only in what needs no restart. With an
	// error, nothing has changed.
	Apply func(ctx context.Context, next *config.Server) error
	// Hangup asks for a reload at once (SIGHUP); may be nil.
	Hangup <-chan os.Signal
	// Every is the interval of reading; default 5 seconds.
	Every time.Duration
}

// Reloader reloads the configuration. It is a collector of metrics.
type Reloader struct {
	config Config

	mu      sync.Mutex
	running *config.Server
	// seen is what the last look read, until it was read twice.
	seen  outcome
	state State
	// reloads and failures count what was tried.
	reloads, failures float64
}

// outcome of reading the files.
type outcome struct {
	next *config.Server
	err  string
}

// State of the configuration, for operators.
type State struct {
	// Status is "current", or "refused": the files differ from what runs.
	Status string `json:"status"`
	// Since is when the running configuration was loaded.
	Since time.Time `json:"since"`
	// Problem is why the files are not used, with file, line and column where a value is
	// at fault.
	Problem string `json:"problem,omitempty"`
}

const (
	statusCurrent = "current"
	statusRefused = "refused"
)

// New makes a reloader of a server that was started with a configuration.
func New(running *config.Server, c Config) (*Reloader, error) {
	if running == nil || c.Load == nil || c.Apply == nil {
		return nil, errors.New("make the reloader: the running configuration, Load and Apply are all needed")
	}
	if c.Every <= 0 {
		c.Every = every
	}
	return &Reloader{config: c, running: running, seen: outcome{next: running}, state: State{Status: statusCurrent, Since: time.Now().UTC()}}, nil
}

// Run reloads until ctx ends.
func (r *Reloader) Run(ctx context.Context) {
	tick := time.NewTicker(r.config.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.look(ctx)
		case <-r.config.Hangup:
			r.Reload(ctx)
		}
	}
}

// Reload reads the files and takes over what they say at once.
func (r *Reloader) Reload(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.use(ctx, r.read())
}

// look takes over what was read twice the same, if it is new.
func (r *Reloader) look(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read := r.read()
	settled := reflect.DeepEqual(read, r.seen)
	r.seen = read
	if settled && (read.err != r.state.Problem || !reflect.DeepEqual(read.next, r.running)) {
		r.use(ctx, read)
	}
}

func (r *Reloader) read() outcome {
	next, err := r.config.Load()
	if err != nil {
		return outcome{err: err.Error()}
	}
	return outcome{next: next}
}

// use takes over what was read.
func (r *Reloader) use(ctx context.Context, read outcome) {
	log := zerolog.Ctx(ctx)
	reloadable, err := r.apply(ctx, read)
	if err != nil {
		problem := err.Error()
		if problem == r.state.Problem && r.state.Status == statusRefused {
			return // it was logged
		}
		r.failures++
		r.state.Status, r.state.Problem = statusRefused, problem
		log.Error().Str("problem", problem).Msg("the configuration was not reloaded; the server continues with the one before")
		return
	}
	if len(reloadable) == 0 && r.state.Status == statusCurrent {
		return
	}
	r.reloads++
	r.running = read.next
	r.state = State{Status: statusCurrent, Since: time.Now().UTC()}
	log.Info().Strs("changed", reloadable).Msg("reloaded the configuration")
}

func (r *Reloader) apply(ctx context.Context, read outcome) (changed []string, err error) {
	if read.err != "" {
		return nil, errors.New(read.err)
	}
	changed, restart := r.running.Changes(read.next)
	if len(restart) > 0 {
		return nil, fmt.Errorf("%s changed, which needs a restart; nothing of the file was taken over", strings.Join(restart, ", "))
	}
	if len(changed) == 0 {
		return nil, nil
	}
	return changed, r.config.Apply(ctx, read.next)
}

// State tells which configuration runs.
func (r *Reloader) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

var (
	successDesc = prometheus.NewDesc("plimsoll_config_reload_success",
		"1 while the running configuration is the one in the files, 0 while they were refused.", nil, nil)
	sinceDesc = prometheus.NewDesc("plimsoll_config_reload_success_timestamp_seconds",
		"When the running configuration was loaded, in seconds since 1970.", nil, nil)
	reloadsDesc = prometheus.NewDesc("plimsoll_config_reloads_total",
		"Changes of the configuration that were found, by result: applied or refused.", []string{"result"}, nil)
)

// Describe is for Prometheus.
func (r *Reloader) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{successDesc, sinceDesc, reloadsDesc} {
		to <- desc
	}
}

// Collect is for Prometheus.
func (r *Reloader) Collect(to chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	success := 0.0
	if r.state.Status == statusCurrent {
		success = 1
	}
	to <- prometheus.MustNewConstMetric(successDesc, prometheus.GaugeValue, success)
	to <- prometheus.MustNewConstMetric(sinceDesc, prometheus.GaugeValue, float64(r.state.Since.Unix()))
	to <- prometheus.MustNewConstMetric(reloadsDesc, prometheus.CounterValue, r.reloads, "applied")
	to <- prometheus.MustNewConstMetric(reloadsDesc, prometheus.CounterValue, r.failures, "refused")
}
