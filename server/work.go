package server

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/handlers"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/work"
	"plimsoll/server/github"
	"plimsoll/server/intake"
	"plimsoll/server/queue"
)

// Kinds of the server's own periodic work.
const kindReplay = "replay"

// poolObservations is the pool of the workers that observe deployments: an environment or
// a metric server that answers slowly delays no pull request.
const poolObservations = "observations"

// poolBackground is the pool of the workers that read repositories for the first time and
// find what events have not told.
const poolBackground = "background"

// poolNotifications is the pool of the workers that notify the operator's destinations: one
// that answers slowly delays no verdict. notifyWorkers is how many there are.
const (
	poolNotifications = "notifications"
	notifyWorkers     = 2
)

// reserve is how many requests of an installation's hour are left to work that somebody
// waits for, and sparePause how long work that would use them waits.
const (
	reserve    = 1000
	sparePause = 10 * time.Minute
)

// sparing puts work off that nobody waits for while an installation has few requests left.
func sparing(left func(installation int64) (left int, known bool), do queue.Func) queue.Func {
	return func(ctx context.Context, job queue.Job) error {
		var args struct{ work.Spared }
		if err := json.Unmarshal(job.Args, &args); err != nil {
			return queue.Permanent(fmt.Errorf("read the arguments of job %s: %w", job.ID, err))
		}
		if args.Spares {
			if n, known := left(job.Installation); known && n < reserve {
				return queue.Snooze{For: sparePause, Scope: queue.ThisJob, Reason: fmt.Errorf("GitHub grants installation %d only %d more requests", job.Installation, n)}
			}
		}
		return do(ctx, job)
	}
}

// every does work at an interval; never if the interval is negative.
func (s *Server) every(kind string, interval time.Duration) {
	if interval > 0 {
		s.queue.Every(kind, interval)
	}
}

// worker makes a queue's function of one that takes its arguments decoded. It
// gives errors their class and logs the requests to GitHub that the job used.
func worker[A any](do func(ctx context.Context, args A) error) queue.Func {
	return func(ctx context.Context, job queue.Job) error {
		var args A
		if err := json.Unmarshal(job.Args, &args); err != nil {
			return queue.Permanent(fmt.Errorf("read the arguments of job %s: %w", job.ID, err))
		}
		return counted(ctx, job, func(ctx context.Context) error { return do(ctx, args) })
	}
}

// counted runs work and logs what it cost at GitHub.
func counted(ctx context.Context, job queue.Job, do func(ctx context.Context) error) error {
	ctx, count := github.WithCount(ctx)
	started := time.Now()
	err := do(ctx)
	zerolog.Ctx(ctx).Info().Err(err).Int64("requests", count.Network()).Int64("tokens", count.Tokens()).
		Dur("took", time.Since(started)).Msg("worked")
	if err == nil {
		return nil
	}
	return classed(err, job)
}

// classedRoutes is the route table whose handlers give errors with a class, and know the
// delivery that they answer.
type classedRoutes struct {
	*handlers.Routes
	// installations takes up those that are not known.
	installations *registry.Reconciler
	admission     admission
}

// Handle does the event's work.
func (r classedRoutes) Handle(ctx context.Context, event, delivery string, payload []byte) error {
	job, _ := queue.FromContext(ctx)
	return counted(withDelivery(ctx, delivery), job, func(ctx context.Context) error {
		if event != "installation" && job.Installation != 0 {
			if err := r.installations.Met(ctx, job.Installation); err != nil {
				return err
			}
		}
		if admitted, err := r.admission.admit(ctx, event, payload); err != nil || !admitted {
			return err
		}
		return r.Routes.Handle(ctx, event, delivery, payload)
	})
}

type deliveryKey struct{}

func withDelivery(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, deliveryKey{}, id)
}

// deliveryOf gives the delivery that the work of ctx was asked for by; "" for
// work that no webhook asked for.
func deliveryOf(ctx context.Context) string {
	id, _ := ctx.Value(deliveryKey{}).(string)
	return id
}

// deliveryLog is GitHub's log of deliveries, as the replay wants it.
type deliveryLog struct{ *github.Clients }

var _ intake.Log = deliveryLog{}

// Deliveries lists a page of the log.
func (l deliveryLog) Deliveries(ctx context.Context, cursor string) ([]intake.Attempt, string, error) {
	page, next, err := l.Clients.Deliveries(ctx, cursor)
	attempts := make([]intake.Attempt, len(page))
	for i, d := range page {
		attempts[i] = intake.Attempt{ID: d.ID, GUID: d.GUID, Event: d.Event, At: d.DeliveredAt, Answered: d.Arrived()}
	}
	return attempts, next, err
}
