package contracttext

import (
	"slices"
	"strings"

	"plimsoll/checks"
)

// suffix follows the names of consumers with the same outcome.
func (w word) suffix() string {
	switch w {
	case acknowledged:
		return " (acknowledged)"
	case overridden:
		return " (overridden)"
	default:
		return ""
	}
}

// longestReason is how much of a reason is shown, in characters.
const longestReason = 200

func reasonWords(a *Acknowledgement) string {
	text := checks.Escape(checks.Clip(checks.Clean(a.Reason), longestReason), checks.InProse)
	if strings.HasSuffix(text, "…") || strings.HasSuffix(text, "!") {
		return text
	}
	return checks.Sentence(text)
}

// wordsOn says who has acknowledged an effect on a consumer that may be named, or that the
// acknowledgement has ended.
func (v *view) wordsOn(h *effect) string {
	given := h.given
	if given == nil {
		if h.ended != nil {
			return " The acknowledgement by " + checks.Code(h.ended.Login) + " ended on " + h.ended.lastDay() + "."
		}
		return ""
	}
	until := ""
	if !given.Until.IsZero() {
		until = " until " + given.lastDay()
	}
	if !given.Override {
		return " Acknowledged by " + checks.Code(given.Login) + " (an owner)" + until + ". Reason: " + reasonWords(given)
	}
	return " " + checks.MarkWarn + " **Overridden** by " + checks.Code(given.Login) + until + ", a maintainer of the provider, without an owner's agreement. Reason: " + reasonWords(given)
}

// hiddenWord is wordsOn for consumers that may not be named.
func (w word) hiddenWord() string {
	switch w {
	case acknowledged:
		return " Acknowledged by an owner."
	case overridden:
		return " " + checks.MarkWarn + " **Overridden** by a maintainer of the provider, without an owner's agreement."
	default:
		return ""
	}
}

// acknowledgedSection says what it means that everything that would block is
// acknowledged.
func (v *view) acknowledgedSection() string {
	text := "Not blocking: the owners of the affected consumers have acknowledged this."
	if slices.ContainsFunc(v.consumers, func(c *consumer) bool { return c.word() == overridden }) {
		text = "Not blocking: a maintainer of the provider has overridden this without the agreement of every owner."
	}
	if !v.nextEnd.IsZero() {
		text += " The first acknowledgement ends after " + Acknowledgement{Until: v.nextEnd}.lastDay() + " (UTC). Its change then blocks again."
	}
	return text
}

// howToAcknowledge says how to acknowledge what blocks where no consumer can migrate.
func (v *view) howToAcknowledge() string {
	text := "**Needs acknowledgement:** the affected consumers are archived or deleted, so they can't migrate."
	if how := v.acknowledgeWords(); how != "" {
		text += " " + how
	}
	return text
}

// acknowledgeFold folds how to acknowledge what blocks instead of waiting; "" where that
// is the next step anyway, or nothing blocks.
func (v *view) acknowledgeFold() string {
	how := v.acknowledgeWords()
	if how == "" || v.blocking == 0 || v.onlyAcknowledgementMissing() {
		return ""
	}
	return checks.Details("Merge without waiting", how)
}

// acknowledgeWords gives the command; "" where the server answers no commands.
func (v *view) acknowledgeWords() string {
	if v.blocking == 0 || !v.answers(checks.AcknowledgeAction()) {
		return ""
	}
	return "An owner of the consumer can comment " + checks.Code("/plimsoll ack "+v.shorts[v.entries[0].change.Fingerprint]+" [until YYYY-MM-DD] REASON") +
		", or press *Acknowledge* on the check run. To acknowledge everything that blocks, write " + checks.Code("all@"+v.HeadSHA[:min(7, len(v.HeadSHA))]) +
		" instead of the fingerprint. A maintainer of this repository can override."
}

// command acknowledges one change that blocks; "" where nothing is to be acknowledged.
func (v *view) command(e *entry) string {
	if !e.blocks || !v.answers(checks.AcknowledgeAction()) {
		return ""
	}
	return "/plimsoll ack " + v.shorts[e.change.Fingerprint] + " …"
}

// leastFingerprint is the least number of digits that name a change.
const leastFingerprint = 6

// shorten gives the shortest prefixes that distinguish fingerprints.
func shorten(fingerprints []string) map[string]string {
	slices.Sort(fingerprints)
	fingerprints = slices.Compact(fingerprints)
	shorts := make(map[string]string, len(fingerprints))
	common := func(a, b string) (n int) {
		for n < len(a) && n < len(b) && a[n] == b[n] {
			n++
		}
		return n
	}
	for i, one := range fingerprints {
		n := leastFingerprint
		if i > 0 {
			n = max(n, common(one, fingerprints[i-1])+1)
		}
		if i+1 < len(fingerprints) {
			n = max(n, common(one, fingerprints[i+1])+1)
		}
		shorts[one] = one[:min(n, len(one))]
	}
	return shorts
}

func (v *view) answers(a checks.Action) bool { return slices.Contains(v.Actions, a) }

// actions are the buttons that apply.
func (v *view) actions() []checks.Action {
	return slices.DeleteFunc(slices.Clone(v.Actions), func(a checks.Action) bool {
		return a == checks.AcknowledgeAction() && v.blocking == 0 || a == checks.RecheckAction() && v.conclusion() == checks.Success
	})
}

// commandLine says how to acknowledge one change that blocks. The summary says it for the
// first one.
func (v *view) commandLine(e *entry) string {
	if command := v.command(e); command != "" && e != v.entries[0] {
		return "**Acknowledge:** " + checks.Code(command)
	}
	return ""
}
