package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/settings"
)

// Options say what is known of the repository from elsewhere.
type Options struct {
	Repository    contracts.RepositoryRef
	DefaultBranch string
	Archived      bool
	// Commit that the tree is of.
	Commit string
	// Organisation is the organisation's own file, for defaults and policy; may be nil.
	Organisation *config.Repository
	// File is the repository file's path; empty: where it always lies.
	File string
	// DeclaredOnly leaves out evidence that no `import:` names.
	DeclaredOnly bool
	// Named: in a repository without a declaration, evidence counts as if one
	// named it: what it lists is the use.
	Named bool
	// ConsumersOnly leaves provided contracts alone.
	ConsumersOnly bool
	// Cache of contract files by content; may be nil.
	Cache *openapi.Cache
}

// Bounds of what one repository's evidence may ask of us, imports and
// discoveries together.
const (
	MaxEvidenceFiles = 200
	MaxEvidenceBytes = 32 << 20
	// MaxEvidenceFile bounds one file.
	MaxEvidenceFile = 8 << 20
)

// Collect reads what a repository says about itself: its file, CODEOWNERS, the
// contracts that it provides and all evidence of use.
//
// What is wrong with the repository's files is reported in the registration
// (Problems, Broken, Provided.Problem); an error means that the tree itself
// could not be read, and that trying again may help.
func Collect(ctx context.Context, tree contracts.Tree, opts Options) (contracts.Registration, error) {
	registration, _, err := collect(ctx, tree, opts)
	return registration, err
}

func collect(ctx context.Context, tree contracts.Tree, opts Options) (contracts.Registration, *config.Repository, error) {
	c := &collector{ctx: ctx, tree: tree, opts: opts, shas: map[string]string{}, claimed: map[fact]bool{}, reads: map[string][]imported{}, useless: map[string]bool{}}
	c.out = contracts.Registration{
		Repository: opts.Repository, DefaultBranch: opts.DefaultBranch, Archived: opts.Archived, Commit: opts.Commit,
	}
	files, err := tree.Files(ctx)
	if err != nil {
		return c.out, nil, fmt.Errorf("collect evidence of %s@%s: %w", opts.Repository.FullName(), opts.Commit, err)
	}
	for _, f := range files {
		c.paths = append(c.paths, f.Path)
		c.shas[f.Path] = f.SHA
	}
	declared, err := c.run()
	if err != nil {
		return c.out, nil, fmt.Errorf("collect evidence of %s@%s: %w", opts.Repository.FullName(), opts.Commit, err)
	}
	return c.out, declared, nil
}

// collector gathers one registration.
type collector struct {
	ctx    context.Context
	tree   contracts.Tree
	opts   Options
	out    contracts.Registration
	paths  []string          // sorted
	shas   map[string]string // path → content
	owners Codeowners

	reads   map[string][]imported // evidence files that have been read
	useless map[string]bool       // those that can't be used, of which the problem is reported
	bytes   int
	claimed map[fact]bool
}

// fact names what one file says about one API.
type fact struct{ file, name string }

func (c *collector) problem(p ...contracts.Problem) { c.out.Problems = append(c.out.Problems, p...) }

func (c *collector) run() (*config.Repository, error) {
	owners, err := readOwners(c.ctx, c.tree, c.paths)
	if err != nil {
		return nil, err
	}
	c.owners = owners
	declared, err := c.readDeclaration()
	if err != nil || c.out.Broken {
		return nil, err
	}
	if declared != nil {
		for i, each := range declared.Components {
			if err := c.imports(&c.out.Components[i], each); err != nil {
				return nil, err
			}
		}
	}
	if !c.opts.DeclaredOnly {
		if err := c.discover(); err != nil {
			return nil, err
		}
	}
	for i := range c.out.Components {
		if c.opts.ConsumersOnly {
			break
		}
		if err := c.provided(&c.out.Components[i]); err != nil {
			return nil, err
		}
	}
	return declared, nil
}

// readDeclaration reads the repository file into components; nil without one.
func (c *collector) readDeclaration() (*config.Repository, error) {
	file := c.opts.File
	if file == "" {
		var notes config.Errors
		if file, notes = config.Find(c.paths); len(notes) > 0 {
			c.problem(ProblemsOf(notes)...)
		}
	}
	if file == "" {
		return nil, c.unreadableDeclaration()
	}
	c.out.Enrolled, c.out.File, c.out.FileSHA = true, file, c.shas[file]
	data, err := c.tree.ReadFile(c.ctx, file)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		c.problem(*problem)
		c.out.Broken = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	declared, err := config.ParseRepository(file, data)
	if err != nil {
		c.problem(ProblemsOf(err)...)
		c.out.Broken = true
		return nil, nil
	}
	merged, notes := config.Merge(declared, c.opts.Organisation)
	c.problem(ProblemsOf(notes)...)
	for _, each := range merged.Components {
		component := component(each)
		for i := range component.Provides {
			component.Provides[i].Policy = rulePolicy(merged.Policy)
		}
		if component.Name == "" {
			component.Name = c.opts.Repository.Name
		}
		if component.Owner == "" {
			component.Owner = c.owners.first(file)
		}
		c.out.Components = append(c.out.Components, component)
	}
	return merged, nil
}

