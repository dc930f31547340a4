package server

import (
	"cmp"
	"context"
	"time"

	"github.com/palantir/go-githubapp/githubapp"

	"plimsoll/contracts"
	"plimsoll/handlers"
	"plimsoll/server/api"
	"plimsoll/server/intake"
	"plimsoll/server/probe"
	"plimsoll/server/prometheus"
	"plimsoll/server/queue"
	"plimsoll/server/signals"
)

// wire connects intake, queue and handlers. It reads from top to bottom: each value is
// complete when it is made, from those above it.
func (s *Server) wire() error {
	conf := s.options.Config
	var err error
	if s.queue, err = s.newQueue(); err != nil {
		return err
	}
	if len(conf.Datasources) > 0 {
		if s.prometheus, err = prometheus.New(prometheus.Config{Servers: prometheus.FromOperator(conf.Datasources), Now: s.options.Clock}); err != nil {
			return err
		}
	}
	remember, work, cache := memory{s.store}, jobs{s.queue}, contracts.NewCache(0)
	if err := s.openEvidence(remember); err != nil {
		return err
	}

	reader := &handlers.Contracts{Trees: s.hub, Cache: cache}
	organisations := &handlers.Organisations{Accounts: remember, Registry: s.store, Trees: s.hub}
	follower := &handlers.Follower{Topics: remember, Queue: work}
	progress := &handlers.ScanProgress{Follower: follower, Left: s.hub.Left}
	registrar := &handlers.Registrar{
		Branches: s.hub, Trees: s.hub, Registry: s.store, Accounts: remember, Queue: work, Cache: cache, Follower: follower, Progress: progress,
		Organisations: organisations,
	}
	holds := &handlers.Holds{History: s.store, Overrides: s.store}
	answers := NewAnswerer(s.store, s.hub)
	answers.Contracts, answers.WebURL, answers.Holds = reader, s.hub.WebURL(), holds
	if s.options.Clock != nil {
		answers.Now = s.options.Clock
	}
	readiness := &handlers.ReadinessJudge{
		Pulls: s.hub, Trees: s.hub, Publisher: s.hub, Index: registrar, Organisations: organisations, Checks: remember, Queue: work, Cache: cache,
		Promiser: &handlers.Promiser{Courses: s.store}, Now: remember.Now, WebURL: s.hub.WebURL(), Explain: explain,
	}
	if s.prometheus != nil {
		readiness.Metrics = s.prometheus
	}
	judge := &handlers.Judge{
		Pulls: s.hub, Trees: s.hub, Publisher: s.hub, Readiness: readiness, Index: registrar, Organisations: organisations, Branches: s.hub,
		Registry: s.store, Providers: remember, Versions: s.store, Accounts: remember,
		States: remember, Topics: remember, Queue: work, Acknowledgements: remember, Contracts: reader, Cache: cache,
		WebURL: s.hub.WebURL(), Explain: explain,
	}
	sweeper := &handlers.Sweeper{Pulls: s.hub, States: remember, Checks: remember, Accounts: remember, Queue: work}
	scanner := &handlers.Scanner{Installations: s.hub, Accounts: remember, Queue: work, Progress: progress, Registrar: registrar}

	reporter := &handlers.Reporter{
		Courses: s.store, Publisher: s.hub, Deployer: s.hub, Issues: ways{s.hub}, Record: record{s.hub}, Remedies: s.store, Now: remember.Now,
		WebURL: s.hub.WebURL(), Page: s.evidence.Link,
	}
	verifier := &handlers.Verifier{
		Courses: s.store, Organisations: organisations, Prober: prober{probe.New(probe.Config{}), conf.Probes.Allow}, Answers: answers, Commits: s.hub,
		Ledger: s.store, Queue: work, Remedies: s.store, Reporter: reporter, Now: remember.Now,
	}
	if s.prometheus != nil {
		verifier.Signals = &signals.Asker{Servers: s.prometheus}
	}
	watcher := &handlers.Watcher{
		Record: record{s.hub}, Versions: s.store, Trees: s.hub, Registry: s.store, Ledger: s.store, Queue: work,
		Organisations: organisations, Follower: follower, Answers: answers, Verifier: verifier, Cache: cache,
	}
	roller := &handlers.Roller{
		Courses: s.store, Reporter: reporter, Answers: answers, Organisations: organisations, Registry: s.store, Versions: s.store, Record: record{s.hub},
		Remedies: s.store, Ways: ways{s.hub}, Trees: s.hub, Branches: s.hub, Ledger: s.store, Queue: work, Now: remember.Now, WebURL: s.hub.WebURL(),
	}
	gatekeeper := &handlers.Gatekeeper{
		Gates: gates{s.hub}, Asked: remember, Holds: holds, Index: registrar, Registry: s.store, Versions: s.store, Record: record{s.hub}, Answers: answers,
		Organisations: organisations, Runs: s.store, Readiness: readiness, Ledger: s.store, Queue: work, Scans: remember, Now: remember.Now, Explain: explain,
	}
	overrider := &handlers.Overrider{Holds: holds, People: s.hub, Deployer: s.hub, Ledger: s.store, Now: remember.Now}
	commander := &handlers.Commander{
		Queue: work, Published: judge, Comments: s.hub, Reactor: s.hub, Roller: roller, Explain: explain,
		Acknowledger: &handlers.Acknowledger{
			Pulls: judge, Acknowledgements: remember, Queue: work, Ledger: s.store, Follower: follower,
			Owners: &handlers.Owners{Registry: s.store, Branches: s.hub, Trees: s.hub, People: s.hub},
		},
		More: map[string]handlers.CommandFunc{"can-remove": answers.CanRemoveCommand, "rollback": roller.Command, "override": overrider.Override},
	}

	if err := s.takeWebhooks(append(handlers.Handlers(judge, registrar, commander, work),
		handlers.LiveHandlers(watcher, &handlers.GateHandler{Gates: remember, Queue: work, Now: remember.Now})...)); err != nil {
		return err
	}
	s.api = api.New(api.Config{GitHub: s.hub, Store: s.store, Answers: answers})

	s.queue.Register(handlers.KindJudge, worker(judge.Judge))
	s.queue.Register(handlers.KindFollow, worker(judge.Judge))
	s.queue.Register(handlers.KindExpire, worker(judge.Judge))
	s.queue.Register(handlers.KindGroup, worker(judge.Group))
	s.queue.Register(handlers.KindWaiverEnd, worker(readiness.Do))
	s.queue.Register(handlers.KindCommands, worker(commander.Do))
	s.queue.Register(handlers.KindRegister, worker(registrar.Do))
	s.queue.WhenDead(handlers.KindRegister, worker(registrar.GiveUp))
	s.queue.Register(handlers.KindScan, worker(scanner.Page))
	s.queue.Register(handlers.KindSweep, worker(func(ctx context.Context, _ struct{}) error { return sweeper.Sweep(ctx) }))
	s.queue.Register(handlers.KindReview, worker(sweeper.Review))
	s.queue.Register(handlers.KindLive, worker(watcher.Read))
	s.queue.Register(handlers.KindVerify, worker(verifier.Look))
	s.queue.Register(handlers.KindRollback, worker(roller.Do))
	s.queue.WhenDead(handlers.KindRollback, worker(roller.GiveUp))
	s.queue.Register(handlers.KindGate, worker(gatekeeper.Answer))
	s.queue.WhenDead(handlers.KindGate, worker(gatekeeper.GiveUp))
	s.queue.Register(handlers.KindGates, worker(func(ctx context.Context, _ struct{}) error { return gatekeeper.Sweep(ctx) }))
	s.queue.Register(handlers.KindPending, worker(gatekeeper.Pending))
	replayer := intake.NewReplayer(s.store, deliveryLog{s.hub.Clients}, intake.ReplayConfig{})
	s.queue.Register(kindReplay, worker(func(ctx context.Context, _ struct{}) error {
		_, err := replayer.Run(ctx)
		return err
	}))
	s.every(kindReplay, cmp.Or(s.options.Replay, 5*time.Minute))
	s.every(handlers.KindSweep, cmp.Or(s.options.Sweep, time.Hour))
	s.every(handlers.KindGates, cmp.Or(s.options.Gates, 5*time.Minute))
	return nil
}

