package queue

import (
	"maps"
	"slices"
	"sync"
)

// general is the pool of every kind that is not registered for another one.
const general = ""

// pool is a number of workers in this process and what they are busy with. Its jobs
// never wait for the workers of another pool.
type pool struct {
	name    string
	workers int

	mu      sync.Mutex
	busy    map[int64]int // running jobs, by installation
	running int
	// last is the installation that had its turn last: the next turn is that of the next
	// higher number, so that every installation comes once in a round.
	last int64
}

func newPool(name string, workers int) *pool {
	return &pool{name: name, workers: workers, busy: map[int64]int{}}
}

// share is how many workers one installation may have at once: half of them.
func (p *pool) share() int { return max(1, p.workers/2) }

// begin marks a worker as busy with a job of an installation.
func (p *pool) begin(installation int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy[installation]++
	p.running++
}

// end frees the worker again.
func (p *pool) end(installation int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if p.busy[installation]--; p.busy[installation] == 0 {
		delete(p.busy, installation)
	}
}

func (p *pool) free() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.workers - p.running
}

// turns gives what a claim starts from.
func (p *pool) turns() *turns {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &turns{pool: p, free: p.workers - p.running, busy: maps.Clone(p.busy), last: p.last}
}

// passed remembers whose turn was last.
func (p *pool) passed(last int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = last
}

// poolOf gives the pool that a job was claimed for.
func (q *Queue) poolOf(job Job) *pool {
	return q.pools[slices.IndexFunc(q.pools, func(p *pool) bool { return p.name == job.pool })]
}
