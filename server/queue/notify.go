package queue

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// notifyEvery is how often the other replicas are notified of due jobs at most.
const notifyEvery = 50 * time.Millisecond

// notifier notifies other replicas of due jobs: at once, and then at most every
// notifyEvery, however many jobs come in.
type notifier struct {
	// broadcast reaches the other replicas; nil: there are none.
	broadcast func(context.Context) error

	mu      sync.Mutex
	pending bool
	last    time.Time
}

func (n *notifier) notify() {
	if n.broadcast == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pending {
		return
	}
	n.pending = true
	time.AfterFunc(max(0, notifyEvery-time.Since(n.last)), n.send)
}

func (n *notifier) send() {
	n.mu.Lock()
	n.pending = false
	n.last = time.Now()
	n.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	// Only speed is lost with a notification: the replicas also poll.
	_ = n.broadcast(ctx)
}

// listen wakes this replica when another one notifies, until ctx ends.
func (q *Queue) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := q.store.Listen(ctx, q.wakeHere)
		if ctx.Err() != nil {
			return
		}
		zerolog.Ctx(ctx).Warn().Err(err).Msg("lost the connection that listens for jobs; polling until it is back")
		if !awaitTime(ctx, 5*q.config.Poll) {
			return
		}
	}
}

// awaitTime waits for d; false when ctx ended before.
func awaitTime(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
