package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/store"
)

// Failure is a delivery of which no attempt succeeded.
type Failure struct {
	// ID is GitHub's number of the newest attempt, GUID the delivery's id.
	ID   int64
	GUID string
	// Event, and when the newest attempt was made.
	Event       string
	DeliveredAt time.Time
}

// Log is GitHub's log of deliveries to the App.
type Log interface {
	// FailedDeliveries lists the deliveries since a time of which no attempt
	// succeeded, grouped by GUID.
	FailedDeliveries(ctx context.Context, since time.Time) ([]Failure, error)
	// Redeliver asks for another attempt.
	Redeliver(ctx context.Context, attempt int64) error
}

// ReplayConfig says how failed deliveries are asked for again.
type ReplayConfig struct {
	// Window is how far back GitHub's log goes. Default 3 days (GitHub Enterprise
	// Server keeps 7).
	Window time.Duration
	// Overlap is read again at every run: the log is filled late. Default 15 minutes.
	Overlap time.Duration
	// Pause after the first request for a delivery; it doubles with every further
	// one, up to MaxPause. Defaults 2 minutes and 6 hours.
	Pause, MaxPause time.Duration
}

// WithDefaults fills in what is not set.
func (c ReplayConfig) WithDefaults() ReplayConfig {
	c.Window = cmp.Or(c.Window, 72*time.Hour)
	c.Overlap = cmp.Or(c.Overlap, 15*time.Minute)
	c.Pause = cmp.Or(c.Pause, 2*time.Minute)
	c.MaxPause = cmp.Or(c.MaxPause, 6*time.Hour)
	return c
}

// watermark is the name under which the store keeps how far the log was settled:
// every failure before it is stored or too old.
const watermark = "deliveries"

// Replayer asks GitHub for deliveries that failed and were not stored since.
// GitHub never sends one again by itself.
type Replayer struct {
	store  *store.Store
	log    Log
	config ReplayConfig
	// asked remembers what was asked for, so that a delivery that keeps failing is
	// asked for less and less often. A restart begins from the start.
	asked map[string]asked
}

// mostErrors ends the asking of a run: GitHub is not well, or has had enough.
const mostErrors = 3

type asked struct {
	times int
	next  time.Time
}

// NewReplayer makes a Replayer. Run it from one job at a time.
func NewReplayer(s *store.Store, log Log, config ReplayConfig) *Replayer {
	return &Replayer{store: s, log: log, config: config.WithDefaults(), asked: map[string]asked{}}
}

// Replayed is what a run found.
type Replayed struct {
	// Failed deliveries in the log, of which Stored came by another way meanwhile,
	// Asked were asked for now, and the rest wait for their pause.
	Failed, Stored, Asked int
}

// Run looks through the log since the watermark and asks for what is missing. The
// watermark moves up to the oldest delivery that is still missing.
func (r *Replayer) Run(ctx context.Context) (Replayed, error) {
	found, err := r.run(ctx)
	if err != nil {
		return found, fmt.Errorf("replay deliveries: %w", err)
	}
	if found.Asked > 0 {
		zerolog.Ctx(ctx).Info().Int("failed", found.Failed).Int("asked", found.Asked).Msg("asked GitHub for deliveries that failed")
	}
	return found, nil
}

func (r *Replayer) run(ctx context.Context) (Replayed, error) {
	var found Replayed
	now, err := r.store.Now(ctx)
	if err != nil {
		return found, err
	}
	settled, err := r.store.Watermark(ctx, 0, watermark)
	if err != nil {
		return found, err
	}
	since := settled.Add(-r.config.Overlap)
	if oldest := now.Add(-r.config.Window); since.Before(oldest) {
		since = oldest
	}
	failures, err := r.log.FailedDeliveries(ctx, since)
	if err != nil {
		return found, err
	}
	missing := now // the oldest delivery that is still missing
	var errs []error
	keep := map[string]asked{}
	for _, failure := range failures {
		found.Failed++
		stored, err := r.store.DeliveryStored(ctx, failure.GUID)
		if err != nil {
			return found, err
		}
		if stored {
			found.Stored++
			continue
		}
		if failure.DeliveredAt.Before(missing) {
			missing = failure.DeliveredAt
		}
		before := r.asked[failure.GUID]
		if before.next.After(now) || len(errs) >= mostErrors {
			keep[failure.GUID] = before
			continue
		}
		keep[failure.GUID] = asked{times: before.times + 1, next: now.Add(r.pause(before.times))}
		if err := r.log.Redeliver(ctx, failure.ID); err != nil {
			errs = append(errs, err)
			continue
		}
		found.Asked++
	}
	r.asked = keep
	if missing.After(settled) {
		errs = append(errs, r.store.PutWatermark(ctx, 0, watermark, missing))
	}
	return found, errors.Join(errs...)
}

// pause is how long to wait after a delivery was asked for times times before.
func (r *Replayer) pause(times int) time.Duration {
	pause := r.config.Pause
	for ; times > 0 && pause < r.config.MaxPause; times-- {
		pause *= 2
	}
	return min(pause, r.config.MaxPause)
}
