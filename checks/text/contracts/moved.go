package contracttext

import (
	"fmt"
	"slices"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// Blocked is one consumer that a change has blocked a pull request for. The list is kept
// with the pull request, so that a later report can count how many have migrated.
type Blocked struct {
	Fingerprint string                  `json:"fingerprint"`
	Repository  contracts.RepositoryRef `json:"repository"`
	Component   string                  `json:"component"`
}

// mostBlocked bounds what is remembered of one pull request.
const mostBlocked = 500

// Blocking gives what blocks now, with what has blocked before: to be given back
// as Report.Before when the pull request is evaluated again.
func Blocking(r Report) []Blocked {
	all := slices.Clone(r.Before)
	for i := range r.APIs {
		for _, finding := range r.APIs[i].Findings {
			for _, affected := range finding.Affected {
				b := Blocked{finding.Change.Fingerprint, affected.Consumer.Repository, affected.Consumer.Component}
				if !finding.SinceBaseline && r.APIs[i].Blocks(finding.Change, affected) && !slices.ContainsFunc(all, b.same) && len(all) < mostBlocked {
					all = append(all, b)
				}
			}
		}
	}
	return all
}

func (b Blocked) same(other Blocked) bool {
	return b.Fingerprint == other.Fingerprint && b.Repository.ID == other.Repository.ID && b.Component == other.Component
}

// countMoved counts the consumers that blocked before and are not affected any more. Only
// changes that the pull request still makes count: where it has withdrawn a change, no
// consumer had to migrate. One that may still be affected has not been seen to migrate, nor
// has any while repositories are still being read. It also keeps the names, for the comment
// of a pull request that no longer breaks any.
func (v *view) countMoved(known map[consumerKey]*consumer) {
	type use struct {
		fingerprint string
		consumer    *consumer
	}
	made, affected := map[string]bool{}, map[use]bool{}
	for _, e := range v.entries {
		made[e.change.Fingerprint] = true
		for _, h := range e.effects {
			affected[use{e.change.Fingerprint, h.consumer}] = true
		}
	}
	open, named := map[consumerKey]bool{}, map[consumerKey]bool{}
	for _, b := range v.Before {
		key := consumerKey{b.Repository.ID, b.Component}
		if !named[key] {
			named[key] = true
			v.before = append(v.before, b)
		}
		if c := known[key]; made[b.Fingerprint] && (c == nil || c.verdict() != contracts.Breaks) {
			open[key] = open[key] || v.Registry.Scanning || affected[use{b.Fingerprint, c}]
		}
	}
	for _, still := range open {
		if still {
			v.open++
		} else {
			v.moved++
		}
	}
}

// movedSection counts how many of the consumers that blocked have migrated. It is empty
// before the first has migrated; the lines of the consumers name those that are left.
func (v *view) movedSection() string {
	total := v.moved + v.blocking + v.open
	switch {
	case v.moved == 0:
		return ""
	case v.blocking == 0 && v.open > 0:
		return fmt.Sprintf("**%d of %d consumers migrated.** The rest may still be affected.", v.moved, total)
	case v.blocking == 0 && v.acknowledged > 0:
		return fmt.Sprintf("**%d of %d consumers migrated.** The rest is acknowledged.", v.moved, v.moved+v.acknowledged)
	case v.blocking == 0 && total == 1:
		return checks.MarkGood + " **The consumer has migrated.**"
	case v.blocking == 0 && total == 2:
		return checks.MarkGood + " **Both consumers have migrated.**"
	case v.blocking == 0:
		return checks.MarkGood + fmt.Sprintf(" **All %d consumers have migrated.**", total)
	}
	return fmt.Sprintf("**%d of %d consumers migrated.**", v.moved, total)
}

// beforeWords names the consumers that blocked earlier: "`web` and `ios-app`"; empty
// without any. Where not every reader may read every repository it counts them: a consumer
// may have become private since then.
func (v *view) beforeWords() string {
	if len(v.before) > 0 && !(v.Repository.Private && !v.Repository.Internal) {
		return checks.Count(len(v.before), "consumer")
	}
	var names []string
	for _, b := range v.before {
		names = append(names, checks.Code(b.Component))
	}
	return checks.Join(names, mostConsumers)
}
