package checks

import (
	"fmt"
	"strings"

	"plimsoll/contracts"
)

// mark stands before what happens; the words say it too.
const (
	markBad  = "❌"
	markWarn = "⚠️"
	markGood = "✅"
)

func (h *hit) mark() string {
	if h.blocks {
		return markBad
	}
	return markWarn
}

// consumerLine names one consumer: what happens to it, why, the line that
// declares the use, its owner, and where it runs.
func (v *view) consumerLine(c *consumer) string {
	h := c.hits[0]
	line := h.mark() + " " + v.hitWords(h)
	if more := len(c.hits) - 1; more > 0 {
		line += " " + upperFirst(count(more, "more change")) + " hit" + singular(more) + " it."
	}
	return line
}

func singular(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// hitWords says what one change does to one consumer, in two sentences.
func (v *view) hitWords(h *hit) string {
	if h.consumer.hidden {
		return "**1 private consumer** " + verdictWord(h.verdict, false) + "."
	}
	version := h.versions[0]
	text := "**" + code(version.Consumer.Component) + "** " + verdictWord(h.verdict, false) + ": " + ReasonSentence(version.Reason)
	if line := v.evidence(version); line != "" {
		text += " (" + line + ")"
	}
	text += ". " + upperFirst(v.where(h))
	if owner := version.Consumer.Owner; owner != "" {
		text += "; owner " + code(owner)
	} else {
		text += "; no owner declared"
	}
	if stale := staleSentence(version.Consumer.Stale); stale != "" {
		text += "; " + stale
	}
	return text + "."
}

// evidence links the most exact line that declares the use.
func (v *view) evidence(h contracts.Hit) string {
	if len(h.Evidence) == 0 {
		return ""
	}
	return v.web.line(h.Consumer.Repository, h.Consumer.Commit, h.Evidence[0].Position, inCode)
}

// mostVersions is how many commits of one consumer a line names.
const mostVersions = 3

// where says which versions of a consumer are hit: "live in `production` at
// `1a2b3c4`, default branch at `5d6e7f8`".
func (v *view) where(h *hit) string {
	var commits []string
	environments := map[string][]string{}
	for _, version := range h.versions {
		c := version.Consumer
		if _, ok := environments[c.Commit]; !ok {
			commits = append(commits, c.Commit)
		}
		environments[c.Commit] = append(environments[c.Commit], c.Environment)
	}
	var parts []string
	for _, sha := range commits {
		part := environmentWords(environments[sha])
		if sha != "" {
			part += " at " + v.web.commit(h.versions[0].Consumer.Repository, sha, inCode)
		}
		parts = append(parts, part)
	}
	if len(parts) > mostVersions {
		parts = append(parts[:mostVersions], fmt.Sprintf("%d more versions", len(commits)-mostVersions))
	}
	return strings.Join(parts, ", ")
}

func environmentWords(environments []string) string {
	var live []string
	branch := false
	for _, e := range environments {
		if e == "" {
			branch = true
		} else {
			live = append(live, code(e))
		}
	}
	switch {
	case len(live) == 0:
		return "default branch"
	case branch:
		return "live in " + join(live, 4) + " and on the default branch"
	default:
		return "live in " + join(live, 4)
	}
}

// consumerLines lists consumers, the gravest first; hidden ones of one kind in
// one line.
func (v *view) consumerLines(most int) (lines []string, left int) {
	type kind struct {
		verdict contracts.Verdict
		blocks  bool
	}
	hidden := map[kind]int{}
	for _, c := range v.consumers {
		if c.hidden {
			hidden[kind{c.verdict(), c.blocks()}]++
		}
	}
	for _, c := range v.consumers {
		if c.hidden {
			k := kind{c.verdict(), c.blocks()}
			if n := hidden[k]; n > 0 {
				lines = append(lines, fmt.Sprintf("%s **%s** %s.", c.hits[0].mark(), count(n, "private consumer"), verdictWord(k.verdict, n != 1)))
				hidden[k] = 0
			}
			continue
		}
		if len(lines) < most {
			lines = append(lines, v.consumerLine(c))
		} else {
			left++
		}
	}
	return lines, left
}

// outcome says who is hit by one change: "breaks `a`, `b`; may break `c`".
func (v *view) outcome(e *entry, p place, most int) string {
	if len(e.hits) == 0 {
		return v.nobody(e)
	}
	var parts []string
	for _, verdict := range []contracts.Verdict{contracts.Breaks, contracts.MayBreak, contracts.Unknown} {
		var names []string
		hidden := 0
		for _, h := range e.hits {
			switch {
			case h.verdict != verdict:
			case h.consumer.hidden:
				hidden++
			default:
				names = append(names, escape(h.versions[0].Consumer.Component, p))
			}
		}
		if hidden > 0 {
			names = append(names, count(hidden, "private consumer"))
		}
		if len(names) == 0 {
			continue
		}
		word := verdictWord(verdict, false)
		if verdict == contracts.Unknown {
			word = "can't be judged for"
		}
		parts = append(parts, word+" "+join(names, most))
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
	case len(e.hits) > 0, e.change.Level != contracts.Info && (e.api.External || v.Registry.Scanning || v.doubtful[e.api]):
		return markWarn
	default:
		return markGood
	}
}
