// Package testbed runs a simulated GitHub and the real server on one machine, connected
// by signed webhooks and HTTP: for `plimsoll demo` and for tests that go through the front
// door.
//
// It must not know what is tested or shown: it only starts, settles and stops.
package testbed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/config"
	"plimsoll/handlers/work"
	"plimsoll/server"
	"plimsoll/server/dashboard"
	"plimsoll/server/login"
	"plimsoll/server/queue"
	"plimsoll/server/sandbox"
	"plimsoll/server/simulator"
)

// Options of Open. DSN is needed.
type Options struct {
	// DSN of the database: sqlite:FILE or postgres://….
	DSN string
	// GitHub to run against; default: a new one, started.
	GitHub *simulator.Simulator
	// Simulator options of a new GitHub.
	Simulator simulator.Options
	Log       zerolog.Logger
	Queue     queue.Config
	// Workers defaults to 8.
	Workers int
	// Replay, Reconcile, Sweep and Gates as in server.Options; default: never, so that a
	// test counts only the calls that it caused. Sweep alone sets Reconcile as well.
	Replay, Reconcile, Sweep, Gates time.Duration
	// Unthrottled and Visitors as in server.Options.
	Unthrottled bool
	Visitors    dashboard.Visitors
	// Clock as in server.Options.
	Clock func() time.Time
	// Datasources are the metric servers of the operator's file.
	Datasources []config.Datasource
	// Probes is what may be probed, in the operator's file.
	Probes []config.Allowed
	// Accounts are served; nil: all of them.
	Accounts []config.Account
	// ProbeAccounts are the accounts that may be probed; nil: all of them.
	ProbeAccounts []config.Account
	// ProbeRules replaces Probes and ProbeAccounts.
	ProbeRules *config.ProbeRules
	// Notifications are destinations of the operator's file.
	Notifications []config.Notification
	// Sandbox is what builds of kustomizations may use; by default more time than a slow
	// machine takes.
	Sandbox sandbox.Config
	// Commands is how many commands a person may give in an hour; 0: the default.
	Commands int
	// Organisations join accounts.
	Organisations []config.Organisation
	// Operators may use the pages for operators; nil: the App's owners.
	Operators []config.Operator
	// Answer is which repositories get check runs, in the operator's file.
	Answer config.AnswerTo
}

// Testbed is a GitHub and a running server.
type Testbed struct {
	GitHub *simulator.Simulator
	Server *server.Server

	url   string
	admin string
	file  *operatorsFile
	owned bool // GitHub was made by Open
	stop  func() error
}

// Open starts both and tells GitHub where webhooks go. Close the testbed when done.
func Open(ctx context.Context, o Options) (*Testbed, error) {
	s := &Testbed{GitHub: o.GitHub}
	if s.GitHub == nil {
		s.owned = true
		s.GitHub = simulator.New(o.Simulator)
		if err := s.GitHub.Start(); err != nil {
			return nil, err
		}
	}
	if err := s.serve(ctx, o); err != nil {
		if s.owned {
			err = errors.Join(err, s.GitHub.Close())
		}
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s.GitHub.SetHook(s.url + server.HookPath)
	s.GitHub.SetCallbacks(s.url + login.CallbackPath)
	return s, nil
}

func (s *Testbed) serve(ctx context.Context, o Options) error {
	conf, err := operator(s.GitHub, o)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), listener.Close())
	}
	s.admin = "http://" + admin.Addr().String()
	s.url = "http://" + listener.Addr().String()
	conf.PublicURL = config.URL(s.url)
	s.file = newOperatorsFile(conf)
	never := func(d time.Duration) time.Duration {
		if d == 0 {
			return -1
		}
		return d
	}
	s.Server, err = server.New(ctx, server.Options{
		Config: conf, Log: o.Log, Listener: listener, AdminListener: admin, Queue: o.Queue, Replay: never(o.Replay), Reconcile: never(cmp.Or(o.Reconcile, o.Sweep)), Sweep: never(o.Sweep), Gates: never(o.Gates),
		Unthrottled: o.Unthrottled, Visitors: o.Visitors, Clock: o.Clock, Reload: s.file.reload(),
		Sandbox: sandbox.Config{Build: cmp.Or(o.Sandbox.Build, time.Minute), All: cmp.Or(o.Sandbox.All, 2*time.Minute)},
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- s.Server.Run(running) }()
	s.stop = sync.OnceValue(func() error {
		stop()
		return <-ended
	})
	return nil
}