// unreadableDeclaration marks a repository broken whose file is there and is none
// (a symbolic link, a submodule): that is not the same as having no file. One
// below a folder that is none does not count.
func (c *collector) unreadableDeclaration() error {
	isWrong := func(file string) (*contracts.Problem, error) {
		_, err := c.tree.ReadFile(c.ctx, file)
		problem, _ := errors.AsType[*contracts.Problem](err)
		return problem, err
	}
	for _, file := range config.RepositoryFiles {
		problem, err := isWrong(file)
		if folder := path.Dir(file); problem != nil && folder != "." {
			if above, _ := isWrong(folder); above != nil {
				continue
			}
		}
		switch {
		case problem != nil:
			c.out.Enrolled, c.out.File, c.out.Broken = true, file, true
			c.problem(*problem)
			return nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// provided loads the contracts of a component for their files and faults.
func (c *collector) provided(component *contracts.Component) error {
	for i := range component.Provides {
		p := &component.Provides[i]
		p.Files = map[string]string{}
		if sha, ok := c.shas[p.Spec]; ok {
			p.Files[p.Spec] = sha
		} else {
			p.Problem = &contracts.Problem{Position: p.Position, Path: "spec", Message: "no file " + p.Spec + " in this repository", Hint: c.nearestFile(p.Spec)}
			c.problem(*p.Problem)
			continue
		}
		contract, err := openapi.Load(c.ctx, c.tree, p.Spec, openapi.LoadOptions{Cache: c.opts.Cache})
		if err != nil {
			problem, ok := errors.AsType[*contracts.Problem](err)
			switch {
			case ok:
				p.Problem = problem
			case errors.Is(err, fs.ErrNotExist):
				p.Problem = &contracts.Problem{Position: p.Position, Message: err.Error()}
			default:
				return err
			}
			c.problem(*p.Problem)
			continue
		}
		for _, file := range contract.Files() {
			p.Files[file] = c.shas[file]
		}
		c.problem(settings.Unmatched(p.Rules, contract)...)
	}
	return nil
}

// nearestFile says which file may have been meant.
func (c *collector) nearestFile(missing string) string {
	name := missing[strings.LastIndexByte(missing, '/')+1:]
	for _, path := range c.paths {
		if strings.HasSuffix("/"+path, "/"+name) {
			return "did you mean " + path + "?"
		}
	}
	if near := config.Nearest(missing, c.paths[:min(len(c.paths), 5_000)]); near != "" {
		return "did you mean " + near + "?"
	}
	return "name it from the repository's root"
}

// read gives what an evidence file says; ok is false where it can't be used, and
// the problem has been reported where the file is to blame.
func (c *collector) read(file string, named bool) (facts []imported, ok bool, err error) {
	if facts, ok := c.reads[file]; ok {
		return facts, true, nil
	}
	if c.useless[file] {
		return nil, false, nil
	}
	if facts, ok, err = c.readAnew(file, named); err != nil {
		return nil, false, err
	}
	if !ok {
		c.useless[file] = true
		return nil, false, nil
	}
	c.reads[file] = facts
	return facts, true, nil
}

func (c *collector) readAnew(file string, named bool) (facts []imported, ok bool, err error) {
	if len(c.reads) >= MaxEvidenceFiles || c.bytes >= MaxEvidenceBytes {
		c.problemOnce(contracts.Problem{Position: contracts.Position{File: file},
			Message: fmt.Sprintf("more evidence than %d files or %d MiB: this file and the following ones are not read", MaxEvidenceFiles, MaxEvidenceBytes>>20),
			Hint:    "remove files that are not needed"})
		return nil, false, nil
	}
	data, err := c.tree.ReadFile(c.ctx, file)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		c.problem(*problem)
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	c.bytes += len(data)
	if len(data) > MaxEvidenceFile {
		c.problem(contracts.Problem{Position: contracts.Position{File: file}, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(data), MaxEvidenceFile), Hint: "split it"})
		return nil, false, nil
	}
	i, found := importerOf(file)
	if named && !found {
		i, err = sniff(file, data)
	}
	if errors.Is(err, errNoEvidence) {
		c.problem(contracts.Problem{Position: contracts.Position{File: file}, Message: "Plimsoll finds no use of an API in this file",
			Hint: "Plimsoll reads Pact, kiota-lock.json, .kiota/workspace.json, API Manifest, openapitools.json, openapi-ts.config, catalog-info.yaml"})
		return nil, false, nil
	}
	if err == nil {
		facts, err = i.read(file, data)
	}
	if err != nil {
		c.problem(ProblemsOf(err)...)
		return nil, false, nil
	}
	return facts, true, nil
}

// problemOnce tells one problem of many that are alike.
func (c *collector) problemOnce(p contracts.Problem) {
	if !slices.ContainsFunc(c.out.Problems, func(other contracts.Problem) bool { return other.Message == p.Message }) {
		c.problem(p)
	}
}
