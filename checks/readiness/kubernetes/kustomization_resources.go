package kubernetes

import (
	"cmp"
	"context"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

const remoteHint = "put what it names into the repository; nothing is fetched"

// resource reads one entry of resources: or bases:, a file or a folder.
func (s *scan) resource(ctx context.Context, k *kustomization, entry *yaml.Node) error {
	if remote(entry.Value) {
		k.partial = true
		s.cannot(k, entry, remoteHint, "%s is outside the repository: what it adds is not checked", quote(entry.Value))
		return nil
	}
	at, ok := s.inside(k, entry)
	if !ok {
		return nil
	}
	if s.has(at) {
		return s.resourceFile(ctx, k, entry, at)
	}
	base, err := s.folder(ctx, k, entry, at)
	if base != nil {
		k.bases = append(k.bases, base)
	}
	return err
}

func (s *scan) component(ctx context.Context, k *kustomization, entry *yaml.Node) error {
	if remote(entry.Value) {
		s.breaks(k, entry, remoteHint, "the component %s is outside the repository", quote(entry.Value))
		return nil
	}
	at, ok := s.inside(k, entry)
	if !ok {
		return nil
	}
	component, err := s.folder(ctx, k, entry, at)
	if component != nil {
		k.components = append(k.components, component)
	}
	return err
}

// inside gives the path in the repository that an entry names.
func (s *scan) inside(k *kustomization, entry *yaml.Node) (at string, ok bool) {
	at = path.Join(k.folder, entry.Value)
	switch {
	case entry.Kind != yaml.ScalarNode || entry.Value == "":
		s.breaks(k, entry, "", "a path expected, found %s", found(entry))
	case path.IsAbs(entry.Value) || at == ".." || strings.HasPrefix(at, "../"):
		s.breaks(k, entry, "name a path in the repository", "%s leaves the repository", quote(entry.Value))
	default:
		return at, true
	}
	return "", false
}

// folder reads the kustomization of a folder; nil where there is none, or a cycle.
func (s *scan) folder(ctx context.Context, k *kustomization, entry *yaml.Node, folder string) (*kustomization, error) {
	file := s.kustomizationFile(folder)
	switch {
	case file == "":
		s.breaks(k, entry, "a symbolic link is not followed; name a file, or a folder with a kustomization.yaml", "%s is neither a file in the repository nor a folder with a kustomization", quote(entry.Value))
		return nil, nil
	case s.open[file]:
		s.breaks(k, entry, "take it out", "%s leads back here", quote(entry.Value))
		return nil, nil
	}
	s.named[file] = true
	base, err := s.scan(ctx, file)
	if err != nil || base == nil {
		return nil, err
	}
	k.broken = k.broken || base.broken
	k.partial = k.partial || base.partial
	k.ownSchema = cmp.Or(k.ownSchema, base.ownSchema)
	return base, nil
}

// resourceFile reads a file of resources.
func (s *scan) resourceFile(ctx context.Context, k *kustomization, entry *yaml.Node, name string) error {
	if isKustomization(name) {
		s.breaks(k, entry, "name its folder", "%s is a kustomization", quote(entry.Value))
		return nil
	}
	f, err := s.read(ctx, name)
	if err != nil {
		return err
	}
	first := !s.used[name]
	s.used[name] = true
	manifests, unread := f.manifests(name)
	if first {
		s.found.Unread = append(append(s.found.Unread, f.unread...), unread...)
	}
	if len(f.unread) > 0 || len(unread) > 0 {
		k.partial = true
	}
	for _, m := range manifests {
		rule, isRule := m.ruleResource()
		_, isService := m.service()
		switch {
		case isRule && first:
			s.found.Rules = append(s.found.Rules, rule)
		case m.runsPods() || isService:
			s.keep(k, m)
		}
	}
	return nil
}

// remote tells whether kustomize would fetch what an entry names.
func remote(entry string) bool {
	if strings.HasPrefix(entry, "./") || strings.HasPrefix(entry, "../") {
		return strings.Contains(entry, "://") || strings.Contains(entry, "?ref=")
	}
	host, _, deeper := strings.Cut(entry, "/")
	return strings.Contains(entry, "://") || strings.Contains(entry, "git@") || strings.Contains(entry, "git::") ||
		strings.Contains(entry, "?ref=") || strings.Contains(entry, ".git/") || strings.HasSuffix(entry, ".git") ||
		deeper && (strings.Contains(host, ":") || hostNamed(host))
}

// hostNamed tells that the first part of a path is a host that kustomize knows.
func hostNamed(host string) bool {
	switch strings.ToLower(host) {
	case "github.com", "gitlab.com", "bitbucket.org", "dev.azure.com", "gist.github.com":
		return true
	}
	return false
}
