package contracttext

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// How much the summary lists; the text has the rest.
const (
	mostConsumers = 10 // consumers in the first lines
	mostChanges   = 50 // rows of the table of changes
	mostInComment = 10 // the same in the comment
	mostSafe      = 25 // compatible changes
)

// summary is what a person reads first: who is hit, then what to do, then what
// changed. The gravest first, so that a cut takes the least.
func (v *view) summary() string {
	sections := []string{v.movedSection(), v.effectSection("in the details"), v.brokenSection(), v.adviceSection(), v.caveats(), v.usesSection(), v.linksSection()}
	if len(v.entries) > 0 {
		sections = append(sections, v.changesSection(mostChanges, "in the details"), v.safeSection())
	}
	sections = append(sections, v.registrationSection(), v.footer())
	return checks.Paragraphs(sections...)
}

// effectSection names who is hit; rest says where those are who are left out.
func (v *view) effectSection(rest string) string {
	lines, left := v.consumerLines(mostConsumers)
	if left > 0 {
		lines = append(lines, checks.Count(left, "more consumer")+" "+rest+".")
	}
	return checks.List(lines)
}

// passesWhen says how a blocked one gets free. A merge group is evaluated once: GitHub
// takes it out of the queue.
func (v *view) passesWhen(last string) string {
	if v.Number == 0 {
		return "The check on the pull request passes by itself when " + last + " has moved; then it can be queued again."
	}
	return "This check passes by itself when " + last + " has moved."
}

// adviceSection says what to do about what breaks.
func (v *view) adviceSection() string {
	switch {
	case v.blocking > 0 && v.onlyAcknowledgementMissing():
		return v.howToAcknowledge() // nobody can move, in whatever order
	case v.blocking > 0:
		moved := v.passesWhen("the last of them")
		if v.blocking == 1 {
			moved = v.passesWhen("the consumer")
		}
		text := v.plan(v.entries[0]) // the gravest
		if others := v.blockingChanges() - 1; others > 0 {
			text += "\n" + checks.UpperFirst(checks.Count(others, "more change")) + " block" + checks.Singular(others) + " as well: each has its order in the details."
		}
		return checks.Paragraphs(text, moved, v.howToAcknowledge())
	case v.acknowledged > 0:
		return v.acknowledgedSection()
	case v.breaking > 0:
		text := "This warns and does not block: " + v.whyNotBlocked()
		if !v.onlySince() {
			text += " Tell the owners before it is merged."
		}
		return text
	}
	return ""
}

// blockingChanges counts the changes that block.
func (v *view) blockingChanges() (n int) {
	for _, e := range v.entries {
		if e.blocks {
			n++
		}
	}
	return n
}

// caveats are the reasons why the answer may be less than the whole.
func (v *view) caveats() string {
	var lines []string
	if v.Registry.Scanning {
		lines = append(lines, checks.MarkWarn+" "+v.scanningLine())
	} else if v.Registry.Failed > 0 && v.harmful+len(v.consumers) > 0 {
		lines = append(lines, checks.MarkWarn+" "+v.unreadableLine())
	}
	if v.external > 0 {
		lines = append(lines, checks.MarkWarn+" The API is marked "+checks.Code("external: true")+": consumers that Plimsoll cannot see are assumed to use all of it.")
	}
	for _, taken := range v.Taken {
		by := "a private repository"
		if v.Repository.MayName(taken.By.Repository) {
			by = checks.Code(taken.By.Repository.FullName())
		}
		own := contracts.APIRef{Repository: v.Repository, Name: taken.API}
		lines = append(lines, checks.MarkWarn+" "+checks.Code(taken.API)+" is already provided by "+by+", which keeps the short name. Consumers have to name this API in full: "+
			checks.Code(own.FullName())+". Or give it another name.")
	}
	return checks.List(lines)
}

// changesSection lists what may matter to somebody, once each.
func (v *view) changesSection(most int, rest string) string {
	var b strings.Builder
	rows, left := 0, 0
	for _, e := range v.entries {
		if e.rank() == 0 {
			continue
		}
		if rows == most {
			left++
			continue
		}
		if rows == 0 {
			b.WriteString("| Change | Line | Consumers |\n|---|---|---|\n")
		}
		rows++
		what := v.mark(e) + " " + changeSentence(e.change, checks.InCell)
		if len(v.APIs) > 1 {
			what += " (" + checks.Escape(e.api.API.Name, checks.InCell) + ")"
		}
		if command := v.command(e); command != "" {
			what += "<br>" + checks.Escape(command, checks.InCell)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", what, v.changeLine(e, checks.InCell), v.outcome(e, checks.InCell, checks.MostNames))
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n%s %s.\n", checks.Count(left, "more change"), rest)
	}
	return b.String()
}

// changeLine links the contract's line.
func (v *view) changeLine(e *entry, p checks.RenderContext) string {
	switch {
	case e.change.Source.Head != nil:
		return v.web.Line(v.Repository, v.HeadSHA, *e.change.Source.Head, p)
	case e.since:
		return "on " + checks.Escape(v.BaseRef, p) + " already"
	case e.change.Source.Base != nil:
		return v.web.Line(v.Repository, v.BaseSHA, *e.change.Source.Base, p)
	default:
		return checks.Escape(e.api.Spec, p)
	}
}

// safeSection folds what hurts nobody.
func (v *view) safeSection() string {
	var lines []string
	total := 0
	for _, e := range v.entries {
		if e.rank() > 0 {
			continue
		}
		total++
		if total <= mostSafe {
			lines = append(lines, changeSentence(e.change, checks.InCode)+" ("+v.changeLine(e, checks.InCode)+")")
		}
	}
	if total == 0 {
		return ""
	}
	if total > mostSafe {
		lines = append(lines, fmt.Sprintf("%d more", total-mostSafe))
	}
	return checks.Details(checks.Count(total, "compatible change"), checks.List(lines))
}

func (v *view) footer() string {
	text := "Compared "
	var specs []string
	for i := range v.APIs {
		if spec := v.APIs[i].Spec; spec != "" {
			specs = append(specs, checks.Code(spec))
		}
	}
	if len(specs) > 0 {
		text += checks.Join(specs, 3) + " at "
	}
	text += v.web.Commit(v.Repository, v.BaseSHA, checks.InCode) + " with " + v.web.Commit(v.Repository, v.HeadSHA, checks.InCode) + "."
	consumers := 0
	for i := range v.APIs {
		consumers += v.APIs[i].Consumers
	}
	if consumers > 0 {
		text += " " + checks.UpperFirst(checks.Count(consumers, "consumer version")) + " judged."
	}
	text += v.lookedAt()
	if v.DetailsURL != "" {
		text += " [The whole report](" + v.DetailsURL + ")."
	}
	return text
}
