package simulator

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"plimsoll"
	"plimsoll/server/simulator/internal/api"
	"plimsoll/server/simulator/internal/description"
	"plimsoll/server/simulator/internal/hook"
	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/page"
	"plimsoll/server/simulator/internal/payload"
)

// APIPath is where the API begins below the base URL, as on GitHub Enterprise Server.
const APIPath = description.APIPath

// Options of New. The zero value is usable.
type Options struct {
	// Clock gives the time of everything that is visible: commits, comments,
	// deliveries, rate limit windows. Default: time.Now.
	Clock func() time.Time
	// TokenClock decides on App tokens (JWT) and the hour of installation tokens. It is
	// separate from Clock because clients read the wall clock when they sign and when
	// they decide to renew. Default: time.Now.
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
	// LivePages: HTML pages reload themselves every few seconds, except while somebody
	// types into one.
	LivePages bool
	// Presentation is shown at the bottom of every HTML page, with a button for its next
	// step. Default: none.
	Presentation Presentation
}

// Presentation is a story that goes on step by step while somebody looks at the pages.
type Presentation = page.Presentation

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

// processKey makes one App key per process: making one takes a tenth of a second.
var processKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(fmt.Sprintf("simulator: make the App's key: %v", err))
	}
	return key
})

// Simulator is one GitHub with one App. It is an http.Handler; its methods may be
// called from several goroutines.
type Simulator struct {
	github *model.GitHub // its lock guards everything below, too
	hook   *hook.Hook
	api    *api.Server
	pages  *page.Pages

	fixedURL bool // Options named the base URL
	server   *http.Server
	handles  map[any]any // by what they are of in the model
}

var _ http.Handler = (*Simulator)(nil)

// New returns an empty GitHub whose App is registered but installed nowhere.
// It panics if the manifest cannot be read: that is a fault of the program.
func New(options Options) *Simulator {
	o := options.withDefaults()
	base := o.BaseURL
	if base == "" {
		base = "http://github.test"
	}
	github, err := model.New(model.Config{
		Clock: o.Clock, TokenClock: o.TokenClock, BaseURL: base,
		Manifest: o.Manifest, AppID: o.AppID, PrivateKey: o.PrivateKey, WebhookSecret: o.WebhookSecret,
	})
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	described := description.GitHub()
	builder := payload.New(github, described)
	deliveries := hook.New(github, builder, o.Senders, o.HookTimeout)
	server := api.New(github, builder, deliveries, described, api.Options{Clock: o.Clock, TreeLimit: o.TreeLimit, EnforceLimits: o.EnforceLimits})
	return &Simulator{
		github: github, hook: deliveries, api: server, pages: page.New(github, deliveries, server, page.Options{Live: o.LivePages, Presentation: o.Presentation}),
		fixedURL: o.BaseURL != "", handles: map[any]any{},
	}
}

// lock locks everything and returns what unlocks it: defer s.lock()().
func (s *Simulator) lock() (unlock func()) {
	s.github.Lock()
	return s.github.Unlock
}

// handle returns the one handle by which scripts hold something of the model, nil for
// nothing.
func handle[M, H any](s *Simulator, of *M, wrap func(*Simulator, *M) *H) *H {
	if of == nil {
		return nil
	}
	if known, ok := s.handles[of]; ok {
		return known.(*H)
	}
	made := wrap(s, of)
	s.handles[of] = made
	return made
}

// Start listens on a free port of the loopback address and, unless Options named one,
// makes that the base URL.
func (s *Simulator) Start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start simulator: %w", err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	unlock := s.lock()
	s.server = server
	if !s.fixedURL {
		s.github.BaseURL = "http://" + listener.Addr().String()
	}
	unlock()
	go func() { _ = server.Serve(listener) }() // ends with Close
	return nil
}

// Close stops listening and forgets the deliveries that are still queued.
func (s *Simulator) Close() error {
	unlock := s.lock()
	server := s.server
	s.server = nil
	s.hook.Close()
	unlock()
	if server == nil {
		return nil
	}
	return server.Close()
}

// ServeHTTP answers the API below APIPath and pages elsewhere.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, isAPI := strings.CutPrefix(r.URL.Path, APIPath); isAPI && (rest == "" || rest[0] == '/') {
		s.api.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == api.GraphQLPath {
		s.api.ServeGraphQL(w, r)
		return
	}
	s.pages.ServeHTTP(w, r)
}

// URL is where pages begin: GitHub's web_url. Without a slash at the end.
func (s *Simulator) URL() string {
	defer s.lock()()
	return s.github.BaseURL
}

// APIURL is where the API begins: GitHub's v3_api_url, with a slash at the end.
func (s *Simulator) APIURL() string { return s.URL() + APIPath + "/" }

// AppID is the id that the App's tokens name as their issuer.
func (s *Simulator) AppID() int64 { return s.github.App.ID }

// WebhookSecret is what deliveries are signed with.
func (s *Simulator) WebhookSecret() string { return s.github.App.WebhookSecret }

// SetWebhookSecret changes the secret in the App's settings. Deliveries that are sent from
// then on, those that are sent again too, are signed with it.
func (s *Simulator) SetWebhookSecret(secret string) {
	defer s.lock()()
	s.github.App.WebhookSecret = secret
}

// SetPrivateKey replaces the App's private key: the one before is deleted.
func (s *Simulator) SetPrivateKey(key *rsa.PrivateKey) {
	defer s.lock()()
	s.github.App.PrivateKey = key
}

// PrivateKeyPEM is the App's private key in PKCS #1 PEM form, as GitHub hands it out.
func (s *Simulator) PrivateKeyPEM() []byte { return s.github.App.PrivateKeyPEM() }
