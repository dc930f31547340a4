// Package notify sends verdicts and rollbacks to destinations that the operator has named:
// signed webhooks, Slack and Grafana.
//
//	Announce ─▶ one job for each destination ─▶ Do: one request ─▶ done, tried again, or dead
//
// Announce only queues. Addresses and secrets are read from the configuration when a job is
// done; no job holds them. The package must not know repositories' files or GitHub.
package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/handlers/require"
	"plimsoll/handlers/work"
)

// Config says what a Notifier works with.
type Config struct {
	// Source is the server's address, as receivers see it.
	Source string
	// May reports whether a destination gets events of a repository's deployments.
	May   func(ctx context.Context, to config.Notification, repo contracts.RepositoryRef) (bool, error)
	Queue work.Queue
	// Now is the clock that messages are signed with.
	Now func() time.Time
}

// Notifier notifies destinations. It may be used by many at once.
type Notifier struct {
	config       Config
	client       *http.Client
	destinations atomic.Pointer[[]config.Notification]
}

// within bounds one request with its answer.
const within = 10 * time.Second

// New makes a Notifier.
func New(c Config, destinations []config.Notification) (*Notifier, error) {
	if err := require.All(c); err != nil {
		return nil, err
	}
	n := &Notifier{config: c, client: &http.Client{
		Timeout: within,
		// The operator has named this address, and no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	n.Replace(destinations)
	return n, nil
}

// Replace changes the destinations. Jobs that are queued go to the new address of their name.
func (n *Notifier) Replace(destinations []config.Notification) { n.destinations.Store(&destinations) }

// Announce queues an event of a repository's deployment, once for each destination that gets
// it.
func (n *Notifier) Announce(ctx context.Context, repo contracts.RepositoryRef, event work.Notification) error {
	var all []work.Work
	for _, to := range *n.destinations.Load() {
		gets, err := n.gets(ctx, to, repo, event)
		if err != nil {
			return err
		}
		if gets {
			all = append(all, work.NotifyWork(repo, string(to.Name), event))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return n.config.Queue.Enqueue(ctx, all...)
}

func (n *Notifier) gets(ctx context.Context, to config.Notification, repo contracts.RepositoryRef, event work.Notification) (bool, error) {
	if !to.Wants(event.Event, event.Environment) {
		return false, nil
	}
	return n.config.May(ctx, to, repo)
}

// Do sends an event to a destination. An earlier try may have sent it: the id is the same.
func (n *Notifier) Do(ctx context.Context, args work.NotifyArgs) error {
	for _, to := range *n.destinations.Load() {
		if string(to.Name) != args.Destination {
			continue
		}
		gets, err := n.gets(ctx, to, args.Repository, args.Notification)
		if err != nil {
			return err
		}
		if !gets {
			break
		}
		if err := n.dispatch(ctx, to, args.Notification); err != nil {
			return fmt.Errorf("notify %s: %w", to.Name, err)
		}
		return nil
	}
	zerolog.Ctx(ctx).Warn().Str("destination", args.Destination).Msg("a notification was not sent: the configuration does not name its destination any more")
	return nil
}

func (n *Notifier) dispatch(ctx context.Context, to config.Notification, event work.Notification) error {
	switch to.Kind() {
	case "webhook":
		return n.webhook(ctx, to, event)
	case "slack":
		return n.slack(ctx, to, event)
	}
	return n.grafana(ctx, to, event)
}

// errNoAnswer is that nobody knows whether a destination got what was sent.
var errNoAnswer = errors.New("no answer")
