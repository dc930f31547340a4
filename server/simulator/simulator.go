package simulator

import (
	"crypto/rsa"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"plimsoll"
)

// APIPath is where the API begins below the base URL, as on GitHub Enterprise.
const APIPath = "/api/v3"

// Options of New. The zero value is usable.
type Options struct {
	// Clock gives the time of everything that is visible: commits, comments,
	// deliveries, rate limit windows. Default: time.Now.
	Clock func() time.Time
	// TokenClock judges App tokens (JWT) and the hour of installation tokens. It
	// stands apart from Clock because clients read the wall clock when they sign
	// and when they decide to renew. Default: time.Now.
	TokenClock func() time.Time
	// BaseURL is what links begin with. Default: the address that Start listens on.
	BaseURL string
	// Manifest is the App's manifest. Default: plimsoll.AppManifest.
	Manifest []byte
	// PrivateKey is the App's key. Default: one made once per process.
	PrivateKey *rsa.PrivateKey
	// AppID defaults to 4711, WebhookSecret to "simulator-webhook-secret".
	AppID         int64
	WebhookSecret string
	// Senders is how many deliveries are under way at once. Default 1: in order.
	Senders int
	// HookTimeout bounds one delivery. Default 10 s, as on github.com.
	HookTimeout time.Duration
	// TreeLimit is the number of entries above which a recursive tree is cut and
	// says truncated. Default 100,000, as on GitHub.
	TreeLimit int
	// EnforceLimits counts requests and answers 403 above GitHub's limits:
	// PrimaryLimit requests an hour and ContentLimit content-creating ones a
	// minute, per installation. Without it limits are shown and never reached.
	EnforceLimits bool
}

// The limits of GitHub Apps, per installation.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
const (
	PrimaryLimit = 5000
	ContentLimit = 80
)

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.TokenClock == nil {
		o.TokenClock = time.Now
	}
	if o.Manifest == nil {
		o.Manifest = plimsoll.AppManifest
	}
	if o.PrivateKey == nil {
		o.PrivateKey = processKey()
	}
	if o.AppID == 0 {
		o.AppID = 4711
	}
	if o.WebhookSecret == "" {
		o.WebhookSecret = "simulator-webhook-secret"
	}
	if o.Senders == 0 {
		o.Senders = 1
	}
	if o.HookTimeout == 0 {
		o.HookTimeout = 10 * time.Second
	}
	if o.TreeLimit == 0 {
		o.TreeLimit = 100_000
	}
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	return o
}

// Simulator is one GitHub with one App. It is an http.Handler; its methods may be
// called from several goroutines.
type Simulator struct {
	options     Options
	description *description
	pages       http.Handler

	mu       sync.Mutex // guards all that follows, and everything reachable from it
	base     string
	app      *app
	others   map[string]*app  // other Apps, by slug
	ids      map[string]int64 // the last id given, by kind
	accounts map[string]*account
	repos    map[int64]*Repository
	names    map[string]int64 // lower-case owner/name → repository
	moved    map[string]int64 // former names, answered with a redirect

	installations []*Installation
	tokens        map[string]*token
	bearers       map[string]*bearer // by token, those of people and jobs
	teams         []*Team
	runs          map[int64]*checkRun
	suites        map[int64]*CheckSuite
	workflowRuns  map[int64]*workflowRun

	hook       hook
	faults     []*Fault
	limits     map[int64]*limit
	exchanges  []Exchange
	violations []string

	listener net.Listener
	server   *http.Server
}

var _ http.Handler = (*Simulator)(nil)

