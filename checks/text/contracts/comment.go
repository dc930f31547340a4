package contracttext

import (
	"regexp"
	"slices"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// ContractComment says who is hit by a pull request, or, where nobody is, closes
// what an earlier comment has said.
func ContractComment(r Report) checks.Comment { return newView(r).comment() }

func (v *view) comment() checks.Comment {
	if len(v.consumers) == 0 || v.onlySince() {
		return v.resolved()
	}
	mark := checks.MarkWarn
	if v.blocking > 0 {
		mark = checks.MarkBad
	}
	sections := []string{
		mark + " **" + v.headlineParts() + "**",
		v.movedSection(), v.effectSection("in the check run"), v.adviceSection(), v.caveats(),
		checks.Details("What changes", v.changesSection(mostInComment, "in the check run")),
		v.pointer(),
	}
	return checks.Comment{Text: checks.Paragraphs(sections...), Owners: v.owners(), Needed: true}
}

// headlineParts is the headline without names: they stand in the lines below.
func (v *view) headlineParts() string {
	var words []string
	for _, g := range v.groups() {
		words = append(words, g.brief())
	}
	if v.blocking+v.acknowledged+v.breaking > 0 {
		words[0] += " if this is merged"
	}
	return strings.Join(words, ", ") + v.mildly()
}

func (v *view) resolved() checks.Comment {
	if v.headBroken() || v.unreadable() {
		return checks.Comment{} // not known to be resolved; the check run says why
	}
	first := checks.MarkGood + " **Resolved:** nothing that this pull request changes hits a consumer any more."
	if v.onlySince() {
		first = checks.MarkWarn + " **Nothing that this pull request changes hits a consumer.** What is on " + checks.Code(v.BaseRef) + " already does."
	} else if v.conclusion() != checks.Success {
		first = checks.MarkWarn + " **No known consumer is hit any more**, and that is not all there is to say."
	}
	return checks.Comment{Text: checks.Paragraphs(first, v.movedSection(), v.caveats(), v.pointer())}
}

// ResolvedComment closes the comment of a pull request that no longer touches a
// contract.
func ResolvedComment() checks.Comment {
	return checks.Comment{Text: checks.MarkGood + " **Resolved:** this pull request no longer changes a contract.\n"}
}

func (v *view) pointer() string {
	text := "<sub>Judged at " + v.web.Commit(v.Repository, v.HeadSHA, checks.InCode) + "; every line and the safe order in the check run `" + checks.ContractsRun + "`"
	if v.DetailsURL != "" {
		text += ", all of it in [the whole report](" + v.DetailsURL + ")"
	}
	return text + ".</sub>"
}

// owners are those of the consumers that are hit and may be named, the gravest first.
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

// mention gives the owner as GitHub notifies them, or "" where that is not
// somebody a consumer may call: a user, or a team of the account that the
// consumer itself belongs to.
func mention(c contracts.Consumer) string {
	if userName.MatchString(c.Owner) {
		return c.Owner
	}
	if m := teamName.FindStringSubmatch(c.Owner); m != nil && strings.EqualFold(m[1], c.Repository.Owner) {
		return c.Owner
	}
	return ""
}
