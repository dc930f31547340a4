package evidence

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/bucket"
	"plimsoll/server/store"
)

// Store is what pages are made from.
type Store interface {
	Installation(ctx context.Context, id int64) (store.Installation, error)
	Repository(ctx context.Context, installation, id int64) (store.Repository, error)
	Verification(ctx context.Context, repo contracts.RepositoryRef, id string) (deploy.VerificationRun, error)
	VerificationsUntil(ctx context.Context, run deploy.Verification, most int) ([]deploy.VerificationRun, error)
	Samples(ctx context.Context, repo contracts.RepositoryRef, id string) ([]deploy.Sample, error)
	History(ctx context.Context, repo contracts.RepositoryRef, id string) (*deploy.History, string, error)
}

// Config of New. All of it is needed but Graphs.
type Config struct {
	Store Store
	Links *Links
	// Now gives the time that is kept.
	Now func(ctx context.Context) (time.Time, error)
	// WebURL is GitHub's address for people.
	WebURL string
	// Graphs are the addresses of metric servers for people, by the name of the datasource;
	// "" is the default one.
	Graphs map[string]string
}

// Pages is the handler of everything below Prefix.
type Pages struct {
	config Config
	// graphs are Config.Graphs; they may be replaced while pages are made.
	graphs  atomic.Pointer[map[string]string]
	mux     *http.ServeMux
	buckets *bucket.Buckets[string]
	// drawing has room for the pages that are made at once.
	drawing chan struct{}
}

// How often one page may be requested, and how many are made at once: everyone who has a
// link shares its bucket.
const (
	pageBurst, pagePerSecond = 30, 1
	mostPages                = 10_000
	mostDrawing              = 4
)

// StylePath and ScriptPath are where the style sheet and the script are that keeps a page up to
// date; the dashboard uses both.
const (
	StylePath  = Prefix + "style.css"
	ScriptPath = Prefix + "live.js"
)

//go:embed style.css
var style []byte

//go:embed live.js
var script []byte

// New makes the handler.
func New(config Config) *Pages {
	p := &Pages{config: config, mux: http.NewServeMux(), buckets: bucket.New[string](pageBurst, pagePerSecond, mostPages), drawing: make(chan struct{}, mostDrawing)}
	p.mux.HandleFunc("GET "+StylePath, file("text/css", style))
	p.mux.HandleFunc("GET "+ScriptPath, file("text/javascript", script))
	p.graphs.Store(&config.Graphs)
	p.mux.HandleFunc("GET "+Prefix+"{installation}/{repository}/{deployment}", p.page)
	p.mux.HandleFunc(Prefix, func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound) })
	return p
}

// Prepare derives the keys of other link secrets. The function that it returns takes them into
// use, with other addresses of metric servers.
func (p *Pages) Prepare(secrets [][]byte, graphs map[string]string) (replace func(), err error) {
	replaceKeys, err := p.config.Links.prepare(secrets)
	if err != nil {
		return nil, err
	}
	return func() {
		replaceKeys()
		p.graphs.Store(&graphs)
	}, nil
}

func file(kind string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(content)
	}
}

// ServeHTTP answers one request.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache")
	p.mux.ServeHTTP(w, r)
}

// Link returns the address of a verification's page; empty if no links are made. It ends
// when fewer people may read the repository than now.
func (p *Pages) Link(ctx context.Context, v deploy.Verification) (string, error) {
	repository, err := p.config.Store.Repository(ctx, v.Repository.Installation, v.Repository.ID)
	if err != nil {
		return "", fmt.Errorf("make a link to the evidence of %s: %w", v.ID(), err)
	}
	return p.config.Links.Of(v, repository.Tightened), nil
}

// errNotShown: there is no page; it gets the same answer as a wrong link.
var errNotShown = fmt.Errorf("it is not shown any more: %w", fs.ErrNotExist)

