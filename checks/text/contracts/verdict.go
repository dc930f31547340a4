package contracttext

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

func (v *view) conclusion() checks.Conclusion {
	switch {
	case v.FileBroken, v.headBroken(), v.nowhere() > 0:
		return checks.Failure
	case v.onlyAcknowledgementMissing():
		return checks.ActionRequired
	case v.blocking > 0:
		return checks.Failure
	case v.acknowledged+v.breaking+v.maybe+v.unknown > 0,
		v.external > 0,
		v.harmful > 0 && !v.Registry.proves(), // not everybody is known
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

// title says the gravest thing in a few words, without Markdown.
func (v *view) title() string { return v.headline(checks.InPlain, 3) }

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
	if len(groups) > 0 {
		text := groups[0].words(p, names)
		if rest := groups[1:]; len(rest) > 0 {
			text += "; " + rest[0].brief()
		}
		return text + v.mildly()
	}
	switch {
	case v.harmful > 0 && v.external > 0:
		return v.harmfulWords() + ", and the API has consumers outside"
	case v.harmful > 0 && v.Registry.Scanning:
		return v.harmfulWords() + ", and not all consumers are known yet" + v.scanned()
	case v.harmful > 0 && v.Registry.Failed > 0:
		return v.harmfulWords() + ", no known consumers, and " + checks.Count(v.Registry.Failed, "repository") + " could not be read"
	case len(v.registrations)+v.hiddenRegistrations > 0:
		return checks.Count(len(v.registrations), "declared use") + " can't be judged: nothing in the contract matches"
	case v.usesHeadline(p) != "":
		return v.usesHeadline(p)
	case v.unreadable():
		return "A contract could not be compared"
	case len(v.Taken) > 0:
		return checks.Escape(checks.Clip(v.Taken[0].API, 40), p) + " is the name of another repository's API"
	case len(v.FileProblems) > 0:
		return checks.Count(len(v.FileProblems), "problem") + " in what this repository declares"
	case v.harmful > 0:
		return v.harmfulWords() + ", no known consumers affected"
	case len(v.entries) > 0:
		return checks.Count(len(v.entries), "change") + ", all compatible"
	case len(v.Uses) > 0:
		return "Everything that is declared is offered"
	default:
		return "No change that a consumer could notice"
	}
}

// harmfulWords counts the changes that may hurt somebody and hit nobody known.
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

// group are the consumers to whom the same happens.
type group struct {
	verdict contracts.Verdict
	word    word
	names   []string // of those that may be named
	hidden  int
}

// groups gives the consumers by what happens to them, the gravest first. What
// breaks and blocks, what is acknowledged, and what breaks and only warns are groups
// of their own.
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
