package readiness

import (
	"path"
	"slices"

	"plimsoll/config"
)

// pair finds the same components at two commits: for each of ours the index of theirs,
// -1 without one. First by name; what is left by a path that only they have; what is
// left then by an API that both provide. None is taken twice.
func pair(ours, theirs []config.Component) []int {
	found := make([]int, len(ours))
	taken := make([]bool, len(theirs))
	for i := range found {
		found[i] = -1
	}
	match := func(same func(a, b config.Component) bool) {
		for i, our := range ours {
			if found[i] >= 0 {
				continue
			}
			for j, their := range theirs {
				if !taken[j] && same(our, their) {
					found[i], taken[j] = j, true
					break
				}
			}
		}
	}
	match(func(a, b config.Component) bool { return a.Name == b.Name })
	match(func(a, b config.Component) bool {
		return folder(a) == folder(b) && only(ours, folder(a)) && only(theirs, folder(b))
	})
	match(func(a, b config.Component) bool {
		return slices.ContainsFunc(a.Provides, func(p config.Provides) bool {
			return slices.ContainsFunc(b.Provides, func(o config.Provides) bool { return o.API == p.API })
		})
	})
	return found
}

// folder is a component's path; "." for the whole repository.
func folder(c config.Component) string { return path.Clean("./" + string(c.Path)) }

// only tells whether one component alone has a folder.
func only(all []config.Component, of string) bool {
	n := 0
	for _, c := range all {
		if folder(c) == of {
			n++
		}
	}
	return n == 1
}

// Named gives the file with the repository's name for the components that have none.
func Named(file *config.Repository, repository string) *config.Repository {
	if file == nil {
		return nil
	}
	named := *file
	named.Components = slices.Clone(file.Components)
	for i := range named.Components {
		if named.Components[i].Name == "" {
			named.Components[i].Name = config.Name(repository)
		}
	}
	return &named
}
