package queue

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
)

// Func does jobs of a kind. Its context ends when the lease is lost, the job
// takes too long, or the process shuts down. What it returns decides what becomes
// of the job: nil, Snooze, Permanent, or any other error (tried again).
type Func func(ctx context.Context, job Job) error

// Queue stores jobs and runs them. Several queues, in several processes, may
// share a PostgreSQL database.
type Queue struct {
	store  *store.Store
	config Config
	metrics
	notifier

	wake  chan struct{} // holds one: something may be due
	pools []*pool       // the general one first
	// claims counts the claims of this process.
	claims   atomic.Int64
	circuits circuits

	mu           sync.Mutex
	kinds        map[string]registered
	deadHandlers map[string]Func // what is done when a job is given up
	periodic     []*periodic
	running      map[string]*work // by job id
}

// New makes a queue. Jobs are run by Run.
func New(s *store.Store, config Config) (*Queue, error) {
	config = config.WithDefaults()
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	q := &Queue{
		store: s, config: config, metrics: newMetrics(), circuits: circuits{of: map[int64]*circuit{}},
		wake: make(chan struct{}, 1), pools: []*pool{newPool(general, config.Workers)},
		kinds: map[string]registered{}, deadHandlers: map[string]Func{}, running: map[string]*work{},
	}
	for _, name := range slices.Sorted(maps.Keys(config.Pools)) {
		q.pools = append(q.pools, newPool(name, config.Pools[name]))
	}
	if s.SkipsLocked() {
		q.broadcast = s.Notify
	}
	q.Register(kindPrune, q.prune)
	q.Every(kindPrune, time.Hour)
	return q, nil
}

// Register says who does jobs of a kind, and of every kind that begins with kind
// and "/". It panics on a kind that is taken: that is a mistake in the program.
func (q *Queue) Register(kind string, fn Func) { q.register(general, kind, fn) }

// RegisterIn is Register for a kind whose jobs run in a pool of Config.Pools. It panics
// where there is no such pool: that is a mistake in the program.
func (q *Queue) RegisterIn(pool, kind string, fn Func) {
	if _, ok := q.config.Pools[pool]; !ok {
		panic(fmt.Sprintf("queue: kind %s is registered in the pool %q, which is not in Config.Pools", kind, pool))
	}
	q.register(pool, kind, fn)
}

func (q *Queue) register(pool, kind string, fn Func) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, taken := q.kinds[kind]; taken {
		panic("queue: kind " + kind + " is registered twice")
	}
	q.kinds[kind] = registered{fn: fn, pool: pool}
}

// registered is who does the jobs of a kind.
type registered struct {
	fn   Func
	pool string
}

// registeredFor returns the function for the jobs of a kind; none if this process has none.
func (q *Queue) registeredFor(kind string) registered {
	q.mu.Lock()
	defer q.mu.Unlock()
	if found, ok := q.kinds[kind]; ok {
		return found
	}
	family, _, _ := strings.Cut(kind, "/")
	return q.kinds[family]
}

// WhenDead says what is done when a job of a kind, or of one that begins with kind and
// "/", is given up for good, before that
// is stored. It may be done more than once; with an error it is tried again.
func (q *Queue) WhenDead(kind string, fn Func) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deadHandlers[kind] = fn
}

// whenDead calls the dead handler of a job that is given up.
func (q *Queue) whenDead(ctx context.Context, job Job) error {
	q.mu.Lock()
	family, _, _ := strings.Cut(job.Kind, "/")
	fn, ok := q.deadHandlers[family]
	q.mu.Unlock()
	if !ok {
		return nil
	}
	return fn(ctx, job)
}

// Enqueue stores jobs in one transaction. A job replaces a ready one of the same key and
// kind; a job whose Dedupe is known already is left out.
func (q *Queue) Enqueue(ctx context.Context, jobs ...Job) error {
	if len(jobs) == 0 {
		return nil
	}
	now, err := q.store.Now(ctx)
	if err == nil {
		err = q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
			for _, job := range jobs {
				if _, err := q.EnqueueIn(ctx, queries, now, job); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	q.Wake()
	return nil
}

// EnqueueIn stores a job as part of a transaction and gives the id of the job that
// will run: an older one's where it was coalesced. Call Wake after the commit.
func (q *Queue) EnqueueIn(ctx context.Context, queries *sqlc.Queries, now time.Time, job Job) (id string, err error) {
	if err := job.validate(); err != nil {
		return "", err
	}
	if job.Args == nil {
		job.Args = json.RawMessage("null")
	}
	if job.RunAt.IsZero() {
		job.RunAt = now
	}
	id = cmp.Or(job.ID, q.store.NewID())
	row := sqlc.PutJobParams{
		ID: id, Installation: job.Installation, Kind: job.Kind, Key: job.Key, Dedupe: cmp.Or(job.Dedupe, id),
		Args: string(job.Args), RunAt: job.RunAt.UnixMilli(), CreatedAt: now.UnixMilli(), Pool: q.registeredFor(job.Kind).pool,
	}
	if job.Dedupe != "" {
		_, err = queries.PutJobOnce(ctx, sqlc.PutJobOnceParams(row))
		return id, err
	}
	return queries.PutJob(ctx, row)
}

// Wake makes the queue check for due jobs, here and in the other replicas.
func (q *Queue) Wake() {
	q.wakeHere()
	q.notify()
}

func (q *Queue) wakeHere() {
	select {
	case q.wake <- struct{}{}:
	default: // it will check anyway
	}
}

// Superseded reports whether a newer job of the same key and kind waits: what this
// one finds out would be out of date.
func (q *Queue) Superseded(ctx context.Context, job Job) (bool, error) {
	waiting, err := q.store.Read().ReadyJobOf(ctx, job.Installation, job.Key, job.Kind)
	if err != nil && !store.Missing(err) {
		return false, fmt.Errorf("look for a newer job of %s: %w", job.Key, err)
	}
	return err == nil && waiting != job.ID, nil
}