// operator returns the operator's file of a testbed.
func operator(github *simulator.Simulator, o Options) (*config.Server, error) {
	database, err := config.ParseDatabase("DSN", o.DSN)
	if err != nil {
		return nil, err
	}
	conf := config.DefaultServer()
	conf.Database = database
	conf.GitHub.WebURL, conf.GitHub.V3APIURL = config.URL(github.URL()), config.URL(github.APIURL())
	conf.GitHub.App.IntegrationID = github.AppID()
	conf.GitHub.App.PrivateKey = config.PrivateKey{Secret: config.NewSecret(string(github.PrivateKeyPEM()))}
	conf.GitHub.App.WebhookSecrets = []config.WebhookSecret{{Secret: config.NewSecret(github.WebhookSecret())}}
	conf.GitHub.OAuth = config.OAuth{ClientID: github.ClientID(), ClientSecret: config.NewSecret(github.ClientSecret())}
	conf.Operators = o.Operators
	every := []config.Account{config.EveryAccount}
	conf.Datasources, conf.Probes = slices.Clone(o.Datasources), config.ProbeRules{Allow: o.Probes, Accounts: o.ProbeAccounts}
	if conf.Accounts = o.Accounts; o.Accounts == nil {
		conf.Accounts = every
	}
	conf.Organisations, conf.Answer = o.Organisations, o.Answer
	conf.Commands = cmp.Or(o.Commands, conf.Commands)
	if o.ProbeAccounts == nil {
		conf.Probes.Accounts = every
	}
	conf.Notifications = o.Notifications
	if o.ProbeRules != nil {
		conf.Probes = *o.ProbeRules
	}
	for i := range conf.Datasources {
		if conf.Datasources[i].Accounts == nil {
			conf.Datasources[i].Accounts = every
		}
	}
	if o.Workers > 0 {
		conf.Workers = o.Workers
	}
	return conf, nil
}

// URL of the server, without a slash at the end.
func (s *Testbed) URL() string { return s.url }

// AdminURL of the server, without a slash at the end: its metrics.
func (s *Testbed) AdminURL() string { return s.admin }

// Settle waits until GitHub has delivered everything and the server has done all work
// that is due.
func (s *Testbed) Settle(ctx context.Context) error {
	quiet, still := false, 0
	for {
		if err := s.GitHub.Flush(ctx); err != nil {
			return err
		}
		stats, err := s.Server.Queue().Stats(ctx)
		if err != nil {
			return err
		}
		waiting := stats.Of(queue.Ready) + stats.Of(queue.Running)
		if !stats.Due {
			waiting -= later(stats, timed)
		}
		// What is published or told again after a failure waits for a clock that stands still.
		if retries := later(stats, []string{work.KindPublish, work.KindNotify}); !stats.Due && waiting > 0 && waiting == retries {
			if still++; still == mostStill {
				return nil
			}
		} else {
			still = 0
		}
		if waiting == 0 && (quiet || stats.Of(queue.Ready) == 0) {
			return nil
		}
		// A job for later may have become due and been claimed between the two queries:
		// then it is running now.
		quiet = waiting == 0
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the server: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// mostStill is how often nothing may have become due before the clock is taken to stand
// still. A clock that moves, moves at each look.
const mostStill = 100

// timed are the kinds of work that is scheduled for later.
var timed = []string{work.KindExpire, work.KindWaiverEnd, work.KindVerify, work.KindGate, work.KindRollback}

// later counts the jobs of some kinds that are not due yet.
func later(stats queue.Stats, kinds []string) (n int) {
	for _, count := range stats.Counts {
		family, _, _ := strings.Cut(count.Kind, "/")
		if count.State == queue.Ready && slices.Contains(kinds, family) {
			n += count.Jobs
		}
	}
	return n
}

// StopServer stops the server as SIGTERM does; GitHub keeps running.
func (s *Testbed) StopServer() error { return s.stop() }

// Close stops the server and, if the testbed made it, GitHub.
func (s *Testbed) Close() error {
	err := s.StopServer()
	if s.owned {
		err = errors.Join(err, s.GitHub.Close())
	}
	return err
}
