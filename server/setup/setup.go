package setup

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/config"
	"plimsoll/handlers/require"
	"plimsoll/server/github"
	"plimsoll/server/github/registration"
)

// Path is where the pages begin.
const (
	Path         = "/setup"
	tokenPath    = "/setup/token"
	appPath      = "/setup/app"
	callbackPath = "/setup/callback"
	writePath    = "/setup/write"
	stylePath    = "/setup/style.css"
)

// mostAttempts is how many wrong tokens are taken. Then nothing opens setup but a restart.
const mostAttempts = 10

// Deps of New. All are needed.
type Deps struct {
	// Manifest is app.yml.
	Manifest []byte
	Paths    Paths
	Target   Target
	// PublicURL is suggested to the operator.
	PublicURL string
	// Convert exchanges a code for the credentials; see [registration.Convert].
	Convert func(ctx context.Context, apiURL, code string) (registration.App, error)
}

// Setup is the pages. Their state is in memory: a restart begins anew.
type Setup struct {
	deps  Deps
	mux   *http.ServeMux
	done  chan struct{}
	token string

	mu       sync.Mutex
	attempts int
	used     bool   // the token was given
	session  string // of the browser that gave it
	state    string // that GitHub returns in the callback; "": nobody is at GitHub
	chosen   chosen
	app      *registration.App // registered, and perhaps not written yet
	kept     bool              // the journal holds its credentials
	retry    string            // the way back from GitHub, which may be tried again
	lost     *chosen           // an App that is registered, and whose credentials nobody has
	written  bool
	leave    func() error // stops taking connections; nil while nothing is served
}

