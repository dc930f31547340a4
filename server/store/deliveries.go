package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"plimsoll/server/store/sqlc"
)

// Delivery is an event as GitHub sent it.
type Delivery struct {
	ID                       string
	Installation, Repository int64
	Event                    string
	// Headers that are needed, as a JSON object.
	Headers string
	// Body as signed; empty if the delivery was ignored.
	Body []byte
	// Job that handles it; "" if it was ignored. Deliveries that were merged have the
	// same job.
	Job string
	// Ignored is the reason why nothing has to be done; "" if something has.
	Ignored    string
	ReceivedAt time.Time
}

// Delivery returns a stored delivery, or an error that wraps io/fs.ErrNotExist.
func (s *Store) Delivery(ctx context.Context, id string) (Delivery, error) {
	row, err := s.Read().GetDelivery(ctx, id)
	if err != nil {
		return Delivery{}, fmt.Errorf("get delivery %s: %w", id, NotExist(err))
	}
	return Delivery{
		ID: row.ID, Installation: row.Installation, Repository: row.Repository, Event: row.Event,
		Headers: row.Headers, Body: row.Body, Job: row.Job, Ignored: row.Ignored,
		ReceivedAt: fromMilliseconds(row.ReceivedAt),
	}, nil
}

// DeliveryStored reports whether a delivery is stored. Old ones are deleted.
func (s *Store) DeliveryStored(ctx context.Context, id string) (bool, error) {
	n, err := s.Read().DeliveryStored(ctx, id)
	if err != nil {
		return false, fmt.Errorf("look for delivery %s: %w", id, err)
	}
	return n > 0, nil
}

// PutDeliveryAsked stores that GitHub is asked for a delivery again.
func (s *Store) PutDeliveryAsked(ctx context.Context, id string) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			return q.PutAskedDelivery(ctx, id, milliseconds(now))
		})
	}
	if err != nil {
		return fmt.Errorf("store that delivery %s is asked for: %w", id, err)
	}
	return nil
}

// DeliveryAsked reports whether GitHub was asked for a delivery again.
func (s *Store) DeliveryAsked(ctx context.Context, id string) (bool, error) {
	n, err := s.Read().DeliveryAsked(ctx, id)
	if err != nil {
		return false, fmt.Errorf("look whether delivery %s was asked for: %w", id, err)
	}
	return n > 0, nil
}

// DeliveriesOfJob lists the ids of the deliveries that a job handles, in the order of
// their arrival.
func (s *Store) DeliveriesOfJob(ctx context.Context, job string) ([]string, error) {
	rows, err := s.Read().ListDeliveriesOfJob(ctx, job)
	if err != nil {
		return nil, fmt.Errorf("list the deliveries of job %s: %w", job, err)
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, nil
}

// InsertDelivery stores a delivery as part of a transaction. If one with its id is
// stored already, it does nothing and returns false.
func InsertDelivery(ctx context.Context, q *sqlc.Queries, d Delivery) (inserted bool, err error) {
	body := d.Body
	if body == nil {
		body = []byte{} // nil would be NULL
	}
	n, err := q.InsertDelivery(ctx, sqlc.InsertDeliveryParams{
		ID: d.ID, Installation: d.Installation, Repository: d.Repository, Event: d.Event,
		Headers: d.Headers, Body: body, Job: d.Job, Ignored: Clean(d.Ignored), ReceivedAt: milliseconds(d.ReceivedAt),
	})
	return n == 1, err
}

// Watermark returns up to which time something has been read; the zero time before the
// first.
func (s *Store) Watermark(ctx context.Context, installation int64, name string) (time.Time, error) {
	ms, err := s.Read().GetWatermark(ctx, installation, name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("get watermark %s: %w", name, err)
	}
	return fromMilliseconds(ms), nil
}

// PutWatermark stores up to which time something has been read.
func (s *Store) PutWatermark(ctx context.Context, installation int64, name string, at time.Time) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		return q.PutWatermark(ctx, installation, name, milliseconds(at))
	})
	if err != nil {
		return fmt.Errorf("put watermark %s: %w", name, err)
	}
	return nil
}
