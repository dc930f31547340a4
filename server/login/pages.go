package login

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/bucket"
	"plimsoll/server/github/oauth"
)

// Paths of this package. Anything else below Path is not found.
const (
	Path         = "/login"
	CallbackPath = "/login/callback"
	EndedPath    = "/login/ended"
	LogoutPath   = "/logout"
	stylePath    = "/login/style.css"
)

// loginWithin is how long somebody may take at GitHub: a code lasts as long.
const loginWithin = 10 * time.Minute

// longestQuery bounds what GitHub sends back.
const longestQuery = 4 << 10

// ServeHTTP answers one request.
func (p *People) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	p.mux.ServeHTTP(w, r)
}

// begin sends somebody to GitHub, and keeps in the browser what will tell that it is the same
// one who comes back.
func (p *People) begin(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	if onThisMachine(p.public.Hostname()) && r.Host != p.public.Host { // GitHub sends people to public_url
		http.Redirect(w, r, p.public.JoinPath(Path).String()+"?"+url.Values{"next": {next}}.Encode(), http.StatusFound)
		return
	}
	now, err := p.deps.Now(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	s := started{State: random(), Verifier: random(), Next: next, Ends: now.Add(loginWithin)}
	p.cookies.set(w, stateCookie(s.State), p.current.Load().keys.sealStarted(s), loginWithin)
	challenge := sha256.Sum256([]byte(s.Verifier))
	http.Redirect(w, r, p.current.Load().oauth.AuthorizeURL(p.redirect(), s.State, base64.RawURLEncoding.EncodeToString(challenge[:])), http.StatusFound)
}

// stateCookie is the cookie of one login: several tabs may be at GitHub at once.
func stateCookie(state string) string { return "login-" + idOf(state)[:12] }

func (p *People) redirect() string { return p.public.JoinPath(CallbackPath).String() }

// callback takes somebody back from GitHub.
func (p *People) callback(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.RawQuery) > longestQuery {
		p.show(w, http.StatusRequestURITooLong, unfinished)
		return
	}
	query := r.URL.Query()
	now, err := p.deps.Now(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	name := stateCookie(query.Get("state"))
	s, ok := p.current.Load().keys.openStarted(p.cookies.read(r, name))
	p.cookies.set(w, name, "", 0) // it counts once
	if !ok || s.State == "" || subtle.ConstantTimeCompare([]byte(s.State), []byte(query.Get("state"))) != 1 || !now.Before(s.Ends) {
		p.show(w, http.StatusBadRequest, unfinished)
		return
	}
	if query.Get("error") != "" || query.Get("code") == "" {
		p.show(w, http.StatusForbidden, cancelled)
		return
	}
	if wait := p.tries.Take(bucket.Client(r), 1, now); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		p.show(w, http.StatusTooManyRequests, tooOften)
		return
	}
	token, err := p.current.Load().oauth.Exchange(r.Context(), query.Get("code"), s.Verifier, p.redirect())
	switch {
	case errors.Is(err, oauth.ErrRefused):
		p.show(w, http.StatusBadRequest, unfinished)
	case err != nil:
		p.fail(w, r, err)
	default:
		if err := p.enter(w, r, token, now); err != nil {
			p.fail(w, r, err)
			return
		}
		http.Redirect(w, r, localPath(s.Next), http.StatusSeeOther)
	}
}

// enter begins a session under a new value, and ends the one that the browser had.
func (p *People) enter(w http.ResponseWriter, r *http.Request, token oauth.Token, now time.Time) error {
	person, err := p.deps.GitHub.UserOf(r.Context(), token.Value)
	if err != nil {
		return err
	}
	if former := p.cookies.session(r); former != "" {
		if err := p.deps.Store.EndSession(r.Context(), idOf(former)); err != nil {
			return err
		}
	}
	lasts := longest
	if token.Life > 0 {
		lasts = min(lasts, token.Life)
	}
	value := random()
	session := Session{ID: idOf(value), Person: person.ID, Created: now.UTC().Truncate(time.Millisecond), Expires: now.Add(lasts).UTC().Truncate(time.Millisecond)}
	session.Token = p.current.Load().keys.seal(value, session, token.Value)
	if err := p.deps.Store.PutSession(r.Context(), session); err != nil {
		return err
	}
	p.cookies.set(w, "session", value, lasts)
	zerolog.Ctx(r.Context()).Info().Str("login", person.Login).Int64("person", person.ID).Msg("signed in")
	return nil
}

