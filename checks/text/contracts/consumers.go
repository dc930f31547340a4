package contracttext

import (
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// fate is the outcome for a consumer.
type fate struct {
	verdict contracts.Verdict
	blocks  bool
	word    word
}

func (h *effect) fate() fate { return fate{h.verdict, h.blocks, h.word} }

func (h *effect) mark() string { return h.fate().mark() }

func (f fate) mark() string {
	switch {
	case f.blocks:
		return checks.MarkBad
	case f.word == acknowledged:
		return checks.MarkWord
	default:
		return checks.MarkWarn
	}
}

// consumerLine names one consumer: the outcome, the reason, the line that declares the
// use, where it runs, and its owner.
func (v *view) consumerLine(c *consumer) string {
	h := c.effects[0]
	change := ""
	if v.lead() == nil {
		change = ", and " + v.doer(h.entry) + " " + ChangeSentence(h.entry.change)
	}
	line := h.mark() + " " + v.effectWords(h, change)
	if more := len(c.effects) - 1; more > 0 {
		line += " " + checks.UpperFirst(checks.Count(more, "more change")) + " affect" + checks.Singular(more) + " it."
	}
	return line
}

// hiddenWords counts private consumers.
func hiddenWords(n int, f fate) string {
	return f.mark() + " **" + checks.Count(n, "private consumer") + "** " + verdictWord(f.verdict, n != 1) + "." + f.word.hiddenWord()
}

// effectWords says what one change does to one consumer that is not hidden; what follows
// the reason.
func (v *view) effectWords(h *effect, what string) string {
	version := h.versions[0]
	text := "**" + checks.Code(version.Consumer.Component) + "** " + verdictWord(h.verdict, false) + ": " + ReasonSentence(version.Reason)
	if line := v.evidence(version); line != "" {
		text += " (" + line + ")"
	}
	text += what
	if v.Step == nil {
		text += ". " + checks.UpperFirst(v.where(h))
	}
	if owner := version.Consumer.Owner; owner != "" {
		text += ". Owner: " + checks.Code(owner)
	} else {
		text += ". No owner declared"
	}
	if stale := staleSentence(version.Consumer.Stale); stale != "" {
		text += ". " + checks.UpperFirst(stale)
	}
	return text + "." + v.wordsOn(h)
}

// evidence links the most exact line that declares the use.
func (v *view) evidence(h contracts.AffectedConsumer) string {
	if len(h.Evidence) == 0 {
		return ""
	}
	return v.web.Line(h.Consumer.Repository, h.Consumer.Commit, h.Evidence[0].Position, checks.InCode)
}

// consumerLines lists the affected consumers, the most severe first.
func (v *view) consumerLines(most int) (lines []string, left int) {
	worst := make([]*effect, len(v.consumers))
	for i, c := range v.consumers {
		worst[i] = c.effects[0]
	}
	return effectLines(worst, most, func(h *effect) string { return v.consumerLine(h.consumer) })
}

// effectLines gives a line for each of the first effects, and one for all hidden consumers
// with the same outcome, in the position of the first of them. left counts the others,
// none of them hidden.
func effectLines(effects []*effect, most int, line func(*effect) string) (lines []string, left int) {
	hidden := map[fate]int{}
	for _, h := range effects {
		if h.consumer.hidden {
			hidden[h.fate()]++
		}
	}
	named := 0
	for _, h := range effects {
		switch n := hidden[h.fate()]; {
		case h.consumer.hidden && n > 0:
			lines = append(lines, hiddenWords(n, h.fate()))
			hidden[h.fate()] = 0
		case h.consumer.hidden:
		case named < most:
			named++
			lines = append(lines, line(h))
		default:
			left++
		}
	}
	return lines, left
}

// outcome says which consumers one change affects: "breaks `a`, `b`; may break `c`".
func (v *view) outcome(e *entry, p checks.RenderContext, most int) string {
	if len(e.effects) == 0 {
		return v.nobody(e)
	}
	var parts []string
	for _, verdict := range []contracts.Verdict{contracts.Breaks, contracts.MayBreak, contracts.Unknown} {
		var names []string
		hidden := map[word]int{}
		for _, h := range e.effects {
			switch {
			case h.verdict != verdict:
			case h.consumer.hidden:
				hidden[h.word]++
			default:
				names = append(names, checks.Escape(h.versions[0].Consumer.Component, p)+h.word.suffix())
			}
		}
		for _, w := range []word{noWord, acknowledged, overridden} {
			if hidden[w] > 0 {
				names = append(names, checks.Count(hidden[w], "private consumer")+w.suffix())
			}
		}
		if len(names) == 0 {
			continue
		}
		text := verdictWord(verdict, false)
		if verdict == contracts.Unknown {
			text = "unknown effect on"
		}
		parts = append(parts, text+" "+checks.Join(names, most))
	}
	return strings.Join(parts, "; ")
}

// nobody says what it means that a change affects no known consumer.
func (v *view) nobody(e *entry) string {
	switch {
	case e.change.Level == contracts.Info:
		return "compatible"
	case e.api.External:
		return "no known consumers, but external ones may use it"
	case v.noConsumers():
		return "consumers not known"
	case v.Registry.Scanning:
		return "no known consumers yet"
	case v.Registry.Failed > 0:
		return "no known consumers in the repositories that could be read"
	case v.doubtful[e.api]:
		return "no consumers among the declarations that match the contract"
	case v.Step != nil:
		return "none of the given consumers affected"
	default:
		return "no known consumers affected"
	}
}

// mark of a change.
func (v *view) mark(e *entry) string {
	switch {
	case e.blocks, e.demands():
		return checks.MarkBad
	case e.agreed():
		return checks.MarkWord
	case len(e.effects) > 0, e.warns(), e.change.Level != contracts.Info && (e.api.External || !v.proves() || v.doubtful[e.api]):
		return checks.MarkWarn
	default:
		return checks.MarkGood
	}
}
