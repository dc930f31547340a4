package readiness

import (
	"maps"
	"slices"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Proposed gives what a head is evaluated by: its own file, and what the base branch had
// evaluated and the head no longer declares. A pull request that takes a component, its
// API or its production environment out of the file, or its files out of its part of
// the repository, is evaluated as if they still stood there as long as their files do; so
// it can't switch its own judge off. A head of nil (no file, or a broken one) is evaluated
// by the base's file.
//
// kept names the components of which the base's word counts. Neither argument is
// changed; base may be nil.
func Proposed(base, head *config.Repository, files []contracts.File) (evaluated *config.Repository, kept []string) {
	if base == nil {
		return head, nil
	}
	if head == nil {
		head = &config.Repository{File: base.File, Version: base.Version}
	}
	proposed := *head
	var taking []string
	proposed.Components, taking = withoutTakers(base.Components, head.Components, files)
	for at, i := range pair(base.Components, proposed.Components) {
		old := base.Components[at]
		switch {
		case !InScope(old):
		case i >= 0:
			back, any := putBack(old, proposed.Components[i], files)
			if folder(old) != folder(back) && leaves(old, proposed.Components, files) {
				back.Path, any = old.Path, true
			}
			proposed.Components[i] = back
			if any || slices.Contains(taking, folder(old)) {
				kept = append(kept, string(old.Name))
			}
		case stands(old, files):
			proposed.Components = append(proposed.Components, old)
			kept = append(kept, string(old.Name))
		}
	}
	return &proposed, kept
}

// putBack gives a component the environments of the production class that it had, and
// the APIs whose contracts are still there where it says that it provides none.
func putBack(old, now config.Component, files []contracts.File) (config.Component, bool) {
	any := false
	now.Environments = maps.Clone(now.Environments)
	for _, name := range production(old) {
		if environment, there := now.Environments[name]; !there || !environment.IsProduction(name) {
			if now.Environments == nil {
				now.Environments = map[config.Name]config.Environment{}
			}
			now.Environments[name] = old.Environments[name]
			any = true
		}
	}
	if len(now.Provides) == 0 {
		for _, provided := range old.Provides {
			if has(files, string(provided.Spec)) {
				now.Provides = append(now.Provides, provided)
				any = true
			}
		}
	}
	return now, any
}

// withoutTakers leaves out the components that are not evaluated and that take manifests
// from one that is: they lie where none lay before, in its part of the repository.
// taking are the folders of those whose manifests they would take.
func withoutTakers(base, head []config.Component, files []contracts.File) (left []config.Component, taking []string) {
	before := pair(head, base)
	for at, c := range head {
		i, from := before[at], -1
		moved := i < 0 || !InScope(base[i]) && folder(base[i]) != folder(c)
		if moved && !InScope(c) && holdsManifests(c, files) {
			from = slices.IndexFunc(base, func(old config.Component) bool { return InScope(old) && below(folder(c), folder(old)) })
		}
		if from < 0 {
			left = append(left, c)
		} else {
			taking = append(taking, folder(base[from]))
		}
	}
	return left, taking
}

func holdsManifests(c config.Component, files []contracts.File) bool {
	return slices.ContainsFunc(files, func(f contracts.File) bool { return below(f.Path, string(c.Path)) && mayBeManifest(f.Path) })
}

// leaves tells whether manifests of a component are left that no evaluated component has
// in its part of the repository.
func leaves(old config.Component, evaluated []config.Component, files []contracts.File) bool {
	return slices.ContainsFunc(files, func(f contracts.File) bool {
		return below(f.Path, string(old.Path)) && mayBeManifest(f.Path) && !slices.ContainsFunc(evaluated, func(c config.Component) bool {
			return InScope(c) && below(f.Path, string(c.Path))
		})
	})
}

// stands tells whether a component that is no longer declared has files left: those
// below its path; for one without a path its contracts, else any file at all.
func stands(c config.Component, files []contracts.File) bool {
	if c.Path == "" || c.Path == "." {
		if len(c.Provides) == 0 {
			return len(files) > 0
		}
		return slices.ContainsFunc(c.Provides, func(p config.Provides) bool { return has(files, string(p.Spec)) })
	}
	return slices.ContainsFunc(files, func(f contracts.File) bool { return below(f.Path, string(c.Path)) })
}

func has(files []contracts.File, path string) bool {
	_, found := slices.BinarySearchFunc(files, path, func(f contracts.File, path string) int {
		switch {
		case f.Path < path:
			return -1
		case f.Path > path:
			return 1
		}
		return 0
	})
	return found
}