// ended says that the session has ended, and takes its cookie. It ends none itself: any page of
// the web can send people here.
func (p *People) ended(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	_, _, _, err := p.session(r)
	switch {
	case err == nil:
		http.Redirect(w, r, next, http.StatusSeeOther)
	case errors.Is(err, ErrNobody):
		p.cookies.set(w, "session", "", 0)
		p.show(w, http.StatusOK, notice{Title: sessionEnded.Title, Text: sessionEnded.Text, SignIn: true, Next: next})
	default:
		p.fail(w, r, err)
	}
}

// askLogout shows the button that signs out, or that nobody is signed in.
func (p *People) askLogout(w http.ResponseWriter, r *http.Request) {
	value, _, _, err := p.session(r)
	switch {
	case errors.Is(err, ErrNobody):
		p.show(w, http.StatusOK, signedOut)
	case err != nil:
		p.fail(w, r, err)
	default:
		p.show(w, http.StatusOK, notice{Title: "Sign out", Text: "Plimsoll will forget this session and end its access token at GitHub.", CSRF: csrf(value)})
	}
}

// logout ends the session here, and its token at GitHub.
func (p *People) logout(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, longestQuery)
	_, session, token, err := p.session(r)
	if errors.Is(err, ErrNobody) {
		p.cookies.set(w, "session", "", 0)
		http.Redirect(w, r, LogoutPath, http.StatusSeeOther)
		return
	}
	if err == nil && p.CheckCSRF(r) != nil {
		p.show(w, http.StatusForbidden, foreignForm)
		return
	}
	if err == nil {
		err = p.deps.Store.EndSession(r.Context(), session.ID)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.views.forget(session.ID)
	p.cookies.set(w, "session", "", 0)
	if err := p.current.Load().oauth.Revoke(r.Context(), token); err != nil { // it ends by itself within 8 hours
		zerolog.Ctx(r.Context()).Warn().Err(err).Msg("signed out, but GitHub did not end the token")
	}
	http.Redirect(w, r, LogoutPath, http.StatusSeeOther)
}

// notice is what a page of this package says.
type notice struct {
	Title, Text string
	// SignIn offers to begin, and Next is shown afterwards. CSRF offers to sign out.
	SignIn     bool
	Next, CSRF string
}

var (
	unfinished   = notice{Title: "Sign-in was not finished", Text: "The link from GitHub is too old, was already used, or belongs to another browser.", SignIn: true}
	cancelled    = notice{Title: "Sign-in was cancelled", Text: "GitHub did not confirm who you are.", SignIn: true}
	tooOften     = notice{Title: "Too many sign-ins", Text: "Wait a minute, then try again.", SignIn: true}
	signedOut    = notice{Title: "You are signed out", SignIn: true}
	sessionEnded = notice{Title: "Your session has ended", Text: "GitHub does not accept your sign-in any more, or it was ended elsewhere. Sign in again to see your pages."}
	foreignForm  = notice{Title: "Nothing was done", Text: "The form is from another session. Go back, reload the page and try again."}
	broken       = notice{Title: "Sign-in does not work at the moment", Text: "GitHub or the database does not answer. The server's log has the reason.", SignIn: true}
)

//go:embed notice.html
var noticeText string

//go:embed style.css
var styleText []byte

var noticeTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("notice").Parse(noticeText)) })

func (p *People) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(styleText)
}

func (p *People) show(w http.ResponseWriter, status int, n notice) {
	var page bytes.Buffer
	if err := noticeTemplate().Execute(&page, n); err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w)
}

func (p *People) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // who asked has gone
	}
	zerolog.Ctx(r.Context()).Warn().Err(err).Str("path", r.URL.Path).Msg("sign-in failed")
	p.show(w, http.StatusServiceUnavailable, broken)
}
