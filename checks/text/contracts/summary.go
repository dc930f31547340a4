package contracttext

import (
	"fmt"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// How much the summary lists; the text has the rest.
const (
	mostConsumers = 10 // consumers in the first lines
	mostInComment = 10 // changes in the comment
	mostSafe      = 25 // compatible changes
)

// summary is what a person reads first: who is affected, then what to do. The text below
// it has the changes. The most severe comes first, so that a cut removes the least.
func (v *view) summary() string {
	return checks.Paragraphs(v.movedSection(), v.effectSection("in the details"), v.brokenSection(), v.rulesSection(), v.adviceSection(), v.caveats(),
		v.acknowledgeFold(), v.usesSection(), v.linksSection(), v.asideSection(), v.safeSection(), v.registrationSection(), v.footer())
}

// effectSection names the affected consumers; rest says where the others are.
func (v *view) effectSection(rest string) string {
	lines, left := v.consumerLines(mostConsumers)
	if left > 0 {
		lines = append(lines, checks.Count(left, "more consumer")+" "+rest+".")
	}
	return checks.Paragraphs(v.leadSection(), checks.List(lines))
}

// lead is the change that affects all consumers of the summary most; nil where they
// differ. A change that only hidden consumers know is never named.
func (v *view) lead() *entry {
	visible := false
	for _, c := range v.consumers {
		if c.effects[0].entry != v.consumers[0].effects[0].entry {
			return nil
		}
		visible = visible || !c.hidden
	}
	if !visible {
		return nil
	}
	return v.consumers[0].effects[0].entry
}

// leadSection says once what all the lines below it are about.
func (v *view) leadSection() string {
	e := v.lead()
	switch {
	case e == nil:
		return ""
	case e.since:
		return "Already on " + checks.Code(v.BaseRef) + ": " + ChangeSentence(e.change) + "."
	}
	return checks.UpperFirst(v.doer(e)) + " " + ChangeSentence(e.change) + " (" + v.changeLine(e, checks.InCode) + ")."
}

// passesWhen says how a check that blocks will pass. A merge group is evaluated once:
// GitHub takes it out of the queue.
func (v *view) passesWhen(migrated string) string {
	switch {
	case v.Step != nil && v.Number == 0:
		return "Run the workflow of the pull request again once " + migrated + ". Then queue it again."
	case v.Step != nil:
		return "Run this workflow again once " + migrated + "."
	case v.Number == 0:
		return "The check on the pull request passes automatically once " + migrated + ". Then queue it again."
	}
	return "This check passes automatically once " + migrated + "."
}

// adviceSection says what to do about what breaks.
func (v *view) adviceSection() string {
	switch {
	case v.blocking > 0 && v.onlyAcknowledgementMissing():
		return v.howToAcknowledge() // no consumer can migrate, in whatever order
	case v.blocking > 0:
		migrated := "all of them have migrated"
		switch v.blocking {
		case 1:
			migrated = "the consumer has migrated"
		case 2:
			migrated = "both have migrated"
		}
		more := ""
		switch others := v.blockingChanges() - 1; {
		case others == 1:
			more = "1 more change blocks. Its safe order is in the details."
		case others > 1:
			more = checks.Count(others, "more change") + " block. Their safe orders are in the details."
		}
		return checks.Paragraphs(v.plan(v.entries[0]), more, v.passesWhen(migrated)) // the most severe
	case v.acknowledged > 0:
		return v.acknowledgedSection()
	case v.breaking > 0:
		text := "Not blocking: " + v.whyNotBlocked()
		if !v.onlySince() {
			text += " Inform the owners before you merge."
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

// caveats are the reasons why the answer may be incomplete.
func (v *view) caveats() string {
	var lines []string
	if v.Registry.Scanning {
		lines = append(lines, checks.MarkWarn+" "+v.scanningLine())
	} else if v.Registry.Failed > 0 && v.harmful+len(v.consumers) > 0 {
		lines = append(lines, checks.MarkWarn+" "+v.unreadableLine())
	}
	if v.noConsumers() && v.harmful > 0 {
		lines = append(lines, v.noConsumersLine())
	}
	if v.external > 0 {
		lines = append(lines, checks.MarkWarn+" The API is marked "+checks.Code("external: true")+". Consumers unknown to Plimsoll may use all of it.")
	}
	for _, taken := range v.Taken {
		by := "a private repository"
		if v.Repository.MayName(taken.By.Repository) {
			by = checks.Code(taken.By.Repository.FullName())
		}
		own := contracts.APIRef{Repository: v.Repository, Name: taken.API}
		lines = append(lines, checks.MarkWarn+" The short name "+checks.Code(taken.API)+" belongs to "+by+", which provided it first. Rename this API, or have consumers use its full name: "+
			checks.Code(own.FullName())+".")
	}
	return checks.List(lines)
}

// shown reports whether the lines of the consumers name a change.
func (v *view) shown(e *entry) bool {
	if len(v.consumers) > 0 && v.lead() == e {
		return true
	}
	named := 0
	for _, c := range v.consumers {
		if c.hidden {
			continue
		}
		if named++; named > mostConsumers {
			return false
		}
		if c.effects[0].entry == e {
			return true
		}
	}
	return false
}

// changesSection folds the changes that the lines of the consumers do not name.
func (v *view) changesSection(most int, rest string) string {
	var lines []string
	total := 0
	for _, e := range v.entries {
		if e.rank() == 0 || v.shown(e) {
			continue
		}
		if total++; total > most {
			continue
		}
		line := v.mark(e) + " " + changeSentence(e.change, checks.InCode)
		if len(v.APIs) > 1 {
			line += " (" + checks.Code(e.api.API.Name) + ")"
		}
		line += " (" + v.changeLine(e, checks.InCode) + "): " + v.outcome(e, checks.InCode, checks.MostNames) + "."
		if command := v.command(e); command != "" {
			line += " " + checks.Code(command)
		}
		lines = append(lines, line)
	}
	if total == 0 {
		return ""
	}
	if total > most {
		lines = append(lines, checks.Count(total-most, "more change")+" "+rest+".")
	}
	heading := "other change"
	if len(v.consumers) == 0 {
		heading = "change"
	}
	return checks.Details(checks.Count(total, heading), checks.List(lines))
}

// changeLine links the contract's line.
func (v *view) changeLine(e *entry, p checks.RenderContext) string {
	switch {
	case e.change.Source.Head != nil:
		return v.web.Line(v.Repository, v.HeadSHA, *e.change.Source.Head, p)
	case e.since:
		return "already on " + checks.Escape(v.BaseRef, p)
	case e.change.Source.Base != nil:
		return v.web.Line(v.Repository, v.BaseSHA, *e.change.Source.Base, p)
	default:
		return checks.Escape(e.api.Spec, p)
	}
}

// safeSection folds the compatible changes.
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
		text += " " + "Checked " + checks.Count(consumers, "consumer version") + "."
	}
	text += v.lookedAt()
	return text
}
