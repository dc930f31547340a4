package apis

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/impact"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/answers"
	"plimsoll/handlers/source"
	"plimsoll/server/dashboard"
)

// mostVersions is how many versions the matrix of can-i-deploy has.
const mostVersions = 6

// deployRow is a version, and whether it may be deployed to each target.
type deployRow struct {
	Commit, Name string
	Answers      []deployCell
}

// deployCell is one answer. Runs: the version runs there.
type deployCell struct {
	Environment string
	Runs        bool
	Answer      contracts.Answer
	Reasons     []string
}

// deploy asks for each version whether it may go to each environment.
func (p *pages) deploy(r *dashboard.Request) (dashboard.Page, error) {
	one, err := p.find(r, "deploy")
	if err != nil {
		return dashboard.Page{}, err
	}
	offered, err := p.Store.Offered(r.Context(), one.Ref())
	if err != nil {
		return dashboard.Page{}, err
	}
	runs := map[string][]string{}
	if commit := one.Provider.Repository.Commit; commit != "" {
		one.Deploy = append(one.Deploy, deployRow{Commit: commit, Name: "default branch"})
	}
	for _, environment := range one.Provider.Environments {
		one.Targets = append(one.Targets, environment.Name)
	}
	for _, version := range offered {
		if version.Environment == "" {
			continue
		}
		runs[version.Environment] = append(runs[version.Environment], version.Commit)
		if !slices.Contains(one.Targets, version.Environment) {
			one.Targets = append(one.Targets, version.Environment)
		}
		if len(one.Deploy) < mostVersions && !slices.ContainsFunc(one.Deploy, func(d deployRow) bool { return d.Commit == version.Commit }) {
			one.Deploy = append(one.Deploy, deployRow{Commit: version.Commit, Name: "runs in " + version.Environment})
		}
	}
	for i := range one.Deploy {
		for _, environment := range one.Targets {
			cell := deployCell{Environment: environment, Runs: slices.Contains(runs[environment], one.Deploy[i].Commit)}
			asked, err := p.Answers.CanIDeploy(r.Context(), source.DeployQuestion{
				Repository: one.Provider.Repository.RepositoryRef, Components: []string{one.Provider.Name}, Commit: one.Deploy[i].Commit, Environment: environment,
			})
			if err != nil {
				return dashboard.Page{}, err
			}
			cell.Answer, cell.Reasons = asked.Answer, reasons(r, asked.Reasons)
			one.Deploy[i].Answers = append(one.Deploy[i].Answers, cell)
		}
	}
	return p.made(one), nil
}

// mostReasons is how many reasons of one answer are shown.
const mostReasons = 6

// reasons are those of an answer as the visitor may see them, the most severe first.
func reasons(r *dashboard.Request, all []contracts.AnswerReason) (texts []string) {
	seen := contracts.SeenBy(all, func(v contracts.AnswerVersion) bool { return r.Sees(v.RepositoryID) })
	contracts.SortReasons(seen)
	for _, reason := range seen[:min(len(seen), mostReasons)] {
		texts = append(texts, contracttext.AnswerSentence(reason))
	}
	return texts
}

// removal is the question whether a part may be removed, with its answer.
type removal struct {
	Operation, Field string
	Sends            bool
	Answer           contracts.Answer
	Reasons          []string
	Refused          string
}

func (p *pages) remove(r *dashboard.Request) (dashboard.Page, error) {
	one, err := p.find(r, "remove")
	if err != nil {
		return dashboard.Page{}, err
	}
	query := r.URL.Query()
	asked := &removal{Operation: strings.TrimSpace(query.Get("operation")), Field: strings.TrimSpace(query.Get("field")), Sends: query.Get("side") == "request"}
	one.Remove = asked
	if asked.Operation == "" {
		return p.made(one), nil
	}
	versions, err := p.versions(r, one.Ref())
	if err != nil {
		return dashboard.Page{}, err
	}
	answer, err := p.Answers.CanRemove(r.Context(), answers.RemoveQuestion{
		API: one.Ref(), Consumers: versions, Removal: impact.Removal{Operation: asked.Operation, Field: asked.Field, Sends: asked.Sends},
	})
	var absent *impact.NotInContract
	var problem *contracts.Problem
	switch {
	case errors.As(err, &absent):
		asked.Refused = checks.UpperFirst(absent.Message)
		if len(absent.Nearest) > 0 {
			asked.Refused += ". Similar names: " + strings.Join(absent.Nearest, ", ")
		}
	case errors.As(err, &problem):
		asked.Refused = checks.UpperFirst(problem.Message)
	case err != nil:
		return dashboard.Page{}, err
	default:
		asked.Answer, asked.Reasons = answer.Answer, reasons(r, answer.Reasons)
	}
	return p.made(one), nil
}

// deprecated is a part of the contract that is deprecated, with the consumers that the visitor
// sees and that still use it.
type deprecated struct {
	impact.Deprecation
	Users []cell
	// Left counts the consumers that do not use it.
	Left int
}

// contract reads the contract on the default branch. problem is why it can't be read.
func (p *pages) contract(r *dashboard.Request, one *page) (contract *openapi.Contract, problem string, err error) {
	repo := one.Provider.Repository
	contract, err = p.Contracts.Version(r.Context(), repo.RepositoryRef, contracts.ContractVersion{Commit: repo.Commit, Spec: one.Spec, Files: one.Files})
	var wrong *contracts.Problem
	switch {
	case errors.As(err, &wrong):
		return nil, wrong.Message, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, "the file is not there any more", nil
	}
	return contract, "", err
}

func (p *pages) deprecations(r *dashboard.Request) (dashboard.Page, error) {
	one, err := p.find(r, "deprecations")
	if err != nil {
		return dashboard.Page{}, err
	}
	contract, problem, err := p.contract(r, one)
	if err != nil {
		return dashboard.Page{}, err
	}
	if problem != "" {
		one.Problem = problem
		return p.made(one), nil
	}
	consumers, err := p.deprecatedUses(r, one.Ref(), contract)
	if err != nil {
		return dashboard.Page{}, err
	}
	one.Consumers = len(consumers)
	type key struct {
		kind            contracts.EdgeKind
		name, operation string
	}
	at := map[key]int{}
	for _, c := range consumers {
		for _, use := range c.deprecated {
			k := key{use.Kind, use.Name, use.Operation}
			i, ok := at[k]
			if !ok {
				i = len(one.Deprecated)
				at[k] = i
				one.Deprecated = append(one.Deprecated, deprecated{Deprecation: use, Left: len(consumers)})
			}
			says := "uses it"
			if use.Assumed {
				says = "lists nothing there, so that it counts as used"
			}
			one.Deprecated[i].Users = append(one.Deprecated[i].Users, cell{"✓", says, dashboard.LineURL(p.WebURL, c.Repository, c.Commit, use.Evidence.Position), c.Component})
			one.Deprecated[i].Left--
		}
	}
	return p.made(one), nil
}
