package contracttext

import (
	"slices"
	"strings"

	"plimsoll/checks"
)

// suffix stands behind the names of those to whom the same happens.
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

// wordsOn says who has acknowledged a hit of a consumer that may be named, or that
// this has ended.
func (v *view) wordsOn(h *effect) string {
	given := h.given
	if given == nil {
		if h.ended != nil {
			return " The acknowledgement by " + checks.Code(h.ended.Login) + " ended on " + h.ended.lastDay() + "."
		}
		return ""
	}
	c := h.versions[0].Consumer
	until := ""
	if !given.Until.IsZero() {
		until = " until " + given.lastDay()
	}
	if !given.Override {
		return " Acknowledged by " + checks.Code(given.Login) + " (owner of " + checks.Code(c.Component) + ")" + until + ": " + reasonWords(given)
	}
	text := " " + checks.MarkWarn + " **Overridden** by " + checks.Code(given.Login) + until + ", maintainer of the provider: no owner of " + checks.Code(c.Component)
	if c.Owner != "" {
		text += " (" + checks.Code(c.Owner) + ")"
	}
	return text + " has agreed: " + reasonWords(given)
}

// hiddenWord is wordsOn for consumers that may not be named.
func (w word) hiddenWord() string {
	switch w {
	case acknowledged:
		return " Acknowledged by an owner."
	case overridden:
		return " " + checks.MarkWarn + " **Overridden** by a maintainer of the provider: no owner has agreed."
	default:
		return ""
	}
}

// acknowledgedSection says what it means that everything that would block is
// acknowledged.
func (v *view) acknowledgedSection() string {
	text := checks.MarkWord + " **Acknowledged:** the owners of those for whom this would block have agreed, so it does not block. The verdicts stay as they are."
	if slices.ContainsFunc(v.consumers, func(c *consumer) bool { return c.word() == overridden }) {
		text = checks.MarkWarn + " **Overridden:** a maintainer of the provider lets pass what owners of consumers have not agreed to, so this does not block. The verdicts stay as they are."
	}
	if !v.nextEnd.IsZero() {
		text += " After " + Acknowledgement{Until: v.nextEnd}.lastDay() + " (UTC) what ends then blocks again."
	}
	return text
}

// howToAcknowledge says how what blocks can be let pass; "" where nobody would answer.
func (v *view) howToAcknowledge() string {
	if !v.answers(checks.AcknowledgeAction()) {
		return ""
	}
	how := "n owner of the consumer comments " + checks.Code("/plimsoll ack "+v.shorts[v.entries[0].change.Fingerprint]+" [until YYYY-MM-DD] REASON") +
		" (" + checks.Code("all@"+v.HeadSHA[:min(7, len(v.HeadSHA))]) + " instead of the fingerprint: everything that blocks), or presses *Acknowledge*. " +
		"A maintainer of this repository can override."
	if v.onlyAcknowledgementMissing() {
		return "**Only an acknowledgement is missing:** the affected consumers can't migrate any more (archived or deleted). A" + how
	}
	return "**Without waiting:** a" + how
}

// command is what acknowledges one change that blocks; "" where there is nothing to
// acknowledge.
func (v *view) command(e *entry) string {
	if !e.blocks || !v.answers(checks.AcknowledgeAction()) {
		return ""
	}
	return "/plimsoll ack " + v.shorts[e.change.Fingerprint] + " …"
}

// leastFingerprint is how many digits name a change at the least.
const leastFingerprint = 6

// shorten gives the shortest beginnings that tell fingerprints apart.
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

// commandLine tells how one change that blocks is acknowledged.
func (v *view) commandLine(e *entry) string {
	if command := v.command(e); command != "" {
		return "**Acknowledge:** " + checks.Code(command)
	}
	return ""
}
