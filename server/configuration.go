package server

import (
	"context"
	"errors"
	"os"
	"time"

	"plimsoll/config"
	"plimsoll/handlers/work"
	"plimsoll/server/queue"
	"plimsoll/server/reload"
)

// Reload says how a server finds that its configuration has changed. Without Load it never
// does.
type Reload struct {
	// Load reads the configuration as at start.
	Load func() (*config.Server, error)
	// Hangup asks for a reload at once.
	Hangup <-chan os.Signal
	// Every is how often the files are read; default 5 seconds.
	Every time.Duration
	// Level is the log's, if it may change.
	Level *Level
}

// newReloader makes what reloads the configuration; nil: nothing does.
func (s *Server) newReloader() (*reload.Reloader, error) {
	from := s.options.Reload
	if from.Load == nil {
		return nil, nil
	}
	r, err := reload.New(s.options.Config, reload.Config{Load: from.Load, Apply: s.apply, Hangup: from.Hangup, Every: from.Every})
	if err != nil {
		return nil, err
	}
	s.metrics.MustRegister(r)
	return r, nil
}

// apply takes over a configuration as a whole, or not at all: everything that can fail is
// prepared first.
func (s *Server) apply(ctx context.Context, next *config.Server) error {
	replacements := []func(){}
	prepare := func(replace func(), err error) error {
		if err == nil && replace != nil {
			replacements = append(replacements, replace)
		}
		return err
	}
	secrets, err := linkSecrets(next)
	if err != nil {
		return err
	}
	if err := errors.Join(
		prepare(s.hook.Prepare(webhookSecrets(next))),
		prepare(s.evidence.Prepare(secrets, graphsOf(next))),
		prepare(s.github.PrepareKey([]byte(next.GitHub.App.PrivateKey.Reveal()))),
		prepare(s.metricServers.prepare(next.Datasources)),
		prepare(s.prepareLogin(next)),
		prepare(s.options.Reload.Level.prepare(next.Log.Level)),
	); err != nil {
		return err
	}
	if err := s.store.NameAccounts(ctx, namedAccounts(next)); err != nil {
		return err
	}
	s.admission.tenants.rules.Store(rulesOf(next))
	s.notifier.Replace(next.Notifications)
	for _, replace := range replacements {
		replace()
	}
	// Accounts that are served from now on are read. Without this, the next comparison with
	// GitHub's list finds them.
	if err := s.queue.Enqueue(ctx, queue.Job{Kind: work.KindInstallations, Key: work.KindInstallations}); err != nil {
		s.log.Warn().Err(err).Msg("accounts that were added to the configuration are read within the hour: the database does not answer")
	}
	return nil
}

// webhookSecrets are what webhooks may be signed with.
func webhookSecrets(conf *config.Server) []string {
	secrets := make([]string, len(conf.GitHub.App.WebhookSecrets))
	for i, secret := range conf.GitHub.App.WebhookSecrets {
		secrets[i] = secret.Reveal()
	}
	return secrets
}
