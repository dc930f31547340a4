package readiness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"plimsoll/checks/readiness/kubernetes"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// declaresEndpoint is HC001. A probe of a workload is as good as a declaration: it says how
// the service is asked, over HTTP, gRPC, TCP or by a command, and it is in use.
func declaresEndpoint(ctx context.Context, c *component) (Result, error) {
	if c.Health != nil && c.Health.Endpoint != nil {
		return passed(), nil
	}
	asked, unread, err := c.probed(ctx)
	switch {
	case err != nil:
		return Result{}, err
	case asked:
		return passed(), nil
	case unread != "":
		return unknown(unread), nil
	}
	endpoint, err := c.likelyEndpoint(ctx)
	if err != nil {
		return Result{}, err
	}
	return found(Finding{
		Position: c.position("health"),
		Message:  "no health endpoint is declared; expected `health.endpoint`, such as " + endpoint,
		Fix:      []Snippet{c.declare("endpoint: "+endpoint, "health")},
	}), nil
}

// probed tells whether a workload of the component has a probe in a container that is more
// than company for another; unread says what could not be read.
func (c *component) probed(ctx context.Context) (asked bool, unread string, err error) {
	workloads, unreadFiles, err := c.workloads(ctx)
	if err != nil {
		return false, "", err
	}
	for _, w := range workloads {
		if w.Ends {
			continue
		}
		for i, container := range w.Containers {
			if !container.Init && !accompanies(w, i) && slices.ContainsFunc(probesOf(container), func(p namedProbe) bool { return p.Handler != kubernetes.NoHandler }) {
				return true, "", nil
			}
		}
	}
	return false, unreadable(unreadFiles), nil
}

// healthNames are what the last part of a health endpoint's path is called, the most
// telling first.
var healthNames = []*regexp.Regexp{
	regexp.MustCompile(`(?i)^healthz?$`), regexp.MustCompile(`(?i)^_?health_?-?checks?$`), regexp.MustCompile(`(?i)^(livez?|liveness|alive)$`),
	regexp.MustCompile(`(?i)^(readyz?|readiness)$`), regexp.MustCompile(`(?i)^heartbeat$`), regexp.MustCompile(`(?i)^ping$`), regexp.MustCompile(`(?i)^(status|up)$`),
}

// likelyEndpoint is the operation of the provided contracts that looks most like a health
// endpoint: by its name, then by how short its path is. Without one it is GET /healthz.
func (c *component) likelyEndpoint(ctx context.Context) (string, error) {
	best, rank := "GET /healthz", len(healthNames)
	length := 0
	for _, provided := range c.Provides {
		contract, _, err := c.contract(ctx, provided)
		if err != nil {
			return "", err
		}
		if contract == nil {
			continue
		}
		for _, op := range contract.Operations() {
			if op.Method != "GET" && op.Method != "HEAD" || strings.ContainsAny(op.Path, "{ ") {
				continue
			}
			name := op.Path[strings.LastIndexByte(op.Path, '/')+1:]
			k := slices.IndexFunc(healthNames, func(re *regexp.Regexp) bool { return re.MatchString(name) })
			if k >= 0 && (k < rank || k == rank && len(op.Path) < length) {
				best, rank, length = op.Method+" "+op.Path, k, len(op.Path)
			}
		}
	}
	return best, nil
}

// contract loads what the component provides; nil with a reason where it can't be used.
func (c *component) contract(ctx context.Context, provided config.Provides) (contract *openapi.Contract, reason string, err error) {
	contract, err = openapi.Load(ctx, c.repo.Tree, string(provided.Spec), openapi.LoadOptions{Cache: c.repo.Cache})
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return nil, problem.Error(), nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Sprintf("no file %s in this repository", provided.Spec), nil
	}
	return contract, "", err
}

// endpoint is a method and a path.
type endpoint struct{ method, path string }

func (e endpoint) String() string { return e.method + " " + e.path }

func endpointOf(declared *config.Endpoint) endpoint {
	method, address, _ := strings.Cut(declared.Text, " ")
	return endpoint{method, address}
}

// usesEndpoint is HC002.
func usesEndpoint(ctx context.Context, c *component) (Result, error) {
	if c.Health == nil || c.Health.Endpoint == nil {
		return notApplicable(), nil // HC001 says so
	}
	endpoint := endpointOf(c.Health.Endpoint)
	if c.probes(endpoint) {
		return passed(), nil
	}
	if asked, err := c.kubernetesAsks(ctx, endpoint); err != nil || asked {
		return passed(), err
	}
	var reasons []string
	for _, provided := range c.Provides {
		contract, reason, err := c.contract(ctx, provided)
		if err != nil {
			return Result{}, err
		}
		if contract == nil {
			reasons = append(reasons, reason)
			continue
		}
		for _, op := range contract.Operations() {
			if op.Method == endpoint.method && op.Path == endpoint.path {
				return passed(), nil
			}
		}
	}
	if len(reasons) > 0 {
		return unknown("the contract can't be read: " + strings.Join(reasons, "; ")), nil
	}
	finding := Finding{
		Position: c.position("health", "endpoint"),
		Message:  fmt.Sprintf("%s is declared, but it is not in a provided contract, and no verification or workload probe requests it", endpoint),
	}
	if fix, ok := c.probeIt(endpoint); ok {
		finding.Fix = []Snippet{fix}
	}
	return found(finding), nil
}