// New gives an empty GitHub whose App is registered but installed nowhere.
// It panics where the manifest cannot be read: that is a fault of the program.
func New(options Options) *Simulator {
	options = options.withDefaults()
	s := &Simulator{
		options:      options,
		description:  githubDescription(),
		base:         options.BaseURL,
		others:       map[string]*app{},
		ids:          map[string]int64{},
		accounts:     map[string]*account{},
		repos:        map[int64]*Repository{},
		names:        map[string]int64{},
		moved:        map[string]int64{},
		tokens:       map[string]*token{},
		bearers:      map[string]*bearer{},
		runs:         map[int64]*checkRun{},
		suites:       map[int64]*CheckSuite{},
		workflowRuns: map[int64]*workflowRun{},
		limits:       map[int64]*limit{},
	}
	if s.base == "" {
		s.base = "http://github.test"
	}
	app, err := newApp(options)
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	s.app = app
	s.app.owner = s.accountNamed("plimsoll-makers", organization)
	s.app.bot = s.accountNamed(app.slug+"[bot]", bot)
	s.hook.idle = closedChannel()
	s.pages = s.newPages()
	return s
}

// Start listens on a free port of the loopback address and, where Options named
// none, makes that the base URL.
func (s *Simulator) Start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start simulator: %w", err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	s.listener, s.server = listener, server
	if s.options.BaseURL == "" {
		s.base = "http://" + listener.Addr().String()
	}
	s.mu.Unlock()
	go func() { _ = server.Serve(listener) }() // ends with Close
	return nil
}

// Close stops listening and forgets the deliveries that are still queued.
func (s *Simulator) Close() error {
	s.mu.Lock()
	server := s.server
	s.server = nil
	s.hook.queue = nil
	s.hook.held = nil
	s.hook.closed = true
	s.mu.Unlock()
	if server == nil {
		return nil
	}
	return server.Close()
}

// ServeHTTP answers the API below APIPath and pages elsewhere.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, isAPI := strings.CutPrefix(r.URL.Path, APIPath); isAPI && (rest == "" || rest[0] == '/') {
		s.serveAPI(w, r)
		return
	}
	s.pages.ServeHTTP(w, r)
}

// URL is where pages begin: GitHub's web_url. Without a slash at the end.
func (s *Simulator) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base
}

// APIURL is where the API begins: GitHub's v3_api_url, with a slash at the end.
func (s *Simulator) APIURL() string { return s.URL() + APIPath + "/" }

// AppID is the id that the App's tokens name as their issuer.
func (s *Simulator) AppID() int64 { return s.options.AppID }

// WebhookSecret is what deliveries are signed with.
func (s *Simulator) WebhookSecret() string { return s.options.WebhookSecret }

// PrivateKeyPEM is the App's private key in PKCS #1 PEM form, as GitHub hands it out.
func (s *Simulator) PrivateKeyPEM() []byte { return keyPEM(s.options.PrivateKey) }

// Violations tells what was wrong with the traffic: calls of the App that GitHub's
// description, its limits or the App's permissions do not allow, and answers of the
// simulator that the description does not allow. A test fails on any.
func (s *Simulator) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.violations...)
}

// violate records a violation.
func (s *Simulator) violate(format string, args ...any) {
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

func (s *Simulator) now() time.Time { return s.options.Clock().UTC().Truncate(time.Second) }

// id gives the next id of a kind. Kinds begin far apart, so that a mixed-up id is
// found nowhere.
func (s *Simulator) id(kind string) int64 {
	first := map[string]int64{
		"account": 1000, "repository": 20_000, "installation": 300_000, "pull": 4_000_000,
		"issue": 50_000_000, "comment": 600_000_000, "suite": 7_000_000_000, "run": 80_000_000_000,
		"delivery": 900_000_000_000, "deployment": 11_000_000, "status": 120_000_000,
		"reaction": 130_000, "environment": 14_000, "workflow": 15_000_000, "commit status": 160_000,
		"release": 17_000_000, "team": 180_000, "app": 1_900_000,
	}
	if s.ids[kind] == 0 {
		s.ids[kind] = first[kind]
	}
	s.ids[kind]++
	return s.ids[kind]
}

func closedChannel() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
