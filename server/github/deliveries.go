package github

import (
	"context"
	"errors"
	"fmt"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Delivery is one attempt of GitHub's to hand us an event. Attempts for the same
// event have the same GUID.
type Delivery struct {
	ID            int64
	GUID          string
	Event, Action string
	DeliveredAt   time.Time
	Status        int // of our answer; 0 where there was none
	// Outcome is GitHub's word for it, such as "failed to connect to host".
	Outcome        string
	InstallationID int64
	RepositoryID   int64
}

// Arrived reports whether the answer said that we have it, by the bounds of GitHub's own
// filter: 200 to 399.
func (d Delivery) Arrived() bool { return d.Status >= 200 && d.Status < 400 }

// Deliveries lists a page of the log of attempts, the newest first, from a cursor on; ""
// begins with the newest of all. next is the cursor of the page after it, "" at the end.
// GitHub keeps the log for three days.
// https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
func (c *Clients) Deliveries(ctx context.Context, cursor string) (attempts []Delivery, next string, err error) {
	client, err := c.app.client()
	if err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", err)
	}
	page, res, err := client.Apps.ListHookDeliveries(ctx, &gh.ListCursorOptions{PerPage: perPage, Cursor: cursor})
	if err := c.failure(ctx, err); err != nil {
		return nil, "", fmt.Errorf("list deliveries: %w", err)
	}
	for _, d := range page {
		attempts = append(attempts, Delivery{
			ID: d.GetID(), GUID: d.GetGUID(), Event: d.GetEvent(), Action: d.GetAction(),
			DeliveredAt: d.GetDeliveredAt().Time, Status: d.GetStatusCode(), Outcome: d.GetStatus(),
			InstallationID: d.GetInstallationID(), RepositoryID: d.GetRepositoryID(),
		})
	}
	if res.Cursor == cursor {
		return attempts, "", nil
	}
	return attempts, res.Cursor, nil
}

// HookConfig is where GitHub sends the App's events, and how.
type HookConfig struct {
	URL string
	// ContentType is json or form. Insecure: GitHub does not check the certificate.
	ContentType string
	Insecure    bool
}

// HookConfig reads where GitHub sends events.
// https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app
func (c *Clients) HookConfig(ctx context.Context) (HookConfig, error) {
	client, err := c.app.client()
	if err != nil {
		return HookConfig{}, fmt.Errorf("get the webhook: %w", err)
	}
	hook, _, err := client.Apps.GetHookConfig(ctx)
	if err := c.failure(ctx, err); err != nil {
		return HookConfig{}, fmt.Errorf("get the webhook: %w", err)
	}
	return HookConfig{URL: hook.GetURL(), ContentType: hook.GetContentType(), Insecure: hook.GetInsecureSSL() == "1"}, nil
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
