package kubernetes

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

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
	for _, k := range all {
		if k.broken || s.named[k.file] {
			continue
		}
		if resources += k.cost.resources; resources > maxBuildResources {
			s.cannot(k, nil, "give each component a path of its own", "not judged: the kustomizations before it have more than %d resources together", maxBuildResources)
			continue
		}
		if err := s.build(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// setAside reads the components that no kustomization uses, so that their files are
// not judged as written. Nothing here runs them, and what is wrong with them is not
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

// building lets one build run at a time: the library keeps one schema for all.
var building = make(chan struct{}, 1)

// build carries a kustomization out and keeps the workloads that come of it.
func (s *scan) build(ctx context.Context, k *kustomization) error {
	files := filesys.MakeFsInMemory()
	numbers := map[*kustomization]string{}
	if err := s.write(files, k, numbers); err != nil {
		s.breaks(k, k.root, "", "%s", err)
		return nil
	}
	select {
	case building <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("build %s: %w", k.folder, ctx.Err())
	}
	built, err := run(files, "/"+numbers[k])
	<-building
	if err != nil {
		s.breaks(k, nil, "", "kustomize: %s", s.translate(err.Error(), numbers))
		return nil
	}
	for _, resource := range built.Resources() {
		data, err := resource.MarshalJSON()
		if err != nil {
			s.breaks(k, nil, "", "kustomize: %s", s.translate(err.Error(), numbers))
			return nil
		}
		s.result(k, data)
	}
	return nil
}

// run calls the library, whose panics are errors.
func run(files filesys.FileSystem, folder string) (built resmap.ResMap, err error) {
	defer func() {
		if p := recover(); p != nil {
			built, err = nil, fmt.Errorf("it gave up: %v", p)
		}
	}()
	return krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, folder)
}

// result keeps one resource that a build gave.
func (s *scan) result(k *kustomization, data []byte) {
	f := parse("", data, false)
	if len(f.documents) != 1 {
		s.breaks(k, nil, "", "what it gives can't be read: %s", f.unread[0].Message)
		return
	}
	m, ok := asManifest(k.file, f.documents[0])
	if !ok {
		return
	}
	var from *origin
	if i, err := strconv.Atoi(text(value(m.node, "metadata", "annotations", originAnnotation))); err == nil && i >= 0 && i < len(s.origins) {
		from = &s.origins[i]
	}
	if service, ok := m.service(); ok {
		s.serve(service, m)
	}
	if !m.runsPods() {
		return
	}
	w, unread := m.workload()
	w.Overlays = []string{k.folder}
	if from == nil {
		w = w.moved(Workload{Place: config.Position{File: k.file}})
	} else {
		written, _ := from.workload()
		w = w.moved(written)
	}
	for i := range unread {
		unread[i].Place = w.Place
		unread[i].Message += " (as " + k.folder + " makes it)"
		unread[i].Hint = "kustomize build " + k.folder + " shows it"
	}
	s.add(w, unread)
}
