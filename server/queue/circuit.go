package queue

import (
	"cmp"
	"sync"
	"time"
)

// circuits tell faults that subjects share from faults of one subject.
//
// A shared error (see [Shared]) may still be the fault of one subject: GitHub answers 502
// for a comparison that is too large. So it counts as a try of the job, as any error does,
// until jobs of two subjects of an installation have failed with one and nothing has
// succeeded in between. Then the circuit of the installation opens: it is paused, longer
// each time the jobs that run afterwards fail as well, and no try is counted, however long
// that lasts: a key that is refused over a weekend kills nothing. A job that has failed waits
// behind the others of its installation, so that each of them is tried. The first job that
// succeeds closes the circuit, and tries count again. Where the subjects are at fault after
// all, others succeed, such as the hourly list of repositories.
//
// Each replica has circuits of its own; the pause holds for all of them.
type circuits struct {
	mu sync.Mutex
	of map[int64]*circuit // by installation; those where something failed last
}

type circuit struct {
	subject string // that failed first
	open    bool
	since   time.Time // when it opened
	times   int       // how often it has paused the installation
	claim   int64     // the newest claim when it did so last
}

// failed notes that a job failed with a shared error. shared tells that this does not count
// as its try; pause is for how long its installation is to be paused then, 0 where it is
// already. newest is the newest claim.
func (c *circuits) failed(job Job, newest int64, config Config) (pause time.Duration, shared bool) {
	if job.Installation == 0 {
		return 0, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	subject := cmp.Or(job.Key, job.ID)
	one := c.of[job.Installation]
	switch {
	case one == nil:
		c.of[job.Installation] = &circuit{subject: subject}
		return 0, false
	case !one.open && one.subject == subject:
		return 0, false
	case one.open && job.claim <= one.claim:
		return 0, true // it ran already when the circuit opened
	}
	if !one.open {
		one.since = time.Now()
	}
	one.open, one.claim = true, newest
	one.times++
	return config.pause(one.times), true
}

// opened tells since when the circuit of an installation has been open; the zero time: it
// is closed.
func (c *circuits) opened(installation int64) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.of[installation]; one != nil && one.open {
		return one.since
	}
	return time.Time{}
}

// closed notes that a job of an installation came to its end, and tells since when its circuit
// was open; the zero time: it was not.
func (c *circuits) closed(installation int64) (since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.of[installation]; one != nil && one.open {
		since = one.since
	}
	delete(c.of, installation)
	return since
}
