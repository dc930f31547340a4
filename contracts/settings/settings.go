// Package settings holds changes against the rule settings of an API: which level they get,
// and which are ignored. It knows nothing of consumers and gives no verdict.
package settings

import (
	"strings"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// Settings are the rule settings of one API. They are not safe for concurrent use.
type Settings struct {
	settings []contracts.RuleSetting
	policy   contracts.RulePolicy
	now      time.Time
	matched  map[match]bool
}

// match names a setting and an operation.
type match struct {
	setting      int
	method, path string
}

// Of returns the settings of an API as they count at a time.
func Of(list []contracts.RuleSetting, policy *contracts.RulePolicy, now time.Time) *Settings {
	s := &Settings{settings: list, now: now, matched: map[match]bool{}}
	if policy != nil {
		s.policy = *policy
	}
	return s
}

// Ruling is what the settings make of a change. Of several that cover it the last one that
// counts decides. What is not compared is no change: no setting makes it known.
func (s *Settings) Ruling(change contracts.Change) contracts.Ruling {
	var r contracts.Ruling
	if diff.NotCompared(change) {
		return r
	}
	least, fixed := s.least(change)
	r.Level = s.demanded(change)
	for i := range s.settings {
		setting := &s.settings[i]
		if !s.covers(i, change) {
			continue
		}
		if why := s.refused(setting, least, fixed); why != "" {
			r.Refused, r.Why = setting, why
			continue
		}
		r.By, r.Ignored, r.Level = setting, setting.Ignore, setting.Level
		r.Refused, r.Why = nil, ""
	}
	return r
}

// Rulings gives what the settings make of changes, by fingerprint. Changes that no setting
// covers are left out.
func (s *Settings) Rulings(changes []contracts.Change) map[string]contracts.Ruling {
	rulings := map[string]contracts.Ruling{}
	if len(s.settings)+len(s.policy.Fixed) == 0 {
		return rulings
	}
	for _, change := range changes {
		if r := s.Ruling(change); r != (contracts.Ruling{}) {
			rulings[change.Fingerprint] = r
		}
	}
	return rulings
}

// Propose adds to rulings, by fingerprint, which of these settings would have changes count
// less than they do, and do not count yet because only the head has them.
func (s *Settings) Propose(rulings map[string]contracts.Ruling, changes []contracts.Change) {
	if len(s.settings) == 0 {
		return
	}
	for _, change := range changes {
		now, then := rulings[change.Fingerprint], s.Ruling(change)
		if then.By != nil && weight(change, then) < weight(change, now) {
			now.Refused, now.Why = then.By, contracts.RefusedProposed
			rulings[change.Fingerprint] = now
		}
	}
}

// weight orders what rulings make of a change: the larger, the more it counts.
func weight(change contracts.Change, r contracts.Ruling) int {
	switch {
	case r.Ignored:
		return -1
	case r.Level != "":
		return 10 * r.Level.Rank()
	}
	return 10*change.Level.Rank() + 1 // without a ruling, a consumer that breaks blocks
}

// least is the level below which a fixed rule cannot be set.
func (s *Settings) least(change contracts.Change) (least contracts.Level, fixed bool) {
	least = change.Level
	for _, f := range s.policy.Fixed {
		if wildcard(f.Rule, change.Rule) {
			fixed = true
			if f.Level.Rank() > least.Rank() {
				least = f.Level
			}
		}
	}
	return least, fixed
}

// demanded is the level that the policy sets for a change; empty: it sets none, or one below
// that which the comparison gives.
func (s *Settings) demanded(change contracts.Change) (level contracts.Level) {
	for _, f := range s.policy.Fixed {
		if f.Level != "" && f.Level.Rank() >= max(change.Level.Rank(), level.Rank()) && wildcard(f.Rule, change.Rule) {
			level = f.Level
		}
	}
	return level
}

// refused says why a setting does not count; "" if it does.
func (s *Settings) refused(setting *contracts.RuleSetting, least contracts.Level, fixed bool) contracts.Refusal {
	end := setting.End()
	switch {
	case !end.IsZero() && !s.now.Before(end):
		return contracts.RefusedEnded
	case fixed && (setting.Ignore || setting.Level.Rank() < least.Rank()):
		return contracts.RefusedFixed
	case setting.Ignore && s.policy.Longest > 0 && end.After(s.now.Add(s.policy.Longest).AddDate(0, 0, 1)):
		return contracts.RefusedTooLong
	}
	return ""
}

// covers reports whether a setting is about a change. One that names operations is so only
// if it names every operation that reaches the change.
func (s *Settings) covers(i int, change contracts.Change) bool {
	setting := &s.settings[i]
	if !wildcard(setting.Rule, change.Rule) || setting.Field != "" && !isField(setting.Field, change.Edge) {
		return false
	}
	if setting.Operation == "" {
		return true
	}
	if len(change.Operations) == 0 || change.Reached > len(change.Operations) {
		return false // some are not listed
	}
	for _, op := range change.Operations {
		if !s.names(i, op) {
			return false
		}
	}
	return true
}

func (s *Settings) names(i int, op contracts.OperationRef) bool {
	key := match{i, op.Method, op.Path}
	found, known := s.matched[key]
	if !known {
		one := &openapi.Operation{Method: op.Method, Path: op.Path, Norm: openapi.NormalPath(op.Path)}
		one.Provider = op.Method == openapi.MethodWebhook || op.Method == openapi.MethodCallback
		found = len(usage.Match([]*openapi.Operation{one}, s.settings[i].Operation)) > 0
		s.matched[key] = found
	}
	return found
}

// isField reports whether an edge is called so: as reports name it, or by its own name alone.
func isField(field string, edge contracts.Edge) bool {
	return wildcard(field, edge.WithoutFile().String()) || edge.Name != "" && wildcard(field, edge.Name)
}

// wildcard matches a text with a pattern in which * stands for any part. It takes at most
// len(pattern) · len(text) steps.
func wildcard(pattern, text string) bool {
	star, from := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
