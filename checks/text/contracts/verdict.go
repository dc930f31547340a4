package contracttext

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"plimsoll/checks"
	"plimsoll/contracts"
)

func (v *view) conclusion() checks.Conclusion {
	switch {
	case v.FileBroken, v.headBroken(), v.nowhere() > 0, v.demanded() > 0:
		return checks.Failure
	case v.onlyAcknowledgementMissing():
		return checks.ActionRequired
	case v.blocking > 0:
		return checks.Failure
	case v.acknowledged+v.breaking+v.maybe+v.unknown > 0,
		v.external > 0, v.warned(),
		v.harmful > 0 && !v.proves(), // consumers may be missing
		v.unreadable(),
		len(v.FileProblems)+len(v.Taken) > 0,
		len(v.registrations)+v.hiddenRegistrations > 0,
		v.doubtfulUses():
		return checks.Neutral
	default:
		return checks.Success
	}
}

// headBroken: this pull request leaves a contract that cannot be read.
func (v *view) headBroken() bool {
	for i := range v.APIs {
		if v.APIs[i].HeadProblem != nil && v.APIs[i].OnBreak != "warn" {
			return true
		}
	}
	return false
}

// unreadable: some contract could not be compared.
func (v *view) unreadable() bool {
	for i := range v.APIs {
		if v.APIs[i].HeadProblem != nil || v.APIs[i].BaseProblem != nil {
			return true
		}
	}
	return false
}

// title is the outcome without Markdown. It names as many consumers as fit.
func (v *view) title() string {
	for names := 3; names > 0; names-- {
		if title := v.headline(checks.InPlain, names); utf8.RuneCountInString(title) <= checks.MaxTitle {
			return title
		}
	}
	return v.headline(checks.InPlain, 0)
}

// headline is the answer in one line; names says how many consumers are named.
func (v *view) headline(p checks.RenderContext, names int) string {
	broken := v.brokenWords(p)
	groups := v.groups()
	if v.blocking == 0 && broken != "" {
		return broken
	}
	if v.blocking == 0 && v.nowhere() > 0 {
		return v.usesHeadline(p)
	}
	if v.blocking == 0 && v.demanded() > 0 {
		return v.demandedWords()
	}
	if len(groups) > 0 {
		text := groups[0].words(p, names)
		if rest := groups[1:]; len(rest) > 0 {
			text += "; " + rest[0].brief()
		}
		return text + v.mildly()
	}
	switch mismatched := len(v.registrations) + v.hiddenRegistrations; {
	case v.harmful > 0 && v.external > 0:
		return v.harmfulWords() + ", and the API has external consumers"
	case v.harmful > 0 && v.noConsumers():
		return v.harmfulWords() + "; the step was given no consumers"
	case v.harmful > 0 && len(v.Registry.Missing) > 0:
		return v.harmfulWords() + "; consumers may be missing: an account can't be read"
	case v.harmful > 0 && v.Registry.Scanning:
		return v.harmfulWords() + "; still looking for consumers" + v.scanned()
	case v.harmful > 0 && v.Registry.Failed > 0:
		return v.harmfulWords() + ", no known consumers; could not read " + checks.Count(v.Registry.Failed, "repository")
	case mismatched == 1:
		return "1 consumer declaration does not match the contract"
	case mismatched > 0:
		return checks.Count(mismatched, "consumer declaration") + " do not match the contract"
	case v.usesHeadline(p) != "":
		return v.usesHeadline(p)
	case v.unreadable():
		return "Could not compare a contract"
	case len(v.Taken) > 0:
		return "The API name " + checks.Escape(checks.Clip(v.Taken[0].API, 35), p) + " belongs to another repository"
	case len(v.FileProblems) > 0:
		return checks.Count(len(v.FileProblems), "problem") + " in the repository file"
	case v.harmful > 0 && v.warned():
		return v.harmfulWords() + ", set as a warning by a rule"
	case v.harmful > 0 && v.Step != nil:
		return v.harmfulWords() + ", none of the given consumers affected" // others may use it
	case v.harmful > 0:
		return "Safe to merge: " + v.harmfulWords() + ", no known consumers affected"
	case len(v.aside) > 0:
		return "Safe to merge: " + checks.Count(len(v.aside), "change") + " " + v.asideWord()
	case len(v.entries) > 0:
		return "Safe to merge: " + checks.Count(len(v.entries), "compatible change")
	case len(v.Uses) > 0:
		return "All declared uses are available"
	default:
		return "Safe to merge: no change affects consumers"
	}
}

// harmfulWords counts the breaking and risky changes without known affected consumers.
func (v *view) harmfulWords() string {
	breaking := 0
	for _, e := range v.entries {
		if len(e.effects) == 0 && e.change.Level == contracts.Breaking {
			breaking++
		}
	}
	switch breaking {
	case v.harmful:
		return checks.Count(v.harmful, "breaking change")
	case 0:
		return checks.Count(v.harmful, "risky change")
	default:
		return checks.Count(v.harmful, "breaking or risky change")
	}
}

// brokenWords names what this pull request leaves unusable.
func (v *view) brokenWords(p checks.RenderContext) string {
	var words []string
	if file := v.file().brief(); file != "" {
		words = append(words, file)
	}
	for i := range v.APIs {
		if problem := v.APIs[i].HeadProblem; problem != nil {
			words = append(words, "contract "+checks.Escape(problem.Position.String(), p)+" can't be read")
		}
	}
	return checks.UpperFirst(strings.Join(words, "; "))
}

// group are the consumers with the same outcome.
type group struct {
	verdict contracts.Verdict
	word    word
	names   []string // of those that may be named
	hidden  int
}

// groups gives the consumers by outcome, the most severe first. Breaks that block, breaks
// that are acknowledged, and breaks that only warn are separate groups.
func (v *view) groups() []group {
	var groups []group
	var last *consumer
	for _, c := range v.consumers {
		if last == nil || last.verdict() != c.verdict() || last.blocks() != c.blocks() || last.word() != c.word() {
			groups = append(groups, group{verdict: c.verdict(), word: c.word()})
		}
		last = c
		g := &groups[len(groups)-1]
		if c.hidden {
			g.hidden++
		} else {
			g.names = append(g.names, c.version().Component)
		}
	}
	return groups
}

func (g group) size() int { return len(g.names) + g.hidden }

// words gives "2 consumers break: a, b".
func (g group) words(p checks.RenderContext, names int) string {
	if len(g.names) == 0 {
		return checks.Count(g.hidden, "private consumer") + " " + verdictWord(g.verdict, g.hidden != 1) + g.word.suffix()
	}
	if names == 0 {
		return g.brief()
	}
	text := g.brief() + ": "
	var named []string
	for _, name := range g.names[:min(names, len(g.names))] {
		named = append(named, checks.Escape(checks.Clip(name, 40), p))
	}
	text += strings.Join(named, ", ")
	if more := len(g.names) - len(named); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if g.hidden > 0 {
		text += ", " + checks.Count(g.hidden, "private consumer")
	}
	return text
}

// brief gives "2 consumers break".
func (g group) brief() string {
	return checks.Count(g.size(), "consumer") + " " + verdictWord(g.verdict, g.size() != 1) + g.word.suffix()
}
