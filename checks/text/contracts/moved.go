package contracttext

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// Blocked is one consumer that a change has blocked a pull request for. What is
// remembered of a pull request tells later how many of them have moved.
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
				if !finding.SinceBaseline && r.APIs[i].Blocks(affected) && !slices.ContainsFunc(all, b.same) && len(all) < mostBlocked {
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

// countMoved counts the consumers that blocked before and do not break any more.
// Only changes that the pull request still makes count: for what it has taken back
// nobody had to move.
func (v *view) countMoved(known map[consumerKey]*consumer) {
	made := map[string]bool{}
	for _, e := range v.entries {
		made[e.change.Fingerprint] = true
	}
	seen := map[consumerKey]bool{}
	for _, b := range v.Before {
		key := consumerKey{b.Repository.ID, b.Component}
		if !made[b.Fingerprint] || seen[key] {
			continue
		}
		seen[key] = true
		if c := known[key]; c == nil || c.verdict() != contracts.Breaks {
			v.moved++
		}
	}
}

// movedSection counts down: how many of the consumers that blocked have moved, and
// who is left, where. It is empty before the first has moved.
func (v *view) movedSection() string {
	waiting := v.waiting()
	total := v.moved + len(waiting)
	switch {
	case v.moved == 0:
		return ""
	case len(waiting) == 0 && v.acknowledged > 0:
		return fmt.Sprintf("**%d of %d moved**, the rest is acknowledged.", v.moved, v.moved+v.acknowledged)
	case len(waiting) == 0 && total == 1:
		return checks.MarkGood + " **The consumer that this waited for has moved.**"
	case len(waiting) == 0:
		return checks.MarkGood + fmt.Sprintf(" **All %d consumers that this waited for have moved.**", total)
	}
	verb := "have"
	if v.moved == 1 {
		verb = "has"
	}
	return fmt.Sprintf("**%d of %d %s moved.** Left: %s.", v.moved, total, verb, v.leftWords(waiting))
}

// waiting are the consumers that still break and block.
func (v *view) waiting() []*consumer {
	var list []*consumer
	for _, c := range v.consumers {
		if c.blocks() {
			list = append(list, c)
		}
	}
	return list
}

// leftWords names who is left: "**ios-app** `4.2` in `production`".
func (v *view) leftWords(waiting []*consumer) string {
	var names []string
	hidden := 0
	for _, c := range waiting {
		if c.hidden {
			hidden++
			continue
		}
		var versions []contracts.Consumer
		for _, version := range c.effects[0].versions {
			if version.Consumer.Production || !version.Consumer.Runs {
				versions = append(versions, version.Consumer)
			}
		}
		words := "**" + checks.Code(c.version().Component) + "**"
		if len(versions) > 0 {
			words += " (" + versionWords(versions) + ")"
		}
		names = append(names, words)
	}
	if hidden > 0 {
		names = append(names, checks.Count(hidden, "private consumer"))
	}
	return strings.TrimSuffix(checks.Join(names, mostConsumers), ".")
}
