package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/require"
	"plimsoll/server/bucket"
	"plimsoll/server/github"
	"plimsoll/server/github/oauth"
)

// OAuth is the App's OAuth client at GitHub.
type OAuth interface {
	AuthorizeURL(redirect, state, challenge string) string
	Exchange(ctx context.Context, code, verifier, redirect string) (oauth.Token, error)
	Revoke(ctx context.Context, token string) error
}

// GitHub answers questions that are asked with a person's token. A token that it does not
// accept is [github.ErrBadToken].
type GitHub interface {
	UserOf(ctx context.Context, token string) (github.Person, error)
	UserInstallations(ctx context.Context, token string, page int) (ids []int64, next int, err error)
	UserRepositories(ctx context.Context, token string, installation int64, page int) (ids []int64, next int, err error)
}

// Store keeps sessions, and knows which repositories everybody may read.
type Store interface {
	PutSession(ctx context.Context, session Session) error
	Session(ctx context.Context, id string) (Session, error)
	EndSession(ctx context.Context, id string) error
	PublicRepositories(ctx context.Context) ([]int64, error)
}

// Rights says what people may do beyond reading.
type Rights interface {
	// Operates reports whether a person may use the pages for operators. settled is false if
	// that may change soon: the account that decides it has not been read yet.
	Operates(ctx context.Context, person github.Person) (operates, settled bool, err error)
	// MayDeploy reports whether a person may write to a repository.
	MayDeploy(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error)
}

// Credentials of a server, which may be replaced while it runs.
type Credentials struct {
	OAuth OAuth
	// Secrets seal sessions: the first is used, all are accepted.
	Secrets [][]byte
}

// Deps of New. All are needed.
type Deps struct {
	Credentials Credentials
	GitHub      GitHub
	Store       Store
	Rights      Rights
	// PublicURL is where people reach the server.
	PublicURL string
	Now       func(ctx context.Context) (time.Time, error)
}

// ErrNobody says that a request is not by somebody who has signed in.
var ErrNobody = errors.New("nobody has signed in")

// ErrEnded says that a request is of a session that does not count any more: GitHub refuses its
// token, or it was ended elsewhere. It is an [ErrNobody].
var ErrEnded = fmt.Errorf("%w: the session has ended", ErrNobody)

// ErrCSRF says that a form was not sent from one of our pages.
var ErrCSRF = errors.New("the form was not sent from a page of this session")

// People signs people in, and says who asks.
type People struct {
	deps    Deps
	public  *url.URL
	current atomic.Pointer[current]
	cookies cookies
	views   *views
	tries   *bucket.Buckets[string]
	mux     *http.ServeMux
}

// current is what people sign in with now.
type current struct {
	oauth OAuth
	keys  keys
}

// How often one address may come back from GitHub: each time costs GitHub a request.
const (
	tryBurst, tryPerSecond = 20, 0.5
	mostTries              = 10_000
)

// New makes the value. It fails for an address at which a session could be overheard: http
// is for this machine alone.
func New(deps Deps) (*People, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	public, err := url.Parse(strings.TrimSuffix(deps.PublicURL, "/"))
	if err != nil || public.Host == "" {
		return nil, fmt.Errorf("make the login: %q is no public_url", deps.PublicURL)
	}
	if public.Scheme != "https" && !onThisMachine(public.Hostname()) {
		return nil, fmt.Errorf("make the login: public_url is %s: a session can be overheard; use https, or remove github.oauth", public)
	}
	p := &People{
		deps: deps, public: public, cookies: cookies{secure: public.Scheme == "https"},
		views: newViews(), tries: bucket.New[string](tryBurst, tryPerSecond, mostTries), mux: http.NewServeMux(),
	}
	replace, err := p.Prepare(deps.Credentials)
	if err != nil {
		return nil, err
	}
	replace()
	p.mux.HandleFunc("GET "+Path, p.begin)
	p.mux.HandleFunc("GET "+CallbackPath, p.callback)
	p.mux.HandleFunc("GET "+EndedPath, p.ended)
	p.mux.HandleFunc("GET "+stylePath, p.style)
	p.mux.HandleFunc("GET "+LogoutPath, p.askLogout)
	p.mux.HandleFunc("POST "+LogoutPath, p.logout)
	return p, nil
}

