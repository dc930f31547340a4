package readiness

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"plimsoll/checks/readiness/kubernetes"
	"plimsoll/config"
)

// manifests reads the repository's Kubernetes manifests, once for all components:
// kustomizations reach from one folder into another.
func (r *repository) manifests(ctx context.Context) (*kubernetes.Manifests, error) {
	if r.kubernetes != nil {
		return r.kubernetes, nil
	}
	var names []string
	for _, file := range r.files {
		if mayBeManifest(file.Path) && file.Path != r.File.File && !r.provided(file.Path) {
			names = append(names, file.Path)
		}
	}
	names, left := r.firstManifests(names)
	manifests, err := kubernetes.Read(ctx, r.Tree, r.Kustomize, names)
	if err != nil {
		return nil, err
	}
	manifests.Unread = append(manifests.Unread, r.leftManifests(left)...)
	r.kubernetes = &manifests
	return r.kubernetes, nil
}

// mostManifests is how many files are looked at for manifests: each costs a request the
// first time, and GitHub lets an installation make some 900 a minute.
const mostManifests = 500

// firstManifests gives the files that are read, and those that are left: what changes
// comes first, then what lies in a folder that is called as one that deploys.
func (r *repository) firstManifests(names []string) (first, left []string) {
	if len(names) <= mostManifests {
		return names, nil
	}
	rank := map[string]int{}
	for _, name := range names {
		switch {
		case slices.Contains(r.Changed, name):
		case deploys(path.Dir(name)):
			rank[name] = 1
		default:
			rank[name] = 2
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(rank[a], rank[b]) })
	return names[:mostManifests], names[mostManifests:]
}

// leftManifests tells of the files that are not read, once for each component.
func (r *repository) leftManifests(left []string) []kubernetes.Unread {
	var unread []kubernetes.Unread
	count := map[int]int{}
	for _, name := range left {
		owner := slices.IndexFunc(r.components, func(c *component) bool { return c.owns(name) })
		if count[owner]++; count[owner] == 1 {
			unread = append(unread, kubernetes.Unread{Position: config.Position{File: name}})
		}
	}
	for i, u := range unread {
		owner := slices.IndexFunc(r.components, func(c *component) bool { return c.owns(u.Position.File) })
		who := "it may hold manifests and is not read"
		if more := count[owner] - 1; more > 0 {
			who = fmt.Sprintf("it and %d more may hold manifests and are not read", more)
		}
		unread[i].Message = fmt.Sprintf("%s: at most %d files are", who, mostManifests)
		unread[i].Hint = "what the pull request changes comes first, then folders that are called k8s, deploy and the like"
	}
	return unread
}

// mayBeManifest tells whether a file is looked at for manifests. JSON is rarely used
// for them and much for everything else, so that only folders count that are called
// as one that deploys.
func mayBeManifest(file string) bool {
	if !deployable(file) || strings.HasPrefix(file, ".github/") {
		return false
	}
	switch path.Ext(file) {
	case ".yaml", ".yml":
		return !strings.HasSuffix(file, "-lock.yaml")
	case ".json":
		return deploys(path.Dir(file))
	}
	return path.Base(file) == "Kustomization"
}

// deploys tells whether a folder, or one above it, is called as one that deploys.
func deploys(folder string) bool {
	return slices.ContainsFunc(strings.Split(folder, "/"), func(name string) bool {
		switch strings.ToLower(name) {
		case "k8s", "kube", "kubernetes", "manifests", "manifest", "deploy", "deployment", "deployments", "kustomize", "base", "overlays", "infra", "gitops":
			return true
		}
		return false
	})
}

// provided tells whether a file is a contract that a component provides.
func (r *repository) provided(file string) bool {
	return slices.ContainsFunc(r.components, func(c *component) bool {
		return slices.ContainsFunc(c.Provides, func(p config.Provides) bool { return string(p.Spec) == file })
	})
}

// workloads are the component's workloads that may run in production, and what could
// not be read where they may stand.
func (c *component) workloads(ctx context.Context) (workloads []kubernetes.Workload, unread []kubernetes.Unread, err error) {
	manifests, err := c.repo.manifests(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, w := range manifests.Workloads {
		if c.runs(w) && inProduction(w, manifests.Workloads) {
			workloads = append(workloads, w)
		}
	}
	for _, u := range manifests.Unread {
		if c.owns(u.Position.File) || !c.repo.owned(u.Position.File) {
			unread = append(unread, u)
			c.repo.cannotRead(Unread(u))
		}
	}
	return workloads, unread, nil
}

// runs reports whether a workload belongs to the component. In the component's own folder
// all do. In a folder that several components share, or that belongs to none (deploy/
// beside services/orders/), the name of the workload decides. A workload in a shared
// folder that has no component's name belongs to all of them.
func (c *component) runs(w kubernetes.Workload) bool {
	owns := c.owns(w.Position.File)
	switch {
	case owns && c.alone():
		return true
	case owns:
		return c.named(w) || !slices.ContainsFunc(c.repo.components, func(other *component) bool { return other.named(w) })
	case c.repo.owned(w.Position.File):
		return false
	}
	return c.named(w)
}

// owned tells whether a file lies in some component's part of the repository.
func (r *repository) owned(file string) bool {
	return slices.ContainsFunc(r.components, func(c *component) bool { return c.owns(file) })
}

// named tells whether a workload has the component's name: its own, or the one that
// its labels say.
func (c *component) named(w kubernetes.Workload) bool {
	name := string(c.Name)
	for _, label := range []string{"app", "app.kubernetes.io/name", "k8s-app"} {
		if w.Labels[label] == name {
			return true
		}
	}
	return w.Name == name
}

// notProduction are the names of overlays that never run in production.
var notProduction = map[string]bool{
	"dev": true, "development": true, "local": true, "test": true, "testing": true, "ci": true, "e2e": true,
	"minikube": true, "kind": true, "k3d": true, "sandbox": true, "preview": true,
}

// inProduction tells whether a workload may run in production: one that only overlays
// for development make does not, where another overlay makes one of the same resource.
func inProduction(w kubernetes.Workload, all []kubernetes.Workload) bool {
	if slices.ContainsFunc(w.Overlays, maybeProduction) || len(w.Overlays) == 0 {
		return true
	}
	return !slices.ContainsFunc(all, func(other kubernetes.Workload) bool {
		return other.Position == w.Position && slices.ContainsFunc(other.Overlays, maybeProduction)
	})
}

func maybeProduction(overlay string) bool { return !notProduction[strings.ToLower(path.Base(overlay))] }

// unreadable is the reason why a rule about workloads has no answer; empty where
// everything could be read.
func unreadable(unread []kubernetes.Unread) string {
	if len(unread) == 0 {
		return ""
	}
	first := unread[0]
	position := first.Position.File
	if first.Position.Line > 0 {
		position = fmt.Sprintf("%s:%d", position, first.Position.Line)
	}
	reason := position + ": " + first.Message
	if more := len(unread) - 1; more > 0 {
		reason += fmt.Sprintf("; and %d more", more)
	}
	return reason
}
