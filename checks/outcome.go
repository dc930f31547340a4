package checks

import (
	"strings"

	"plimsoll/contracts"
)

// outcome says who is hit by one change: "breaks `a`, `b`; may break `c`".
func (v *view) outcome(e *entry, p place, most int) string {
	if len(e.hits) == 0 {
		return v.nobody(e)
	}
	var parts []string
	for _, verdict := range []contracts.Verdict{contracts.Breaks, contracts.MayBreak, contracts.Unknown} {
		var names []string
		hidden := map[word]int{}
		for _, h := range e.hits {
			switch {
			case h.verdict != verdict:
			case h.consumer.hidden:
				hidden[h.word]++
			default:
				names = append(names, escape(h.versions[0].Consumer.Component, p)+h.word.suffix())
			}
		}
		for _, w := range []word{noWord, acknowledged, overridden} {
			if hidden[w] > 0 {
				names = append(names, count(hidden[w], "private consumer")+w.suffix())
			}
		}
		if len(names) == 0 {
			continue
		}
		text := verdictWord(verdict, false)
		if verdict == contracts.Unknown {
			text = "can't be judged for"
		}
		parts = append(parts, text+" "+join(names, most))
	}
	return strings.Join(parts, "; ")
}

// nobody says what it means that a change hits no known consumer.
func (v *view) nobody(e *entry) string {
	switch {
	case e.change.Level == contracts.Info:
		return "compatible"
	case e.api.External:
		return "nobody known; consumers outside may use it"
	case v.Registry.Scanning:
		return "nobody known yet"
	case v.doubtful[e.api]:
		return "nobody, as far as the declarations can be read"
	default:
		return "nobody uses it: free to go"
	}
}

// mark of a change.
func (v *view) mark(e *entry) string {
	switch {
	case e.blocks:
		return markBad
	case e.agreed():
		return markWord
	case len(e.hits) > 0, e.change.Level != contracts.Info && (e.api.External || v.Registry.Scanning || v.doubtful[e.api]):
		return markWarn
	default:
		return markGood
	}
}
