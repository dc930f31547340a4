package readinesstext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
)

// How much the summary of a readiness report lists; the text has the rest.
const (
	mostGaps    = 20 // findings that block, and other new ones
	mostOld     = 50 // findings that were there before
	mostTable   = 50 // components
	mostWaivers = 20 // waivers
	mostUnknown = 20 // rules that could not be evaluated, and files that could not be read
	mostFixed   = 10 // what the pull request fixes
	mostNext    = 3  // what to do next, on day one
	mostGood    = 6  // what is in place, in one cell
)

// summary is what a person reads first: what blocks, what is new, what is unknown; then how
// each component stands and what is waived. The most severe comes first, so that a cut
// removes the least.
func (v *readinessView) summary() string {
	if !v.Touched {
		return checks.Paragraphs(v.file.Section(), v.untouched(), v.waiverSection(), v.promises(), v.footer())
	}
	if v.Report.Enrolling {
		return checks.Paragraphs(v.file.Section(), v.dayOne(), v.nextSection(), v.notFound(), v.standings(), v.waiverSection(), v.footer())
	}
	broken, declared := v.file.Section(), ""
	if !v.FileBroken {
		broken, declared = "", broken // what blocks comes first
	}
	return checks.Paragraphs(broken, v.blockingSection(), v.addedSection(), v.calm(), v.notFound(), declared, v.keptSection(), v.fixedSection(),
		v.standings(), v.waiverSection(), v.oldSection(), v.promises(), v.footer())
}

// untouched says that no file changed that readiness checks.
func (v *readinessView) untouched() string {
	return "This " + v.subject() + " changes no file that says how a component is deployed, watched or owned."
}

// promises folds what verification can detect.
func (v *readinessView) promises() string {
	text := deploytext.PromisesSection(v.Promises)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return checks.Details("What verification can detect", text)
}

// blockingSection names what blocks, then what to do about it.
func (v *readinessView) blockingSection() string {
	if len(v.blocking) == 0 {
		return ""
	}
	passes := "This check then passes automatically."
	if v.subject() == "merge group" {
		passes = "Then queue the pull request again."
	}
	advice := "**Next:** apply the fixes in the details. " + passes + " To postpone a gap, add a waiver with a reason and an end date (" + checks.Code("health.waive") +
		") in a separate pull request. It takes effect once it is on " + v.base() + "."
	return checks.Paragraphs(checks.List(v.gapLines(v.blocking, checks.MarkBad)), advice)
}

// addedSection names the new gaps that do not block.
func (v *readinessView) addedSection() string {
	if len(v.added) == 0 {
		return ""
	}
	return checks.Paragraphs("**New gaps, not blocking by policy:**", checks.List(v.gapLines(v.added, checks.MarkWarn)))
}

func (v *readinessView) gapLines(findings []readiness.Compared, mark string) (lines []string) {
	for i, f := range findings {
		if i == mostGaps {
			return append(lines, fmt.Sprintf("%d more in the details.", len(findings)-i))
		}
		lines = append(lines, mark+" "+v.findingWords(f.Finding)+v.proposedFor(f))
	}
	return lines
}

// findingWords gives "**No runbook** (`RB001`), `orders`, file:line: what was found.".
func (v *readinessView) findingWords(f readiness.Finding) string {
	text := ruleWords(f.Rule, true) + ", " + checks.Code(f.Component)
	if f.Position.File != "" {
		text += ", " + v.positionWords(f.Position)
	}
	return text + ": " + checks.Sentence(checks.Marked(f.Message, checks.InCode))
}

// positionWords links a position at the head. One in a repository file that the head no
// longer has is not a link.
func (v *readinessView) positionWords(p config.Position) string {
	if v.FileGone && slices.Contains(config.RepositoryFiles, p.File) {
		return checks.Code(p.File)
	}
	return v.web.Line(v.Repository, v.HeadSHA, positionOf(p), checks.InCode)
}

// proposedFor says that the head has a waiver for what blocks, which does not count yet.
func (v *readinessView) proposedFor(f readiness.Compared) string {
	for _, w := range v.components[f.Component].Waivers {
		if w.State == readiness.NotYet && w.Rule.Covers(f.Rule) {
			return " The waiver in this pull request takes effect only after a merge. Propose it in a separate pull request."
		}
	}
	return ""
}

