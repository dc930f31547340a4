package kubernetes

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"

	"plimsoll/config"
)

// kustomization is one kustomization file, taken apart: what of it bears on
// workloads, everything that it names already read.
type kustomization struct {
	folder, file string
	root         *yaml.Node
	spec         types.Kustomization
	// bases and components in the order in which they are named.
	bases, components []*kustomization
	// origins are the resources of its own files.
	origins []origin
	patches []types.Patch
	// partial: something that would add resources can't be read here, so that a patch
	// may speak of a resource that is not known.
	partial bool
	// broken: it can't be built; the reason is reported.
	broken bool
	// ownSchema is the line of openapi:, which says how lists of unusual kinds merge.
	ownSchema *yaml.Node
	cost      cost
}

// scan takes kustomizations apart, each once.
type scan struct {
	*reading
	seen map[string]*kustomization
	// open are the files that are being scanned, to find cycles.
	open map[string]bool
	// named are the files that another kustomization uses: they are built with it.
	named map[string]bool
	// origins by number, as the builds name them.
	origins []origin
}

// maxKustomizations is how many kustomizations are scanned in one Read.
const maxKustomizations = 500

func (s *scan) cannot(k *kustomization, at *yaml.Node, hint, format string, args ...any) {
	position := config.Position{File: k.file}
	if at != nil {
		position.Line, position.Column = at.Line, at.Column
	}
	s.found.Unread = append(s.found.Unread, Unread{Position: position, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// breaks is cannot for what makes the whole kustomization unreadable.
func (s *scan) breaks(k *kustomization, at *yaml.Node, hint, format string, args ...any) {
	k.broken = true
	s.cannot(k, at, cmp.Or(hint, "kustomize build "+k.folder+" says the same"), format+": the kustomization is not checked", args...)
}

// kustomizationFile gives the kustomization file of a folder; empty without any.
func (s *scan) kustomizationFile(folder string) string {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if file := path.Join(folder, name); s.has(file) {
			return file
		}
	}
	return ""
}

func isKustomization(file string) bool {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if path.Base(file) == name {
			return true
		}
	}
	return false
}

// scan takes a kustomization file apart; nil where it is none after all (Flux has a
// kind of the same name). The error is of the tree.
func (s *scan) scan(ctx context.Context, file string) (*kustomization, error) {
	if k, ok := s.seen[file]; ok {
		return k, nil
	}
	f, err := s.read(ctx, file)
	if err != nil {
		return nil, err
	}
	k := &kustomization{folder: path.Dir(file), file: file}
	if len(f.documents) == 1 {
		k.root = f.documents[0]
		if m, ok := asManifest(file, k.root); ok && m.group != "kustomize.config.k8s.io" {
			s.seen[file] = nil
			return nil, nil
		}
	}
	s.seen[file], s.used[file], s.open[file] = k, true, true
	defer delete(s.open, file)
	switch {
	case len(s.seen) > maxKustomizations:
		s.breaks(k, nil, "give each component a path of its own", "there are more than %d kustomizations", maxKustomizations)
		return k, nil
	case len(f.unread) > 0:
		s.found.Unread = append(s.found.Unread, f.unread...)
		k.broken = true
		return k, nil
	case len(f.documents) == 0:
		return k, nil
	case len(f.documents) > 1 || k.root.Kind != yaml.MappingNode:
		s.breaks(k, f.documents[len(f.documents)-1], "", "one mapping expected")
		return k, nil
	}
	data, err := json.Marshal(plain(k.root))
	if err == nil {
		err = k.spec.Unmarshal(data)
	}
	if err != nil {
		s.breaks(k, k.root, "", "%s", strings.TrimPrefix(err.Error(), "invalid Kustomization: json: "))
		return k, nil
	}
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		if other := path.Join(k.folder, name); other != file && s.has(other) {
			s.breaks(k, nil, "keep one of them", "%s stands beside it", name)
		}
	}
	return k, s.contents(ctx, k)
}

// contents reads everything that a kustomization names and that bears on workloads.
func (s *scan) contents(ctx context.Context, k *kustomization) error {
	s.refuse(k)
	for _, field := range []string{"resources", "bases"} {
		for _, entry := range listed(k.root, field) {
			if err := s.resource(ctx, k, entry); err != nil {
				return err
			}
		}
	}
	for _, entry := range listed(k.root, "components") {
		if err := s.component(ctx, k, entry); err != nil {
			return err
		}
	}
	if err := s.patchesOf(ctx, k); err != nil {
		return err
	}
	if err := s.replacements(ctx, k); err != nil {
		return err
	}
	s.mention(k)
	s.weigh(k)
	return nil
}

// listed are the items of a list field that are texts.
func listed(root *yaml.Node, field string) []*yaml.Node {
	list := value(root, field)
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	return list.Content
}
