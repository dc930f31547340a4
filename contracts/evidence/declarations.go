package evidence

import (
	"context"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Given is a folder of declarations.
type Given struct {
	Tree contracts.Tree
	// Prefix is the folder's path, which positions are shown with.
	Prefix string
	// File is the path of the only declaration that counts; empty: all of the folder count.
	File string
}

// Declarations are what several folders say about the use of APIs.
type Declarations struct {
	parts []contracts.Registration
	// Problems that do not hinder the answer, such as an import that is missing: what they
	// concern is assumed to be used whole.
	Problems []contracts.Problem
}

// ReadDeclarations reads what folders say about the use of APIs. Each is a repository, holds
// several, or holds one declaration for each consumer under any name ("web.yml"). A file that
// can't be used gives [Problems].
func ReadDeclarations(ctx context.Context, given ...Given) (*Declarations, error) {
	g := gatherer{ctx: ctx}
	for _, each := range given {
		read := g.tree
		if each.File != "" {
			read = func(tree contracts.Tree, prefix string) error { return g.declaration(tree, prefix, each.File) }
		}
		if err := read(each.Tree, each.Prefix); err != nil {
			return nil, err
		}
	}
	if len(g.broken) > 0 {
		return nil, g.broken
	}
	return &Declarations{parts: g.parts, Problems: g.problems}, nil
}

// APIs lists the names of the APIs that are used, as they are written.
func (d *Declarations) APIs() []string {
	var names []string
	for _, part := range d.parts {
		for _, component := range part.Components {
			for _, use := range component.Consumes {
				names = append(names, use.API)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Consumers gives the consumers of one API. Each repository has an id of its own, a negative
// one, so that components of the same name in two of them are two consumers.
func (d *Declarations) Consumers(api string) []contracts.Consumer {
	var all []contracts.Consumer
	for i, part := range d.parts {
		repository := part.Repository
		repository.ID = -int64(i + 1)
		for _, component := range part.Components {
			for _, use := range component.Consumes {
				if MeansAPI(use.API, api) {
					all = append(all, contracts.Consumer{Component: component.Name, Owner: component.Owner, Repository: repository, Usage: use.Usage})
				}
			}
		}
	}
	return all
}

// MeansAPI reports whether a name, as written, means an API that is given by its full name.
// Between full names there is nothing to guess.
func MeansAPI(written, api string) bool {
	if strings.Count(written, "/") == 2 && strings.Count(api, "/") == 2 {
		return strings.EqualFold(written, api)
	}
	return sameAPI(written, api) || sameAPI(api, written)
}

// flat collects the declarations of a folder that holds one file for each consumer. It finds
// none in a checkout, whose declaration lies where repository files lie.
func (g *gatherer) flat(tree contracts.Tree, prefix string, files []contracts.File) (found bool, err error) {
	var names []string
	for _, f := range files {
		if strings.Contains(f.Path, "/") || !slices.Contains([]string{".yml", ".yaml", ".json"}, path.Ext(f.Path)) {
			continue
		}
		data, err := tree.ReadFile(g.ctx, f.Path)
		if err != nil {
			return false, err
		}
		declared, readable := looksDeclared(data)
		found = found || declared
		if declared || !readable {
			names = append(names, f.Path)
		}
	}
	if !found {
		return false, nil
	}
	// Beside declarations, what can't be read is one with a fault: left out, its consumer
	// would count as unaffected.
	for _, name := range names {
		if err := g.declaration(tree, prefix, name); err != nil {
			return false, err
		}
	}
	return true, nil
}

// declaration collects one declaration of a folder. Its repository is called after the file.
func (g *gatherer) declaration(tree contracts.Tree, prefix, name string) error {
	repository := contracts.RepositoryRef{Name: strings.TrimSuffix(path.Base(name), path.Ext(name))}
	return g.collect(tree, prefix, Options{File: name, DeclaredOnly: true, Repository: repository})
}

// looksDeclared tells a declaration from other files of YAML or JSON by its keys on top.
func looksDeclared(data []byte) (declared, readable bool) {
	if len(data) > config.RepositoryBounds.Bytes {
		return false, false
	}
	var top struct {
		Version    yaml.Node `yaml:"version"`
		Components yaml.Node `yaml:"components"`
	}
	if err := yaml.Unmarshal(data, &top); err != nil {
		return false, false
	}
	return top.Components.Kind == yaml.SequenceNode && top.Version.Kind == yaml.ScalarNode, true
}
