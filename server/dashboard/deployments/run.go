package deployments

import (
	_ "embed"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/dashboard"
	"plimsoll/server/evidence"
)

//go:embed run.html
var runText string

//go:embed rollback.html
var rollbackText string

// run is what the page of a verification shows.
type run struct {
	evidence.Part
	Repo contracts.RepositoryRef
	// Back is the path of the page that asks before it rolls back; empty: the visitor may not.
	Back string
	// Path is that of the page itself, CSRF and Once are what its form carries.
	Path, CSRF, Once string
	// Refused is why it was not rolled back.
	Refused string
}

// find finds the verification that the path names, if the visitor may read its repository.
func (p *pages) find(r *dashboard.Request) (run, error) {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	repo, ok := r.Inventory.Repositories[number("repository")]
	if !ok || !r.Sees(repo.ID) || repo.Installation != number("installation") {
		return run{}, dashboard.ErrNotFound
	}
	query := r.URL.Query()
	target := deploy.Target{Component: query.Get("component"), Environment: query.Get("environment"), Instance: query.Get("instance")}
	id := deploy.Verification{Repository: repo.RepositoryRef, Deployment: number("deployment"), Target: target}.ID()
	part, err := p.Evidence.Part(r.Context(), repo.RepositoryRef, id, r.Now)
	if err != nil {
		return run{}, err
	}
	return run{
		Part: part, Repo: repo.RepositoryRef, CSRF: r.Visitor.CSRF(),
		Path: dashboard.RunPath(repo.Installation, repo.ID, number("deployment"), target.Component, target.Environment, target.Instance),
	}, nil
}

// canRollBack reports whether rolling back may be offered: no newer deployment replaced it, and
// no rollback is under way. The RollbackController decides.
func (one run) canRollBack() bool {
	m, verdict := one.Run.Rollback, one.Run.Verdict
	return (verdict == nil || verdict.Answer != deploy.Superseded) && (m == nil || !m.UnderWay())
}

func (p *pages) run(r *dashboard.Request) (dashboard.Page, error) {
	one, err := p.find(r)
	if err != nil {
		return dashboard.Page{}, err
	}
	if one.canRollBack() {
		may, err := r.Visitor.MayWrite(r.Context(), one.Repo)
		if err != nil {
			return dashboard.Page{}, err
		}
		if may {
			one.Back = strings.Replace(one.Path, "?", "/rollback?", 1)
		}
	}
	return dashboard.Page{Title: one.Title, Nav: "/deployments", Refresh: one.Refresh, Data: one}, nil
}

// writable is find for people who may write to the repository; for others there is no page.
func (p *pages) writable(r *dashboard.Request) (run, error) {
	one, err := p.find(r)
	if err != nil {
		return one, err
	}
	may, err := r.Visitor.MayWrite(r.Context(), one.Repo)
	if err == nil && !may {
		err = dashboard.ErrNotFound
	}
	return one, err
}

func (p *pages) confirm(r *dashboard.Request) (dashboard.Page, error) {
	one, err := p.writable(r)
	if err != nil {
		return dashboard.Page{}, err
	}
	one.Once = uuid.NewString()
	return dashboard.Page{Title: "Roll back " + one.Run.Target.Component, Nav: "/deployments", Data: one}, nil
}

var errNoName = errors.New("the form names no request")

func (p *pages) rollBack(r *dashboard.Request) (string, *dashboard.Page, error) {
	one, err := p.writable(r)
	if err != nil {
		return "", nil, err
	}
	once, err := uuid.Parse(r.PostFormValue("once"))
	if err != nil {
		return "", nil, errors.Join(errNoName, err)
	}
	answer, err := p.Rollbacks.Ask(r.Context(), one.Repo, one.Run.ID(), r.Visitor.Login(), "dashboard/"+once.String())
	if err != nil {
		return "", nil, err
	}
	if !answer.Refused {
		return one.Path, nil, nil
	}
	one.Refused, one.Once = checks.Unmarked(answer.Text), uuid.NewString()
	return "", &dashboard.Page{Title: "Not rolled back", Nav: "/deployments", Data: one}, nil
}
