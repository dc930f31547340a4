package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	registry "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"

	"plimsoll/config"
	"plimsoll/server/connections"
	"plimsoll/server/dashboard"
	"plimsoll/server/evidence"
	"plimsoll/server/github"
	"plimsoll/server/github/tree"
	"plimsoll/server/intake"
	"plimsoll/server/login"
	"plimsoll/server/notify"
	"plimsoll/server/queue"
	"plimsoll/server/reload"
	"plimsoll/server/sandbox"
	"plimsoll/server/store"
	"plimsoll/server/version"
)

// Options say what a Server is made of. Only Config is needed.
type Options struct {
	Config *config.Server
	Log    zerolog.Logger
	// Listener and AdminListener take connections; default: Config.Listen and
	// Config.AdminListen are opened.
	Listener, AdminListener net.Listener
	// Transport is the way to GitHub; default: the network.
	Transport http.RoundTripper
	// Replay is the interval at which GitHub's log is searched for deliveries that failed.
	// Default 5 minutes; below 0: never.
	Replay time.Duration
	// Reconcile is the interval at which GitHub's lists of installations and repositories
	// are compared with what is known, Sweep the one at which everything is looked through,
	// whether or not the lists show a change. Defaults 1 hour and 24 hours; below 0: never.
	Reconcile, Sweep time.Duration
	// Gates is the interval at which deployments are found that wait for an answer of this
	// App. Default 5 minutes; below 0: never.
	Gates time.Duration
	// Queue overrides how jobs are run; Workers and Pools come from Config.
	Queue queue.Config
	// Sandbox overrides what builds of kustomizations may use.
	Sandbox sandbox.Config
	// Reload says how a changed configuration is found.
	Reload Reload
	// Unthrottled leaves out our own care not to reach GitHub's limits on how fast
	// an App may ask and write: for load tests against a simulated GitHub.
	Unthrottled bool
	// Visitors tells who looks at the dashboard; nil: people who sign in with GitHub, if the
	// operator's file has github.oauth.
	Visitors dashboard.Visitors
	// Clock gives the time that is kept; default: the machine's, with PostgreSQL the database's.
	Clock func() time.Time
}

// Server is the GitHub App.
type Server struct {
	options       Options
	log           zerolog.Logger
	store         *store.Store
	queue         *queue.Queue
	github        githubAdapter
	hook          *intake.Intake
	metrics       *registry.Registry
	metricServers *MetricServers
	schemaText    []byte
	api           http.Handler
	evidence      *evidence.Pages
	notifier      *notify.Notifier
	dashboard     http.Handler  // nil: nobody can log in
	login         *login.People // nil: people can't sign in
	admission     admission
	reloader      *reload.Reloader // nil: the configuration is never reloaded
	listener      net.Listener
	admin         net.Listener
	stopping      atomic.Bool
}

// New opens and migrates the database, wires everything and begins to listen.
// Nothing is answered before Run. Close what New made with Run or Close.
func New(ctx context.Context, options Options) (*Server, error) {
	s := &Server{options: options, log: options.Log, metrics: registry.NewRegistry(), schemaText: config.Schema()}
	s.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), version.Current().Collector())
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) error {
	conf := s.options.Config
	var err error
	if s.store, err = store.Open(ctx, store.Options{DSN: dsn(conf.Database), Clock: s.options.Clock}); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if err = s.store.NameAccounts(ctx, namedAccounts(conf)); err != nil {
		return err
	}
	perMinute := 0 // the defaults
	if s.options.Unthrottled {
		perMinute = -1
	}
	clients, err := github.New(github.Config{
		ContentPerMinute: perMinute, PointsPerMinute: perMinute,
		WebURL: string(conf.GitHub.WebURL), V3URL: string(conf.GitHub.V3APIURL),
		AppID: conf.GitHub.App.IntegrationID, PrivateKey: []byte(conf.GitHub.App.PrivateKey.Reveal()),
		UserAgent: "plimsoll", Transport: s.options.Transport, BeforeWrite: queue.Hold, Log: s.log, Registerer: s.metrics,
	})
	if err != nil {
		return fmt.Errorf("make the GitHub clients: %w", err)
	}
	trees, err := tree.New(clients, tree.Config{Registerer: s.metrics})
	if err != nil {
		return fmt.Errorf("make the reader of trees: %w", err)
	}
	s.github = githubAdapter{clients, trees}
	if err := s.wire(); err != nil {
		return err
	}
	if s.reloader, err = s.newReloader(); err != nil {
		return err
	}
	if err := s.doubt(ctx); err != nil {
		return err
	}
	if s.listener, err = listenAt(s.options.Listener, "listen", conf.Listen); err == nil {
		s.admin, err = listenAt(s.options.AdminListener, "admin_listen", conf.AdminListen)
	}
	return err
}

// listenAt returns the listener that is given, or opens one at the address of a key.
func listenAt(given net.Listener, key string, address config.Address) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	listener, err := net.Listen("tcp", string(address))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return listener, nil
}

func dsn(database config.Database) string {
	if file, ok := database.SQLite(); ok {
		return "sqlite:" + file
	}
	address, _ := database.PostgreSQL()
	return address
}

// Queue returns the queue, for tests that wait until no work is left.
func (s *Server) Queue() *queue.Queue { return s.queue }

// Close closes what New opened, for a server that was never run.
func (s *Server) Close() error {
	var errs []error
	for _, listener := range []net.Listener{s.listener, s.admin} {
		if listener != nil {
			errs = append(errs, listener.Close())
		}
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	s.metricServers.Close()
	return errors.Join(errs...)
}

// closeWithin bounds how long open connections may go on at shutdown.
const closeWithin = 10 * time.Second

func httpServer(handler http.Handler, write time.Duration) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      write,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}

// Run answers and works until ctx ends, then stops in order: not ready, intake
// closed, running jobs finished or given back, database closed.
func (s *Server) Run(ctx context.Context) error {
	ctx = s.log.WithContext(ctx)
	listening := httpServer(logged(s.log, fromClients(s.options.Config.TrustedProxies, s.routes())), time.Minute)
	connections.New(connections.Config{Exempt: s.trustedProxy}).Limit(listening)
	forOperators := httpServer(s.adminRoutes(), 5*time.Minute) // a profile takes as long as it is asked to
	serving := make(chan error, 2)
	go func() { serving <- listening.Serve(s.listener) }()
	go func() { serving <- forOperators.Serve(s.admin) }()
	working := make(chan error, 1)
	workCtx, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	go func() { working <- s.queue.Run(workCtx) }()
	go s.admission.announce(workCtx)
	if s.reloader != nil {
		go s.reloader.Run(workCtx)
	}
	s.log.Info().Str("address", s.listener.Addr().String()).Str("admin_address", s.admin.Addr().String()).Str("database", s.options.Config.Database.String()).Str("version", version.Current().Release).Msg("ready")
	s.warnOfChecks(ctx)

	var failure error
	workEnded := false
	select {
	case <-ctx.Done():
	case err := <-serving:
		failure = fmt.Errorf("serve: %w", err)
	case err := <-working:
		workEnded, failure = true, fmt.Errorf("work: %w", cmp.Or(err, errors.New("the queue ended by itself")))
	}
	s.log.Info().Msg("stopping")
	s.stopping.Store(true)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	errs := []error{failure, listening.Shutdown(closing), forOperators.Shutdown(closing)}
	stopWork()
	if !workEnded {
		errs = append(errs, <-working)
	}
	errs = append(errs, s.store.Close())
	s.metricServers.Close()
	s.log.Info().Msg("stopped")
	return errors.Join(errs...)
}
