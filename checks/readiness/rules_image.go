package readiness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"plimsoll/checks/readiness/images"
	"plimsoll/config"
	"plimsoll/contracts"
)

// checksImage is HC006. It speaks of the Dockerfiles of a component that no
// Kubernetes manifest runs: an orchestrator has probes of its own and ignores
// HEALTHCHECK. A Compose service that builds the Dockerfile and has a healthcheck
// counts as much as a HEALTHCHECK in it.
//
// https://docs.docker.com/reference/dockerfile/#healthcheck
func checksImage(ctx context.Context, c *component) (Result, error) {
	dockerfiles := c.dockerfiles()
	if len(dockerfiles) == 0 {
		return notApplicable(), nil
	}
	if len(dockerfiles) > maxDockerfiles {
		return unknown(fmt.Sprintf("there are %d Dockerfiles, at most %d are read", len(dockerfiles), maxDockerfiles)), nil
	}
	orchestrated, unreadManifests, err := c.orchestrated(ctx)
	if err != nil || orchestrated {
		return notApplicable(), err
	}
	composes, err := c.repo.composes(ctx)
	if err != nil {
		return Result{}, err
	}
	doubt := cmp.Or(composes.doubt, unreadManifests)
	var findings []Finding
	var doubts []string
	for _, file := range dockerfiles {
		finding, reason, err := c.imageWithoutCheck(ctx, file, composes.read)
		switch {
		case err != nil:
			return Result{}, err
		case finding != nil && doubt != "":
			doubts = append(doubts, doubt)
		case finding != nil:
			findings = append(findings, *finding)
		case reason != "":
			doubts = append(doubts, reason)
		}
	}
	if len(findings) == 0 && len(doubts) > 0 {
		return unknown(strings.Join(slices.Compact(doubts), "; ")), nil
	}
	return found(findings...), nil
}

// notShipped are the ends of Dockerfiles' names, and folders, whose images stay with
// the developers.
var notShipped = map[string]bool{
	"dev": true, "development": true, "local": true, "test": true, "tests": true, "ci": true, "e2e": true,
	".devcontainer": true, ".github": true, ".circleci": true, ".gitlab": true,
}

// dockerfiles of the component whose images may run in production.
func (c *component) dockerfiles() []string {
	var files []string
	for _, file := range c.repo.files {
		if !images.IsDockerfile(file.Path) || !c.owns(file.Path) || !deployable(file.Path) {
			continue
		}
		parts := append(strings.Split(path.Dir(file.Path), "/"), strings.Split(strings.ToLower(path.Base(file.Path)), ".")...)
		if !slices.ContainsFunc(parts, func(part string) bool { return notShipped[part] }) {
			files = append(files, file.Path)
		}
	}
	return files
}

// orchestrated reports whether a Kubernetes manifest or a Helm chart runs the component;
// doubt says why that is unknown.
func (c *component) orchestrated(ctx context.Context) (is bool, doubt string, err error) {
	for _, file := range c.repo.files {
		if path.Base(file.Path) == "Chart.yaml" && deployable(file.Path) && (c.owns(file.Path) || !c.repo.owned(file.Path)) {
			return true, "", nil
		}
	}
	workloads, unread, err := c.workloads(ctx)
	return len(workloads) > 0, unreadable(unread), err
}

// composeFiles are a repository's Compose files; doubt says which one can't be read.
type composeFiles struct {
	read  []*images.Compose
	doubt string
}

// maxComposeFiles and maxDockerfiles are read, of a repository and of a component.
const (
	maxComposeFiles = 100
	maxDockerfiles  = 100
)

// composes reads the Compose files, once for all components.
func (r *repository) composes(ctx context.Context) (*composeFiles, error) {
	if r.compose != nil {
		return r.compose, nil
	}
	all := &composeFiles{}
	for _, file := range r.files {
		if !images.IsCompose(file.Path) || !deployable(file.Path) {
			continue
		}
		if len(all.read) == maxComposeFiles {
			all.doubt = fmt.Sprintf("there are more than %d Compose files, which are not all read", maxComposeFiles)
			break
		}
		data, there, err := r.bounded(ctx, file, images.Bounds)
		if err != nil {
			return nil, err
		}
		if !there {
			all.doubt = file.Path + " can't be read"
			continue
		}
		compose, err := images.ParseCompose(file.Path, data)
		if err != nil {
			all.doubt = cmp.Or(all.doubt, r.broken(err))
			continue
		}
		all.read = append(all.read, compose)
	}
	r.compose = all
	return all, nil
}

