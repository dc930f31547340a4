package readiness

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"plimsoll/checks/readiness/kustomize"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
)

// Repository is a repository at one commit, and what there is to judge it with.
type Repository struct {
	Tree contracts.Tree
	// File is what the repository says about itself, with the organisation's defaults
	// filled in.
	File *config.Repository
	// Owner and Name on GitHub, to know links to the repository itself; Owner is empty
	// where it is not known. Name is also that of a component that has none.
	Owner, Name string
	// Changed are the paths that are read first where not everything can be.
	Changed []string
	// Metrics asks the operator's metric servers; nil: none is named.
	Metrics Metrics
	// Cache of parsed contracts; may be nil.
	Cache *openapi.Cache
	// Kustomize builds kustomizations. They decide what that costs, so its limits are what
	// bounds it.
	Kustomize kustomize.Builder
}

// Metrics knows which metrics the operator's metric servers hold.
type Metrics interface {
	// Named reports whether the operator names any metric server.
	Named() bool
	// Missing gives the names that the metric server called datasource ("" is the default
	// one) does not have. An error means that it could not be queried; its text holds no
	// secret. One that wraps io/fs.ErrNotExist means that there is no such server.
	Missing(ctx context.Context, datasource string, names []string) (missing []string, err error)
}

// evaluators are the rules' functions by id. The error is of reading the tree and may pass
// by itself; what is wrong with the files is a result.
var evaluators = map[string]func(context.Context, *component) (Result, error){
	"HC001": declaresEndpoint,
	"HC002": usesEndpoint,
	"HC003": hasProbes,
	"HC004": asksOwnPort,
	"HC005": asksInTime,
	"HC006": checksImage,
	"AL001": hasAlert,
	"AL002": loadsRules,
	"AL003": equipsAlerts,
	"AL004": readsMetrics,
	"RB001": hasRunbook,
	"VF001": verifiesProduction,
	"VF002": verifiesBySignals,
	"VF003": probesVersion,
	"DP001": deploysOneAtATime,
	"DP002": goesBack,
	"OW001": hasOwner,
}

// component is one component while it is evaluated.
type component struct {
	config.Component
	repo *repository
	// at is the way to it in the repository's file.
	at    int
	owner string
}

// Evaluate tells how the components of a repository stand. The error means that the
// tree could not be read, and that trying again may help.
func Evaluate(ctx context.Context, r Repository) (Standing, error) {
	repo, err := read(ctx, r)
	if err != nil {
		return Standing{}, fmt.Errorf("evaluate the readiness of %s/%s: %w", r.Owner, r.Name, err)
	}
	standing := Standing{}
	for _, c := range repo.components {
		if !InScope(c.Component) {
			standing.Exempt = append(standing.Exempt, string(c.Name))
			continue
		}
		evaluated := Component{Declared: c.Component, Name: string(c.Name), Owner: c.owner}
		for _, rule := range Rules {
			result, err := c.evaluate(ctx, rule.ID)
			if err != nil {
				return Standing{}, fmt.Errorf("evaluate %s of %s in %s/%s: %w", rule.ID, c.Name, r.Owner, r.Name, err)
			}
			evaluated.Results = append(evaluated.Results, result)
		}
		standing.Components = append(standing.Components, evaluated)
	}
	standing.Unread = repo.unread
	return standing, nil
}

func (c *component) evaluate(ctx context.Context, rule string) (Result, error) {
	evaluate := evaluators[rule]
	if evaluate == nil {
		return Result{Rule: rule, State: NotApplicable}, nil
	}
	result, err := evaluate(ctx, c)
	if err != nil {
		return Result{}, err
	}
	result.Rule = rule
	for i := range result.Findings {
		result.Findings[i].Rule, result.Findings[i].Component = rule, string(c.Name)
	}
	return result, nil
}

// InScope tells whether a component is evaluated: it provides an API, or runs in an
// environment of the production class.
func InScope(c config.Component) bool { return len(c.Provides) > 0 || len(production(c)) > 0 }

// production are the names of a component's environments of the production class, sorted.
func production(c config.Component) []config.Name {
	var names []config.Name
	for _, name := range sortedNames(c.Environments) {
		if c.Environments[name].IsProduction(name) {
			names = append(names, name)
		}
	}
	return names
}

// ownersOf gives who owns the components without a declared owner: the owners of the
// repository's file.
func ownersOf(ctx context.Context, r Repository) (string, error) {
	owners, err := evidence.FileOwners(ctx, r.Tree, r.File.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return strings.Join(owners, ", "), nil
}
