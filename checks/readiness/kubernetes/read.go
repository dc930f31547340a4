package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"plimsoll/checks/readiness/kustomize"
	"plimsoll/config"
	"plimsoll/contracts"
)

// reading collects what is found.
type reading struct {
	*reader
	builder  kustomize.Builder
	found    Manifests
	services []service
	// byPlace are the numbers of the workloads of each place.
	byPosition map[config.Position][]int
	more       bool // workloads than are read
	// used are the files that kustomizations read: they are not evaluated as written.
	used map[string]bool
}

// Read reads the manifests among some files of a tree: those that end in .yaml, .yml
// or .json, and Kustomization files. What a kustomization among them uses is read
// wherever it lies in the tree. A file that holds no manifests is passed over.
//
// The error means that the tree could not be read or that the builder failed, and that trying
// again may help; it wraps theirs. Faults of the files are listed in Manifests.Unread.
func Read(ctx context.Context, tree contracts.Tree, builder kustomize.Builder, paths []string) (Manifests, error) {
	files, err := newReader(ctx, tree)
	if err != nil {
		return Manifests{}, err
	}
	r := &reading{reader: files, builder: builder, used: map[string]bool{}, byPosition: map[config.Position][]int{}}
	paths = slices.Compact(slices.Sorted(slices.Values(paths)))
	if err := r.kustomizations(ctx, paths); err != nil {
		return Manifests{}, err
	}
	charts, templates := chartsOf(files), map[string]int{}
	for _, name := range paths {
		folder, template := charts.part(name)
		switch {
		case template:
			templates[folder]++
		case folder == "" && !r.used[name] && isManifestFile(name):
			if err := r.raw(ctx, name); err != nil {
				return Manifests{}, err
			}
		}
	}
	r.found.Unread = append(r.found.Unread, charts.tell(templates)...)
	return r.finish(), nil
}

func isManifestFile(name string) bool {
	ext := path.Ext(name)
	return ext == ".yaml" || ext == ".yml" || ext == ".json"
}

// raw reads the manifests of a file as they are written.
func (r *reading) raw(ctx context.Context, name string) error {
	f, err := r.read(ctx, name)
	if err != nil {
		return err
	}
	if !f.silent {
		r.found.Unread = append(r.found.Unread, f.unread...)
	}
	manifests, unread := f.manifests(name)
	r.found.Unread = append(r.found.Unread, unread...)
	for _, m := range manifests {
		if rule, ok := m.ruleResource(); ok {
			r.found.Rules = append(r.found.Rules, rule)
		}
		if s, ok := m.service(); ok {
			r.serve(s, m)
		}
		if !m.runsPods() {
			continue
		}
		w, unread := m.workload()
		if len(w.Containers) > 0 && !slices.ContainsFunc(w.Containers, func(c Container) bool { return c.Image != "" }) {
			unread = []Unread{{Position: w.Position, Message: fmt.Sprintf("%s %s names no image, as a patch does: it is not checked", w.Kind, quote(w.Name)),
				Hint: "name it under patches: in the kustomization that it belongs to"}}
			w.Containers = nil
		}
		r.add(w, unread)
	}
	return nil
}

// add keeps a workload and what could not be read of it.
func (r *reading) add(w Workload, unread []Unread) {
	r.found.Unread = append(r.found.Unread, unread...)
	switch {
	case w.merge(r.found.Workloads, r.byPosition[w.Position]):
	case len(r.found.Workloads) < MaxWorkloads:
		r.byPosition[w.Position] = append(r.byPosition[w.Position], len(r.found.Workloads))
		r.found.Workloads = append(r.found.Workloads, w)
	case !r.more:
		r.more = true
		r.found.Unread = append(r.found.Unread, Unread{Position: w.Position,
			Message: fmt.Sprintf("there are more than %d workloads; this one and those behind it are not read", MaxWorkloads), Hint: "give each component a path of its own"})
	}
}

// finish says what is served, sorts and bounds.
func (r *reading) finish() Manifests {
	m := r.found
	for i := range m.Workloads {
		w := &m.Workloads[i]
		w.Served = slices.ContainsFunc(r.services, func(s service) bool { return s.selects(*w) })
	}
	slices.SortStableFunc(m.Workloads, func(a, b Workload) int {
		return cmp.Or(comparePlaces(a.Position, b.Position), cmp.Compare(a.Name, b.Name), slices.Compare(a.Overlays, b.Overlays))
	})
	slices.SortStableFunc(m.Rules, func(a, b RuleResource) int { return comparePlaces(a.Position, b.Position) })
	slices.SortStableFunc(m.Unread, func(a, b Unread) int {
		return cmp.Or(comparePlaces(a.Position, b.Position), strings.Compare(a.Message, b.Message))
	})
	m.Unread = slices.Compact(m.Unread)
	if more := len(m.Unread) - MaxUnread; more > 0 {
		last := m.Unread[MaxUnread]
		m.Unread = append(m.Unread[:MaxUnread:MaxUnread], Unread{Position: config.Position{File: last.Position.File},
			Message: fmt.Sprintf("%d more things could not be read", more), Hint: "fix those above first"})
	}
	return m
}

func comparePlaces(a, b config.Position) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}
