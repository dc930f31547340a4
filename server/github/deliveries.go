package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Delivery is one attempt of GitHub's to hand us an event. Attempts for the same
// event have the same GUID.
type Delivery struct {
	ID             int64
	GUID           string
	Event, Action  string
	DeliveredAt    time.Time
	Status         int // of our answer; 0 where there was none
	InstallationID int64
	RepositoryID   int64
}

// maxDeliveryPages bounds one look at the log: 100,000 attempts.
const maxDeliveryPages = 1000

// FailedDeliveries lists the events since a time of which no attempt succeeded,
// the newest attempt of each, oldest first. GitHub keeps the log for three days.
func (c *Clients) FailedDeliveries(ctx context.Context, since time.Time) ([]Delivery, error) {
	fail := func(err error) ([]Delivery, error) {
		return nil, fmt.Errorf("list deliveries since %s: %w", since.UTC().Format(time.RFC3339), err)
	}
	client, err := c.app.client()
	if err != nil {
		return fail(err)
	}
	newest := map[string]Delivery{}
	arrived := map[string]bool{}
	options := &gh.ListCursorOptions{PerPage: perPage}
	for range maxDeliveryPages {
		page, res, err := client.Apps.ListHookDeliveries(ctx, options)
		if err := c.failure(ctx, err); err != nil {
			return fail(err)
		}
		past := false
		for _, d := range page { // newest first
			if d.GetDeliveredAt().Before(since) {
				past = true
				continue
			}
			if deliveryArrived(d) {
				arrived[d.GetGUID()] = true
			} else if known, ok := newest[d.GetGUID()]; !ok || known.DeliveredAt.Before(d.GetDeliveredAt().Time) {
				newest[d.GetGUID()] = Delivery{
					ID: d.GetID(), GUID: d.GetGUID(), Event: d.GetEvent(), Action: d.GetAction(),
					DeliveredAt: d.GetDeliveredAt().Time, Status: d.GetStatusCode(),
					InstallationID: d.GetInstallationID(), RepositoryID: d.GetRepositoryID(),
				}
			}
		}
		if past || res.Cursor == "" || res.Cursor == options.Cursor {
			break
		}
		options.Cursor = res.Cursor
	}
	var failed []Delivery
	for guid, d := range newest {
		if !arrived[guid] {
			failed = append(failed, d)
		}
	}
	slices.SortFunc(failed, func(a, b Delivery) int {
		return cmp.Or(a.DeliveredAt.Compare(b.DeliveredAt), cmp.Compare(a.ID, b.ID))
	})
	return failed, nil
}

// Redeliver has GitHub send an event again. It only asks: the event comes, or
// fails again, later.
func (c *Clients) Redeliver(ctx context.Context, id int64) error {
	client, err := c.app.client()
	if err == nil {
		_, _, err = client.Apps.RedeliverHookDelivery(ctx, id)
		// 202 is success here, and an error to the library.
		if _, accepted := errors.AsType[*gh.AcceptedError](err); accepted {
			return nil
		}
		err = c.failure(ctx, err)
	}
	if err != nil {
		return fmt.Errorf("ask for delivery %d again: %w", id, err)
	}
	return nil
}

// deliveryArrived goes by the bounds of GitHub's own filter: 200 to 399 succeeded.
func deliveryArrived(d *gh.HookDelivery) bool {
	return d.GetStatusCode() >= 200 && d.GetStatusCode() < 400
}
