package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/store"
)

// Attempt is one attempt of GitHub's to deliver an event.
type Attempt struct {
	// ID is GitHub's number of the attempt. All attempts at one delivery have its GUID.
	ID    int64
	GUID  string
	Event string
	At    time.Time
	// Answered: GitHub got an answer that says that we have it.
	Answered bool
}

// again are the events that are asked for again although GitHub got an answer. The others
// say what the comparison of GitHub's lists finds as well, or are buttons that a person
// pressed, which must not be pressed once more by us.
var again = map[string]bool{
	"push": true, "pull_request": true, "merge_group": true, "issue_comment": true, "release": true,
	"deployment": true, "deployment_status": true, "deployment_protection_rule": true,
}

// Log is GitHub's log of deliveries to the App.
type Log interface {
	// Deliveries lists a page of the log, the newest attempts first, from a cursor on; ""
	// begins with the newest. next is the cursor of the page after it, "" at the end.
	Deliveries(ctx context.Context, cursor string) (page []Attempt, next string, err error)
	// Redeliver asks for another attempt.
	Redeliver(ctx context.Context, attempt int64) error
}

// ReplayConfig says how missing deliveries are asked for again.
type ReplayConfig struct {
	// Window is how far back GitHub's log goes. Default 3 days (GitHub Enterprise
	// Server keeps 7).
	Window time.Duration
	// Overlap is read again at every run: the log is filled late. Default 15 minutes.
	Overlap time.Duration
	// Pause after the first request for a delivery; it doubles with every further
	// one, up to MaxPause. Defaults 2 minutes and 6 hours.
	Pause, MaxPause time.Duration
	// Pages is how many pages of the log one run reads; what is older is left to Older.
	// Default 20, which are 2,000 attempts.
	Pages int
	// Most is how many deliveries one run asks for. Default 100.
	Most int
}

// WithDefaults fills in what is not set.
func (c ReplayConfig) WithDefaults() ReplayConfig {
	c.Window = cmp.Or(c.Window, 72*time.Hour)
	c.Overlap = cmp.Or(c.Overlap, 15*time.Minute)
	c.Pause = cmp.Or(c.Pause, 2*time.Minute)
	c.MaxPause = cmp.Or(c.MaxPause, 6*time.Hour)
	c.Pages = cmp.Or(c.Pages, 20)
	c.Most = cmp.Or(c.Most, 100)
	return c
}

// watermark is the name under which the store keeps how far the log was settled:
// every delivery before it is stored, too old, or left to Older.
const watermark = "deliveries"

