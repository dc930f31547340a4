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
	where := checks.Code(s.Position.String())
	if s.Organisation {
		return where + " of the organisation"
	}
	return v.web.Line(v.Repository, e.api.RulesSHA, s.Position, checks.InCode)
}

// reasonOf gives the reason and the end of a setting: ": no clients, until 2027-01-31". What
// the organisation's file says may be private, so that a public page does not quote it.
func (v *view) reasonOf(s *contracts.RuleSetting) string {
	text := ""
	if s.Reason != "" && (!s.Organisation || v.Repository.Private && !v.Repository.Internal) {
		text = checks.Sentence(checks.Escape(checks.Clip(checks.Clean(s.Reason), longestReason), checks.InProse))
		text = " Reason: " + text
	}
	if s.Until != "" {
		return ", until " + s.Until + "." + text
	}
	return "." + text
}

// rulingWords says what made the level of a change, or why it is ignored, and which setting
// does not count; "" if there is nothing to say.
func (v *view) rulingWords(e *entry) string {
	text := ""
	switch by := e.ruling.By; {
	case by != nil && e.ruling.Ignored:
		return "Ignored by rule in " + v.settingWords(e, by) + v.reasonOf(by)
	case by != nil:
		text = "Level " + checks.Code(string(e.ruling.Level)) + " by rule in " + v.settingWords(e, by) + v.reasonOf(by)
	case e.ruling.Level != "":
		text = "Level " + checks.Code(string(e.ruling.Level)) + " by the policy."
	}
	return strings.TrimSpace(text + " " + v.refusedWords(e))
}

// refusedWords says why a setting that covers a change does not count.
func (v *view) refusedWords(e *entry) string {
	s := e.ruling.Refused
	if s == nil {
		return ""
	}
	what := "The entry that ignores it"
	if !s.Ignore {
		what = "The level " + checks.Code(string(s.Level))
	}
	switch e.ruling.Why {
	case contracts.RefusedEnded:
		return what + " in " + v.settingWords(e, s) + " ended on " + s.Until + " and does not count."
	case contracts.RefusedFixed:
		return what + " in " + v.settingWords(e, s) + " does not count: the policy fixes " + checks.Code(e.change.Rule) + "."
	case contracts.RefusedTooLong:
		return what + " in " + v.settingWords(e, s) + " does not count: it reaches further ahead than " + checks.Code("max_waiver") + " of the policy."
	}
	return what + " in " + v.web.Line(v.Repository, v.HeadSHA, s.Position, checks.InCode) + " takes effect after it is merged into " + checks.Code(v.BaseRef) +
		". To use it here, merge it in a pull request of its own."
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
