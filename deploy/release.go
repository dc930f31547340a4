package deploy

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"plimsoll/contracts"
)

// MostReleases is how many releases of a component are live at most, newest first: for an
// app whose users can't be made to update, old releases still end at some point.
const MostReleases = 20

// Release is a full release of a repository: no draft, no pre-release.
type Release struct {
	Tag         string
	Commit      string
	PublishedAt time.Time
}

// Tagged returns the released components that a tag belongs to. One that begins with
// the name of a component, or with its path, is that component's alone
// ("ios-app/4.2", "ios-app-v4.2", "@acme/ios-app@4.2", "apps/ios/v4.2"); any other
// belongs to all released ones.
func Tagged(components []contracts.Component, tag string) []contracts.Component {
	longest := 0
	for _, c := range components {
		longest = max(longest, names(c, tag))
	}
	return those(components, func(c contracts.Component) bool {
		return c.Release == Released && (longest == 0 || names(c, tag) == longest)
	})
}

// names returns how much of a tag names a component before a version; 0 if it names none.
func names(c contracts.Component, tag string) int {
	tag = strings.ToLower(tag)
	starts := []string{strings.ToLower(c.Name)}
	if target := folder(c.Path); target != "" {
		starts = append(starts, strings.ToLower(target))
	}
	if strings.HasPrefix(tag, "@") { // a package of a scope
		if _, unscoped, ok := strings.Cut(tag, "/"); ok {
			tag = unscoped
		}
	}
	for _, start := range starts {
		rest, ok := strings.CutPrefix(tag, start)
		if !ok || start == "" || rest == "" || !strings.ContainsRune("/-_@", rune(rest[0])) {
			continue
		}
		version := strings.TrimPrefix(rest[1:], "v")
		if version != "" && '0' <= version[0] && version[0] <= '9' {
			return len(start)
		}
	}
	return 0
}

// Supported returns the live versions from the releases of a repository, in any order: of
// each released component the newest [MostReleases].
func Supported(components []contracts.Component, releases []Release) []contracts.LiveVersion {
	newest := slices.SortedStableFunc(slices.Values(releases), func(a, b Release) int {
		return cmp.Or(b.PublishedAt.Compare(a.PublishedAt), cmp.Compare(b.Tag, a.Tag))
	})
	var live []contracts.LiveVersion
	for _, c := range components {
		count := 0
		for _, r := range newest {
			if count == MostReleases {
				break
			}
			if slices.ContainsFunc(Tagged(components, r.Tag), func(t contracts.Component) bool { return t.Name == c.Name }) {
				live = append(live, contracts.LiveVersion{Component: c.Name, Release: r.Tag, Commit: r.Commit, Production: true, Since: r.PublishedAt})
				count++
			}
		}
	}
	return live
}
