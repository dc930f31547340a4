package queue

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"plimsoll/server/store/sqlc"
)

// State of a job.
type State string

// The states of a job.
const (
	Ready   State = "ready"
	Running State = "running"
	Done    State = "done"
	Dead    State = "dead"
)

// Job is a piece of work.
type Job struct {
	// ID is made by Enqueue.
	ID           string
	Installation int64
	// Kind says who does it: the function registered for the kind, or for what
	// stands before the first "/" ("event" does "event/push").
	Kind string
	// Key names the subject: jobs of one key (in an installation) run one at a
	// time, and those of one kind and key that have not begun are merged. "": the
	// job is on its own.
	Key string
	// Dedupe names a job that is stored once for as long as finished jobs are
	// kept; "": not named.
	Dedupe string
	// Args is JSON; nil is stored as null.
	Args json.RawMessage
	// RunAt is when it is due; zero: now.
	RunAt time.Time

	// What the queue says of a job that runs, or of a dead one.

	// Attempt counts the tries that count towards dead; 1 is the first.
	Attempt   int
	CreatedAt time.Time
	State     State
	// LastError is why the last try did not succeed.
	LastError string

	fence  int64 // the attempt column: grows with every claim
	worker string
	pool   string
	claim  int64 // which claim of this process took it
}

func fromRow(row sqlc.Job) Job {
	return Job{
		ID: row.ID, Installation: row.Installation, Kind: row.Kind, Key: row.Key, Dedupe: row.Dedupe,
		Args: json.RawMessage(row.Args), RunAt: time.UnixMilli(row.RunAt), Attempt: int(row.Failures) + 1,
		CreatedAt: time.UnixMilli(row.CreatedAt), State: State(row.State), LastError: row.LastError,
		fence: row.Attempt, worker: row.Owner, pool: row.Pool,
	}
}

func (j *Job) validate() error {
	switch {
	case j.Kind == "":
		return errors.New("a job needs a kind")
	case j.Args != nil && !json.Valid(j.Args):
		return errors.New("a job's arguments must be JSON")
	}
	return nil
}

type workKey struct{}

// FromContext gives the job that a context belongs to.
func FromContext(ctx context.Context) (Job, bool) {
	if w, ok := ctx.Value(workKey{}).(*work); ok {
		return w.job, true
	}
	return Job{}, false
}
