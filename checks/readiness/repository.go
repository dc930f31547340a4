package readiness

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/checks/readiness/alerts"
	"plimsoll/checks/readiness/extent"
	"plimsoll/checks/readiness/kubernetes"
	"plimsoll/config"
	"plimsoll/contracts"
)

// repository is a repository while it is evaluated. What several rules need is read
// once, when the first asks.
type repository struct {
	Repository
	files      []contracts.File
	paths      map[string]bool
	components []*component
	// declared is the repository's file as a tree of nodes, for the lines of what is
	// to be put into it; nil where it can't be read any more.
	declared *yaml.Node
	// extent are the lines of declared; nil where that is.
	extent   *extent.File
	unread   []Unread
	reported map[Unread]bool
	// ruleFiles are the rule files that were read, by path.
	ruleFiles map[string]*ruleFile
	// likelyRules are files that look like rule files, once they were looked for.
	likelyRules func() ([]alerts.File, error)
	// kubernetes are its manifests, once they are read.
	kubernetes *kubernetes.Manifests
	// compose are its Compose files, and actions its workflows, once they are read.
	compose *composeFiles
	actions *actions
}

func read(ctx context.Context, r Repository) (*repository, error) {
	files, err := r.Tree.Files(ctx)
	if err != nil {
		return nil, err
	}
	repo := &repository{Repository: r, files: files, paths: map[string]bool{}, reported: map[Unread]bool{}}
	for _, file := range files {
		repo.paths[file.Path] = true
	}
	owners, err := ownersOf(ctx, r)
	if err != nil {
		return nil, err
	}
	repo.File = Named(r.File, r.Name)
	for i, declared := range repo.File.Components {
		c := &component{Component: declared, repo: repo, at: i, owner: string(declared.Owner)}
		if c.owner == "" {
			c.owner = owners
		}
		repo.components = append(repo.components, c)
	}
	return repo, repo.readDeclared(ctx)
}

// readDeclared reads the repository's file as a tree of nodes, where that can be done.
func (r *repository) readDeclared(ctx context.Context) error {
	data, there, err := r.content(ctx, r.File.File)
	if err != nil || !there {
		return err
	}
	documents, err := config.ParseTree(r.File.File, data, config.RepositoryBounds)
	if err != nil || len(documents) == 0 {
		return nil
	}
	root := documents[0]
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	r.declared, r.extent = root, extent.New(data, root)
	return nil
}

// content reads a file; there is false if it can't be read, and it is then
// listed as unread.
func (r *repository) content(ctx context.Context, file string) (data []byte, there bool, err error) {
	if !r.paths[file] {
		return nil, false, nil
	}
	data, err = r.Tree.ReadFile(ctx, file)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		r.cannotRead(Unread{Position: config.Position{File: file}, Message: problem.Message, Hint: problem.Hint})
		return nil, false, nil
	}
	return data, err == nil, err
}

// cannotRead notes what could not be read, once.
func (r *repository) cannotRead(unread ...Unread) {
	for _, each := range unread {
		if !r.reported[each] {
			r.reported[each] = true
			r.unread = append(r.unread, each)
		}
	}
}

// owns tells whether a file lies in the component's part of the repository: below its
// path, and not below the path of a component further down.
func (c *component) owns(file string) bool {
	if !below(file, string(c.Path)) {
		return false
	}
	for _, other := range c.repo.components {
		if len(other.Path) > len(c.Path) && below(file, string(other.Path)) && below(string(other.Path), string(c.Path)) {
			return false
		}
	}
	return true
}

// alone tells whether the component shares its part of the repository with no other.
func (c *component) alone() bool { return only(c.repo.File.Components, folder(c.Component)) }

func below(file, folder string) bool {
	folder = path.Clean("./" + folder)
	return folder == "." || file == folder || strings.HasPrefix(file, folder+"/")
}

// notDeployed are names of folders whose files show or test something and deploy
// nothing.
var notDeployed = map[string]bool{
	"test": true, "tests": true, "testdata": true, "e2e": true, "fixtures": true, "__tests__": true,
	"example": true, "examples": true, "sample": true, "samples": true, "docs": true, "doc": true,
	"vendor": true, "node_modules": true, "third_party": true,
}

// deployable tells whether a file may deploy something: it lies in no folder of tests,
// examples or other people's code.
func deployable(file string) bool {
	folder := path.Dir(file)
	for name := range strings.SplitSeq(folder, "/") {
		if notDeployed[strings.ToLower(name)] {
			return false
		}
	}
	return true
}

func sortedNames[V any](m map[config.Name]V) []config.Name { return slices.Sorted(maps.Keys(m)) }