// bounded reads a file that is not longer than the bounds; a longer one is listed
// as unread and not fetched.
func (r *repository) bounded(ctx context.Context, file contracts.File, bounds config.Bounds) (data []byte, there bool, err error) {
	if file.Size > int64(bounds.Bytes) {
		r.cannotRead(Unread{Position: config.Position{File: file.Path}, Message: fmt.Sprintf("the file has %d bytes, at most %d are read", file.Size, bounds.Bytes), Hint: "split it or leave out what is generated"})
		return nil, false, nil
	}
	return r.content(ctx, file.Path)
}

// broken notes a file that can't be read, and gives where and why in one line.
func (r *repository) broken(err error) string {
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		r.cannotRead(Unread{Position: config.Position(problem.Position), Message: problem.Message, Hint: problem.Hint})
		return problem.Position.String() + ": " + problem.Message
	}
	if errs, ok := errors.AsType[config.Errors](err); ok && len(errs) > 0 {
		first := errs[0]
		r.cannotRead(Unread{Position: config.Position{File: first.File, Line: first.Line, Column: first.Column}, Message: first.Message, Hint: first.Hint})
		return contracts.Position{File: first.File, Line: first.Line, Column: first.Column}.String() + ": " + first.Message
	}
	return err.Error()
}

// imageWithoutCheck evaluates one Dockerfile: a finding, or the reason why the result
// is unknown, or neither.
func (c *component) imageWithoutCheck(ctx context.Context, file string, composes []*images.Compose) (*Finding, string, error) {
	at := slices.IndexFunc(c.repo.files, func(f contracts.File) bool { return f.Path == file })
	data, there, err := c.repo.bounded(ctx, c.repo.files[at], images.Bounds)
	if err != nil || !there {
		return nil, file + " can't be read", err
	}
	d, err := images.ParseDockerfile(file, data)
	if err != nil {
		return nil, c.repo.broken(err), nil
	}
	final := d.Final()
	health, known := d.Health(final)
	if health.State == images.Declared {
		return nil, "", nil
	}
	reason := ""
	if !known {
		reason = fmt.Sprintf("%s: a variable decides the base image of the last stage", final.At)
	}
	for _, compose := range composes {
		for _, service := range compose.Services {
			switch {
			case !service.Builds(file):
			case service.Health.State == images.Declared:
				return nil, "", nil
			case service.Extends != "":
				reason = fmt.Sprintf("%s: the service %s extends another one, which is not followed", service.At, brief(service.Name))
			}
		}
	}
	if reason != "" {
		return nil, reason, nil
	}
	return c.withoutCheck(d, final, health), "", nil
}

func (c *component) withoutCheck(d *images.Dockerfile, final *images.Stage, health images.Health) *Finding {
	finding := &Finding{
		Subject:  d.File,
		Position: config.Position{File: d.File, Line: final.At.Line},
		Message:  "no HEALTHCHECK, and no Kubernetes manifest or Compose healthcheck checks the container",
	}
	fix := Snippet{File: d.File, After: final.Ready, Text: "HEALTHCHECK --interval=30s --timeout=3s CMD " + c.askItself(d, final)}
	base := d.Image(final)
	if !strings.Contains(base, "alpine") && !strings.Contains(base, "busybox") {
		fix.Text = "# needs wget in the image; another HTTP client works too\n" + fix.Text
	}
	if health.State == images.Disabled {
		finding.Position.Line = health.At.Line
		finding.Message = "HEALTHCHECK NONE, and no Kubernetes manifest or Compose healthcheck checks the container"
		if health.At == final.Health.At {
			fix.After, fix.Replaces = health.At.Line-1, 1
		}
	}
	if base == "scratch" || strings.Contains(base, "distroless") {
		finding.Message += fmt.Sprintf("; %s has no shell, so the program must check itself", brief(base))
		fix = Snippet{File: d.File, After: fix.After, Text: `HEALTHCHECK --interval=30s --timeout=3s CMD ["/app", "healthcheck"]`, Loose: true}
	}
	finding.Fix = []Snippet{fix}
	return finding
}

// askItself is the command with which a container asks its own health endpoint, on
// the first port that the image exposes.
func (c *component) askItself(d *images.Dockerfile, final *images.Stage) string {
	address, port := "/healthz", 8080
	if c.Health != nil && c.Health.Endpoint != nil {
		address = endpointOf(c.Health.Endpoint).path
	}
	for _, exposed := range d.Ports(final) {
		if exposed.Protocol == "tcp" {
			port = exposed.Number
			break
		}
	}
	return fmt.Sprintf("wget -q -O /dev/null 'http://127.0.0.1:%d%s' || exit 1", port, strings.ReplaceAll(address, "'", "%27"))
}
