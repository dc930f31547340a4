package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Problems is an error that holds everything wrong with what users wrote. At
// least one.
type Problems []contracts.Problem

// Error gives one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].Error()
	}
	return strings.Join(lines, "\n")
}

// ErrSeveralAPIs says that the declarations name several APIs and none was
// chosen.
var ErrSeveralAPIs = errors.New("the declarations name several APIs")

// Gathered is what files on disk say about the use of APIs.
type Gathered struct {
	// API that the consumers use; empty where there are none.
	API       string
	Consumers []contracts.Consumer
	// Problems that do not hinder the answer, such as an import that is missing:
	// what they concern is assumed to be used whole.
	Problems []contracts.Problem
}

// CollectFiles reads declarations and evidence from files and folders on disk
// and gives the consumers of one API. A file is a plimsoll.yml (under any name,
// also as JSON), a Pact, a Kiota file, an API Manifest or another that
// [Collect] reads; a folder is a repository, or holds several. An empty api
// means the one that is named; several give an error that wraps
// [ErrSeveralAPIs]. A file that can't be used gives [Problems].
//
// Components are named as declared, else after the folder; positions are given
// as paths from the working directory, as far as the arguments are.
func CollectFiles(ctx context.Context, api string, paths ...string) (Gathered, error) {
	g := gatherer{ctx: ctx}
	for _, each := range paths {
		if err := g.add(each); err != nil {
			return Gathered{}, err
		}
	}
	if len(g.broken) > 0 {
		return Gathered{}, g.broken
	}
	return g.choose(api)
}

type gatherer struct {
	ctx      context.Context
	parts    []contracts.Registration
	problems []contracts.Problem
	broken   Problems
}

func (g *gatherer) add(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return g.folder(name)
	}
	return g.file(name)
}

// folder collects every repository in a folder: each place that has a
// repository file, and the folder itself for what lies in none of them.
func (g *gatherer) folder(name string) error {
	tree, err := Dir(name)
	if err != nil {
		return err
	}
	defer tree.Close()
	return g.tree(tree, filepath.ToSlash(name))
}

func (g *gatherer) tree(tree contracts.Tree, name string) error {
	files, err := tree.Files(g.ctx)
	if err != nil {
		return err
	}
	roots := []string{""}
	enrolled := false
	for _, f := range files {
		root, ok := rootOf(f.Path)
		enrolled = enrolled || ok && root == ""
		if ok && ours(f.Path) && !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	if !enrolled {
		found, err := g.flat(tree, name, files)
		if err != nil {
			return err
		}
		if found {
			roots = roots[1:] // the folder itself is no repository
		}
	}
	for _, root := range roots {
		part := subtree{tree: tree, root: root}
		for _, f := range files {
			if nearestRoot(f.Path, roots) == root {
				f.Path = strings.TrimPrefix(f.Path, root)
				part.files = append(part.files, f)
			}
		}
		if err := g.collect(part, path.Join(name, root), Options{Named: true}); err != nil {
			return err
		}
	}
	return nil
}

// rootOf gives the repository's root, with a slash behind it, of a path that is
// a repository file's.
func rootOf(file string) (string, bool) {
	for _, position := range config.RepositoryFiles {
		if root, ok := strings.CutSuffix("/"+file, "/"+position); ok {
			if root = strings.TrimPrefix(root, "/"); root != "" {
				root += "/"
			}
			return root, true
		}
	}
	return "", false
}

// nearestRoot gives the innermost of the roots that a path lies in.
func nearestRoot(file string, roots []string) string {
	best := ""
	for _, root := range roots {
		if strings.HasPrefix(file, root) && len(root) > len(best) {
			best = root
		}
	}
	return best
}

// file collects a single file: a declaration with what it imports, or evidence
// by itself.
func (g *gatherer) file(name string) error {
	folder, base := filepath.Split(name)
	folder = cmp.Or(folder, ".")
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if found, err := sniff(filepath.ToSlash(name), data); err == nil {
		// Alone, a name that tells its kind counts wherever the file lies.
		return g.evidence(found, filepath.ToSlash(name), folderName(folder), data)
	}
	root := folder
	if filepath.Base(filepath.Clean(folder)) == ".github" {
		root = filepath.Join(folder, "..")
		base = ".github/" + base
	}
	tree, err := Dir(root)
	if err != nil {
		return err
	}
	defer tree.Close()
	return g.collect(tree, filepath.ToSlash(filepath.Clean(root)), Options{File: base, DeclaredOnly: true})
}

// evidence takes one file of evidence as a consumer of its own. It was named by
// the user: what it lists is the use.
func (g *gatherer) evidence(from importer, name, folder string, data []byte) error {
	facts, err := from.read(name, data)
	if err != nil {
		g.broken = append(g.broken, ProblemsOf(err)...)
		return nil
	}
	part := contracts.Registration{Repository: contracts.RepositoryRef{Name: folder}}
	for _, f := range facts {
		if len(f.names) == 0 || f.provider {
			continue
		}
		if f.usage.Baseline.Path, err = g.storedCopy(path.Dir(name), f.stored); err != nil {
			return err
		}
		part.Components = append(part.Components, contracts.Component{
			Name: cmp.Or(f.consumer, folder), Consumes: []contracts.Consumed{{API: f.names[0], Usage: f.usage}},
		})
	}
	if len(part.Components) == 0 {
		g.broken = append(g.broken, contracts.Problem{Position: contracts.Position{File: name}, Message: "this file names no API that is used", Hint: "give a declaration, a Pact or a Kiota file"})
	}
	g.parts = append(g.parts, part)
	return nil
}

// storedCopy gives the file of a stored contract that lies below the folder of the
// evidence: itself, or the first in the folder that it names.
func (g *gatherer) storedCopy(folder, stored string) (string, error) {
	rel, err := filepath.Rel(folder, stored)
	if stored == "" || err != nil || !filepath.IsLocal(rel) {
		return "", nil
	}
	info, err := os.Stat(filepath.FromSlash(stored))
	switch {
	case err != nil: // no copy is kept, or none that may be looked at
		return "", nil
	case !info.IsDir():
		return stored, nil
	}
	tree, err := Dir(filepath.FromSlash(stored))
	if err != nil {
		return "", err
	}
	defer tree.Close()
	files, err := tree.Files(g.ctx)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if namesDocument(f.Path) {
			return path.Join(stored, f.Path), nil
		}
	}
	return "", nil
}

