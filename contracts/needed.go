package contracts

import (
	"slices"
	"strings"
)

// needed gives a usage without what the consumer copes without: of a pattern with
// a tolerant step only the way up to that step.
func needed(u Usage) Usage {
	u.Operations = slices.Clone(u.Operations)
	for i := range u.Operations {
		o := &u.Operations[i]
		o.Reads, o.Sends = neededOf(o.Reads), neededOf(o.Sends)
	}
	return u
}

func neededOf(list *[]Pattern) *[]Pattern {
	if list == nil || !slices.ContainsFunc(*list, func(p Pattern) bool { return strings.Contains(p.Text, "?") }) {
		return list
	}
	out := make([]Pattern, 0, len(*list))
	for _, source := range *list {
		if p, err := parsePattern(source.Text); err == nil {
			at := slices.IndexFunc(p.segs, func(s segment) bool { return s.tolerant })
			if at == 0 {
				continue
			}
			if at > 0 {
				source.Text = spelled(p.root, p.segs[:at], quoteName)
			}
		}
		out = append(out, source)
	}
	return &out
}
