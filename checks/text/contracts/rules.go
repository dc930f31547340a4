package contracttext

import (
	"slices"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// Rule settings change the level of a change, or have it ignored. They change the
// conclusion, and never a verdict: what does not count is still shown, with its consumers.

// mostRules is how many changes a section about rule settings lists.
const mostRules = 20

// rule applies the ruling on a change.
func (v *view) rule(e *entry) {
	e.ruling, e.usual = e.api.Rulings[e.change.Fingerprint], e.change.Level
	if by := e.ruling.By; by != nil {
		v.endsAt(by.End())
	}
	if e.ruling.Level != "" {
		e.change.Level = e.ruling.Level
	}
}

// endsAt notes when a setting that counts ends.
func (v *view) endsAt(end time.Time) {
	if !end.IsZero() && (v.rulesEnd.IsZero() || end.Before(v.rulesEnd)) {
		v.rulesEnd = end
	}
}

// setAside reports whether a change does not count, and would without its ruling.
func (e *entry) setAside() bool {
	harmful := e.verdict != contracts.Unaffected || e.usual != contracts.Info
	return harmful && e.ruling.SetAside(e.verdict)
}

// setAside keeps a change that does not count with its consumers, apart from those that do.
func (v *view) setAside(e *entry, finding *contracts.Finding) {
	if finding != nil {
		apart := &view{Report: v.Report, words: v.words}
		apart.addHits(e, finding.Affected, map[consumerKey]*consumer{})
		for _, h := range e.effects {
			h.blocks, h.word = false, noWord
		}
		e.blocks = false
	}
	if e.since && !slices.ContainsFunc(e.effects, func(h *effect) bool { return !h.consumer.hidden }) {
		return // its words may be those of a private consumer's stored contract
	}
	v.aside = append(v.aside, e)
}

// demanded counts the changes that fail the check run by the level that was set.
func (v *view) demanded() (n int) {
	for _, e := range v.entries {
		if e.demands() {
			n++
		}
	}
	return n
}

func (v *view) warned() bool { return slices.ContainsFunc(v.entries, (*entry).warns) }

func (v *view) demandedWords() string {
	n := v.demanded()
	verb := " are set to breaking by rules"
	if n == 1 {
		verb = " is set to breaking by a rule"
	}
	return checks.Count(n, "change") + verb
}

// asideWord says why the changes that are set aside do not count.
func (v *view) asideWord() string {
	if slices.ContainsFunc(v.aside, func(e *entry) bool { return !e.ruling.Ignored }) {
		return "set aside by rules"
	}
	if len(v.aside) == 1 {
		return "ignored by a rule"
	}
	return "ignored by rules"
}

// settingWords names a setting by its line.
func (v *view) settingWords(e *entry, s *contracts.RuleSetting) string {
	if s.Organisation {
		return checks.Code(s.Position.String()) + " of the organisation"
	}
	commit := e.api.RulesSHA
	if s == e.ruling.Refused && e.ruling.Why == contracts.RefusedProposed {
		commit = v.HeadSHA
	}
	return v.web.Line(v.Repository, commit, s.Position, checks.InCode)
}

// rulingWords says what made the level of a change, or why it is ignored, and which setting
// does not count; "" if there is nothing to say. What the organisation's file says may be
// private, so that a public page does not quote it.
func (v *view) rulingWords(e *entry) string {
	return rulingSentence(e.change.Rule, e.ruling, checks.InCode, v.BaseRef, rulingPage{
		where: func(s *contracts.RuleSetting) string { return v.settingWords(e, s) }, private: v.Repository.Private && !v.Repository.Internal,
	})
}

// rulingPage is how a page names settings, and whether it may quote the organisation's file.
type rulingPage struct {
	where   func(*contracts.RuleSetting) string
	private bool
}

// PlainRulingSentence says what rule settings make of a change, for a terminal.
func PlainRulingSentence(change contracts.Change, ruling contracts.Ruling) string {
	return rulingSentence(change.Rule, ruling, checks.InPlain, "", rulingPage{
		where: func(s *contracts.RuleSetting) string { return checks.Escape(s.Position.String(), checks.InPlain) }, private: true,
	})
}

func rulingSentence(rule string, r contracts.Ruling, p checks.RenderContext, base string, page rulingPage) string {
	text := ""
	switch {
	case r.By != nil && r.Ignored:
		return "Ignored by rule in " + page.where(r.By) + page.reasonOf(r.By, p)
	case r.By != nil:
		text = "Level " + checks.Escape(string(r.Level), p) + " by rule in " + page.where(r.By) + page.reasonOf(r.By, p)
	case r.Level != "":
		text = "Level " + checks.Escape(string(r.Level), p) + " by the policy."
	}
	if r.Refused != nil {
		text += " " + refusedSentence(rule, r, p, base, page.where(r.Refused))
	}
	return strings.TrimSpace(text)
}

// reasonOf gives the end and the reason of a setting.
func (page rulingPage) reasonOf(s *contracts.RuleSetting, p checks.RenderContext) string {
	text := "."
	if s.Until != "" {
		text = ", until " + s.Until + "."
	}
	if s.Reason != "" && (!s.Organisation || page.private) {
		text += " Reason: " + checks.Sentence(checks.Escape(checks.Clip(checks.Clean(s.Reason), longestReason), proseOf(p)))
	}
	return text
}

// refusedSentence says why a setting that covers a change does not count.
func refusedSentence(rule string, r contracts.Ruling, p checks.RenderContext, base, where string) string {
	what := "The entry that ignores it"
	if !r.Refused.Ignore {
		what = "The level " + checks.Escape(string(r.Refused.Level), p)
	}
	what += " in " + where
	switch r.Why {
	case contracts.RefusedEnded:
		return what + " ended on " + r.Refused.Until + " and does not count."
	case contracts.RefusedFixed:
		return what + " does not count: the policy fixes " + checks.Escape(rule, p) + "."
	case contracts.RefusedTooLong:
		return what + " does not count: it reaches further ahead than " + checks.Escape("max_waiver", p) + " of the policy."
	}
	return what + " takes effect after it is merged into " + checks.Escape(base, p) + ". To use it here, merge it in a pull request of its own."
}

// rulesSection lists the changes whose conclusion a rule setting decides, or tried to.
func (v *view) rulesSection() string {
	var lines []string
	total := 0
	for _, e := range v.entries {
		words := v.rulingWords(e)
		if words == "" || e.rank() == 0 {
			continue
		}
		if total++; total <= mostRules {
			lines = append(lines, v.mark(e)+" "+checks.UpperFirst(changeSentence(e.change, checks.InCode))+" ("+v.changeLine(e, checks.InCode)+"). "+words)
		}
	}
	if total > mostRules {
		lines = append(lines, checks.Count(total-mostRules, "more change")+".")
	}
	return checks.List(lines)
}

// asideSection folds the changes that do not count.
func (v *view) asideSection() string {
	if len(v.aside) == 0 {
		return ""
	}
	var lines []string
	for _, e := range v.aside[:min(len(v.aside), mostRules)] {
		line := changeSentence(e.change, checks.InCode) + " (" + v.changeLine(e, checks.InCode) + ")"
		if len(e.effects) > 0 {
			line += ": " + v.outcome(e, checks.InCode, checks.MostNames)
		}
		lines = append(lines, line+". "+v.rulingWords(e))
	}
	if more := len(v.aside) - len(lines); more > 0 {
		lines = append(lines, checks.Count(more, "more change")+".")
	}
	return checks.Details(checks.Count(len(v.aside), "change")+" "+v.asideWord(), checks.List(lines))
}