// Older is a part of the log that is still to be read: from a cursor back to a time.
type Older struct {
	Cursor string    `json:"cursor,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// Replayer asks GitHub for deliveries that are in its log and not in the database: those
// that failed, since GitHub never sends one again by itself, and those that were answered
// and lost with the database afterwards.
type Replayer struct {
	store  *store.Store
	log    Log
	config ReplayConfig
	// later has a part of the log read by Older, by a job that survives a restart.
	later func(ctx context.Context, older Older) error
	// asked remembers what was asked for, so that a delivery that keeps failing is
	// asked for less and less often. A restart begins from the start.
	asked map[string]asked
	// one is held by the run that goes on. A job that lost its lease may still be running
	// when the next one begins.
	one chan struct{}
}

// mostErrors ends the asking of a run: GitHub is not well, or has had enough.
const mostErrors = 3

type asked struct {
	times int
	next  time.Time
}

// NewReplayer makes a Replayer.
func NewReplayer(s *store.Store, log Log, config ReplayConfig, later func(context.Context, Older) error) *Replayer {
	return &Replayer{store: s, log: log, config: config.WithDefaults(), later: later, asked: map[string]asked{}, one: make(chan struct{}, 1)}
}

// Replayed is what a run found.
type Replayed struct {
	// Missing deliveries are in the log and not in the database. Asked were asked for now;
	// the rest wait for their pause or the next run.
	Missing, Asked int
}

// Run looks through the log since the watermark and asks for what is missing. The
// watermark moves up to the oldest delivery that is still missing. It waits for a run that
// another goroutine began.
func (r *Replayer) Run(ctx context.Context) (Replayed, error) {
	select {
	case r.one <- struct{}{}:
		defer func() { <-r.one }()
	case <-ctx.Done():
		return Replayed{}, fmt.Errorf("replay deliveries: %w", ctx.Err())
	}
	found, err := r.run(ctx)
	return found, reported(ctx, found, err)
}

func reported(ctx context.Context, found Replayed, err error) error {
	if found.Asked > 0 {
		zerolog.Ctx(ctx).Info().Int("missing", found.Missing).Int("asked", found.Asked).Msg("asked GitHub for deliveries that are missing")
	}
	if err != nil {
		return fmt.Errorf("replay deliveries: %w", err)
	}
	return nil
}

func (r *Replayer) run(ctx context.Context) (Replayed, error) {
	now, err := r.store.Now(ctx)
	if err != nil {
		return Replayed{}, err
	}
	settled, err := r.store.Watermark(ctx, 0, watermark)
	if err != nil {
		return Replayed{}, err
	}
	since := r.within(now, settled.Add(-r.config.Overlap))
	missing, older, err := r.missing(ctx, Older{Since: since}, r.config.Pages)
	if err != nil {
		return Replayed{}, err
	}
	if older.Cursor != "" {
		// Before the watermark moves beyond it.
		if err := r.later(ctx, older); err != nil {
			return Replayed{}, err
		}
	}
	found := Replayed{Missing: len(missing)}
	oldest := now // of those that are still missing
	var errs []error
	keep := map[string]asked{}
	for _, attempt := range missing {
		if attempt.At.Before(oldest) {
			oldest = attempt.At
		}
		before := r.asked[attempt.GUID]
		if before.next.After(now) || len(errs) >= mostErrors || found.Asked >= r.config.Most {
			keep[attempt.GUID] = before
			continue
		}
		keep[attempt.GUID] = asked{times: before.times + 1, next: now.Add(r.pause(before.times))}
		if err := r.ask(ctx, attempt); err != nil {
			errs = append(errs, err)
			continue
		}
		found.Asked++
	}
	r.asked = keep
	if oldest.After(settled) {
		errs = append(errs, r.store.PutWatermark(ctx, 0, watermark, oldest))
	}
	return found, errors.Join(errs...)
}

// Older reads one page of an older part of the log, asks for what is missing on it, and has
// the page after it read. Of what fails again, Run finds the new attempt.
func (r *Replayer) Older(ctx context.Context, part Older) error {
	found, err := r.older(ctx, part)
	return reported(ctx, found, err)
}

func (r *Replayer) older(ctx context.Context, part Older) (found Replayed, err error) {
	now, err := r.store.Now(ctx)
	if err != nil {
		return found, err
	}
	part.Since = r.within(now, part.Since)
	missing, rest, err := r.missing(ctx, part, 1)
	if err != nil {
		return found, err
	}
	found.Missing = len(missing)
	var errs []error
	for _, attempt := range missing {
		if err := r.ask(ctx, attempt); err != nil {
			// One that GitHub no longer has must not keep the others from being asked for.
			if errs = append(errs, err); len(errs) >= mostErrors {
				return found, errors.Join(errs...)
			}
			continue
		}
		found.Asked++
	}
	for _, err := range errs {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("can't ask for a delivery again")
	}
	if rest.Cursor == "" {
		return found, nil
	}
	return found, r.later(ctx, rest)
}

// ask asks for a delivery. That it comes late is stored before it can come.
func (r *Replayer) ask(ctx context.Context, attempt Attempt) error {
	if err := r.store.PutDeliveryAsked(ctx, attempt.GUID); err != nil {
		return err
	}
	return r.log.Redeliver(ctx, attempt.ID)
}

// within moves a time up to where GitHub's log begins.
func (r *Replayer) within(now, since time.Time) time.Time {
	if oldest := now.Add(-r.config.Window); since.Before(oldest) {
		return oldest
	}
	return since
}

// missing lists the deliveries of a part of the log that are not stored, oldest first, each
// with its newest attempt. That GitHub got an answer does not count: the database may have
// been lost or restored since. rest is what is left of the part after a number of pages.
func (r *Replayer) missing(ctx context.Context, part Older, pages int) (missing []Attempt, rest Older, err error) {
	seen := map[string]bool{} // of which a newer attempt was looked at
	rest = part
	for range pages {
		page, next, err := r.log.Deliveries(ctx, rest.Cursor)
		if err != nil {
			return nil, rest, err
		}
		rest.Cursor = next
		for _, attempt := range page {
			if attempt.At.Before(part.Since) {
				rest.Cursor = ""
				continue
			}
			if seen[attempt.GUID] || attempt.Answered && !again[attempt.Event] {
				seen[attempt.GUID] = true
				continue
			}
			seen[attempt.GUID] = true
			stored, err := r.store.DeliveryStored(ctx, attempt.GUID)
			if err != nil {
				return nil, rest, err
			}
			if !stored {
				missing = append(missing, attempt)
			}
		}
		if rest.Cursor == "" {
			break
		}
	}
	slices.SortStableFunc(missing, func(a, b Attempt) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return missing, rest, nil
}

// pause is how long to wait after a delivery was asked for times times before.
func (r *Replayer) pause(times int) time.Duration {
	pause := r.config.Pause
	for ; times > 0 && pause < r.config.MaxPause; times-- {
		pause *= 2
	}
	return min(pause, r.config.MaxPause)
}
