package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"plimsoll/handlers/work"
	"plimsoll/server/queue"
)

// jobs is the queue as the handlers see it: they know the job that they are part of only
// by its context.
type jobs struct {
	*queue.Queue
	// served leaves out the work of accounts that are not served.
	served func(queue.Func) queue.Func
}

var _ work.Queue = jobs{}

// Register makes a queue's function known. It does the work of accounts that are served.
func (j jobs) Register(kind string, do queue.Func) { j.Queue.Register(kind, j.served(do)) }

// RegisterIn is Register for a pool of its own.
func (j jobs) RegisterIn(pool, kind string, do queue.Func) {
	j.Queue.RegisterIn(pool, kind, j.served(do))
}

// Enqueue stores work for later, its arguments as JSON.
func (j jobs) Enqueue(ctx context.Context, work ...work.Work) error {
	queued := make([]queue.Job, len(work))
	for i, w := range work {
		args, err := json.Marshal(w.Args)
		if err != nil {
			return fmt.Errorf("write the arguments of %s: %w", w.Kind, err)
		}
		queued[i] = queue.Job{Kind: w.Kind, Key: w.Key, Installation: w.Installation, Args: args, RunAt: w.At, Dedupe: w.Once}
	}
	return j.Queue.Enqueue(ctx, queued...)
}

// Superseded reports whether newer work waits behind the job of ctx.
func (j jobs) Superseded(ctx context.Context) (bool, error) {
	job, ok := queue.FromContext(ctx)
	if !ok {
		return false, nil
	}
	return j.Queue.Superseded(ctx, job)
}

// Attempt returns the attempt of the job of ctx.
func (j jobs) Attempt(ctx context.Context) int {
	if job, ok := queue.FromContext(ctx); ok {
		return job.Attempt
	}
	return 1
}

// newQueue makes the queue with its pools, and what it prunes.
func (s *Server) newQueue() (*queue.Queue, error) {
	conf, queueConfig := s.options.Config, s.options.Queue
	queueConfig.Workers, queueConfig.Pools = conf.Workers, map[string]int{poolObservations: conf.Workers, poolBackground: conf.Workers, poolNotifications: notifyWorkers}
	queueConfig.Keep = time.Duration(conf.Retention.Deliveries.For)
	if conf.Retention.Deliveries.Forever {
		queueConfig.Keep = queue.Forever
	}
	queueConfig.Prune = pruning(s.store, conf.Retention.Samples)
	return queue.New(s.store, queueConfig)
}
