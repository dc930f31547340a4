package readinesstext

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
)

// standings shows how each component stands. On day one it names what is in place and what
// is missing; later it counts, unless the title has said it of the only component.
func (v *readinessView) standings() string {
	var lines []string
	for i, c := range v.Report.Components {
		if i == mostTable {
			lines = append(lines, checks.Count(len(v.Report.Components)-i, "more component")+".")
			break
		}
		name := checks.Code(c.Name)
		if c.New && !v.Report.Enrolling {
			name += " (new)"
		}
		kept, apply := c.Count()
		line := fmt.Sprintf("%s: %d of %d in place", name, kept, apply)
		if v.Report.Enrolling {
			line += goodWords(c)
			if lacks := lacksWords(c); lacks != "nothing" {
				line += ". Missing: " + lacks
			}
		} else if gaps := GapCounts(c); gaps != "nothing" {
			line += " (" + gaps + ")"
		}
		lines = append(lines, line+".")
	}
	return checks.List(lines)
}

// GapCounts gives "3 block, 1 new, 2 existing, 1 waived, 1 unknown", or "nothing".
func GapCounts(c readiness.ComponentReport) string {
	var blocks, added, old, waived, unknown int
	for _, f := range c.Findings {
		switch {
		case f.Blocks:
			blocks++
		case f.Waiver != nil:
			waived++
		case f.New:
			added++
		default:
			old++
		}
	}
	for _, r := range c.Results {
		if r.State == readiness.Unknown {
			unknown++
		}
	}
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{{blocks, "block" + checks.Singular(blocks)}, {added, "new"}, {old, "existing"}, {waived, "waived"}, {unknown, "unknown"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.word))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// goodWords gives ": owner, runbook and 3 more", of the rules that are kept.
func goodWords(c readiness.ComponentReport) string {
	var good []string
	for _, r := range c.Results {
		if rule, known := readiness.RuleOf(r.Rule); known && r.State == readiness.Passed {
			good = append(good, checks.Escape(rule.Good, checks.InProse))
		}
	}
	if len(good) == 0 {
		return ""
	}
	return ": " + checks.Join(good, mostGood)
}

// lacksWords gives "no runbook (`RB001`) and 3 more", each rule once.
func lacksWords(c readiness.ComponentReport) string {
	var lacks []string
	for _, r := range c.Results {
		switch rule, _ := readiness.RuleOf(r.Rule); r.State {
		case readiness.Violated:
			lacks = append(lacks, checks.Escape(rule.Title, checks.InProse)+" ("+checks.Code(r.Rule)+")")
		case readiness.Unknown:
			lacks = append(lacks, checks.Escape(rule.Good, checks.InProse)+" unknown ("+checks.Code(r.Rule)+")")
		}
	}
	if len(lacks) == 0 {
		return "nothing"
	}
	return checks.Join(lacks, mostGood)
}

// keptSection names the components for which the base branch's declaration counts.
func (v *readinessView) keptSection() string {
	if len(v.Kept) == 0 || v.FileBroken { // the section about the file says it
		return ""
	}
	why := "The head no longer declares the component, its API, its production environment or its manifests, but the files still exist."
	if v.FileGone {
		why = "The head has no repository file, but the component's files still exist."
	}
	var names []string
	for _, name := range v.Kept {
		names = append(names, checks.Code(name))
	}
	return checks.MarkWarn + " **" + checks.Join(names, checks.MostNames) + " checked as declared on " + v.base() + ".** " + why
}

// fixedSection says what the pull request fixes.
func (v *readinessView) fixedSection() string {
	if v.fixed == 0 {
		return ""
	}
	var words []string
	for _, c := range v.Report.Components {
		times := map[string]int{}
		for _, f := range c.Fixed {
			times[f.Rule]++
		}
		for _, f := range c.Fixed {
			word := ruleWords(f.Rule, false) + " of " + checks.Code(c.Name)
			if times[f.Rule] > 1 {
				word += fmt.Sprintf(" (%d times)", times[f.Rule])
			}
			if !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return checks.MarkGood + " **Fixed:** " + checks.Join(words, mostFixed) + "."
}

// soon is how long before its end a waiver is pointed out.
const soon = 14 * 24 * time.Hour

// waiverSection shows every waiver, so that none is forgotten.
func (v *readinessView) waiverSection() string {
	var lines []string
	left := 0
	for _, c := range v.Report.Components {
		for _, w := range c.Waivers {
			if len(lines) == mostWaivers {
				left++
				continue
			}
			lines = append(lines, v.waiverWords(c, w))
		}
	}
	if left > 0 {
		lines = append(lines, checks.Count(left, "more waiver")+".")
	}
	if len(lines) == 0 {
		return ""
	}
	return checks.Paragraphs("**Waivers**", checks.List(lines))
}

// waiverWords gives "`runbook` of `orders`: **in force** until 2027-01-31. Reason: ….".
func (v *readinessView) waiverWords(c readiness.ComponentReport, w readiness.WaiverReport) string {
	until := w.Until.Format(time.DateOnly)
	covered := 0
	for _, f := range c.Findings {
		if f.Waiver != nil && w.Rule.Covers(f.Rule) {
			covered++
		}
	}
	mark, state := "", ""
	switch w.State {
	case readiness.InForce:
		state = "**in force** until the end of " + until
		if left := readiness.Ends(w.Waiver).Sub(v.Now); left <= soon {
			mark = checks.MarkWarn + " "
			state += ", " + checks.Count(int((left+24*time.Hour-1)/(24*time.Hour)), "day") + " left"
		}
		if covered == 0 && len(c.Results) > 0 {
			state += "; not needed any more, so it can be removed"
		}
	case readiness.Ended:
		mark, state = checks.MarkWarn+" ", "**ended** on "+until+", so the rule counts again"
	case readiness.TooLong:
		mark, state = checks.MarkWarn+" ", "**too long**: the policy does not allow a waiver until "+until+", so it does not count. Choose an earlier date"
	case readiness.NotYet:
		state = "**proposed** until " + until + ", takes effect after a merge"
		if w.At.File != "" && w.At.File == c.Declared.At.File {
			state += " (" + v.web.Line(v.Repository, v.HeadSHA, positionOf(w.At), checks.InCode) + ")"
		}
	case readiness.Withdrawn:
		state = "**withdrawn** here, in force until this is merged"
	}
	return mark + checks.Code(string(w.Rule)) + " of " + checks.Code(c.Name) + ": " + state + ". Reason: " + checks.Sentence(checks.Escape(string(w.Reason), checks.InProse))
}

// notFound says what could not be checked or read, and why. It does not count as in place.
func (v *readinessView) notFound() string {
	var lines []string
	for i, u := range v.unknown {
		if i == mostUnknown {
			lines = append(lines, checks.Count(len(v.unknown)-i, "more rule")+".")
			break
		}
		rule, _ := readiness.RuleOf(u.Rule)
		lines = append(lines, checks.MarkWarn+" "+checks.UpperFirst(checks.Escape(rule.Good, checks.InProse))+" ("+checks.Code(u.Rule)+"), "+checks.Code(u.component)+": "+checks.Sentence(checks.Marked(u.Reason, checks.InCode)))
	}
	for i, u := range v.Report.Unread {
		if i == mostUnknown {
			lines = append(lines, checks.Count(len(v.Report.Unread)-i, "more file")+".")
			break
		}
		line := checks.MarkWarn + " " + v.web.Line(v.Repository, v.HeadSHA, positionOf(u.Position), checks.InCode) + ": " + checks.Sentence(checks.Marked(u.Message, checks.InCode))
		if u.Hint != "" {
			line += " " + checks.UpperFirst(checks.Sentence(checks.Marked(u.Hint, checks.InCode)))
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return ""
	}
	return checks.Paragraphs("**Could not check:**", checks.List(lines))
}

// oldSection folds the existing gaps.
func (v *readinessView) oldSection() string {
	var lines []string
	for i, f := range v.old {
		if i == mostOld {
			lines = append(lines, fmt.Sprintf("%d more in the details.", len(v.old)-i))
			break
		}
		lines = append(lines, v.findingWords(f.Finding))
	}
	if len(lines) == 0 {
		return ""
	}
	return checks.Details(checks.Count(len(v.old), "existing gap")+" (not blocking)", checks.List(lines))
}