// every has work done now and then; never where the interval is negative.
func (s *Server) every(kind string, interval time.Duration) {
	if interval > 0 {
		s.queue.Every(kind, interval)
	}
}

func (s *Server) newQueue() (*queue.Queue, error) {
	conf, queueConfig := s.options.Config, s.options.Queue
	queueConfig.Workers = conf.Workers
	queueConfig.Keep = time.Duration(conf.Retention.Deliveries.For)
	if conf.Retention.Deliveries.Forever {
		queueConfig.Keep = queue.Forever
	}
	queueConfig.Prune = pruning(s.store, conf.Retention.Samples)
	return queue.New(s.store, queueConfig)
}

// takeWebhooks opens the intake of webhooks for handlers.
func (s *Server) takeWebhooks(all []githubapp.EventHandler) error {
	conf := s.options.Config
	secrets := make([]string, len(conf.GitHub.App.WebhookSecrets))
	for i, secret := range conf.GitHub.App.WebhookSecrets {
		secrets[i] = secret.Reveal()
	}
	in, err := intake.New(intake.Config{Secrets: secrets, Route: route}, s.store, s.queue, classedHandlers(all)...)
	if err != nil {
		return err
	}
	s.hook = in
	s.metrics.MustRegister(s.queue, in)
	return nil
}
