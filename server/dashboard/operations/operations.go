package operations

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/handlers/require"
	"plimsoll/server/dashboard"
	"plimsoll/server/github"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

//go:embed operations.html
var operationsText string

// Queue is the queue of jobs.
type Queue interface {
	Stats(ctx context.Context) (queue.Stats, error)
	Pauses(ctx context.Context) ([]queue.Pause, error)
	Loads(ctx context.Context) ([]queue.Load, error)
	Jobs(ctx context.Context, f queue.Filter) ([]queue.Job, error)
	Retry(ctx context.Context, id string) error
}

// GitHub knows what it has sent, and how many requests it still grants.
type GitHub interface {
	Deliveries(ctx context.Context, cursor string) (attempts []github.Delivery, next string, err error)
	Redeliver(ctx context.Context, id int64) error
	Left(installation int64) (left int, known bool)
}

// Store knows who has the App.
type Store interface {
	Installations(ctx context.Context) ([]store.Installation, error)
}

// Deps is what the page needs.
type Deps struct {
	Frame  *dashboard.Frame
	Store  Store
	Queue  Queue
	GitHub GitHub
	// Version of the program.
	Version string
}

type pages struct{ Deps }

const path = "/operations"

// New adds the page to the frame.
func New(deps Deps) error {
	if err := require.All(deps); err != nil {
		return err
	}
	p := &pages{deps}
	deps.Frame.MenuForOperators("Operations", path)
	deps.Frame.Page(path, operationsText, p.page)
	deps.Frame.Form(path+"/retry", operationsText, p.retry)
	deps.Frame.Form(path+"/redeliver", operationsText, p.redeliver)
	return nil
}

// Bounds of the page.
const (
	mostJobs       = 50
	mostAccounts   = 200
	deliveriesWait = 5 * time.Second
)

// account is an account that has the App, with what the queue holds of it. ID 0 is no account:
// the App's own jobs.
type account struct {
	store.Installation
	queue.Load
	Left   int
	Known  bool
	Paused *queue.Pause
}

type shown struct {
	Now           time.Time
	Version, CSRF string
	Stats         queue.Stats
	Counts        []kind
	OldestDue     string
	Accounts      []account
	Dead          []queue.Job
	Deliveries    []github.Delivery
	// Unknown: GitHub's log could not be read.
	Unknown bool
}

// kind is how many jobs of a kind are in which state.
type kind struct {
	Kind                 string
	Ready, Running, Dead int
}

func (p *pages) page(r *dashboard.Request) (dashboard.Page, error) {
	if !r.Visitor.Operator() {
		return dashboard.Page{}, dashboard.ErrNotFound
	}
	s := shown{Now: r.Now, Version: p.Version, CSRF: r.Visitor.CSRF()}
	var err error
	if s.Stats, err = p.Queue.Stats(r.Context()); err != nil {
		return dashboard.Page{}, err
	}
	s.Counts = kinds(s.Stats.Counts)
	if s.Stats.Due {
		s.OldestDue = s.Stats.OldestDue.Round(time.Second).String()
	}
	if s.Dead, err = p.Queue.Jobs(r.Context(), queue.Filter{State: queue.Dead, Installation: queue.AnyInstallation, Most: mostJobs}); err != nil {
		return dashboard.Page{}, err
	}
	if s.Accounts, err = p.accounts(r.Context()); err != nil {
		return dashboard.Page{}, err
	}
	asking, cancel := context.WithTimeout(r.Context(), deliveriesWait)
	defer cancel()
	all, _, err := p.GitHub.Deliveries(asking, "")
	if err != nil {
		zerolog.Ctx(r.Context()).Warn().Err(err).Msg("GitHub's log of deliveries was not read")
		s.Unknown = true
	}
	for _, one := range all {
		if !one.Arrived() {
			s.Deliveries = append(s.Deliveries, one)
		}
	}
	return dashboard.Page{Title: "Operations", Nav: path, Data: s}, nil
}

func kinds(counts []queue.Count) (all []kind) {
	for _, one := range counts {
		i := slices.IndexFunc(all, func(k kind) bool { return k.Kind == one.Kind })
		if i < 0 {
			i = len(all)
			all = append(all, kind{Kind: one.Kind})
		}
		switch one.State {
		case queue.Ready:
			all[i].Ready += one.Jobs
		case queue.Running:
			all[i].Running += one.Jobs
		case queue.Dead:
			all[i].Dead += one.Jobs
		}
	}
	slices.SortFunc(all, func(a, b kind) int { return cmp.Compare(a.Kind, b.Kind) })
	return all
}

func (p *pages) accounts(ctx context.Context) (all []account, err error) {
	installations, err := p.Store.Installations(ctx)
	if err != nil {
		return nil, err
	}
	pauses, err := p.Queue.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	loads, err := p.Queue.Loads(ctx)
	if err != nil {
		return nil, err
	}
	of := func(id int64) queue.Load {
		i := slices.IndexFunc(loads, func(load queue.Load) bool { return load.Installation == id })
		if i < 0 {
			return queue.Load{}
		}
		return loads[i]
	}
	for _, one := range installations {
		if one.State == store.Removed || len(all) == mostAccounts {
			continue
		}
		a := account{Installation: one, Load: of(one.ID)}
		a.Left, a.Known = p.GitHub.Left(one.ID)
		if i := slices.IndexFunc(pauses, func(pause queue.Pause) bool { return pause.Installation == one.ID }); i >= 0 {
			a.Paused = &pauses[i]
		}
		all = append(all, a)
	}
	if own := of(0); own != (queue.Load{}) {
		all = append(all, account{Load: own})
	}
	return all, nil
}

// retry runs a dead job again.
func (p *pages) retry(r *dashboard.Request) (string, *dashboard.Page, error) {
	if !r.Visitor.Operator() {
		return "", nil, dashboard.ErrNotFound
	}
	id := r.PostFormValue("job")
	err := p.Queue.Retry(r.Context(), id)
	if errors.Is(err, queue.ErrNotDead) || errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil // somebody was faster
	}
	if err == nil {
		zerolog.Ctx(r.Context()).Info().Str("login", r.Visitor.Login()).Str("job", id).Msg("a dead job runs again")
	}
	return path, nil, err
}

// redeliver has GitHub send a webhook again.
func (p *pages) redeliver(r *dashboard.Request) (string, *dashboard.Page, error) {
	if !r.Visitor.Operator() {
		return "", nil, dashboard.ErrNotFound
	}
	id, err := strconv.ParseInt(r.PostFormValue("delivery"), 10, 64)
	if err != nil || id <= 0 {
		return "", nil, dashboard.ErrNotFound
	}
	if err := p.GitHub.Redeliver(r.Context(), id); err != nil {
		return "", nil, err
	}
	zerolog.Ctx(r.Context()).Info().Str("login", r.Visitor.Login()).Int64("delivery", id).Msg("GitHub was asked to send a delivery again")
	return path, nil, nil
}
