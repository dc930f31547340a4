package server

import (
	"cmp"
	"context"
	"time"

	"plimsoll/config"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers"
	"plimsoll/handlers/answers"
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
	"plimsoll/server/evidence"
	"plimsoll/server/intake"
	"plimsoll/server/notify"
	"plimsoll/server/probe"
	"plimsoll/server/sandbox"
	"plimsoll/server/store"
)

// wire connects intake, queue and handlers. Every value is complete when it is made, from
// those above it.
func (s *Server) wire() error {
	base, err := s.newBase()
	if err != nil {
		return err
	}
	s.metricServers, s.queue, s.evidence, s.notifier = base.metrics, base.jobs.Queue, base.evidence, base.notifier
	repositories, err := newRepositories(base, max(cmp.Or(s.options.Sweep, sweepEvery), 0))
	if err != nil {
		return err
	}
	answerer, err := newAnswerer(base)
	if err != nil {
		return err
	}
	evaluation, err := newEvaluation(base, repositories)
	if err != nil {
		return err
	}
	deployments, err := newDeployments(base, repositories, answerer)
	if err != nil {
		return err
	}
	protection, err := newProtection(base, repositories, answerer, evaluation)
	if err != nil {
		return err
	}
	requests, err := newRequests(base, repositories, answerer, evaluation, deployments, protection.overrider)
	if err != nil {
		return err
	}
	sweeper, missed, err := newSweeper(base)
	if err != nil {
		return err
	}
	routes, err := handlers.New(handlers.Deps{
		App: base.conf.GitHub.App.IntegrationID, Queue: base.jobs, Sessions: base.store,
		Pulls: handlers.PullRequests{
			Evaluator: evaluation.evaluator, Readiness: evaluation.readiness, Buttons: requests.buttons, Publisher: base.publisher, Open: base.github, Runs: base.github,
			Deployed: deployments.reporter,
		},
		Repositories: handlers.Repositories{Indexer: repositories.indexer, Invalidator: repositories.invalidator, Accounts: base.store},
		Comments:     handlers.Comments{Missed: missed, Late: base.store},
		Deployments:  handlers.Deployments{Tracker: deployments.tracker, Gates: base.store, Now: base.store.Now},
	})
	if err != nil {
		return err
	}
	if s.hook, err = s.newIntake(classedRoutes{routes, repositories.reconciler, s.admission}); err != nil {
		return err
	}
	s.api = api.New(api.Config{GitHub: base.github, Store: base.store, Answers: answerer, Clock: s.options.Clock})
	if err := s.wirePages(base, answerer, deployments); err != nil {
		return err
	}
	registerRepositories(base.jobs, repositories, sweeper, s.warnOfNames)
	registerEvaluation(base.jobs, evaluation, sweeper)
	registerDeployments(base.jobs, deployments, protection.gatekeeper, base.store)
	base.jobs.Queue.Register(work.KindPublish, worker(base.publisher.Do)) // also that an account is not served
	base.jobs.RegisterIn(poolNotifications, work.KindNotify, worker(base.notifier.Do))
	base.jobs.Register(work.KindCommands, worker(requests.commander.Do))
	s.registerReplay(base.jobs)
	s.every(work.KindInstallations, s.reconcileEvery())
	s.every(work.KindGates, cmp.Or(s.options.Gates, 5*time.Minute))
	return nil
}

// base is what all capabilities are made of.
type base struct {
	conf   *config.Server
	github githubAdapter
	store  *store.Store
	jobs   jobs
	// now is the clock of what is not stored.
	now           func() time.Time
	cache         *openapi.Cache
	contracts     *source.Contracts
	organisations *source.Organisations
	publisher     *publication.Publisher
	holds         *gates.Holds
	evidence      *evidence.Pages
	tenants       *tenants
	sandbox       sandbox.Config
	notifier      *notify.Notifier
	metrics       *MetricServers
}