func (g *gatherer) collect(tree contracts.Tree, prefix string, opts Options) error {
	opts.Repository.Name = cmp.Or(opts.Repository.Name, path.Base(filepath.ToSlash(absolute(filepath.FromSlash(prefix)))))
	opts.ConsumersOnly = true
	part, err := Collect(g.ctx, tree, opts)
	if err != nil {
		return err
	}
	if prefix != "." {
		relocateRegistration(&part, prefix)
	}
	if part.Broken {
		g.broken = append(g.broken, part.Problems...)
	} else {
		g.problems = append(g.problems, part.Problems...)
	}
	g.parts = append(g.parts, part)
	return nil
}

func absolute(name string) string {
	if full, err := filepath.Abs(name); err == nil {
		return full
	}
	return name
}

// folderName gives the name of a folder that is called after what it holds for
// a component, not after a tool.
func folderName(folder string) string {
	full := absolute(folder)
	for slices.Contains([]string{".kiota", ".github", "pacts", "pact"}, filepath.Base(full)) {
		full = filepath.Dir(full)
	}
	return filepath.Base(full)
}

// choose picks one API out of what was gathered.
func (g *gatherer) choose(api string) (Gathered, error) {
	out := Gathered{API: api, Problems: g.problems}
	var names []string
	for _, part := range g.parts {
		for _, component := range part.Components {
			for _, use := range component.Consumes {
				if !slices.ContainsFunc(names, func(name string) bool { return sameAPI(name, use.API) || sameAPI(use.API, name) }) {
					names = append(names, use.API)
				}
				if api != "" && !sameAPI(use.API, api) && !sameAPI(api, use.API) {
					continue
				}
				out.Consumers = append(out.Consumers, contracts.Consumer{
					Component: component.Name, Owner: component.Owner, Repository: part.Repository, Usage: use.Usage,
				})
			}
		}
	}
	slices.Sort(names)
	switch {
	case api == "" && len(names) > 1:
		return Gathered{}, fmt.Errorf("%w (%s): choose one with --api", ErrSeveralAPIs, strings.Join(names, ", "))
	case api == "" && len(names) == 1:
		out.API = names[0]
	case api != "" && len(out.Consumers) == 0 && len(names) > 0:
		out.Problems = append(out.Problems, contracts.Problem{
			Message: "no consumer of " + api + ": the declarations name " + strings.Join(names, ", "),
			Hint:    cmp.Or(didYouMean(api, names), "choose one of them with --api"),
		})
	}
	return out, nil
}

func didYouMean(word string, words []string) string {
	if near := config.Nearest(word, words); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}
