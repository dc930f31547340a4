package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	gh "github.com/google/go-github/v60/github"
	"github.com/gregjones/httpcache"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/palantir/go-githubapp/githubapp"
	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/contracts/cache"
)

// maxInstallations bounds the clients kept. One that falls out costs a token
// request when it is next needed.
const maxInstallations = 2048

// appInstallation is the number under which the App's own client is kept.
const appInstallation = 0

// Clients talks to GitHub for all installations of one App. It is safe for
// concurrent use.
type Clients struct {
	config Config
	api    *url.URL
	now    func() time.Time
	// graphql is the path of the GraphQL API.
	graphql string
	log     zerolog.Logger
	// key is the App's private key in PEM form. It may be replaced while requests are sent.
	key       atomic.Pointer[[]byte]
	routes    *routes
	metrics   *clientMetrics
	responses *responses
	commits   *cache.Cache[betweenKey, between]

	mu            sync.Mutex
	app           *installation
	installations *simplelru.LRU[int64, *installation]

	identity identity
}

// New makes the clients. It fails for addresses and keys that can't be used and
// asks GitHub nothing.
func New(config Config) (*Clients, error) {
	config = config.WithDefaults()
	api, err := url.Parse(config.V3URL)
	if err != nil || api.Host == "" || (api.Scheme != "https" && api.Scheme != "http") {
		return nil, fmt.Errorf("read address of GitHub's API %q: need https://HOST/PATH", config.V3URL)
	}
	if config.AppID <= 0 {
		return nil, errors.New("read GitHub App id: need the number from the App's page")
	}
	c := &Clients{
		config:    config,
		api:       api,
		graphql:   graphqlOf(api.Path),
		now:       config.Clock,
		log:       config.Log,
		routes:    newRoutes(api.Path),
		responses: newResponses(config.CacheBytes),
		commits:   newBetween(),
	}
	c.key.Store(&config.PrivateKey)
	c.metrics = newClientMetrics(c)
	c.installations, _ = simplelru.NewLRU(maxInstallations, func(id int64, _ *installation) { c.metrics.forget(id) })
	c.app = c.newInstallation(appInstallation)
	if _, err := c.app.client(); err != nil {
		return nil, fmt.Errorf("read the App's private key: %w", err)
	}
	if config.Registerer != nil {
		if err := c.metrics.register(config.Registerer); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return c, nil
}

// PrepareKey checks another private key of the App. The function that it returns takes it into
// use: every client is made again when it is next needed. Requests under way end with the
// tokens that they have.
func (c *Clients) PrepareKey(key []byte) (replace func(), err error) {
	if bytes.Equal(key, *c.key.Load()) {
		return func() {}, nil
	}
	if _, err := githubapp.NewClientCreator(c.config.V3URL, "", c.config.AppID, key).NewAppClient(); err != nil {
		return nil, fmt.Errorf("read the App's private key: %w", err)
	}
	return func() {
		c.key.Store(&key)
		c.mu.Lock()
		made := append(c.installations.Values(), c.app)
		c.mu.Unlock()
		for _, i := range made {
			i.forget()
		}
	}, nil
}

// WebURL is where people see GitHub, without a slash at the end.
func (c *Clients) WebURL() string { return c.config.WebURL }

// APIURL is where the API begins.
func (c *Clients) APIURL() string { return c.api.String() }

// logger gives the logger of the work that asks (with its delivery, repository and
// so on), or the clients' own.
func (c *Clients) logger(ctx context.Context) *zerolog.Logger {
	if log := zerolog.Ctx(ctx); log.GetLevel() != zerolog.Disabled {
		return log
	}
	return &c.log
}

// installation is the client of one installation (or of the App) and its limits.
type installation struct {
	id      int64
	clients *Clients
	gate    *rateGate

	mu     sync.Mutex
	made   *gh.Client
	madeAt time.Time
}

func (c *Clients) newInstallation(id int64) *installation {
	return &installation{id: id, clients: c, gate: newGate(id, hosted(c.config.WebURL), c.config.PointsPerMinute, c.config.ContentPerMinute)}
}

// installation gives the one and only state of an installation.
func (c *Clients) installation(id int64) (*installation, error) {
	if id <= 0 {
		return nil, &Error{Class: ClassPermanent, Message: fmt.Sprintf("%d is not an installation id", id)}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.installations.Get(id); ok {
		return known, nil
	}
	made := c.newInstallation(id)
	c.installations.Add(id, made)
	return made, nil
}

// client gives the installation's client, made when first needed.
func (i *installation) client() (*gh.Client, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.made != nil {
		return i.made, nil
	}
	c := i.clients
	creator := githubapp.NewClientCreator(c.config.V3URL, "", c.config.AppID, *c.key.Load(),
		githubapp.WithClientUserAgent(c.config.UserAgent),
		githubapp.WithClientTimeout(c.config.Timeout),
		githubapp.WithTransport(&wire{owner: i, next: c.config.Transport}),
		githubapp.WithClientCaching(true, func() httpcache.Cache { return installationCache{i.id, c.responses} }),
		githubapp.WithClientMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return &guard{owner: i, api: c.api, next: next}
		}),
	)
	var err error
	if i.id == appInstallation {
		i.made, err = creator.NewAppClient()
	} else {
		i.made, err = creator.NewInstallationClient(i.id)
	}
	i.madeAt = c.now()
	return i.made, err
}

// forget drops the client, so that the next one is made with the App's key of then.
func (i *installation) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.made = nil
}

// tokenTrust is how long a refused permission is taken to be what GitHub thinks
// now, and not only what an old token says.
const tokenTrust = time.Minute

// doubt drops the client, and with it the token, after an answer that a new token
// might change: GitHub takes tokens back before their hour (401), and one made
// before somebody granted a permission never has it (403).
func (i *installation) doubt(status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch status {
	case http.StatusUnauthorized:
		i.made = nil
	case http.StatusForbidden:
		if i.clients.now().Sub(i.madeAt) >= tokenTrust {
			i.made = nil
		}
	}
}

// asInstallation gives the client that may read and write a repository.
func (c *Clients) asInstallation(id int64) (*gh.Client, error) {
	i, err := c.installation(id)
	if err != nil {
		return nil, err
	}
	return i.client()
}

var (
	ownerOrName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`) })
	// A login may be that of an App: "name[bot]".
	loginPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}(\[bot\])?$`) })
)

// forRepository checks the reference and gives the client for it.
func (c *Clients) forRepository(repo contracts.RepositoryRef) (*gh.Client, error) {
	for _, part := range []string{repo.Owner, repo.Name} {
		if !ownerOrName().MatchString(part) || part == "." || part == ".." {
			return nil, &Error{Class: ClassPermanent, Message: fmt.Sprintf("%q is no repository", repo.FullName())}
		}
	}
	return c.asInstallation(repo.Installation)
}

// ask sends one request below the API's address and decodes the JSON answer into
// out, which may be nil.
func (c *Clients) ask(ctx context.Context, client *gh.Client, method, path string, body, out any, options ...gh.RequestOption) (*gh.Response, error) {
	req, err := client.NewRequest(method, path, body, options...)
	if err != nil {
		return nil, &Error{Class: ClassPermanent, Message: "make request: " + err.Error(), Err: err}
	}
	res, err := client.Do(ctx, req, out)
	return res, c.failure(ctx, err)
}

// incomplete is the error for an answer that lacks what every such answer has.
func incomplete(what string) error {
	return &Error{Class: ClassRetry, Message: "GitHub's answer has no " + what}
}