func (s *Server) newBase() (base, error) {
	b := base{conf: s.options.Config, github: s.github, store: s.store, cache: openapi.NewCache(0), now: time.Now, sandbox: s.options.Sandbox}
	if s.options.Clock != nil {
		b.now = s.options.Clock
	}
	queued, err := s.newQueue()
	if err != nil {
		return b, err
	}
	b.jobs = jobs{Queue: queued}
	if b.contracts, err = source.NewContracts(b.github, b.cache); err != nil {
		return b, err
	}
	if b.organisations, err = source.NewOrganisations(b.store, b.store, b.github); err != nil {
		return b, err
	}
	if b.publisher, err = publication.New(b.github, b.store, b.jobs, b.store.Now); err != nil {
		return b, err
	}
	if b.holds, err = gates.NewHolds(b.store, b.store); err != nil {
		return b, err
	}
	if b.evidence, err = newEvidence(b.conf, b.store, b.github.WebURL()); err != nil {
		return b, err
	}
	b.tenants = newTenants(b.conf, b.github, b.store)
	s.admission = admission{b.tenants, b.publisher}
	b.jobs.served = s.admission.served
	if b.notifier, err = newNotifier(b); err != nil {
		return b, err
	}
	b.metrics, err = openMetricServers(b.conf.Datasources, s.options.Clock, b.tenants.mayAsk)
	return b, err
}

// repositories reads what repositories declare.
type repositories struct {
	invalidator *registry.Invalidator
	indexer     *registry.Indexer
	scanner     *registry.Scanner
	reconciler  *registry.Reconciler
	// left gives how many requests GitHub still grants an installation.
	left func(installation int64) (left int, known bool)
}

func newRepositories(b base, sweepEvery time.Duration) (r repositories, err error) {
	r.left = b.github.Left
	if r.invalidator, err = registry.NewInvalidator(b.store, b.jobs); err != nil {
		return r, err
	}
	progress, err := registry.NewScanProgress(r.invalidator, b.github.Left, time.Now)
	if err != nil {
		return r, err
	}
	r.indexer, err = registry.NewIndexer(registry.IndexerDeps{
		GitHub: b.github, Store: b.store, Queue: b.jobs, Organisations: b.organisations, Invalidator: r.invalidator, Progress: progress, Cache: b.cache,
	})
	if err != nil {
		return r, err
	}
	r.scanner, err = registry.NewScanner(registry.ScannerDeps{Installations: b.github, Readings: b.store, Queue: b.jobs, Indexer: r.indexer})
	if err != nil {
		return r, err
	}
	asks, err := AskedOfAccounts()
	if err != nil {
		return r, err
	}
	r.reconciler, err = registry.NewReconciler(registry.ReconcilerDeps{
		GitHub: b.github, Roster: b.store, Queue: b.jobs, Asks: asks, Now: b.store.Now, SweepEvery: sweepEvery, ListEvery: listEvery,
	})
	return r, err
}

func newAnswerer(b base) (*answers.Answerer, error) {
	return answers.New(answers.Deps{
		Store: b.store, Trees: b.github, Organisations: b.organisations, Contracts: b.contracts, Holds: b.holds, WebURL: b.github.WebURL(), Now: b.now,
	})
}

// evaluation answers pull requests and merge groups.
type evaluation struct {
	comparer  *pulls.ReadinessComparer
	readiness *pulls.ReadinessEvaluator
	evaluator *pulls.Evaluator
}

