package pulls

import (
	"context"
	"fmt"
	"maps"
	"slices"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/handlers/source"
)

// change is what one pull request does to contracts and declarations.
type change struct {
	comparer   *ContractComparer
	repo       contracts.RepositoryRef
	pull       source.PullRequest
	comparison source.Comparison
	// registration is what the base branch declared where the pull request left it, if
	// that is known; tip is what it declares now.
	registration, tip contracts.Registration

	// paths that the pull request changes, old and new names; atHead are those that
	// its head holds, sorted.
	paths  map[string]bool
	atHead []string
	// base and head are read only where a contract or a declaration is touched.
	base, head contracts.Tree
	// proposed is what the head declares about the repository, if that changes.
	proposed *contracts.Registration
	apis     []touchedAPI
	// consumers that were evaluated, by API.
	consumers map[contracts.APIRef][]contracts.Consumer
	// offers is what the registry knows of the providers of what is used, by the name as
	// written.
	offers map[string]string
	// claimed are the short names of APIs that belong to other repositories, or to none yet.
	claimed []string
	// usedBefore are the components of the merge base, where uses are evaluated.
	usedBefore []contracts.Component
	// links are the pull requests that this one is evaluated together with.
	links      []*link
	linkTopics []string
	// words are what was acknowledged on the provider's pull requests; blocked: there
	// is something to acknowledge.
	words   []contracttext.Acknowledgement
	blocked bool
	// scanning: it was evaluated before every repository had been read.
	scanning bool
}

// touchedAPI is one API whose contract, or whose path, the pull request changes.
type touchedAPI struct {
	component contracts.Component
	provided  contracts.Provided // by the base, or by the head for a new one
	baseSpec  string             // empty: new
	headSpec  string             // empty: removed
	stays     bool               // the pull request says that it lies elsewhere
	// base and head are compared; nil: the merge base's tree and the head's.
	base, head contracts.Tree
}

func (c *change) nothing() bool { return len(c.apis) == 0 && c.proposed == nil }

// touched finds what the pull request touches, from the list of changed files alone if
// possible. The trees are nil if nothing is touched.
func (c *change) touched(ctx context.Context) (base, head contracts.Tree, err error) {
	c.tip = c.registration
	c.notePaths(c.comparison.Files)
	otherBase := c.registration.DefaultBranch != "" && c.pull.BaseRef != c.registration.DefaultBranch
	if c.comparison.Complete && !otherBase && !c.touchesDeclaration() && !c.touchesContract() && !c.mayTouchFormerContract() {
		return nil, nil, nil
	}
	if base, err = c.baseTree(ctx); err != nil {
		return nil, nil, fmt.Errorf("read the merge base %s: %w", c.comparison.MergeBase, err)
	}
	var files []source.ChangedFile
	head, files, err = c.comparer.deps.GitHub.HeadTree(ctx, c.repo, base, c.comparison)
	if err != nil {
		return nil, nil, fmt.Errorf("read the head %s: %w", c.pull.HeadSHA, err)
	}
	c.notePaths(files)
	if err := c.readDeclarations(ctx, base, otherBase); err != nil {
		return nil, nil, err
	}
	if c.touchesDeclaration() {
		proposed, err := c.collect(ctx, head, c.pull.HeadSHA)
		if err != nil {
			return nil, nil, err
		}
		c.proposed = &proposed
	}
	c.match()
	if err := c.matchTip(ctx, files); err != nil {
		return nil, nil, err
	}
	return base, head, c.matchMerge(ctx, head)
}

// baseTree is the merge base's; the registry knows the contracts of the commit
// that it has read last.
func (c *change) baseTree(ctx context.Context) (contracts.Tree, error) {
	if c.comparison.MergeBase != c.registration.Commit || c.registration.Broken {
		return c.comparer.deps.GitHub.Tree(ctx, c.repo, c.comparison.MergeBaseTree)
	}
	var known []contracts.File
	for _, component := range c.registration.Components {
		for _, provided := range component.Provides {
			for path, sha := range provided.Files {
				known = append(known, contracts.File{Path: path, SHA: sha})
			}
		}
	}
	return c.comparer.deps.GitHub.KnownTree(c.repo, c.comparison.MergeBaseTree, known), nil
}

