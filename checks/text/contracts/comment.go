package contracttext

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// ContractComment names the consumers that a pull request affects. If it affects none, the
// comment closes an earlier one.
func ContractComment(r Report) checks.Comment { return newView(r).comment() }

func (v *view) comment() checks.Comment {
	if len(v.consumers) == 0 && v.noConsumers() && v.harmful > 0 {
		return v.changedComment()
	}
	if len(v.consumers) == 0 && slices.ContainsFunc(v.aside, func(e *entry) bool { return len(e.effects) > 0 }) {
		first := checks.MarkGood + " **No consumer is affected by a change that counts.**"
		return checks.Comment{Text: checks.Paragraphs(first, v.asideSection(), v.rulesSection(), v.caveats(), v.pointer())}
	}
	if len(v.consumers) == 0 || v.onlySince() {
		return v.resolved()
	}
	mark := checks.MarkWarn
	if v.blocking > 0 {
		mark = checks.MarkBad
	}
	sections := []string{
		mark + " **" + v.headlineParts() + "**",
		v.movedSection(), v.effectSection(v.rest()), v.rulesSection(), v.adviceSection(), v.caveats(), v.acknowledgeFold(),
		v.changesSection(mostInComment, v.rest()), v.asideSection(),
		v.pointer(),
	}
	return checks.Comment{Text: checks.Paragraphs(sections...), Owners: v.owners(), Needed: true}
}

// headlineParts is the headline without names: the lines below have them.
func (v *view) headlineParts() string {
	var words []string
	for _, g := range v.groups() {
		words = append(words, g.brief())
	}
	return strings.Join(words, ", ") + v.mildly()
}

// resolved says that no consumer is affected any more, and which were.
func (v *view) resolved() checks.Comment {
	if v.headBroken() || v.unreadable() {
		return checks.Comment{} // not known to be resolved; the check run says why
	}
	first := checks.MarkGood + " **Resolved: no known consumers break.**"
	if v.Step != nil {
		first = checks.MarkGood + " **Resolved: none of the given consumers breaks.**"
	}
	if v.onlySince() {
		first = checks.MarkWarn + " **Resolved: this pull request breaks no known consumers.** A change that is already on " + checks.Code(v.BaseRef) + " does."
	} else if v.conclusion() != checks.Success {
		first = checks.MarkWarn + " **Resolved: no known consumers break.** The check run has warnings."
	}
	return checks.Comment{Text: checks.Paragraphs(first, v.earlierSection(), v.caveats(), v.pointer())}
}

// earlierSection keeps what the comment said before it was resolved.
func (v *view) earlierSection() string {
	if moved := v.movedSection(); moved != "" {
		return strings.TrimPrefix(moved, checks.MarkGood+" ") + " Affected before: " + v.beforeWords() + "."
	}
	if before := v.beforeWords(); before != "" {
		return "Affected before: " + before + "."
	}
	return ""
}

// ResolvedComment closes the comment of a pull request that no longer changes a contract;
// before holds the consumers that blocked it.
func ResolvedComment(repository contracts.RepositoryRef, before []Blocked) checks.Comment {
	v := newView(Report{Repository: repository, Before: before})
	return checks.Comment{Text: checks.Paragraphs(checks.MarkGood+" **Resolved: this pull request no longer changes a contract.**", v.earlierSection())}
}

// pointer says which commit was checked and where the rest is.
func (v *view) pointer() string {
	run := checks.Code(checks.ContractsRun)
	if v.Step != nil {
		run = v.web.Link("job summary", v.Step.Summary)
	} else if v.web.Base != "" && v.Number > 0 {
		run = v.web.Link(run, v.web.Repository(v.Repository)+"/pull/"+strconv.Itoa(v.Number)+"/checks")
	}
	return "<sub>Checked at " + v.web.Commit(v.Repository, v.HeadSHA, checks.InCode) + ". Full details: " + run + "</sub>"
}

// owners are those of the affected consumers that may be named, the most severe first.
func (v *view) owners() []string {
	var owners []string
	for _, c := range v.consumers {
		if c.hidden {
			continue
		}
		if owner := mention(c.version()); owner != "" && !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	return owners
}

var (
	userName = regexp.MustCompile(`^@[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$`)
	teamName = regexp.MustCompile(`^@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/[A-Za-z0-9._-]{1,100}$`)
)

// mention gives the owner as GitHub notifies them. It is empty unless the owner is a user,
// or a team of the account that the consumer itself belongs to.
func mention(c contracts.Consumer) string {
	if userName.MatchString(c.Owner) {
		return c.Owner
	}
	if m := teamName.FindStringSubmatch(c.Owner); m != nil && strings.EqualFold(m[1], c.Repository.Owner) {
		return c.Owner
	}
	return ""
}