func newEvaluation(b base, r repositories) (e evaluation, err error) {
	verdicts, err := pulls.NewVerdicts(pulls.VerdictsDeps{
		Publications: b.publisher, Index: r.indexer, Organisations: b.organisations, Everywhere: b.conf.Answer == config.Everywhere, Explain: explain,
	})
	if err != nil {
		return e, err
	}
	promiser, err := pulls.NewPromiser(b.store)
	if err != nil {
		return e, err
	}
	builders, err := sandbox.New(b.sandbox)
	if err != nil {
		return e, err
	}
	e.comparer, err = pulls.NewReadinessComparer(pulls.ReadinessComparerDeps{
		Trees: b.github, Organisations: b.organisations, Metrics: b.metrics, Builders: builders, Cache: b.cache, WebURL: b.github.WebURL(), Now: b.store.Now,
	})
	if err != nil {
		return e, err
	}
	e.readiness, err = pulls.NewReadinessEvaluator(pulls.ReadinessDeps{
		GitHub: b.github, Queue: b.jobs, Index: r.indexer, Verdicts: verdicts, Comparer: e.comparer, Promiser: promiser,
	})
	if err != nil {
		return e, err
	}
	contractComparer, err := pulls.NewContractComparer(pulls.ContractComparerDeps{
		GitHub: b.github, Store: b.store, Queue: b.jobs, Organisations: b.organisations, Contracts: b.contracts, Cache: b.cache, WebURL: b.github.WebURL(),
	})
	if err != nil {
		return e, err
	}
	e.evaluator, err = pulls.NewEvaluator(pulls.EvaluatorDeps{
		GitHub: b.github, Store: b.store, Queue: b.jobs, Index: r.indexer, Verdicts: verdicts, Contracts: contractComparer, Readiness: e.readiness,
	})
	if err != nil {
		return e, err
	}
	return e, err
}

func registerEvaluation(q jobs, e evaluation, s *pulls.Sweeper) {
	q.Register(work.KindEvaluate, worker(e.evaluator.Evaluate))
	q.Register(work.KindReevaluate, worker(e.evaluator.Evaluate))
	q.Register(work.KindExpire, worker(e.evaluator.Evaluate))
	q.RegisterIn(poolBackground, work.KindTakeBack, worker(e.evaluator.TakeBack))
	q.Register(work.KindGroup, worker(e.evaluator.Group))
	q.Register(work.KindWaiverEnd, worker(e.readiness.Do))
	q.Register(work.KindReview, worker(s.Review))
}

// deployments tracks what runs where, watches it, and rolls it back.
type deployments struct {
	verifier  *verification.Verifier
	reporter  *verification.Reporter
	tracker   *tracker.Tracker
	rollbacks *rollback.Controller
}

func newDeployments(b base, r repositories, answerer *answers.Answerer) (d deployments, err error) {
	reporter, err := verification.NewReporter(verification.ReporterDeps{
		Runs: b.store, Publications: b.publisher, Deployer: b.github, Now: b.store.Now, WebURL: b.github.WebURL(), Page: b.evidence.Link, Announcer: b.notifier,
	})
	if err != nil {
		return d, err
	}
	d.reporter = reporter
	prober, signals, err := watchSources(prober{probe.New(probe.Config{}), b.tenants.allowed}, b.metrics)
	if err != nil {
		return d, err
	}
	observer, err := verification.NewObserver(b.store, prober, signals, answerer)
	if err != nil {
		return d, err
	}
	d.verifier, err = verification.NewVerifier(verification.VerifierDeps{
		Store: b.store, Organisations: b.organisations, Observer: observer, Commits: b.github, Queue: b.jobs, Reporter: reporter,
	})
	if err != nil {
		return d, err
	}
	snapshots, err := tracker.NewSnapshots(tracker.SnapshotsDeps{Trees: b.github, Store: b.store, Queue: b.jobs, Organisations: b.organisations, Cache: b.cache})
	if err != nil {
		return d, err
	}
	d.tracker, err = tracker.New(tracker.Deps{
		GitHub: b.github, Store: b.store, Queue: b.jobs, Snapshots: snapshots, Invalidator: r.invalidator, Answers: answerer, Verifier: d.verifier,
	})
	if err != nil {
		return d, err
	}
	d.rollbacks, err = rollback.New(rollback.Deps{
		GitHub: b.github, Store: b.store, Reporter: reporter, Answers: answerer, Organisations: b.organisations, Queue: b.jobs, WebURL: b.github.WebURL(),
	})
	return d, err
}

