package server

import (
	"cmp"
	"context"
	"time"

	"plimsoll/contracts/openapi"
	"plimsoll/handlers"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/publication"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/rollback"
	"plimsoll/handlers/source"
	"plimsoll/handlers/tracker"
	"plimsoll/handlers/verification"
	"plimsoll/handlers/work"
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
	queued, cache := jobs{s.queue}, openapi.NewCache(0)
	if err := s.openEvidence(); err != nil {
		return err
	}

	publisher, err := publication.New(s.github, s.store, queued, s.store.Now)
	if err != nil {
		return err
	}
	reader := &source.Contracts{Trees: s.github, Cache: cache}
	organisations := &source.Organisations{Accounts: s.store, Registry: s.store, Trees: s.github}
	invalidator := &registry.Invalidator{Topics: s.store, Queue: queued}
	progress := &registry.ScanProgress{Invalidator: invalidator, Left: s.github.Left}
	indexer := &registry.Indexer{
		Branches: s.github, Trees: s.github, Registry: s.store, Accounts: s.store, Queue: queued, Cache: cache, Invalidator: invalidator, Progress: progress,
		Organisations: organisations,
	}
	holds := &gates.Holds{History: s.store, Overrides: s.store}
	answers := NewAnswerer(s.store, s.github)
	answers.Contracts, answers.WebURL, answers.Holds = reader, s.github.WebURL(), holds
	if s.options.Clock != nil {
		answers.Now = s.options.Clock
	}
	readiness := &pulls.ReadinessEvaluator{
		Pulls: s.github, Trees: s.github, Publications: publisher, Index: indexer, Organisations: organisations, Queue: queued, Cache: cache,
		Promiser: &pulls.Promiser{Runs: s.store}, Now: s.store.Now, WebURL: s.github.WebURL(), Explain: explain,
	}
	if s.prometheus != nil {
		readiness.Metrics = s.prometheus
	}
	evaluator := &pulls.Evaluator{
		Pulls: s.github, Trees: s.github, Publications: publisher, Readiness: readiness, Index: indexer, Organisations: organisations, Branches: s.github,
		Registry: s.store, Providers: s.store, Versions: s.store, Accounts: s.store,
		States: s.store, Topics: s.store, Queue: queued, Acknowledgements: s.store, Contracts: reader, Cache: cache,
		WebURL: s.github.WebURL(), Explain: explain,
	}
	sweeper := &pulls.Sweeper{Pulls: s.github, Verdicts: s.store, Accounts: s.store, Queue: queued}
	scanner := &registry.Scanner{Installations: s.github, Accounts: s.store, Queue: queued, Progress: progress, Indexer: indexer}

	reporter := &verification.Reporter{
		Runs: s.store, Publications: publisher, Deployer: s.github, Now: s.store.Now,
		WebURL: s.github.WebURL(), Page: s.evidence.Link,
	}
	verifier := &verification.Verifier{
		Runs: s.store, Organisations: organisations, Prober: prober{probe.New(probe.Config{}), conf.Probes.Allow}, Answers: answers, Commits: s.github,
		Ledger: s.store, Queue: queued, Rollbacks: s.store, Reporter: reporter, Now: s.store.Now,
	}
	if s.prometheus != nil {
		verifier.Signals = &signals.Asker{Servers: s.prometheus}
	}
	deployments := &tracker.Tracker{
		Record: s.github, Versions: s.store, Trees: s.github, Registry: s.store, Ledger: s.store, Queue: queued,
		Organisations: organisations, Invalidator: invalidator, Answers: answers, Verifier: verifier, Cache: cache,
	}
	rollbacks := &rollback.Controller{
		Runs: s.store, Reporter: reporter, Answers: answers, Organisations: organisations, Registry: s.store, Versions: s.store, Record: s.github,
		Rollbacks: s.store, Executor: s.github, Trees: s.github, Branches: s.github, Ledger: s.store, Queue: queued, Now: s.store.Now, WebURL: s.github.WebURL(),
	}
	gatekeeper := &gates.Gatekeeper{
		Gates: s.github, Asked: s.store, Holds: holds, Index: indexer, Registry: s.store, Versions: s.store, Record: s.github, Answers: answers,
		Organisations: organisations, Runs: s.store, Readiness: readiness, Ledger: s.store, Queue: queued, Scans: s.store, Now: s.store.Now, Explain: explain,
	}
	overrider := &gates.Overrider{Holds: holds, People: s.github, Deployer: s.github, Ledger: s.store, Now: s.store.Now}
	commander := &commands.Commander{
		Queue: queued, Published: evaluator, Publications: publisher, Reactor: s.github, Rollbacks: rollbacks, Explain: explain,
		Acknowledger: &commands.Acknowledger{
			Pulls: evaluator, Acknowledgements: s.store, Queue: queued, Ledger: s.store, Invalidator: invalidator,
			Owners: &commands.Owners{Registry: s.store, Branches: s.github, Trees: s.github, People: s.github},
		},
		More: map[string]commands.CommandFunc{"can-remove": answers.CanRemoveCommand, "rollback": rollbacks.Command, "override": overrider.Override},
	}

	routes, err := handlers.New(handlers.Deps{
		App: conf.GitHub.App.IntegrationID, Queue: queued,
		Pulls: handlers.PullRequests{
			Evaluator: evaluator, Readiness: readiness, Commander: commander, Publisher: publisher, Open: s.github, Runs: s.github,
		},
		Repositories: handlers.Repositories{Indexer: indexer, Invalidator: invalidator, Accounts: s.store},
		Deployments:  handlers.Deployments{Tracker: deployments, Gates: s.store, Now: s.store.Now},
	})
	if err != nil {
		return err
	}
	if err := s.takeWebhooks(routes); err != nil {
		return err
	}
	s.api = api.New(api.Config{GitHub: s.github, Store: s.store, Answers: answers, Clock: s.options.Clock})

	s.queue.Register(work.KindPublish, worker(publisher.Do))
	s.queue.Register(work.KindEvaluate, worker(evaluator.Evaluate))
	s.queue.Register(work.KindReevaluate, worker(evaluator.Evaluate))
	s.queue.Register(work.KindExpire, worker(evaluator.Evaluate))
	s.queue.Register(work.KindGroup, worker(evaluator.Group))
	s.queue.Register(work.KindWaiverEnd, worker(readiness.Do))
	s.queue.Register(work.KindCommands, worker(commander.Do))
	s.queue.Register(work.KindRegister, worker(indexer.Do))
	s.queue.WhenDead(work.KindRegister, worker(indexer.GiveUp))
	s.queue.Register(work.KindScan, worker(scanner.Page))
	s.queue.Register(work.KindSweep, worker(func(ctx context.Context, _ struct{}) error { return sweeper.Sweep(ctx) }))
	s.queue.Register(work.KindReview, worker(sweeper.Review))
	s.queue.Register(work.KindLive, worker(deployments.Read))
	s.queue.RegisterIn(poolObservations, work.KindVerify, worker(verifier.Observe))
	s.queue.Register(work.KindRollback, worker(rollbacks.Do))
	s.queue.WhenDead(work.KindRollback, worker(rollbacks.GiveUp))
	s.queue.Register(work.KindGate, worker(gatekeeper.Answer))
	s.queue.WhenDead(work.KindGate, worker(gatekeeper.GiveUp))
	s.queue.Register(work.KindGates, worker(func(ctx context.Context, _ struct{}) error { return gatekeeper.Sweep(ctx) }))
	s.queue.Register(work.KindPending, worker(gatekeeper.Pending))
	replayer := intake.NewReplayer(s.store, deliveryLog{s.github.Clients}, intake.ReplayConfig{})
	s.queue.Register(kindReplay, worker(func(ctx context.Context, _ struct{}) error {
		_, err := replayer.Run(ctx)
		return err
	}))
	s.every(kindReplay, cmp.Or(s.options.Replay, 5*time.Minute))
	s.every(work.KindSweep, cmp.Or(s.options.Sweep, time.Hour))
	s.every(work.KindGates, cmp.Or(s.options.Gates, 5*time.Minute))
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
	queueConfig.Workers, queueConfig.Pools = conf.Workers, map[string]int{poolObservations: conf.Workers}
	queueConfig.Keep = time.Duration(conf.Retention.Deliveries.For)
	if conf.Retention.Deliveries.Forever {
		queueConfig.Keep = queue.Forever
	}
	queueConfig.Prune = pruning(s.store, conf.Retention.Samples)
	return queue.New(s.store, queueConfig)
}

// takeWebhooks opens the intake of webhooks for the route table.
func (s *Server) takeWebhooks(routes *handlers.Routes) error {
	conf := s.options.Config
	secrets := make([]string, len(conf.GitHub.App.WebhookSecrets))
	for i, secret := range conf.GitHub.App.WebhookSecrets {
		secrets[i] = secret.Reveal()
	}
	in, err := intake.New(intake.Config{Secrets: secrets}, classedRoutes{routes}, s.store, s.queue)
	if err != nil {
		return err
	}
	s.hook = in
	s.metrics.MustRegister(s.queue, in)
	return nil
}
