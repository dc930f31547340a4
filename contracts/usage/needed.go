package usage

import (
	"slices"
	"strings"

	"plimsoll/contracts"
)

// Needed reduces a usage to what the consumer cannot do without: a pattern with a tolerant
// segment is cut off before that segment.
func Needed(u contracts.Usage) contracts.Usage {
	u.Operations = slices.Clone(u.Operations)
	for i := range u.Operations {
		o := &u.Operations[i]
		o.Reads, o.Sends = neededOf(o.Reads), neededOf(o.Sends)
	}
	return u
}

func neededOf(list *[]contracts.Pattern) *[]contracts.Pattern {
	if list == nil || !slices.ContainsFunc(*list, func(p contracts.Pattern) bool { return strings.Contains(p.Text, "?") }) {
		return list
	}
	out := make([]contracts.Pattern, 0, len(*list))
	for _, source := range *list {
		if p, err := Parse(source.Text); err == nil {
			at := slices.IndexFunc(p.Segments, func(s Segment) bool { return s.Tolerant })
			if at == 0 {
				continue
			}
			if at > 0 {
				source.Text = spelled(p.root, p.Segments[:at], QuoteName)
			}
		}
		out = append(out, source)
	}
	return &out
}
