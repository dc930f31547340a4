package queue

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// bench is a queue whose clock stands still until it is moved.
type bench struct {
	*Queue
	t     *testing.T
	store *store.Store

	mu  sync.Mutex
	now time.Time
	ran []string
}

// each runs test with a queue on SQLite and on PostgreSQL.
func each(t *testing.T, config Config, test func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		b := &bench{t: t, now: time.UnixMilli(1_700_000_000_000)}
		b.store = storetest.Open(t, store.Options{DSN: dsn, Clock: b.clock})
		b.Queue = b.replica(config)
		test(t, b)
	})
}

// replica makes another queue on the same database.
func (b *bench) replica(config Config) *Queue {
	b.t.Helper()
	if config.Random == nil {
		config.Random = func() float64 { return 0 }
	}
	q, err := New(b.store, config)
	if err != nil {
		b.t.Fatal(err)
	}
	return q
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) advance(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// note remembers that a job ran.
func (b *bench) note(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ran = append(b.ran, text)
}

func (b *bench) enqueue(jobs ...Job) {
	b.t.Helper()
	if err := b.Enqueue(b.t.Context(), jobs...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) runDue() int {
	b.t.Helper()
	n, err := b.RunDue(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) expectRan(want ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.ran, want) {
		b.t.Errorf("ran %q, want %q", b.ran, want)
	}
	b.ran = nil
}

func (b *bench) expectCounts(ready, running, dead int) {
	b.t.Helper()
	stats, err := b.Stats(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	if stats.Of(Ready) != ready || stats.Of(Running) != running || stats.Of(Dead) != dead {
		b.t.Errorf("%d ready, %d running, %d dead; want %d, %d, %d", stats.Of(Ready), stats.Of(Running), stats.Of(Dead), ready, running, dead)
	}
}

func (b *bench) job(id string) Job {
	b.t.Helper()
	row, err := b.store.Read().GetJob(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return fromRow(row)
}

func args(text string) json.RawMessage { return json.RawMessage(fmt.Sprintf("%q", text)) }
