package contracttext

import (
	"fmt"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// RegistryState is how far the repositories of an account have been read. While some have
// not, consumers may be missing.
type RegistryState struct {
	// Account, or the organisation that the operator joins it to.
	Account string
	// Missing are joined accounts that can't be read.
	Missing  []string
	Scanning bool
	// Done of Total repositories have been read, Failed of them can't be.
	Done, Total, Failed int
	// Unreadable lists the first of those that can't be read.
	Unreadable []UnreadableRepository
}

// UnreadableRepository is a repository that can't be read.
type UnreadableRepository struct {
	Repository contracts.RepositoryRef
	Reason     string
	Since      time.Time
}

// mostUnreadable is how many repositories that can't be read are named.
const mostUnreadable = 5

// proves reports whether every repository has been read, so that "no known consumers"
// means no consumers.
func (r RegistryState) proves() bool { return !r.Scanning && r.Failed == 0 }

// countsShown reports whether numbers of repositories may be shown: only where all of them
// may be named.
func (v *view) countsShown() bool {
	return v.Repository.Private && !v.Repository.Internal && v.Registry.Total > 0
}

// readOf gives "812 of 1,202 repositories".
func (v *view) readOf() string {
	return fmt.Sprintf("%s of %s repositories", checks.Grouped(v.Registry.Done), checks.Grouped(v.Registry.Total))
}

// scanned gives how far the reading has come, where that may be shown.
func (v *view) scanned() string {
	if !v.countsShown() {
		return ""
	}
	return " (" + v.readOf() + " read)"
}

// scanningLine says that repositories are still being read, or that a joined account can't be.
func (v *view) scanningLine() string {
	line := "Plimsoll is still reading the repositories of this account."
	switch {
	case len(v.Registry.Missing) > 0:
		line = v.missingLine()
	case v.countsShown():
		line = "Plimsoll has read " + v.readOf() + " of " + v.account() + " so far."
	}
	if v.harmful > 0 {
		line += " Consumers may be missing here. The check runs again once all repositories are read."
	}
	return line
}

// missingLine says which accounts, joined with this one, can't be read.
func (v *view) missingLine() string {
	if !v.countsShown() {
		return "Can't read an account that is joined with this one."
	}
	named := make([]string, len(v.Registry.Missing))
	for i, account := range v.Registry.Missing {
		named[i] = checks.Code(account)
	}
	return checks.Join(named, mostUnreadable) + " can't be read, but belongs to " + v.account() + ". Install Plimsoll there, or end its suspension."
}

// unreadableLine says which repositories can't be read.
func (v *view) unreadableLine() string {
	line := "Could not read " + checks.Count(v.Registry.Failed, "repository") + " of this account"
	if v.countsShown() {
		line = fmt.Sprintf("Could not read %s of %s repositories of %s", checks.Grouped(v.Registry.Failed), checks.Grouped(v.Registry.Total), v.account())
	}
	var named []string
	private := 0
	for _, one := range v.Registry.Unreadable {
		if !v.Repository.MayName(one.Repository) {
			private++
		} else if len(named) < mostUnreadable {
			named = append(named, checks.Code(one.Repository.FullName())+reasonOf(one))
		}
	}
	if rest := v.Registry.Failed - len(named) - private; rest > 0 && len(named) > 0 {
		named = append(named, checks.Grouped(rest)+" more")
	}
	if private > 0 && len(v.Registry.Unreadable) == v.Registry.Failed {
		named = append(named, checks.Count(private, "private repository"))
	}
	if len(named) > 0 {
		line += ": " + checks.Join(named, len(named))
	}
	return line + ". Consumers in them are unknown. Plimsoll tries again, and repeats this check once it can read them."
}

func reasonOf(one UnreadableRepository) string {
	text := ""
	if one.Reason != "" {
		text = checks.Escape(checks.Clip(checks.Clean(one.Reason), longestReason), checks.InProse)
	}
	if !one.Since.IsZero() {
		if text != "" {
			text += ", "
		}
		text += "since " + one.Since.UTC().Format(time.DateOnly)
	}
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// lookedAt says how many repositories an answer without affected consumers is based on.
func (v *view) lookedAt() string {
	if v.harmful == 0 || !v.Registry.proves() || !v.countsShown() {
		return ""
	}
	return " Read " + v.readOf() + " of " + v.account() + "."
}

func (v *view) account() string { return checks.Code(v.Registry.Account) }

// Step is the workflow step that writes a report where no server does. It knows the consumers
// that were given to it, answers no commands, and runs again only with its workflow.
type Step struct {
	// Summary is the address of the page with the job summary; empty if it is not known.
	Summary string
	// Consumers: declarations of consumers were given.
	Consumers bool
}

// noConsumers: no declaration was given, so nothing is known about who uses the API.
func (v *view) noConsumers() bool { return v.Step != nil && !v.Step.Consumers }

// proves reports whether "no known consumers" means no consumers, as far as the report knows.
func (v *view) proves() bool { return v.Registry.proves() && !v.noConsumers() }

// rest says where what a comment leaves out can be read.
func (v *view) rest() string {
	if v.Step != nil {
		return "in the job summary"
	}
	return "in the check run"
}

// noConsumersLine says what an answer without declarations is worth.
func (v *view) noConsumersLine() string {
	return checks.MarkWarn + " The step was given no declarations of consumers, so it can't tell which changes matter. Name them in its input " + checks.Code("consumers") + "."
}

// changedComment lists what changed where nobody knows who uses it.
func (v *view) changedComment() checks.Comment {
	sections := []string{checks.MarkWarn + " **" + checks.UpperFirst(v.harmfulWords()) + ".**", v.caveats(), v.changesSection(mostInComment, v.rest()), v.pointer()}
	return checks.Comment{Text: checks.Paragraphs(sections...), Needed: true}
}
