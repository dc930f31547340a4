package work

import (
	"context"
	"time"
)

// Work is a job for later, or for another worker.
type Work struct {
	Kind string
	// Key: work of one key is done one at a time, in order.
	Key          string
	Installation int64
	Args         any
	// At is when it is due; zero: now.
	At time.Time
	// Once names work that is stored once for as long as finished work is kept; "": not named.
	Once string
}

// Queue takes work. Work of the same kind and key that has not begun is merged.
type Queue interface {
	Enqueue(ctx context.Context, work ...Work) error
	// Superseded reports whether newer work of the same kind and key waits behind the job
	// that ctx belongs to.
	Superseded(ctx context.Context) (bool, error)
	// Attempt of the job that ctx belongs to; 1 is the first. Waiting for a rate
	// limit is none.
	Attempt(ctx context.Context) int
}

// GoneAfter is the attempt at which a repository that is not found counts as gone:
// right after an event GitHub may not know it yet. The queue gives up one later.
const GoneAfter = 3

// LagAttempts is at how many attempts GitHub may still show what an event says is past. Its
// API lags behind its events, by seconds at the most. After that the past is the present
// again: somebody pushed the old commit once more.
const LagAttempts = 3
