package overview

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
	"plimsoll/server/store/sqlc"
)

//go:embed component.html
var componentText string

// mostDeployments is how many deployments a component's page lists.
const mostDeployments = 15

// component is what the page of a component shows.
type component struct {
	*inventory.Component
	Now         time.Time
	Live        []liveLine
	Uses        []useLine
	Provides    []provideLine
	Deployments []sqlc.ListPlacedDeploymentsOfRow
	Pulls       []inventory.Pull
	Problems    []contracts.Problem
	Environment []contracts.Environment
	Metrics     []targetMetrics
}

type liveLine struct {
	contracts.LiveVersion
	// Answer of the verification; Watched: there is one.
	Answer  string
	Watched bool
	// Behind: the default branch is at another commit.
	Behind bool
}

// useLine is an API that the component uses; API is nil if the visitor sees no provider.
type useLine struct {
	Written string
	API     *inventory.API
}

type provideLine struct {
	*inventory.API
	Used int
}

func (p *Pages) component(r *dashboard.Request) (dashboard.Page, error) {
	repo, err := r.Repository()
	if err != nil {
		return dashboard.Page{}, err
	}
	found, ok := repo.Component(r.PathValue("component"))
	if !ok {
		return dashboard.Page{}, dashboard.ErrNotFound
	}
	c := component{Component: found, Now: r.Now, Problems: repo.Problems, Environment: found.Environments}
	for _, use := range found.Uses {
		line := useLine{Written: use.Written}
		if use.API != nil && r.Sees(use.API.Provider.Repository.ID) {
			line.API = use.API
		}
		c.Uses = append(c.Uses, line)
	}
	for _, api := range found.Provides {
		line := provideLine{API: api}
		for _, use := range api.Consumers {
			if r.Sees(use.Consumer.Repository.ID) {
				line.Used++
			}
		}
		c.Provides = append(c.Provides, line)
	}
	for _, pull := range r.Inventory.Pulls {
		if pull.Repository == repo && checks.CheckOf(pull.Check) == checks.ReadinessRun {
			c.Pulls = append(c.Pulls, pull)
		}
	}
	c.Deployments, err = p.store.Read().ListPlacedDeploymentsOf(r.Context(), sqlc.ListPlacedDeploymentsOfParams{
		Installation: repo.Installation, Repository: repo.ID, Component: found.Name, Most: mostDeployments,
	})
	if err != nil {
		return dashboard.Page{}, err
	}
	if c.Live, err = p.live(r, c); err != nil {
		return dashboard.Page{}, err
	}
	if c.Metrics, err = p.metrics.of(r.Context(), repo.RepositoryRef, found.Name, r.Now); err != nil {
		return dashboard.Page{}, err
	}
	return dashboard.Page{Title: found.Name, Nav: "/components", Refresh: refreshOverview, Data: c}, nil
}

// live lists what runs of the component, production first.
func (p *Pages) live(r *dashboard.Request, c component) (lines []liveLine, err error) {
	all, err := p.store.Live(r.Context(), c.Repository.RepositoryRef)
	if err != nil {
		return nil, err
	}
	for _, version := range all {
		if version.Component != c.Name {
			continue
		}
		line := liveLine{LiveVersion: version, Behind: c.Repository.Commit != "" && version.Commit != c.Repository.Commit}
		for _, d := range c.Deployments {
			if d.CommitSha == version.Commit && d.Environment == version.Environment && d.Instance == version.Instance && d.Verification != "" && !version.Rolling {
				line.Answer, line.Watched = d.Answer, true
				break
			}
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(x, y liveLine) int {
		return cmp.Or(cmp.Compare(rankOf(x), rankOf(y)), strings.Compare(x.Environment, y.Environment), strings.Compare(x.Instance, y.Instance))
	})
	return lines, nil
}

// rankOf puts environments of the production class first and releases last.
func rankOf(line liveLine) int {
	switch {
	case line.Release != "":
		return 2
	case line.Production:
		return 0
	}
	return 1
}
