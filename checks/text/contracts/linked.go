package contracttext

import (
	"slices"
	"strconv"
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// LinkState is the state of a linked pull request.
type LinkState string

// The states. LinkUnknown is also the state of a pull request in a private repository that
// a public one links: its existence is not revealed there.
const (
	LinkOpen    LinkState = "open"
	LinkMerged  LinkState = "merged"
	LinkClosed  LinkState = "closed"
	LinkUnknown LinkState = "unknown"
)

// Link is another pull request with which this one is evaluated together, because
// its text says "Depends-on: owner/repo#N".
type Link struct {
	// Owner, Name and Number as written.
	Owner, Name string
	Number      int
	// Repository that it lies in; zero where State is LinkUnknown.
	Repository contracts.RepositoryRef
	State      LinkState
	// Fork: its head lives in another repository.
	Fork    bool
	HeadSHA string
}

// Relief says that a change no longer affects a consumer once a linked pull request is
// deployed; or, with Still, that it still does.
type Relief struct {
	Fingerprint string
	Component   string
	// Link is the place in Report.Links, from 1.
	Link  int
	Still bool
	// Circle: it uses what only this pull request adds, so that it can't go first.
	Circle bool
}

// link gives one by its place, counted from 1; nil without one.
func (v *view) link(index int) *Link {
	if index < 1 || index > len(v.Links) {
		return nil
	}
	return &v.Links[index-1]
}

// trusts: a link excuses something only if its authors may write to both repositories.
func (v *view) trusts(l *Link) bool { return !v.Fork && !l.Fork }

// counts: the link is open, and no outsider wrote it or what it leads to.
func (v *view) counts(index int) bool {
	l := v.link(index)
	return l != nil && l.State == LinkOpen && v.trusts(l)
}

// linkName gives "acme/web#481".
func (v *view) linkName(at int, p checks.RenderContext) string {
	l := v.link(at)
	if l == nil {
		return ""
	}
	return linkWords(l, p)
}

func linkWords(l *Link, p checks.RenderContext) string {
	return checks.Escape(l.Owner+"/"+l.Name+"#"+strconv.Itoa(l.Number), p)
}

// linkTo links to the pull request's page.
func (v *view) linkTo(l *Link) string {
	name := linkWords(l, checks.InCode)
	if v.web.Base == "" || l.State == LinkUnknown {
		return name
	}
	return v.web.Link(name, v.web.Repository(l.Repository)+"/pull/"+strconv.Itoa(l.Number))
}

// linksSection says what each linked pull request means for this one.
func (v *view) linksSection() string {
	var lines []string
	for i := range v.Links {
		lines = append(lines, v.linkLine(i+1))
	}
	if len(lines) == 0 {
		return ""
	}
	return "**Linked pull requests**\n\n" + checks.List(lines)
}

func (v *view) linkLine(index int) string {
	l := v.link(index)
	name := v.linkTo(l)
	switch l.State {
	case LinkUnknown:
		return checks.MarkWarn + " " + name + " does not exist or can't be read, so it is ignored."
	case LinkClosed:
		return checks.MarkWarn + " " + name + " was closed without a merge, so it is ignored."
	case LinkMerged:
		return name + " is merged. It counts once it is deployed."
	}
	said := append(v.reliefWords(index), v.usesOfLink(index)...)
	if len(said) == 0 {
		return name + " is open. It does not change this result."
	}
	line := name + " is open, at " + v.web.Commit(l.Repository, l.HeadSHA, checks.InCode) + ". " + strings.Join(said, " ")
	if !v.trusts(l) {
		line += " One of the two comes from a fork, so this does not count until that one is merged."
	}
	return line
}

// reliefWords: what the linked pull request does for the consumers that this one affects.
func (v *view) reliefWords(index int) []string {
	relieved, still, circle := map[string]bool{}, map[string]bool{}, map[string]bool{}
	var names []string
	for i := range v.APIs {
		for _, r := range v.APIs[i].Reliefs {
			if r.Link != index {
				continue
			}
			if !relieved[r.Component] && !still[r.Component] {
				names = append(names, r.Component)
			}
			relieved[r.Component] = relieved[r.Component] || !r.Still
			still[r.Component] = still[r.Component] || r.Still
			circle[r.Component] = r.Circle
		}
	}
	var words []string
	for _, name := range names {
		switch {
		case still[name] && relieved[name]:
			words = append(words, "It migrates "+checks.Code(name)+" for some of these changes, but not for all.")
		case still[name]:
			words = append(words, "It does not migrate "+checks.Code(name)+".")
		case circle[name]:
			words = append(words, "It migrates "+checks.Code(name)+", but to something that only this pull request adds."+neitherFirst)
		default:
			words = append(words, "It migrates "+checks.Code(name)+". **Safe if "+linkWords(v.link(index), checks.InCode)+" is deployed first.** "+
				"Merge and deploy that one; this check then passes automatically.")
		}
	}
	return words
}

// neitherFirst is the advice for two pull requests that need each other.
const neitherFirst = " **Neither can be deployed first.** The provider must offer the old and the new form until the consumer has migrated."

// usesOfLink: what the linked pull request does for what is used here.
func (v *view) usesOfLink(index int) []string {
	l := v.link(index)
	var words []string
	for i := range v.Uses {
		u := &v.Uses[i]
		added := 0
		for k := range u.Missing {
			for _, by := range u.Missing[k].AddedBy {
				if by == index {
					added++
				}
			}
		}
		what := ""
		switch {
		case added > 0 && slices.Contains(u.Circle, index):
			words = append(words, "It adds the missing part of "+checks.Code(u.API)+" that "+checks.Code(u.Component)+" uses, but removes a part that "+checks.Code(u.Component)+" uses until this is deployed."+neitherFirst)
		case u.NewBy == index:
			what = "It adds " + checks.Code(u.API) + ", which " + checks.Code(u.Component) + " uses."
		case added > 0:
			what = "It adds the missing part of " + checks.Code(u.API) + " that " + checks.Code(u.Component) + " uses."
		}
		if what != "" {
			words = append(words, what+" **Safe if "+linkWords(l, checks.InCode)+" is deployed first.**")
		}
		for _, by := range u.TakenBy {
			if by == index {
				words = append(words, checks.MarkWarn+" It removes a part of "+checks.Code(u.API)+" that "+checks.Code(u.Component)+" uses.")
			}
		}
	}
	return words
}
