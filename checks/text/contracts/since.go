package contracttext

import (
	"plimsoll/checks"
	"plimsoll/contracts"
)

// What lies between a consumer's baseline and the base branch was changed before
// this pull request: it is told, since a deployment brings it, and it blocks nothing
// and calls nobody, since every pull request would.

// onlySince tells whether every consumer that is hit is hit by such changes alone.
func (v *view) onlySince() bool {
	for _, c := range v.consumers {
		for _, h := range c.effects {
			if !h.entry.since {
				return false
			}
		}
	}
	return len(v.consumers) > 0
}

// mildly says why what breaks does not block, or that it need not; "" where it does,
// or nothing breaks.
func (v *view) mildly() string {
	switch {
	case v.onlyAcknowledgementMissing():
		return " (only an acknowledgement is missing)"
	case v.blocking > 0 || v.breaking == 0:
		return ""
	case v.onlySince():
		return " (on " + checks.Escape(checks.Clip(v.BaseRef, 40), checks.InPlain) + " already)"
	default:
		return " (does not block)"
	}
}

// doer is who made the change.
func (v *view) doer(e *entry) string {
	if e.since {
		return "since that was declared the API"
	}
	return "this " + checks.SubjectWords(v.Number)
}

// sinceWords says what a change means that is on the base branch already.
func (v *view) sinceWords() string {
	return " It is on " + checks.Code(v.BaseRef) + " already: this " + checks.SubjectWords(v.Number) + " does not cause it, and whatever is deployed brings it."
}

// fix says what to do about a change that is on the base branch already.
func (v *view) fix(e *entry) string {
	return "**Next:** " + checks.Code(e.api.Component) + " brings back " + subjectOf(e.change, checks.InCode) + ", or " + v.movers(e) + ": move on from it, and deploy" + v.whereTo(e) + "."
}

// whyNotBlocked says why what breaks does not block.
func (v *view) whyNotBlocked() string {
	why := "the API is set to " + checks.Code("on_break: warn") + "."
	for _, e := range v.entries {
		switch {
		case e.verdict != contracts.Breaks || e.api.OnBreak == "warn":
		case e.since:
			why = "what breaks is on " + checks.Code(v.BaseRef) + " already."
		default:
			return "what breaks is not live in production."
		}
	}
	return why
}