// probes tells whether a verification asks for the endpoint.
func (c *component) probes(endpoint endpoint) bool {
	for _, environment := range c.Environments {
		if environment.Verify == nil {
			continue
		}
		if slices.ContainsFunc(environment.Verify.Probes, func(p config.Probe) bool {
			return slices.ContainsFunc(p.Requests(), func(s config.Step) bool {
				address, _, _ := strings.Cut(s.Path(), "?")
				return address == endpoint.path && (s.Method() == endpoint.method || s.Method() == "HEAD")
			})
		}) {
			return true
		}
	}
	return false
}

// kubernetesAsks tells whether a probe of one of the component's workloads asks for the
// endpoint.
func (c *component) kubernetesAsks(ctx context.Context, endpoint endpoint) (bool, error) {
	workloads, _, err := c.workloads(ctx)
	if err != nil || endpoint.method != "GET" {
		return false, err
	}
	for _, w := range workloads {
		for _, container := range w.Containers {
			for _, probe := range []*kubernetes.Probe{container.Readiness, container.Liveness, container.Startup} {
				if probe == nil || probe.Handler != kubernetes.HTTP {
					continue
				}
				if address, _, _ := strings.Cut(probe.Path, "?"); address == endpoint.path {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// probeIt is the edit that has a verification ask for the endpoint: in the
// environment of the production class, else in the first one. Without an environment
// there is none.
func (c *component) probeIt(endpoint endpoint) (Snippet, bool) {
	names := append(production(c.Component), sortedNames(c.Environments)...)
	if len(names) == 0 {
		return Snippet{}, false
	}
	item := fmt.Sprintf("- %s: %s\n  expect: {status: 200}", strings.ToLower(endpoint.method), endpoint.path)
	return c.declareItem(item, environmentWay(names[0], "verify", "probes")...), true
}

// hasRunbook is RB001.
func hasRunbook(_ context.Context, c *component) (Result, error) {
	if c.Health == nil || c.Health.Runbook == "" {
		file := c.likelyRunbook()
		fix := []Snippet{c.declare("runbook: "+file, "health")}
		if !c.repo.paths[file] {
			fix = append(fix, c.newRunbook(file))
		}
		return found(Finding{
			Position: c.position("health"),
			Message:  "no runbook is declared; expected `health.runbook`, a file in this repository or a URL",
			Fix:      fix,
		}), nil
	}
	link := string(c.Health.Runbook)
	if strings.Contains(link, "://") {
		return passed(), nil
	}
	i := slices.IndexFunc(c.repo.files, func(f contracts.File) bool { return f.Path == link })
	switch {
	case i < 0:
		return found(Finding{
			Position: c.position("health", "runbook"),
			Message:  fmt.Sprintf("the runbook %s is not in this repository", link),
			Fix:      []Snippet{c.newRunbook(link)},
		}), nil
	case c.repo.files[i].Size == 0:
		return found(Finding{
			Position: config.Position{File: link},
			Message:  fmt.Sprintf("the runbook %s is empty", link),
			Fix:      []Snippet{c.newRunbook(link)},
		}), nil
	}
	return passed(), nil
}

// likelyRunbook is the file of this repository that is called a runbook of the
// component, else the one that should be written.
func (c *component) likelyRunbook() string {
	for _, file := range c.repo.files {
		name := strings.ToLower(file.Path[strings.LastIndexByte(file.Path, '/')+1:])
		stem, ending, _ := strings.Cut(name, ".")
		if file.Size > 0 && ending == "md" && c.owns(file.Path) && (stem == "runbook" || stem == strings.ToLower(string(c.Name))+"-runbook") {
			return file.Path
		}
	}
	return fmt.Sprintf("docs/runbooks/%s.md", c.Name)
}

func (c *component) newRunbook(file string) Snippet {
	return Snippet{File: file, Text: fmt.Sprintf(`# %s: runbook

## What it does and who is affected when it is down

## What to check: dashboards, logs, the last deployment

## How to stop the damage: roll back, turn off, scale

## Who to call
`, c.Name)}
}

// hasOwner is OW001.
func hasOwner(_ context.Context, c *component) (Result, error) {
	if c.owner != "" {
		return passed(), nil
	}
	team := c.declare(fmt.Sprintf("owner: %q", "@"+cmp.Or(c.repo.Owner, "OWNER")+"/"+string(c.Name)))
	team.Loose = team.Loose || c.repo.Owner == "" // whose it is only a person can tell
	return found(Finding{
		Position: c.position(),
		Message:  fmt.Sprintf("no owner: neither `owner` nor CODEOWNERS (for %s) names anyone", c.repo.File.File),
		Fix:      []Snippet{team},
	}), nil
}