func (c *change) notePaths(files []source.ChangedFile) {
	c.paths, c.atHead = make(map[string]bool, len(files)), nil
	for _, file := range files {
		c.paths[file.Path] = true
		if file.Status != "removed" {
			c.atHead = append(c.atHead, file.Path)
		}
		if file.Previous != "" {
			c.paths[file.Previous] = true
		}
	}
	slices.Sort(c.atHead)
}

func (c *change) collect(ctx context.Context, tree contracts.Tree, commit string) (contracts.Registration, error) {
	organisation, err := c.comparer.deps.Organisations.File(ctx, c.repo)
	if err != nil {
		return contracts.Registration{}, err
	}
	registration, err := evidence.Collect(ctx, tree, evidence.Options{
		Repository: c.repo, DefaultBranch: c.registration.DefaultBranch, Commit: commit, Organisation: organisation, Cache: c.comparer.deps.Cache,
	})
	if err != nil {
		return contracts.Registration{}, fmt.Errorf("read what %s says about itself: %w", commit, err)
	}
	return registration, nil
}

// touchesDeclaration: the repository file, or a file that is read as evidence of use.
func (c *change) touchesDeclaration() bool {
	for path := range c.paths {
		if evidence.IsDeclaration(path) {
			return true
		}
	}
	for _, component := range c.registration.Components {
		for _, consumed := range component.Consumes {
			for file := range consumed.Usage.Files() {
				if c.paths[file] {
					return true
				}
			}
		}
	}
	return false
}

func (c *change) touchesContract() bool {
	for _, component := range c.registration.Components {
		if slices.ContainsFunc(component.Provides, c.touchesFilesOf) {
			return true
		}
	}
	return false
}

func (c *change) touchesFilesOf(provided contracts.Provided) bool {
	if c.paths[provided.Spec] {
		return true
	}
	for file := range provided.Files {
		if c.paths[file] {
			return true
		}
	}
	return false
}

// keeps reports whether the head still has a file of the base.
func (c *change) keeps(path string) bool { return !c.paths[path] || slices.Contains(c.atHead, path) }

// match pairs what the base provides with what the head provides, by API.
func (c *change) match() {
	before, tip := source.ProvidedBy(c.registration), source.ProvidedBy(c.tip)
	after := before
	if c.proposed != nil && !c.proposed.Broken {
		after = source.ProvidedBy(*c.proposed)
	}
	for _, name := range slices.Sorted(maps.Keys(source.Union(before, after))) {
		old, existed := before[name]
		now, exists := after[name]
		if _, still := tip[name]; existed && !still && !c.tip.Broken {
			continue // the base branch has given it up meanwhile
		}
		api := touchedAPI{component: old.Component, provided: old.Provided}
		if existed {
			api.baseSpec = old.Provided.Spec
		} else {
			api.component, api.provided = now.Component, now.Provided
		}
		if exists {
			api.headSpec = now.Provided.Spec
		}
		if existed && exists && api.baseSpec != api.headSpec && c.touchesFilesOf(old.Provided) && (c.pull.Fork || c.keeps(api.baseSpec)) {
			// A pull request can't hide what it does to the contract by pointing to another
			// file. A fork can't move the contract either.
			c.apis = append(c.apis, touchedAPI{
				component: api.component, provided: api.provided, baseSpec: api.baseSpec, headSpec: api.baseSpec, stays: true,
			})
		}
		if api.baseSpec != api.headSpec || c.touchesFilesOf(old.Provided) || exists && c.touchesFilesOf(now.Provided) {
			c.apis = append(c.apis, api)
		}
	}
}