// New makes the pages, and the token that opens them.
func New(deps Deps) (*Setup, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	s := &Setup{deps: deps, mux: http.NewServeMux(), done: make(chan struct{}), token: rand.Text(), chosen: chosen{WebURL: "https://github.com", Name: "plimsoll", PublicURL: deps.PublicURL}}
	if left, app, found, err := deps.Target.journal().read(); err != nil {
		return nil, err
	} else if found && app == nil {
		s.lost, s.chosen = &left, left
	}
	s.mux.HandleFunc("GET "+Path, s.page)
	s.mux.HandleFunc("GET "+stylePath, s.style)
	s.mux.HandleFunc("POST "+tokenPath, s.enter)
	s.mux.HandleFunc("POST "+appPath, s.form(s.choose))
	s.mux.HandleFunc("POST "+writePath, s.form(s.write))
	s.mux.HandleFunc("GET "+callbackPath, s.callback)
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"status":"alive"}` + "\n")) })
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, Path, http.StatusFound) })
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Plimsoll is not set up yet", http.StatusServiceUnavailable)
	})
	return s, nil
}

// Lost reports whether an earlier setup ended between the registration of an App and GitHub's
// answer with its credentials, which GitHub does not give again.
func (s *Setup) Lost() bool { return s.lost != nil }

// Token opens the pages, once. It is for the log: who reads it can set the server up.
func (s *Setup) Token() string { return s.token }

// Serve answers until the credentials are written, or ctx ends.
func (s *Setup) Serve(ctx context.Context, listener net.Listener, log zerolog.Logger) error {
	server := &http.Server{Handler: s, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, MaxHeaderBytes: 64 << 10, BaseContext: func(net.Listener) context.Context { return log.WithContext(ctx) }}
	open := connections{unanswered: map[net.Conn]bool{}}
	server.ConnState = open.changed
	failed := make(chan error, 1)
	s.mu.Lock()
	s.leave = listener.Close
	s.mu.Unlock()
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		select {
		case <-s.done: // that has closed the listener
		default:
			return fmt.Errorf("serve the setup: %w", err)
		}
	case <-ctx.Done():
	case <-s.done:
		<-failed // it takes no more connections
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	open.wait(closing)
	return errors.Join(ctx.Err(), server.Shutdown(closing))
}

// connections are those of a server whose request is not answered yet.
type connections struct {
	mu         sync.Mutex
	unanswered map[net.Conn]bool
}

// changed follows the state of a connection.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		c.unanswered[conn] = true
	} else {
		delete(c.unanswered, conn)
	}
}

func (c *connections) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.unanswered)
}

// mostPatience is how long a connection may take to bring its request.
const mostPatience = time.Second

// wait returns when every connection that was taken is answered, or after a second: a server
// that is shut down closes those whose request it has not read, without an answer.
func (c *connections) wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, mostPatience)
	defer cancel()
	for c.left() > 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// ServeHTTP answers one request.
func (s *Setup) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	formAction, written := "'self'", s.written
	if s.state != "" {
		formAction += " " + s.chosen.WebURL
	}
	s.mu.Unlock()
	h := w.Header()
	if written {
		h.Set("Connection", "close")
		if !strings.HasPrefix(r.URL.Path, Path) { // the server itself answers on the next connection
			h.Set("Cache-Control", "no-store")
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return
		}
	}
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "+formAction)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin") // GitHub sees where the manifest comes from, and no code
	h.Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	s.mux.ServeHTTP(w, r)
}

const cookieName = "plimsoll-setup"

// mine reports whether a request is from the browser that gave the token. It needs the lock.
func (s *Setup) mine(r *http.Request) bool {
	cookie, err := r.Cookie(cookieName)
	return err == nil && s.session != "" && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(s.session)) == 1
}

// page shows what comes next.
func (s *Setup) page(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.show(w, r, http.StatusOK, "")
}

// enter takes the token.
func (s *Setup) enter(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used || s.attempts >= mostAttempts {
		s.show(w, r, http.StatusForbidden, "")
		return
	}
	if subtle.ConstantTimeCompare([]byte(r.PostFormValue("token")), []byte(s.token)) != 1 {
		s.attempts++
		s.show(w, r, http.StatusForbidden, "This is not the token. The server's log has it.")
		return
	}
	s.used, s.session = true, rand.Text()
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.session, Path: Path, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil})
	http.Redirect(w, r, Path, http.StatusSeeOther)
}

// form takes a form of the browser that gave the token.
func (s *Setup) form(do func(w http.ResponseWriter, r *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.mine(r) || subtle.ConstantTimeCompare([]byte(r.PostFormValue("csrf")), []byte(csrf(s.session))) != 1 {
			s.show(w, r, http.StatusForbidden, "")
			return
		}
		do(w, r)
	}
}

// choose takes where the App is registered, and who owns it.
func (s *Setup) choose(w http.ResponseWriter, r *http.Request) {
	if s.app != nil {
		s.show(w, r, http.StatusConflict, "")
		return
	}
	s.state, s.lost = "", nil
	if r.PostFormValue("again") != "" {
		if err := s.deps.Target.journal().end(); err != nil {
			zerolog.Ctx(r.Context()).Warn().Err(err).Msg("setup: what the earlier setup left is still there")
		}
		http.Redirect(w, r, Path, http.StatusSeeOther)
		return
	}
	s.chosen = chosen{WebURL: r.PostFormValue("web_url"), Organisation: r.PostFormValue("organisation"), Name: r.PostFormValue("name"), PublicURL: r.PostFormValue("public_url")}
	// The browser knows where the page is; behind a proxy, Host may be another.
	if page, err := origin(r.Header.Get("Origin")); err == nil && local(page) {
		s.chosen.back = page
	}
	if err := s.chosen.check(); err != nil {
		s.show(w, r, http.StatusUnprocessableEntity, "Change "+err.Error()+".")
		return
	}
	if err := s.deps.Target.Check(); err != nil {
		s.show(w, r, http.StatusInternalServerError, "The credentials could not be kept: "+err.Error()+". Nothing was registered.")
		return
	}
	s.state = rand.Text()
	http.Redirect(w, r, Path, http.StatusSeeOther)
}

// callback takes the operator back from GitHub.
func (s *Setup) callback(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	if !s.mine(r) || s.state == "" || s.app != nil || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(s.state)) != 1 {
		s.show(w, r, http.StatusForbidden, "The link from GitHub was already used, or belongs to another browser.")
		return
	}
	if err := s.deps.Target.journal().begin(s.chosen); err != nil {
		zerolog.Ctx(r.Context()).Error().Err(err).Msg("setup: there is no place for the credentials")
		s.retry = r.URL.RequestURI()
		s.show(w, r, http.StatusInternalServerError, "There is no place for the credentials, so GitHub was not asked for them: "+err.Error()+". Repair the cause within an hour, then try again.")
		return
	}
	app, err := s.deps.Convert(r.Context(), github.APIOf(s.chosen.WebURL), query.Get("code"))
	if err != nil {
		zerolog.Ctx(r.Context()).Warn().Err(err).Msg("setup: GitHub gave no credentials")
		if errors.Is(err, registration.ErrUsed) {
			s.state, s.lost = "", &s.chosen
			s.show(w, r, http.StatusBadGateway, "GitHub gave no credentials: the code was used already, or is older than an hour.")
			return
		}
		s.retry = r.URL.RequestURI()
		s.show(w, r, http.StatusBadGateway, "GitHub gave no credentials: "+err.Error()+".")
		return
	}
	if app.WebhookSecret.Empty() {
		app.WebhookSecret = config.NewSecret(rand.Text() + rand.Text())
	}
	s.app, s.state, s.retry = &app, "", ""
	if err := s.deps.Target.journal().keep(app); err != nil {
		zerolog.Ctx(r.Context()).Warn().Err(err).Msg("setup: the credentials are in memory only")
	} else {
		s.kept = true
	}
	zerolog.Ctx(r.Context()).Info().Int64("app", app.ID).Str("slug", app.Slug).Msg("setup: the App is registered")
	s.write(w, r)
}

// write writes the credentials. It may be tried again: they stay in memory until it succeeds.
func (s *Setup) write(w http.ResponseWriter, r *http.Request) {
	if s.app == nil || s.written {
		http.Redirect(w, r, Path, http.StatusSeeOther)
		return
	}
	if err := s.deps.Target.Write(s.chosen, *s.app); err != nil {
		zerolog.Ctx(r.Context()).Error().Err(err).Msg("setup: the credentials are not written yet")
		where := "Do not stop the server: it holds them in memory."
		if s.kept {
			where = "They are safe in " + s.deps.Target.journal().name + ", also if the server stops."
		}
		s.show(w, r, http.StatusInternalServerError, "The credentials are not written yet: "+err.Error()+". "+where+" Repair the cause, then try again.")
		return
	}
	if err := s.deps.Target.journal().end(); err != nil {
		zerolog.Ctx(r.Context()).Warn().Err(err).Msg("setup: a copy of the credentials is still beside the file")
	}
	s.written = true
	close(s.done)
	if s.leave != nil {
		_ = s.leave() // connections that come now wait for the server; Serve reports what else fails
	}
	w.Header().Set("Connection", "close")
	s.show(w, r, http.StatusOK, "")
}

// lostURL is where the App is that nobody has credentials of.
func (s *Setup) lostURL() string {
	if s.lost == nil {
		return ""
	}
	if s.lost.Organisation != "" {
		return s.lost.WebURL + "/organizations/" + url.PathEscape(s.lost.Organisation) + "/settings/apps"
	}
	return s.lost.WebURL + "/settings/apps"
}

func (s *Setup) installURL() string {
	if s.app == nil {
		return ""
	}
	if local(s.chosen.WebURL) || s.app.HTMLURL == "" {
		return s.chosen.WebURL + "/apps/" + url.PathEscape(s.app.Slug) + "/installations/new"
	}
	return s.app.HTMLURL + "/installations/new"
}
