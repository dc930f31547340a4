package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/handlers"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
)

// jobArgs are the arguments of an intake job. Where deliveries were merged it is
// the newest one.
type jobArgs struct {
	Delivery string `json:"delivery"`
}

// keep stores a delivery and its job, or that it asks for nothing. An error means that
// nothing was stored.
func (in *Intake) keep(ctx context.Context, hook *hook) (result, error) {
	if !in.handled[hook.event] {
		return in.ignore(ctx, hook, handlers.Route{Ignore: "no handler for this event"})
	}
	route, err := in.routes.Route(hook.event, hook.body)
	if err != nil {
		// Signed by GitHub and not understood: to refuse it would only bring it again.
		zerolog.Ctx(ctx).Error().Err(err).Msg("can't tell where a webhook belongs; it is stored and ignored")
		route.Ignore = "not understood: " + err.Error()
	}
	if route.Ignore != "" {
		return in.ignore(ctx, hook, route)
	}
	return in.put(ctx, hook, route)
}

func (in *Intake) put(ctx context.Context, hook *hook, route handlers.Route) (result, error) {
	args, err := json.Marshal(jobArgs{Delivery: hook.id})
	if err != nil {
		return "", fmt.Errorf("store delivery %s: %w", hook.id, err)
	}
	now, err := in.store.Now(ctx)
	if err != nil {
		return "", fmt.Errorf("store delivery %s: %w", hook.id, err)
	}
	became := resultDuplicate
	err = in.store.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		job := queue.Job{
			ID: in.store.NewID(), Installation: route.Installation, Kind: Family + "/" + store.Clean(route.Kind),
			Key: store.Clean(route.Key), Args: args,
		}
		stored, err := store.InsertDelivery(ctx, q, store.Delivery{
			ID: hook.id, Installation: route.Installation, Repository: route.Repository, Event: hook.event,
			Headers: hook.headers, Body: hook.body, Job: job.ID, ReceivedAt: now,
		})
		if err != nil {
			return err
		}
		if !stored {
			became, err = in.revive(ctx, q, now, hook.id)
			return err
		}
		became = resultStored
		id, err := in.queue.EnqueueIn(ctx, q, now, job)
		if err != nil || id == job.ID {
			return err
		}
		return q.SetDeliveryJob(ctx, hook.id, id)
	})
	if err != nil {
		return "", fmt.Errorf("store delivery %s: %w", hook.id, err)
	}
	if became != resultDuplicate {
		in.queue.Wake()
	}
	return became, nil
}

// revive runs the job of a delivery again that is known already, where that job is dead:
// somebody has fixed what was wrong and asks GitHub to redeliver.
func (in *Intake) revive(ctx context.Context, q *sqlc.Queries, now time.Time, delivery string) (result, error) {
	job, err := q.DeadJobOfDelivery(ctx, delivery)
	if store.Missing(err) {
		return resultDuplicate, nil
	}
	if err != nil {
		return "", err
	}
	if err = in.queue.RetryIn(ctx, q, now, job); errors.Is(err, queue.ErrNotDead) {
		return resultDuplicate, nil // another one of the same redelivery was quicker
	}
	return resultRevived, err
}

// ignore stores that a delivery came, without its body.
func (in *Intake) ignore(ctx context.Context, hook *hook, route handlers.Route) (result, error) {
	now, err := in.store.Now(ctx)
	if err == nil {
		err = in.store.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			_, err := store.InsertDelivery(ctx, q, store.Delivery{
				ID: hook.id, Installation: route.Installation, Repository: route.Repository, Event: hook.event,
				Headers: hook.headers, Ignored: route.Ignore, ReceivedAt: now,
			})
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("store delivery %s: %w", hook.id, err)
	}
	return resultIgnored, nil
}

// Work does an intake job: it gives the stored delivery to the handler of its
// event. The handler's context logs delivery, event, installation, repository and
// key, and holds the job (queue.FromContext).
func (in *Intake) Work(ctx context.Context, job queue.Job) error {
	var args jobArgs
	if err := json.Unmarshal(job.Args, &args); err != nil {
		return queue.Permanent(fmt.Errorf("read the arguments of job %s: %w", job.ID, err))
	}
	delivery, err := in.store.Delivery(ctx, args.Delivery)
	if errors.Is(err, fs.ErrNotExist) {
		return queue.Permanent(err)
	}
	if err != nil {
		return err
	}
	if !in.handled[delivery.Event] {
		return queue.Permanent(fmt.Errorf("event %s is no longer handled", delivery.Event))
	}
	// The queue's logger has the installation, the key and the job.
	logger := zerolog.Ctx(ctx).With().Str("delivery", delivery.ID).Str("event", delivery.Event).
		Int64("repository", delivery.Repository).Logger()
	return in.routes.Handle(logger.WithContext(ctx), delivery.Event, delivery.ID, delivery.Body)
}
