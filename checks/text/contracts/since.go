package contracttext

import (
	"slices"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// What changed between a consumer's baseline and the base branch was changed before this
// pull request. It is reported, since the next deployment includes it. It neither blocks
// nor mentions anyone, since otherwise every pull request would.

// onlySince reports whether only such changes affect consumers.
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

// mildly says why a break does not block. It is empty where a break blocks and where
// nothing breaks.
func (v *view) mildly() string {
	switch {
	case v.onlyAcknowledgementMissing():
		return " (needs acknowledgement)"
	case v.blocking > 0 || v.breaking == 0:
		return ""
	case v.onlySince():
		return " (already on " + checks.Escape(checks.Clip(v.BaseRef, 40), checks.InPlain) + ")"
	default:
		return " (not blocking)"
	}
}

// doer is who made the change.
func (v *view) doer(e *entry) string {
	if e.since {
		return "since then the API"
	}
	return "this " + checks.SubjectWords(v.Number)
}

// sinceWords explains a change that is already on the base branch.
func (v *view) sinceWords() string {
	return " This is already on " + checks.Code(v.BaseRef) + ", so this " + checks.SubjectWords(v.Number) + " does not cause it. The next deployment includes it."
}

// fix says what to do about a change that is already on the base branch.
func (v *view) fix(e *entry) string {
	return "**Next:** restore " + subjectOf(e.change, checks.InCode) + " in " + checks.Code(e.api.Component) + ", or migrate " + v.movers(e) + " and deploy" + v.whereTo(e) + "."
}

// whyNotBlocked says why a break does not block.
func (v *view) whyNotBlocked() string {
	if slices.ContainsFunc(v.entries, func(e *entry) bool { return e.verdict == contracts.Breaks && e.ruling.Mild() }) {
		return "a rule of the repository lowers the level of the change."
	}
	why := "the API is set to " + checks.Code("on_break: warn") + "."
	for _, e := range v.entries {
		switch {
		case e.verdict != contracts.Breaks || e.api.OnBreak == "warn":
		case e.since:
			why = "the change is already on " + checks.Code(v.BaseRef) + "."
		default:
			return "no affected version is live in production."
		}
	}
	return why
}
