package failuretext

import (
	"strings"

	"plimsoll/checks"
)

// Explanation tells a user about an error that trying again will not mend.
type Explanation struct {
	// Title in a few words.
	Title string
	// What happened, Next what to do: whole sentences. Text from outside is escaped.
	What, Next string
	// Mend is the part of Next that somebody else has to do; empty: nothing.
	Mend string
	// Delivery is the id of the event in GitHub's log and in ours.
	Delivery string
}

// MissingPermission explains an answer of GitHub's that a permission is missing,
// e.g. "contents: read"; empty: which one is not known.
func MissingPermission(permission, delivery string) Explanation {
	which := "the permission " + permission
	if permission == "" {
		which = "one of the permissions that it asks for"
	}
	mend := "An owner of the organisation accepts the App's permissions under Settings, GitHub Apps, Configure."
	return Explanation{
		Title:    "A permission is missing",
		What:     "GitHub did not let the App do what this check needs: " + which + " is missing.",
		Next:     mend + " Then re-run this check.",
		Mend:     mend,
		Delivery: delivery,
	}
}

// RepositoryArchived explains a repository that takes no writes.
func RepositoryArchived(delivery string) Explanation {
	return Explanation{
		Title:    "The repository is archived",
		What:     "An archived repository can be read and not written to, so nothing more is checked here.",
		Next:     "Unarchive the repository, then re-run this check.",
		Delivery: delivery,
	}
}

// InstallationSuspended explains an installation that was suspended.
func InstallationSuspended(delivery string) Explanation {
	return Explanation{
		Title:    "The App is suspended here",
		What:     "Somebody suspended the App's installation on this account, so it can't read the repository.",
		Next:     "An owner of the account lifts the suspension under Settings, GitHub Apps, Configure. Then re-run this check.",
		Delivery: delivery,
	}
}

// OverLimit explains something that is larger than what is read.
func OverLimit(what, limit, delivery string) Explanation {
	return Explanation{
		Title:    "Too large to be checked",
		What:     what + " is larger than what is read (" + limit + ").",
		Next:     "Split it, or take generated parts out of it. Then re-run this check.",
		Delivery: delivery,
	}
}

// InternalError explains a fault of our own. It gives away nothing of it.
func InternalError(delivery string) Explanation {
	return Explanation{
		Title:    "Plimsoll could not finish this check",
		What:     "Something went wrong on Plimsoll's side; trying again has not helped.",
		Next:     "Re-run this check. If it happens again, give the delivery's id to whoever runs the Plimsoll server.",
		Delivery: delivery,
	}
}

// PermanentError is a check that could not be made. It fails: what was not looked
// at has not passed.
func PermanentError(name, head string, number int, e Explanation) checks.CheckRun {
	sections := []string{checks.Escape(e.What, checks.InProse), "**What to do:** " + checks.Escape(e.Next, checks.InProse)}
	if e.Delivery != "" {
		sections = append(sections, "Delivery "+checks.Code(e.Delivery))
	}
	run := checks.CheckRun{
		Name: name, HeadSHA: head, ExternalID: checks.ExternalID(number), Conclusion: checks.Failure,
		Title: e.Title, Summary: checks.Paragraphs(sections...),
	}
	if strings.TrimSpace(run.Title) == "" {
		run.Title = InternalError("").Title
	}
	return run.Fitted()
}
