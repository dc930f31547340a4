package contracttext

import (
	"slices"
	"time"

	"plimsoll/contracts"
)

// Acknowledgement is a person's consent to an impact on one consumer. It names the change
// by its fingerprint, so that it survives pushes, and one consumer. It changes the check's
// conclusion, never a verdict.
type Acknowledgement struct {
	Fingerprint string
	// Repository and Component are the consumer.
	Repository int64
	Component  string
	// Override: by a maintainer of the provider; no owner of the consumer has agreed.
	Override      bool
	Login, Reason string
	// Until is when it ends; zero: it has no end.
	Until time.Time
	// Number is the pull request that it was given on.
	Number int
	At     time.Time
}

// Ended tells whether the acknowledgement is no longer in force.
func (a Acknowledgement) Ended(now time.Time) bool { return !a.Until.IsZero() && !now.Before(a.Until) }

// lastDay is the day through whose end (UTC) the acknowledgement is in force.
func (a Acknowledgement) lastDay() string {
	return a.Until.Add(-time.Millisecond).UTC().Format(time.DateOnly)
}

// EndOfDay is the end of an acknowledgement that is given until a day.
func EndOfDay(day time.Time) time.Time { return day.UTC().AddDate(0, 0, 1) }

// word is how a hit stands to acknowledgements.
type word int

const (
	noWord word = iota
	acknowledged
	overridden
)

// Impact is one change that breaks one consumer and blocks, or would block if nobody
// had acknowledged it.
type Impact struct {
	Change contracts.Change
	// Consumer is a version that the change blocks for.
	Consumer contracts.Consumer
	// Hidden: the consumer must not be named on this pull request.
	Hidden bool
	// Given is what an owner of the consumer has acknowledged and is in force; nil:
	// no owner has.
	Given *Acknowledgement
}

// Impacts gives what blocks, and what would block without its acknowledgements.
func Impacts(r Report) []Impact {
	v := &view{Report: r}
	var all []Impact
	for i := range r.APIs {
		api := &r.APIs[i]
		words := wordsOf(api, r.Now)
		for j := range api.Findings {
			finding := &api.Findings[j]
			seen := map[consumerKey]bool{}
			for _, h := range finding.Affected {
				key := keyOf(h.Consumer)
				if finding.SinceBaseline || !api.Blocks(finding.Change, h) || seen[key] {
					continue
				}
				seen[key] = true
				impact := Impact{Change: finding.Change, Consumer: h.Consumer, Hidden: v.hides(h.Consumer)}
				if said := words[wordKey{finding.Change.Fingerprint, key}]; said.given != nil && !said.given.Override {
					impact.Given = said.given
				}
				all = append(all, impact)
			}
		}
	}
	return all
}

// NextEnd is when the first of the acknowledgements and rule settings that decide now ends;
// zero: none does.
func NextEnd(r Report) time.Time {
	v := newView(r)
	if v.nextEnd.IsZero() || !v.rulesEnd.IsZero() && v.rulesEnd.Before(v.nextEnd) {
		return v.rulesEnd
	}
	return v.nextEnd
}

type wordKey struct {
	fingerprint string
	consumer    consumerKey
}

// agreement is what was acknowledged of one change and one consumer.
type agreement struct {
	given *Acknowledgement // in force: an owner's before an override
	ended *Acknowledgement // the one that ended last
}

func wordsOf(api *APIReport, now time.Time) map[wordKey]agreement {
	words := map[wordKey]agreement{}
	for i := range api.Acknowledgements {
		a := &api.Acknowledgements[i]
		key := wordKey{a.Fingerprint, consumerKey{a.Repository, a.Component}}
		told := words[key]
		switch {
		case a.Ended(now) && (told.ended == nil || told.ended.Until.Before(a.Until)):
			told.ended = a
		case !a.Ended(now) && (told.given == nil || told.given.Override):
			told.given = a
		}
		words[key] = told
	}
	return words
}

// acknowledge lets go of what is acknowledged and in force. Of a hidden consumer only
// is kept whether it was by an override.
func (v *view) acknowledge(e *entry, effects map[consumerKey]*effect) {
	for key, h := range effects {
		if !h.blocks {
			continue
		}
		told := v.words[e.api][wordKey{e.change.Fingerprint, key}]
		if told.given != nil {
			h.blocks, h.word = false, acknowledged
			if told.given.Override {
				h.word = overridden
			}
			if end := told.given.Until; !end.IsZero() && (v.nextEnd.IsZero() || end.Before(v.nextEnd)) {
				v.nextEnd = end
			}
		}
		if !h.consumer.hidden {
			h.given, h.ended = told.given, told.ended
		}
		e.blocks = e.blocks || h.blocks
	}
}

// agreed tells whether an owner has acknowledged everything that a change does.
func (e *entry) agreed() bool {
	return len(e.effects) > 0 && !slices.ContainsFunc(e.effects, func(h *effect) bool { return h.word != acknowledged })
}

// onlyAcknowledgementMissing: every consumer that blocks is one that can't move by
// itself, because its repository takes no change.
func (v *view) onlyAcknowledgementMissing() bool {
	for _, e := range v.entries {
		if slices.ContainsFunc(e.effects, func(h *effect) bool { return h.blocks && !h.stuck }) {
			return false
		}
	}
	return v.blocking > 0
}

func stuck(c contracts.Consumer) bool { return c.Stale == "archived" || c.Stale == "uninstalled" }
