package kubernetes

import (
	"context"
	"encoding/json"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
)

// patchesOf reads the patches of a kustomization, of all three fields that there
// are for them, in the order in which kustomize carries them out.
func (s *scan) patchesOf(ctx context.Context, k *kustomization) error {
	for _, entry := range listed(k.root, "patchesStrategicMerge") {
		if err := s.patch(ctx, k, entry, entry, types.Patch{}); err != nil {
			return err
		}
	}
	patches := []struct {
		field string
		specs []types.Patch
	}{
		{"patches", k.spec.Patches},
		//lint:ignore SA1019 what is deprecated is still written, and kustomize still reads it
		{"patchesJson6902", k.spec.PatchesJson6902},
	}
	for _, list := range patches {
		entries := listed(k.root, list.field)
		for i, spec := range list.specs {
			at := k.root
			if i < len(entries) {
				at = entries[i]
			}
			from := value(at, "path")
			if spec.Path == "" {
				from = value(at, "patch")
			}
			if from == nil || (spec.Path == "") == (spec.Patch == "") {
				s.breaks(k, at, "", "%s: either path or patch expected", list.field)
				continue
			}
			if err := s.patch(ctx, k, at, from, spec); err != nil {
				return err
			}
		}
	}
	return nil
}

// patch reads one patch: from is a path, or the patch itself.
func (s *scan) patch(ctx context.Context, k *kustomization, at, from *yaml.Node, spec types.Patch) error {
	f := &file{}
	switch inline := strings.ContainsAny(from.Value, "\n{["); {
	case from.Kind != yaml.ScalarNode:
		s.breaks(k, from, "", "a path or a text expected, found %s", found(from))
		return nil
	case spec.Patch != "" || spec.Path == "" && inline:
		f = parse(k.file, []byte(from.Value), false)
		for i := range f.unread {
			f.unread[i].Position.Line, f.unread[i].Position.Column = from.Line, from.Column
		}
	case remote(from.Value):
		s.breaks(k, from, remoteHint, "the patch %s is outside the repository", quote(from.Value))
		return nil
	default:
		name, ok := s.inside(k, from)
		if !ok {
			return nil
		}
		var err error
		if f, err = s.read(ctx, name); err != nil {
			return err
		}
		s.used[name] = true
		if !s.has(name) {
			s.breaks(k, from, "a symbolic link is not followed; name the file itself", "the patch %s is not a file in the repository", quote(from.Value))
			return nil
		}
	}
	if len(f.unread) > 0 {
		s.found.Unread = append(s.found.Unread, f.unread...)
		s.breaks(k, from, "", "the patch can't be read")
		return nil
	}
	for _, document := range f.documents {
		s.patchDocument(k, at, document, types.Patch{Target: spec.Target, Options: spec.Options})
	}
	return nil
}

// patchDocument keeps a patch that may bear on a workload.
func (s *scan) patchDocument(k *kustomization, at, document *yaml.Node, patch types.Patch) {
	var names manifest // the resources that it names, if it is a manifest itself
	switch document.Kind {
	case yaml.SequenceNode:
		if patch.Target == nil {
			s.breaks(k, at, "", "a list of operations needs a target")
			return
		}
		document = harmless(document)
		for _, operation := range document.Content {
			if text(value(operation, "op")) == "copy" {
				k.cost.copies++
			}
			if strings.Count(text(value(operation, "path")), "/") > bounds.Depth || strings.Count(text(value(operation, "from")), "/") > bounds.Depth {
				s.breaks(k, at, "", "an operation reaches deeper than %d levels", bounds.Depth)
				return
			}
		}
		if len(document.Content) == 0 {
			return
		}
	case yaml.MappingNode:
		m, ok := asManifest(k.file, document)
		names = m
		if patch.Target == nil {
			if !ok || m.name() == "" {
				s.breaks(k, at, "", "a patch without a target needs apiVersion, kind and metadata.name")
				return
			}
			if !m.runsPods() {
				return // bears on nothing that is evaluated
			}
			if k.partial {
				patch.Target = &types.Selector{}
				patch.Target.Kind, patch.Target.Name = m.kind, regexp.QuoteMeta(m.name())
			}
		}
		k.cost.merges++
	default:
		s.breaks(k, at, "", "a patch is a mapping or a list of operations, found %s", found(document))
		return
	}
	if longest(document) > maxList {
		s.breaks(k, at, "", "the patch has a list of more than %d entries", maxList)
		return
	}
	content := plain(document)
	if object, ok := content.(map[string]any); ok {
		ownAnnotations(object, "")
	}
	data, err := json.Marshal(content)
	if err != nil {
		s.breaks(k, at, "", "the patch can't be read: %s", err)
		return
	}
	patch.Patch = string(data)
	k.patches = append(k.patches, patch)
	k.cost.patchBytes += len(data)
	k.cost.reach.count(patch, names, entriesOf(document))
}

// harmless leaves out the operations on annotations that the library keeps its own
// record in.
func harmless(operations *yaml.Node) *yaml.Node {
	kept := *operations
	kept.Content = nil
	for _, operation := range operations.Content {
		if at := text(value(operation, "path")); !strings.HasPrefix(at, "/metadata/annotations") {
			kept.Content = append(kept.Content, operation)
		}
	}
	return &kept
}

// within gives the path in the repository that an entry names, where it names one.
func within(k *kustomization, entry *yaml.Node) (string, bool) {
	at := path.Join(k.folder, text(entry))
	return at, text(entry) != "" && !strings.ContainsAny(text(entry), "\n") && !strings.HasPrefix(at, "../")
}
