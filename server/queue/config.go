package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"github.com/google/uuid"
)

// minKeep is how long finished jobs and their deliveries are kept at least: longer
// than GitHub can redeliver (3 days, GitHub Enterprise 7).
const minKeep = 7 * 24 * time.Hour

// Forever is a Config.Keep that deletes nothing.
const Forever time.Duration = math.MaxInt64

// Config says how jobs are run.
type Config struct {
	// Workers is how many jobs run at once in this process, those of Pools left out. At
	// most half of them, and at least one, work for one installation. Default 8.
	Workers int
	// Pools are further workers by name, for kinds that are registered with RegisterIn.
	// Workers describes each pool as well.
	Pools map[string]int
	// Lease is how long a job belongs to its worker without a heartbeat; after a
	// crash it is how long a job rests. Default 1 minute.
	Lease time.Duration
	// Timeout ends a job's context. Default 10 minutes.
	Timeout time.Duration
	// Grace is how long running jobs may go on when the process is to end; then
	// their contexts end and they are given back. Default 20 seconds.
	Grace time.Duration
	// Settle is how long a job may take to return after its context ended at
	// shutdown. Default 5 seconds.
	Settle time.Duration
	// Poll is how often the database is asked for due jobs when nothing calls.
	// Default 1 second.
	Poll time.Duration
	// MaxFailures makes a job dead. Default 15: with the default backoff that is
	// after more than 5 hours.
	MaxFailures int
	// Backoff is the pause after the first failure; it doubles with each further
	// one up to MaxBackoff, and a random half of it is taken off. Defaults 5
	// seconds and 1 hour.
	Backoff, MaxBackoff time.Duration
	// MaxPause bounds how long an installation is paused because of a fault that its jobs
	// share; the first pause is Backoff. Default 5 minutes.
	MaxPause time.Duration
	// Random gives numbers in [0, 1) for the backoff. Default math/rand.
	Random func() float64
	// Keep is how long finished jobs and their deliveries are kept. Default 30
	// days, at least 7, or Forever.
	Keep time.Duration
	// Prune deletes what else is kept no longer, hourly, in the job that deletes finished
	// ones; now is the database's time. Default: nothing else.
	Prune func(ctx context.Context, now time.Time) error
	// Owner names this process among the replicas. Default: host, process id and
	// a random part.
	Owner string
}

// WithDefaults fills in what is not set.
func (c Config) WithDefaults() Config {
	c.Workers = cmp.Or(c.Workers, 8)
	c.Lease = cmp.Or(c.Lease, time.Minute)
	c.Timeout = cmp.Or(c.Timeout, 10*time.Minute)
	c.Grace = cmp.Or(c.Grace, 20*time.Second)
	c.Settle = cmp.Or(c.Settle, 5*time.Second)
	c.Poll = cmp.Or(c.Poll, time.Second)
	c.MaxFailures = cmp.Or(c.MaxFailures, 15)
	c.Backoff = cmp.Or(c.Backoff, 5*time.Second)
	c.MaxBackoff = cmp.Or(c.MaxBackoff, time.Hour)
	c.MaxPause = cmp.Or(c.MaxPause, 5*time.Minute)
	c.Keep = cmp.Or(c.Keep, 30*24*time.Hour)
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.Owner == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "unknown"
		}
		c.Owner = fmt.Sprintf("%s/%d/%s", host, os.Getpid(), uuid.NewString()[:8])
	}
	return c
}

func (c Config) validate() error {
	var errs []error
	for _, field := range []struct {
		name  string
		value time.Duration
	}{
		{"Lease", c.Lease}, {"Timeout", c.Timeout}, {"Grace", c.Grace}, {"Settle", c.Settle},
		{"Poll", c.Poll}, {"Backoff", c.Backoff}, {"MaxBackoff", c.MaxBackoff}, {"MaxPause", c.MaxPause},
	} {
		if field.value <= 0 {
			errs = append(errs, fmt.Errorf("%s must be positive, is %v", field.name, field.value))
		}
	}
	if c.Workers <= 0 {
		errs = append(errs, fmt.Errorf("the number of Workers must be positive, is %d", c.Workers))
	}
	for name, workers := range c.Pools {
		if name == general || workers <= 0 {
			errs = append(errs, fmt.Errorf("a pool needs a name and workers, %q has %d", name, workers))
		}
	}
	if c.MaxFailures <= 0 {
		errs = append(errs, fmt.Errorf("the bound MaxFailures must be positive, is %d", c.MaxFailures))
	}
	if c.Keep < minKeep {
		errs = append(errs, fmt.Errorf("the time to Keep jobs must be at least %v, is %v: GitHub redelivers for that long", minKeep, c.Keep))
	}
	return errors.Join(errs...)
}

// backoff is how long a job rests after a failure, counted from 1.
func (c Config) backoff(failures int) time.Duration { return c.doubled(failures, c.MaxBackoff) }

// pause is how long an installation rests after a shared fault, counted from 1.
func (c Config) pause(times int) time.Duration { return c.doubled(times, c.MaxPause) }

// doubled is Backoff, doubled each time up to a bound, less a random half of it at the most.
func (c Config) doubled(times int, bound time.Duration) time.Duration {
	pause := c.Backoff
	for n := 1; n < times && pause < bound; n++ {
		pause *= 2
	}
	pause = min(pause, bound)
	return pause - time.Duration(c.Random()*float64(pause)/2)
}
