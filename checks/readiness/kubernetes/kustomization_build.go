package kubernetes

import (
	"context"
	"slices"
	"strconv"

	"sigs.k8s.io/kustomize/api/types"

	"plimsoll/checks/readiness/kustomize"
	"plimsoll/config"
)

// origin is a resource of a file, as it goes into a build.
type origin struct {
	manifest
	// text is the resource as JSON, with the annotation that names the origin.
	text string
}

// originAnnotation names, in a build, the number of the origin.
const originAnnotation = "plimsoll.invalid/origin"

// unusual tells that a kind is not Kubernetes' own.
func (o origin) unusual() bool {
	return !slices.Contains([]string{"", "apps", "batch", "extensions"}, o.group)
}

// kustomizations reads what the kustomizations among some files give. The error is
// of the tree.
func (r *reading) kustomizations(ctx context.Context, paths []string) error {
	s := &scan{reading: r, seen: map[string]*kustomization{}, open: map[string]bool{}, named: map[string]bool{}}
	var all []*kustomization
	var components []string
	for _, file := range paths {
		if !isKustomization(file) {
			continue
		}
		f, err := s.read(ctx, file)
		if err != nil {
			return err
		}
		if len(f.documents) == 1 && text(value(f.documents[0], "kind")) == types.ComponentKind {
			components = append(components, file)
			continue
		}
		k, err := s.scan(ctx, file)
		if err != nil {
			return err
		}
		if k != nil {
			all = append(all, k)
		}
	}
	if err := s.setAside(ctx, components); err != nil {
		return err
	}
	resources := 0
	var chosen []*kustomization
	for _, k := range all {
		if k.broken || s.named[k.file] {
			continue
		}
		if resources += k.cost.resources; resources > maxBuildResources {
			s.cannot(k, nil, "give each component a path of its own", "not checked: the kustomizations before it have more than %d resources together", maxBuildResources)
			continue
		}
		chosen = append(chosen, k)
	}
	return s.build(ctx, chosen)
}

// setAside reads the components that no kustomization uses, so that their files are
// not evaluated as written. Nothing here runs them, and what is wrong with them is not
// told.
func (s *scan) setAside(ctx context.Context, components []string) error {
	unread, rules := len(s.found.Unread), len(s.found.Rules)
	for _, file := range components {
		if _, err := s.scan(ctx, file); err != nil {
			return err
		}
	}
	s.found.Unread, s.found.Rules = s.found.Unread[:unread], s.found.Rules[:rules]
	return nil
}

// build carries kustomizations out and keeps the workloads that come of them. The error
// means that trying again may help.
func (s *scan) build(ctx context.Context, all []*kustomization) error {
	request := kustomize.Request{Files: map[string]string{}}
	numbers := map[*kustomization]string{}
	var built []*kustomization
	for _, k := range all {
		if err := s.write(request.Files, k, numbers); err != nil {
			s.breaks(k, k.root, "", "%s", err)
			continue
		}
		built = append(built, k)
		request.Folders = append(request.Folders, "/"+numbers[k])
	}
	if len(built) == 0 {
		return nil
	}
	results, err := s.builder.Build(ctx, request)
	if err != nil {
		return err
	}
	for i, k := range built {
		switch result := results[i]; {
		case result.Limit == kustomize.TooExpensive:
			s.breaks(k, k.root, "split it", "building it takes more time or memory than allowed")
		case result.Limit != "":
			s.breaks(k, k.root, "split the kustomizations that take long", "not built: those before it took too long")
		case result.Problem != "":
			s.breaks(k, nil, "", "kustomize: %s", s.translate(result.Problem, numbers))
		default:
			for _, resource := range result.Resources {
				if !s.result(k, []byte(resource)) {
					break
				}
			}
		}
	}
	return nil
}

// result keeps one resource that a build gave. It tells whether it could be read.
func (s *scan) result(k *kustomization, data []byte) bool {
	f := parse("", data, false)
	if len(f.documents) != 1 {
		s.breaks(k, nil, "", "its output can't be read: %s", f.unread[0].Message)
		return false
	}
	m, ok := asManifest(k.file, f.documents[0])
	if !ok {
		return true
	}
	var from *origin
	if i, err := strconv.Atoi(text(value(m.node, "metadata", "annotations", originAnnotation))); err == nil && i >= 0 && i < len(s.origins) {
		from = &s.origins[i]
	}
	if service, ok := m.service(); ok {
		s.serve(service, m)
	}
	if !m.runsPods() {
		return true
	}
	w, unread := m.workload()
	w.Overlays = []string{k.folder}
	if from == nil {
		w = w.moved(Workload{Position: config.Position{File: k.file}})
	} else {
		written, _ := from.workload()
		w = w.moved(written)
	}
	for i := range unread {
		unread[i].Position = w.Position
		unread[i].Message += " (as " + k.folder + " makes it)"
		unread[i].Hint = "kustomize build " + k.folder + " shows it"
	}
	s.add(w, unread)
	return true
}
