package apis

import (
	"context"
	_ "embed"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/server/dashboard"
	"plimsoll/server/dashboard/inventory"
)

//go:embed list.html
var listText string

//go:embed api.html
var apiText string

// Store is what the pages of APIs are made from.
type Store interface {
	Consumers(ctx context.Context, api contracts.APIRef) ([]contracts.Consumer, error)
	Offered(ctx context.Context, api contracts.APIRef) ([]contracts.ProvidedVersion, error)
}

// Answers answers questions from the registry.
type Answers interface {
	CanIDeploy(ctx context.Context, q source.DeployQuestion) (source.Asked, error)
	CanRemove(ctx context.Context, q answers.RemoveQuestion) (source.Asked, error)
}

// Contracts reads versions of contracts.
type Contracts interface {
	Version(ctx context.Context, provider contracts.RepositoryRef, version contracts.ContractVersion) (*openapi.Contract, error)
}

// Deps is what the pages need.
type Deps struct {
	Frame     *dashboard.Frame
	Store     Store
	Answers   Answers
	Contracts Contracts
	// WebURL is GitHub's address for people.
	WebURL string
}

type pages struct {
	Deps
	shared *shared
}

// New adds the pages to the frame.
func New(deps Deps) error {
	if err := require.All(deps); err != nil {
		return err
	}
	p := &pages{deps, &shared{}}
	deps.Frame.Menu("APIs", "/apis")
	deps.Frame.Page("/apis", listText, p.list)
	const api = "/apis/{owner}/{repo}/{api}"
	deps.Frame.Page(api, apiText, p.uses)
	deps.Frame.Page(api+"/deploy", apiText, p.deploy)
	deps.Frame.Page(api+"/remove", apiText, p.remove)
	deps.Frame.Page(api+"/deprecations", apiText, p.deprecations)
	return nil
}

// mostListed is how many APIs one page lists.
const mostListed = 200

type apiLine struct {
	*inventory.API
	Used int
}

func (p *pages) list(r *dashboard.Request) (dashboard.Page, error) {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	wanted := strings.ToLower(query)
	var lines []apiLine
	total := 0
	for _, api := range r.Inventory.APIs {
		if !r.Sees(api.Provider.Repository.ID) || !strings.Contains(strings.ToLower(api.Ref().FullName()+" "+api.Provider.Name), wanted) {
			continue
		}
		if total++; total > mostListed {
			continue
		}
		line := apiLine{API: api}
		for _, use := range api.Consumers {
			if r.Sees(use.Consumer.Repository.ID) {
				line.Used++
			}
		}
		lines = append(lines, line)
	}
	return dashboard.Page{Title: "APIs", Nav: "/apis", Data: struct {
		Query       string
		Total, More int
		Lines       []apiLine
	}{query, total, total - len(lines), lines}}, nil
}

// page is what the pages of an API have in common.
type page struct {
	*inventory.API
	// Tab is the part that is shown.
	Tab     string
	Path    string
	Matrix  *matrix
	Deploy  []deployRow
	Targets []string
	Remove  *removal
	// Deprecated are the deprecated parts with who still uses them; Problem is why that is
	// not known.
	Deprecated []deprecated
	Consumers  int
	Problem    string
}

// find finds the API that the path names, if the visitor may read it.
func (p *pages) find(r *dashboard.Request, tab string) (*page, error) {
	repo, err := r.Repository()
	if err != nil {
		return nil, err
	}
	api, ok := repo.API(r.PathValue("api"))
	if !ok {
		return nil, dashboard.ErrNotFound
	}
	return &page{API: api, Tab: tab, Path: dashboard.APIPath(repo.RepositoryRef, api.Provided.API)}, nil
}

func (p *pages) made(one *page) dashboard.Page {
	return dashboard.Page{Title: one.Ref().FullName(), Nav: "/apis", Wide: one.Matrix != nil, Data: one}
}
