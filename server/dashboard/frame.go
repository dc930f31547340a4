package dashboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/handlers/require"
	"plimsoll/server/bucket"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/evidence"
)

// ErrNotFound means that there is no such page, or that the visitor may not read what it
// would show.
var ErrNotFound = errors.New("there is no such page")

// Deps is what a Frame needs.
type Deps struct {
	Visitors  Visitors
	Inventory *inventory.Kept
	// Now gives the time that is kept.
	Now func(ctx context.Context) (time.Time, error)
	// WebURL is GitHub's address for people.
	WebURL string
}

// Frame serves pages to people who have logged in.
type Frame struct {
	deps    Deps
	mux     *http.ServeMux
	buckets *bucket.Buckets[string]
	nav     []item
	// patterns are those of all pages, forms and files; a test visits each.
	patterns []string
}

// How often one person may ask for a page.
const (
	pageBurst, pagesPerSecond = 120, 20
	mostVisitors              = 10_000
)

// New makes a frame without pages.
func New(deps Deps) (*Frame, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	f := &Frame{deps: deps, mux: http.NewServeMux(), buckets: bucket.New[string](pageBurst, pagesPerSecond, mostVisitors)}
	f.mux.HandleFunc("GET "+stylePath, file("text/css; charset=utf-8", style))
	f.mux.HandleFunc("GET "+iconPath, file("image/svg+xml", icon))
	f.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound) })
	return f, nil
}

// ServeHTTP answers one request.
func (f *Frame) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-store")
	f.mux.ServeHTTP(w, r)
}

// item is an entry of the navigation.
type item struct {
	Name, Path string
	// operators: only they see it.
	operators bool
}

// Menu adds entries to the navigation.
func (f *Frame) Menu(name, path string) { f.nav = append(f.nav, item{Name: name, Path: path}) }

// MenuForOperators adds an entry that only operators see.
func (f *Frame) MenuForOperators(name, path string) {
	f.nav = append(f.nav, item{Name: name, Path: path, operators: true})
}

// Request is a request of a person for a page.
type Request struct {
	*http.Request
	Visitor   Visitor
	Inventory *inventory.Inventory
	Now       time.Time
	readable  map[int64]bool
}

// Sees reports whether the visitor may read a repository.
func (r *Request) Sees(repository int64) bool { return r.readable[repository] }

// Repository finds a repository that the visitor may read, by the names in the path; any
// other is [ErrNotFound].
func (r *Request) Repository() (*inventory.Repository, error) {
	repo, ok := r.Inventory.Repository(r.PathValue("owner"), r.PathValue("repo"))
	if !ok || !r.Sees(repo.ID) {
		return nil, ErrNotFound
	}
	return repo, nil
}

// Page is what is shown within the frame.
type Page struct {
	// Title of the page; Nav is the path of the entry of the navigation that it belongs to.
	Title, Nav string
	// Refresh is after how many seconds the page asks again; 0: never.
	Refresh int
	// Script is an address of a script of ours; it may be empty.
	Script string
	// Wide: the page takes the whole width of the window.
	Wide bool
	// Data is what the page's template "main" shows.
	Data any
}

// maxQuery bounds what is read of a question.
const maxQuery = 4 << 10

// Page serves a page below a pattern of [http.ServeMux]. The template defines "main".
func (f *Frame) Page(pattern, text string, serve func(*Request) (Page, error)) {
	t := f.parsed(text)
	f.Handle("GET "+pattern, func(w http.ResponseWriter, r *Request) error {
		page, err := serve(r)
		if err != nil {
			return err
		}
		return f.write(w, r, t, page)
	})
}

// Form serves what a form sends. The form's token was checked. It answers with the address of
// the page to show next, or with a page.
func (f *Frame) Form(pattern, text string, serve func(*Request) (next string, page *Page, err error)) {
	t := f.parsed(text)
	f.handle("POST "+pattern, true, func(w http.ResponseWriter, r *Request) error {
		next, page, err := serve(r)
		if err != nil {
			return err
		}
		if page != nil {
			return f.write(w, r, t, *page)
		}
		http.Redirect(w, r.Request, next, http.StatusSeeOther)
		return nil
	})
}

// Handle serves something else than a page to people who have logged in.
func (f *Frame) Handle(pattern string, serve func(http.ResponseWriter, *Request) error) {
	f.handle(pattern, false, serve)
}

// maxForm bounds what is read of a form.
const maxForm = 64 << 10

func (f *Frame) handle(pattern string, form bool, serve func(http.ResponseWriter, *Request) error) {
	f.patterns = append(f.patterns, pattern)
	f.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.RawQuery) > maxQuery {
			refuse(w, http.StatusRequestURITooLong)
			return
		}
		visitor, err := f.deps.Visitors.Visitor(r)
		if errors.Is(err, ErrNobody) {
			next := "/"
			if r.Method == http.MethodGet {
				next = r.URL.RequestURI()
			}
			path := LoginPath
			if errors.Is(err, ErrEnded) {
				path = EndedPath
			}
			http.Redirect(w, r, path+"?next="+url.QueryEscape(next), http.StatusSeeOther)
			return
		}
		if err == nil && form {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if f.deps.Visitors.CheckCSRF(r) != nil {
				refuse(w, http.StatusForbidden)
				return
			}
		}
		if err == nil {
			if wait := f.buckets.Take(visitor.Login(), 1, time.Now()); wait > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
				refuse(w, http.StatusTooManyRequests)
				return
			}
			err = f.serve(w, r, visitor, serve)
		}
		f.fail(w, r, err)
	})
}

func (f *Frame) serve(w http.ResponseWriter, r *http.Request, visitor Visitor, serve func(http.ResponseWriter, *Request) error) error {
	readable, err := visitor.Repositories(r.Context())
	if err != nil {
		return fmt.Errorf("ask what %s may read: %w", visitor.Login(), err)
	}
	all, err := f.deps.Inventory.Get(r.Context())
	if err != nil {
		return err
	}
	now, err := f.deps.Now(r.Context())
	if err != nil {
		return err
	}
	return serve(w, &Request{Request: r, Visitor: visitor, Inventory: all, Now: now.UTC(), readable: readable})
}

// fail answers a request that was not served.
func (f *Frame) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case err == nil, r.Context().Err() != nil: // answered, or who asked has gone
	case errors.Is(err, ErrNotFound), errors.Is(err, fs.ErrNotExist):
		refuse(w, http.StatusNotFound)
	default:
		zerolog.Ctx(r.Context()).Warn().Err(err).Str("path", r.URL.Path).Msg("a page of the dashboard was not made")
		refuse(w, http.StatusInternalServerError)
	}
}

// shown is what the frame's template shows.
type shown struct {
	Page
	Login, CSRF           string
	Items                 []item
	Style, Evidence, Live string
	LogoutPath, Measured  string
}

// write makes a page before it sends the first byte of it: an error becomes an answer.
func (f *Frame) write(w http.ResponseWriter, r *Request, t *template.Template, page Page) error {
	s := shown{
		Page: page, Login: r.Visitor.Login(), CSRF: r.Visitor.CSRF(), LogoutPath: LogoutPath,
		Style: stylePath, Evidence: evidence.StylePath, Live: evidence.ScriptPath, Measured: r.Inventory.At.UTC().Format("2006-01-02 15:04:05"),
	}
	for _, one := range f.nav {
		if !one.operators || r.Visitor.Operator() {
			s.Items = append(s.Items, one)
		}
	}
	var out bytes.Buffer
	if err := t.Execute(&out, s); err != nil {
		return fmt.Errorf("write the page %s: %w", r.URL.Path, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w)
	return nil
}