// ruleWords gives "**No runbook** (`RB001`)".
func ruleWords(id string, bold bool) string {
	rule, known := readiness.RuleOf(id)
	if !known {
		return checks.Code(id)
	}
	title := checks.Escape(checks.UpperFirst(rule.Title), checks.InProse)
	if bold {
		title = "**" + title + "**"
	}
	return title + " (" + checks.Code(id) + ")"
}

func whyOf(id string) string {
	rule, _ := readiness.RuleOf(id)
	return rule.Why
}

// base names the base branch.
func (v *readinessView) base() string {
	if v.BaseRef == "" {
		return "the base branch"
	}
	return checks.Code(v.BaseRef)
}

// calm says that nothing blocks and nothing is new.
func (v *readinessView) calm() string {
	if len(v.blocking)+len(v.added) > 0 || v.FileBroken {
		return ""
	}
	if len(v.Report.Components) == 0 {
		return "No component here provides an API or runs in a production environment, so there is nothing to check."
	}
	text := "This " + v.subject() + " adds no gaps."
	switch {
	case v.newlyWaived > 0:
		text = "The new gaps are waived."
	case len(v.unknown)+len(v.Report.Unread) > 0:
		text = "No new gaps in what could be checked."
	}
	if len(v.old) > 0 {
		text += " Existing gaps do not block."
	}
	return text
}

// dayOne greets a repository that enrols.
func (v *readinessView) dayOne() string {
	if len(v.Report.Components) == 0 {
		return "No component here provides an API or runs in a production environment, so there is nothing to check."
	}
	return "**Nothing blocks on day one.** Today's gaps count as existing once the file is on " + v.base() + ". After that, only new gaps can block."
}

// nextSection gives the few things that matter most.
func (v *readinessView) nextSection() string {
	next := v.next()
	if len(next) == 0 {
		return ""
	}
	text := "**Next steps**, the most important first:\n"
	for i, findings := range next {
		var names []string
		for _, f := range findings {
			if name := checks.Code(f.Component); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		text += fmt.Sprintf("\n%d. %s: %s. %s", i+1, ruleWords(findings[0].Rule, true), checks.Join(names, checks.MostNames), checks.Escape(whyOf(findings[0].Rule), checks.InProse))
	}
	return text + "\n\nThe details have the fixes."
}

// next gives the findings of the few rules that matter most: errors before warnings,
// then by the number of components, then in the order of the rules.
func (v *readinessView) next() [][]readiness.Compared {
	var groups [][]readiness.Compared
	for _, rule := range readiness.Rules {
		var group []readiness.Compared
		for _, f := range v.added {
			if f.Rule == rule.ID {
				group = append(group, f)
			}
		}
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	slices.SortStableFunc(groups, func(a, b []readiness.Compared) int {
		return cmp.Or(cmp.Compare(levelRank(a[0].Rule), levelRank(b[0].Rule)), cmp.Compare(lacking(b), lacking(a)))
	})
	return groups[:min(len(groups), mostNext)]
}

func levelRank(id string) int {
	if rule, _ := readiness.RuleOf(id); rule.Level == readiness.Error {
		return 0
	}
	return 1
}

// lacking counts the components of some findings.
func lacking(findings []readiness.Compared) int {
	names := map[string]bool{}
	for _, f := range findings {
		names[f.Component] = true
	}
	return len(names)
}

func (v *readinessView) footer() string {
	text := ""
	if len(v.Report.Exempt) > 0 {
		var names []string
		for _, name := range v.Report.Exempt {
			names = append(names, checks.Code(name))
		}
		text = "Not checked: " + checks.Join(names, checks.MostNames) + " (no API and no production environment).\n\n"
	}
	switch {
	case v.HeadSHA == "", !v.Touched:
	case v.Report.Enrolling || v.BaseSHA == "":
		text += "Checked at " + v.web.Commit(v.Repository, v.HeadSHA, checks.InCode) + "."
	default:
		text += "Compared " + v.web.Commit(v.Repository, v.BaseSHA, checks.InCode) + " with " + v.web.Commit(v.Repository, v.HeadSHA, checks.InCode) + "."
	}
	return strings.TrimSpace(text)
}