// Prepare returns what replaces the credentials, and has everybody's rights looked up again:
// the operators may be others now.
func (p *People) Prepare(next Credentials) (replace func(), err error) {
	if next.OAuth == nil {
		return nil, errors.New("make the login: there is no OAuth client")
	}
	made, err := newKeys(next.Secrets)
	if err != nil {
		return nil, err
	}
	return func() {
		p.current.Store(&current{next.OAuth, made})
		p.views.forgetAll()
	}, nil
}

func onThisMachine(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// Person is somebody who has signed in, for the time of one request.
type Person struct {
	people *People
	value  string // what the browser holds
	view   *view
}

// Login is the person's login at GitHub.
func (p *Person) Login() string { return p.view.person.Login }

// Operator reports whether the person may use the pages for operators.
func (p *Person) Operator() bool { return p.view.operator }

// Repositories returns the ids of the repositories of installed accounts that the person may
// read, public ones too. The map is shared: it must not be changed.
func (p *Person) Repositories(context.Context) (map[int64]bool, error) { return p.view.readable, nil }

// MayWrite reports whether the person may push to a repository. GitHub's answer is kept as
// long as what the person may read, since a page that refreshes itself asks each time: what
// is done with the right asks again.
func (p *Person) MayWrite(ctx context.Context, repo contracts.RepositoryRef) (bool, error) {
	if !p.view.readable[repo.ID] {
		return false, nil
	}
	if may, known := p.view.writable.Load(repo.ID); known {
		return may.(bool), nil
	}
	may, err := p.people.deps.Rights.MayDeploy(ctx, repo, p.view.person.Login)
	if err == nil {
		p.view.writable.Store(repo.ID, may)
	}
	return may, err
}

// CSRF is what forms carry in the field "csrf", and scripts in the header X-CSRF-Token.
func (p *Person) CSRF() string { return csrf(p.value) }

// Visitor returns who asks. The error is [ErrNobody] if that is not known, also [ErrEnded] if it
// was, and another one if GitHub or the database does not answer.
func (p *People) Visitor(r *http.Request) (*Person, error) {
	value, session, token, err := p.session(r)
	if err != nil {
		return nil, err
	}
	now, err := p.deps.Now(r.Context())
	if err != nil {
		return nil, err
	}
	seen, err := p.views.of(r.Context(), session.ID, now, func(ctx context.Context) (*view, error) { return p.look(ctx, session, token) })
	if errors.Is(err, github.ErrBadToken) || errors.Is(err, errOtherPerson) {
		p.views.forget(session.ID)
		if err := p.deps.Store.EndSession(r.Context(), session.ID); err != nil {
			return nil, err
		}
		return nil, ErrEnded
	}
	if err != nil {
		return nil, err
	}
	return &Person{p, value, seen}, nil
}

// session finds the session of a request, and opens its token.
func (p *People) session(r *http.Request) (value string, session Session, token string, err error) {
	value = p.cookies.session(r)
	if value == "" {
		return "", Session{}, "", ErrNobody
	}
	session, err = p.deps.Store.Session(r.Context(), idOf(value))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrEnded
	}
	if err != nil {
		return "", Session{}, "", err
	}
	now, err := p.deps.Now(r.Context())
	if err != nil {
		return "", Session{}, "", err
	}
	token, ok := p.current.Load().keys.open(value, session)
	if !ok || !now.Before(session.Expires) {
		return "", Session{}, "", ErrEnded
	}
	return value, session, token, nil
}

// CheckCSRF returns [ErrCSRF] unless a request was sent from a page that this session got.
func (p *People) CheckCSRF(r *http.Request) error {
	value := p.cookies.session(r)
	given := r.Header.Get("X-CSRF-Token")
	if given == "" {
		given = r.PostFormValue("csrf")
	}
	if value == "" || subtle.ConstantTimeCompare([]byte(given), []byte(csrf(value))) != 1 {
		return ErrCSRF
	}
	return nil
}
