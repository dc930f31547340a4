package evidence

import (
	"path"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
)

// imports adds what the files under `import:` say to the uses that name them.
//
// The operations declared and imported are the use. Where a file is missing,
// broken or says nothing of the API, the list can't be complete: every
// operation is assumed as well, and the problem is reported.
func (c *collector) imports(component *contracts.Component, declared config.Component) error {
	for j, each := range declared.Consumes {
		if len(each.Import) == 0 {
			continue
		}
		usage := &component.Consumes[j].Usage
		at := contracts.Problem{Position: position(each.At), Path: "import"}
		facts, complete, err := c.named(each, at)
		if err != nil {
			return err
		}
		chosen, problem := choose(string(each.API), facts)
		if problem != "" && (complete || len(facts) > 0) {
			at.Message, at.Hint = problem, "name the files of this API alone, or give the API the name that they use"
			c.problem(at)
		}
		complete = complete && problem == ""
		for _, f := range chosen {
			c.claimed[f.fact] = true
			c.describe(usage, f.imported)
			addUses(usage, f.usage.Operations)
			if len(f.usage.Operations) == 0 {
				usage.Operations = append(usage.Operations, everyOperation(f.usage.Evidence))
			}
		}
		if !complete {
			usage.Operations = append(usage.Operations, everyOperation(usage.Evidence))
		}
	}
	return nil
}

type namedFact struct {
	imported
	fact
}

// named reads the files of a use's globs; complete is false where one of them
// gave less than it should.
func (c *collector) named(each config.Consumes, at contracts.Problem) (facts []namedFact, complete bool, err error) {
	complete = true
	var files []string
	for _, glob := range each.Import {
		if err := c.ctx.Err(); err != nil {
			return nil, false, err
		}
		matched := c.matching(glob)
		for _, path := range matched {
			if !slices.Contains(files, path) && len(files) <= MaxEvidenceFiles {
				files = append(files, path)
			}
		}
		if len(matched) == 0 {
			at.Message, at.Hint = "no file matches "+string(glob), c.nearestFile(string(glob))
			c.problem(at)
			complete = false
		}
	}
	for _, file := range files {
		found, ok, err := c.read(file, true)
		if err != nil {
			return nil, false, err
		}
		complete = complete && ok
		for _, f := range found {
			if !f.provider {
				facts = append(facts, namedFact{f, fact{file, f.names[0]}})
			}
		}
	}
	return facts, complete, nil
}

// matching gives the paths that a glob names.
func (c *collector) matching(glob config.Glob) []string {
	if glob.Literal() {
		if _, ok := c.shas[string(glob)]; ok {
			return []string{string(glob)}
		}
		return nil
	}
	var matched []string
	beginning := string(glob)[:strings.IndexAny(string(glob), "*?{")]
	i, _ := slices.BinarySearch(c.paths, beginning)
	for _, path := range c.paths[i:] {
		if !strings.HasPrefix(path, beginning) {
			break
		}
		if glob.Match(path) {
			matched = append(matched, path)
		}
	}
	return matched
}

// choose takes the facts that speak of an API: those that name it; all of them
// where they name one API only, whatever they call it.
func choose(api string, facts []namedFact) (chosen []namedFact, problem string) {
	var names []string
	for _, f := range facts {
		if slices.ContainsFunc(f.names, func(name string) bool { return sameAPI(api, name) }) {
			chosen = append(chosen, f)
		}
		if !slices.ContainsFunc(names, func(name string) bool { return sameAPI(name, f.names[0]) }) {
			names = append(names, f.names[0])
		}
	}
	switch {
	case len(chosen) > 0:
		return chosen, ""
	case len(names) == 1:
		return facts, ""
	case len(names) == 0:
		return nil, "the imported files say nothing of the use of an API"
	}
	return nil, "the imported files speak of " + strings.Join(names, ", ") + "; none of them is " + api
}

// describe takes over how the client was made and what it was made from.
func (c *collector) describe(usage *contracts.Usage, f imported) {
	if usage.Via == "" {
		usage.Via = f.usage.Via
	}
	if usage.Baseline == (contracts.Baseline{}) {
		usage.Baseline.Path = c.storedCopy(f.stored)
	}
}

// storedCopy gives the file of a stored contract: itself, or the first in the
// folder that it names.
func (c *collector) storedCopy(stored string) string {
	if stored == "" {
		return ""
	}
	if _, ok := c.shas[stored]; ok {
		return stored
	}
	i, _ := slices.BinarySearch(c.paths, stored+"/")
	for _, path := range c.paths[i:] {
		if !strings.HasPrefix(path, stored+"/") {
			break
		}
		if namesDocument(path) {
			return path
		}
	}
	return ""
}

// namesDocument tells a file that may be a contract by its name.
func namesDocument(file string) bool {
	return slices.Contains([]string{".json", ".yaml", ".yml"}, path.Ext(file))
}

// everySelector selects every operation.
const everySelector = "* /**"

// everyOperation is the assumed use of everything, beside what is listed.
func everyOperation(at contracts.Evidence) contracts.OperationUse {
	return contracts.OperationUse{Selector: everySelector, Evidence: at}
}