func (p *Pages) page(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	wanted, ok := p.config.Links.read(r)
	if !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	now, err := p.config.Now(ctx)
	if err == nil && !now.Before(wanted.expires) {
		refuse(w, http.StatusGone)
		return
	}
	if err == nil {
		if wait := p.buckets.Take(wanted.id, 1, now); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			refuse(w, http.StatusTooManyRequests)
			return
		}
		var page bytes.Buffer
		if err = p.write(ctx, &page, wanted, now); err == nil {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = page.WriteTo(w)
			return
		}
	}
	switch {
	case ctx.Err() != nil: // who asked has gone
	case errors.Is(err, errNotShown), errors.Is(err, fs.ErrNotExist):
		refuse(w, http.StatusNotFound)
	default:
		zerolog.Ctx(ctx).Warn().Err(err).Msg("a page with evidence was not made")
		refuse(w, http.StatusInternalServerError)
	}
}

// write makes a page.
func (p *Pages) write(ctx context.Context, to *bytes.Buffer, wanted asked, now time.Time) error {
	select {
	case p.drawing <- struct{}{}:
		defer func() { <-p.drawing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	shown, err := p.load(ctx, wanted, now)
	if err != nil {
		return err
	}
	return pageTemplate().Execute(to, shown.view())
}

// shown is what one page is made from.
type shown struct {
	deploytext.Deployed
	hash    string // of the history
	earlier []deploy.VerificationRun
	expires time.Time
	// graphs are the addresses of metric servers for people, by datasource.
	graphs map[string]string
}

// mostEarlier is how many verdicts of the target are listed.
const mostEarlier = 15

// load reads what a page shows: nothing that came after its own deployment but what was done
// about that. What the App may not read any more is not shown, nor is anything to somebody
// whose link was made when more people could read the repository.
func (p *Pages) load(ctx context.Context, wanted asked, now time.Time) (*shown, error) {
	installation, err := p.config.Store.Installation(ctx, wanted.repo.Installation)
	if err != nil {
		return nil, err
	}
	repository, err := p.config.Store.Repository(ctx, wanted.repo.Installation, wanted.repo.ID)
	if err != nil {
		return nil, err
	}
	if installation.State != store.Active || repository.Gone != "" || repository.Tightened != wanted.tightened {
		return nil, errNotShown
	}
	repo := repository.RepositoryRef
	s := &shown{Deployed: deploytext.Deployed{WebURL: p.config.WebURL, Repository: repo, Now: now}, expires: wanted.expires, graphs: *p.graphs.Load()}
	if s.Run, err = p.config.Store.Verification(ctx, repo, wanted.id); err != nil {
		return nil, err
	}
	if s.Samples, err = p.config.Store.Samples(ctx, repo, wanted.id); err != nil {
		return nil, err
	}
	if s.History, s.hash, err = p.config.Store.History(ctx, repo, wanted.id); err != nil {
		return nil, err
	}
	s.Run.Rollback = upToItself(s.Run)
	if s.earlier, err = p.config.Store.VerificationsUntil(ctx, s.Run.Verification, mostEarlier); err != nil {
		return nil, err
	}
	if s.Run.Verdict != nil {
		s.Signals = s.Run.Verdict.Signals
	} else {
		standing, _ := deploy.Decide(s.Run.Verification, s.History, s.Samples, now)
		s.Signals = standing.Signals
	}
	return s, nil
}

// upToItself is what was done about a deployment, without the later deployments of other
// commits.
func upToItself(run deploy.VerificationRun) *deploy.Rollback {
	if run.Rollback == nil {
		return nil
	}
	m := *run.Rollback
	if m.EndedBy != m.Made {
		m.Ended = ""
	}
	m.Reasons = slices.Clone(m.Reasons)
	for i := range m.Reasons {
		if m.Reasons[i].Kind == deploy.RollbackNotCurrent {
			m.Reasons[i].Deployment = 0
		}
	}
	return &m
}

// refuse says that there is no page, and gives no reason but the status.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = refusedTemplate().Execute(w, deploytext.EvidenceRefused(status == http.StatusGone, status == http.StatusTooManyRequests, status >= http.StatusInternalServerError))
}