func registerDeployments(q jobs, d deployments, g *gates.Gatekeeper, looked pulls.Enrolled) {
	q.RegisterIn(poolBackground, work.KindLive, worker(func(ctx context.Context, args work.LiveArgs) error {
		if err := d.tracker.Read(ctx, args); err != nil || args.Looked == "" {
			return err
		}
		return looked.PutLooked(ctx, args.Repository, args.Looked)
	}))
	q.RegisterIn(poolObservations, work.KindVerify, worker(d.verifier.Observe))
	q.Register(work.KindRollback, worker(d.rollbacks.Do))
	q.WhenDead(work.KindRollback, worker(d.rollbacks.GiveUp))
	q.Register(work.KindGate, worker(g.Answer))
	q.WhenDead(work.KindGate, worker(g.GiveUp))
	q.Register(work.KindGates, worker(func(ctx context.Context, _ struct{}) error { return g.Sweep(ctx) }))
	q.Register(work.KindPending, worker(g.Pending))
}

// protection answers deployment protection rules, and overrides the answers.
type protection struct {
	gatekeeper *gates.Gatekeeper
	overrider  *gates.Overrider
}

func newProtection(b base, r repositories, answerer *answers.Answerer, e evaluation) (p protection, err error) {
	decider, err := gates.NewDecider(gates.DeciderDeps{
		Deployments: b.github, Store: b.store, Holds: b.holds, Index: r.indexer, Answers: answerer, Organisations: b.organisations, Readiness: e.comparer,
	})
	if err != nil {
		return p, err
	}
	p.gatekeeper, err = gates.NewGatekeeper(gates.GatekeeperDeps{GitHub: b.github, Store: b.store, Decider: decider, Queue: b.jobs, Explain: explain})
	if err != nil {
		return p, err
	}
	p.overrider, err = gates.NewOverrider(gates.OverriderDeps{
		Decider: decider, Gates: b.store, People: b.github, Deployer: b.github, Ledger: b.store, Queue: b.jobs, Now: b.store.Now,
	})
	return p, err
}

// requests does what people ask for.
type requests struct {
	commander *commands.Commander
	buttons   *commands.Buttons
}

func newRequests(b base, r repositories, answerer *answers.Answerer, e evaluation, d deployments, overrider *gates.Overrider) (q requests, err error) {
	owners, err := commands.NewOwners(commands.OwnersDeps{Registry: b.store, Branches: b.github, Trees: b.github, People: b.github})
	if err != nil {
		return q, err
	}
	acknowledger, err := commands.NewAcknowledger(commands.AcknowledgerDeps{
		Pulls: e.evaluator, Acknowledgements: b.store, Queue: b.jobs, Owners: owners, Ledger: b.store, Invalidator: r.invalidator,
	})
	if err != nil {
		return q, err
	}
	budget, err := commands.NewBudget(b.store, b.conf.Commands)
	if err != nil {
		return q, err
	}
	replies, err := commands.NewReplies(b.publisher, explain)
	if err != nil {
		return q, err
	}
	q.buttons, err = commands.NewButtons(commands.ButtonsDeps{
		Queue: b.jobs, Published: e.evaluator, Acknowledger: acknowledger, Publications: b.publisher, Rollbacks: d.rollbacks, Budget: budget, Replies: replies,
	})
	if err != nil {
		return q, err
	}
	q.commander, err = commands.NewCommander(commands.CommanderDeps{
		Queue: b.jobs, Acknowledger: acknowledger, GitHub: b.github, Budget: budget, Replies: replies,
		More: map[string]commands.CommandFunc{"can-remove": answerer.CanRemoveCommand, "rollback": d.rollbacks.Command, "override": overrider.Override},
	})
	return q, err
}

// newIntake opens the intake of webhooks for the route table.
func (s *Server) newIntake(routes classedRoutes) (*intake.Intake, error) {
	in, err := intake.New(intake.Config{Secrets: webhookSecrets(s.options.Config)}, routes, s.store, s.queue)
	if err != nil {
		return nil, err
	}
	s.metrics.MustRegister(s.queue, in)
	return in, nil
}
