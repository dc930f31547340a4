package evidence

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
)

// notOurs are folders whose files speak of somebody else or of nobody.
var notOurs = append(slices.Clone(skippedFolders), "testdata", "fixtures", "__fixtures__")

// discover adds the use that files tell which no `import:` has named.
//
// Where the API is declared: operations that the declaration does not list are
// added; what it lists stands, but for fields that a Pact proves to be read or
// sent. Where it is not: the operations found, and every other one assumed.
func (c *collector) discover() error {
	for _, file := range c.paths {
		if _, ok := importerOf(file); !ok || !ours(file) {
			continue
		}
		facts, ok, err := c.read(file, false)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		for _, f := range facts {
			switch {
			case len(f.names) == 0 || c.claimed[fact{file, f.names[0]}]:
			case f.provider:
				c.catalogued(file, f)
			case f.consumer != "" && c.providesItself(f) && c.componentNamed(f.consumer) < 0:
				// a copy of a consumer's Pact that the provider verifies itself by
			default:
				c.found(file, f)
			}
		}
	}
	return nil
}

func ours(file string) bool {
	for part := range strings.SplitSeq(path.Dir(file), "/") {
		if slices.Contains(notOurs, part) {
			return false
		}
	}
	return true
}

// catalogued adds an API that a catalogue says is provided here, with its
// contract, to a repository that does not say so itself.
func (c *collector) catalogued(file string, f imported) {
	if _, ok := c.shas[f.spec]; !ok || c.out.Enrolled {
		return
	}
	component := c.componentFor(file, f.consumer)
	component.Provides = append(component.Provides, contracts.Provided{
		API: f.names[0], Spec: f.spec, OnBreak: "block", Position: f.usage.Evidence.Position,
	})
}

// providesItself says whether this repository provides the API of a fact.
func (c *collector) providesItself(f imported) bool {
	for _, component := range c.out.Components {
		for _, p := range component.Provides {
			if slices.ContainsFunc(f.names, func(name string) bool { return sameAPI(p.API, name) }) {
				return true
			}
		}
	}
	return false
}

// found adds one discovered use.
func (c *collector) found(file string, f imported) {
	component := c.componentFor(file, f.consumer)
	for i := range component.Consumes {
		known := &component.Consumes[i]
		if slices.ContainsFunc(f.names, func(name string) bool { return sameAPI(known.API, name) }) {
			c.widen(&known.Usage, f)
			return
		}
	}
	usage := f.usage
	if len(usage.Operations) > 0 && (c.out.Enrolled || !c.opts.Named) {
		usage.Operations = append(usage.Operations, everyOperation(usage.Evidence))
	}
	c.describe(&usage, f)
	if name := c.nameFor(f); name != "" { // else no API can have that name
		component.Consumes = append(component.Consumes, contracts.Consumed{API: name, Usage: usage})
	}
}

// nameFor gives the name of an API that nothing declares: that of this
// repository's own contract if it was generated from it, else the file's name
// for it, in a form that names can have.
func (c *collector) nameFor(f imported) string {
	for _, component := range c.out.Components {
		for _, p := range component.Provides {
			if p.Spec == f.stored && f.stored != "" {
				return p.API
			}
		}
	}
	if config.ValidName(f.names[0]) {
		return f.names[0]
	}
	return apiName(f.names[0])
}

// widen adds a discovered use to one that is known already.
func (c *collector) widen(usage *contracts.Usage, f imported) {
	declared := usage.Evidence.Kind == contracts.EvidenceDeclared
	switch {
	case f.usage.Catalogue:
		return
	case len(f.usage.Operations) == 0:
		// What is generated whole is used whole, unless a declaration lists the use.
		if !declared && len(usage.Operations) > 0 {
			usage.Operations = append(usage.Operations, everyOperation(f.usage.Evidence))
		}
		return
	}
	if usage.Catalogue {
		usage.Catalogue, usage.Evidence = false, f.usage.Evidence
	}
	c.describe(usage, f)
	if len(usage.Operations) == 0 {
		// every operation was assumed, and still is
		usage.Operations = []contracts.OperationUse{everyOperation(usage.Evidence)}
	}
	addUses(usage, f.usage.Operations)
}

// addUses adds what evidence says of single operations to a use that lists some.
// A file that names operations without fields adds nothing to an operation that
// is known: that it is used is said already, and which fields are stands there.
func addUses(usage *contracts.Usage, uses []contracts.OperationUse) {
	known := slices.DeleteFunc(slices.Clone(usage.Operations), func(k contracts.OperationUse) bool { return k.Selector == everySelector })
	for _, use := range uses {
		listed := use.Reads != nil || use.Sends != nil
		covered := slices.ContainsFunc(known, func(k contracts.OperationUse) bool { return covers(k.Selector, use.Selector) })
		if listed || !covered {
			usage.Operations = append(usage.Operations, use)
		}
	}
}

// covers says whether a selector takes in what another one selects, as far as
// that is clear without the contract.
func covers(known, other string) bool {
	knownMethod, knownPath, ok := strings.Cut(known, " ")
	method, otherPath, spaced := strings.Cut(other, " ")
	if !ok || !spaced {
		return known == other
	}
	if knownMethod != method && knownMethod != "*" {
		return false
	}
	return coversPath(strings.Split(knownPath, "/"), strings.Split(otherPath, "/"))
}

func coversPath(known, other []string) bool {
	for i, part := range known {
		if part == "**" {
			return i == len(known)-1
		}
		if i >= len(other) || other[i] == "**" || part != other[i] && !strings.HasPrefix(part, "{") && part != "*" {
			return false
		}
	}
	return len(known) == len(other)
}

// componentNamed gives the index of the component that a file calls by a name,
// or -1.
func (c *collector) componentNamed(name string) int {
	return slices.IndexFunc(c.out.Components, func(k contracts.Component) bool { return name != "" && sameAPI(k.Name, name) })
}

// componentFor gives the component that a file speaks for: the one that it
// names, the one whose folder it lies in, else the first. A repository without a
// declaration gets one that is called what the file calls it, or as itself.
func (c *collector) componentFor(file, name string) *contracts.Component {
	if i := c.componentNamed(name); i >= 0 {
		return &c.out.Components[i]
	}
	add := func(name string) *contracts.Component {
		if !config.ValidName(name) {
			name = cmp.Or(apiName(name), c.opts.Repository.Name)
		}
		c.out.Components = append(c.out.Components, contracts.Component{
			Name: name, Owner: c.owners.first(file), Release: "deployed", Position: contracts.Position{File: file},
		})
		return &c.out.Components[len(c.out.Components)-1]
	}
	if name != "" && !c.out.Enrolled {
		return add(name)
	}
	best := -1
	for i, k := range c.out.Components {
		inside := k.Path == "" || k.Path == "." || strings.HasPrefix(file, k.Path+"/")
		if inside && (best < 0 || len(k.Path) > len(c.out.Components[best].Path)) {
			best = i
		}
	}
	if best < 0 && len(c.out.Components) > 0 {
		best = 0
	}
	if best < 0 {
		return add(c.opts.Repository.Name)
	}
	return &c.out.Components[best]
}
