package kubernetes

import (
	"context"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fieldsRead are the fields that are read from the tree of nodes.
var fieldsRead = []string{"resources", "bases", "components", "patches", "patchesStrategicMerge", "patchesJson6902",
	"replacements", "helmCharts", "helmChartInflationGenerator", "generators", "transformers", "openapi"}

// refuse tells what of a kustomization can't be carried out here: what runs a
// program, renders a chart or changes resources in a way that is not read.
func (s *scan) refuse(k *kustomization) {
	for i := 0; i < len(k.root.Content); i += 2 {
		// The library takes any case for these.
		for _, field := range fieldsRead {
			if key := k.root.Content[i]; key.Value != field && strings.EqualFold(key.Value, field) {
				s.breaks(k, key, "write "+field, "unknown field %s", quote(key.Value))
			}
		}
	}
	for _, field := range []string{"helmCharts", "helmChartInflationGenerator"} {
		if key, list := pair(k.root, field); key != nil && len(list.Content) > 0 {
			k.partial = true
			s.cannot(k, key, renderHint, "%s renders Helm charts: what they add is not checked", field)
		}
	}
	for _, entry := range listed(k.root, "generators") {
		if !builtin(entry, "ConfigMapGenerator", "SecretGenerator") {
			k.partial = true
			s.cannot(k, entry, "put what it generates into the repository", "a generator runs a program or a plugin: what it adds is not checked")
		}
	}
	for _, entry := range listed(k.root, "transformers") {
		if !builtin(entry, "LabelTransformer", "AnnotationsTransformer", "PrefixTransformer", "SuffixTransformer", "NamespaceTransformer", "ImageTagTransformer", "ReplicaCountTransformer") {
			s.breaks(k, entry, "write what it does under patches:", "a transformer may change any workload, and is not run")
		}
	}
	if key, schema := pair(k.root, "openapi"); key != nil && !absent(schema) {
		k.ownSchema = &yaml.Node{Line: key.Line, Column: key.Column}
	}
}

// builtin tells that an entry is written out in place, and is one of kustomize's own
// that bears on no container.
func builtin(entry *yaml.Node, kinds ...string) bool {
	if entry.Kind != yaml.ScalarNode || !strings.Contains(entry.Value, "\n") {
		return false
	}
	f := parse("", []byte(entry.Value), false)
	if len(f.unread) > 0 {
		return false
	}
	for _, document := range f.documents {
		own := false
		for _, kind := range kinds {
			own = own || text(value(document, "kind")) == kind
		}
		if !own || text(value(document, "apiVersion")) != "builtin" {
			return false
		}
	}
	return true
}

// mention marks the other files that a kustomization reads: they are its
// configuration and hold no workloads to be evaluated.
func (s *scan) mention(k *kustomization) {
	for _, field := range []string{"crds", "configurations", "generators", "transformers", "validators"} {
		for _, entry := range listed(k.root, field) {
			if at, ok := within(k, entry); ok {
				s.used[at] = true
			}
		}
	}
	if at, ok := within(k, value(k.root, "openapi", "path")); ok {
		s.used[at] = true
	}
}

// replacements tells those that may write into what is evaluated. The others bear on
// nothing here, and none is carried out: each could double what the one before it wrote.
func (s *scan) replacements(ctx context.Context, k *kustomization) error {
	for _, entry := range listed(k.root, "replacements") {
		fields, at := entry, k.file
		if way := value(entry, "path"); way != nil {
			file, ok := s.inside(k, way)
			if !ok {
				continue
			}
			f, err := s.read(ctx, file)
			if err != nil {
				return err
			}
			s.used[file] = true
			if len(f.documents) != 1 {
				s.breaks(k, way, "", "%s can't be read", quote(way.Value))
				continue
			}
			fields, at = f.documents[0], file
		}
		one := []*yaml.Node{fields}
		if fields.Kind == yaml.SequenceNode {
			one = fields.Content
		}
		for _, replacement := range one {
			for _, target := range listed(replacement, "targets") {
				for _, path := range listed(target, "fieldPaths") {
					if reachesProbe(path.Value) {
						position := path
						if at != k.file {
							position = value(entry, "path")
						}
						s.breaks(k, position, "write the value itself, or patch it in", "the replacement of %s may change probes or ports, and is not carried out", quote(path.Value))
					}
				}
			}
		}
	}
	return nil
}

// reachesProbe tells whether a field path of a replacement may lead to a container's
// ports or probes, or to something that holds them.
func reachesProbe(path string) bool {
	if strings.Contains(path, "robe") || strings.Contains(path, "ports") {
		return true
	}
	last := path[strings.LastIndex(path, ".")+1:]
	switch last {
	case "spec", "template", "jobTemplate", "containers", "initContainers", "*", "":
		return true
	}
	return strings.HasSuffix(last, "]") || strings.Trim(last, "0123456789") == ""
}
