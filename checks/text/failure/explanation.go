package failuretext

import (
	"strings"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// Explanation tells a user about an error that trying again will not fix.
type Explanation struct {
	// Title in a few words.
	Title string
	// What happened, Next what to do: whole sentences. Text from outside is escaped.
	What, Next string
	// Fix is the part of Next that somebody else has to do; empty: nothing.
	Fix string
	// Delivery is the id of the event in GitHub's log and in ours.
	Delivery string
}

// MissingPermission explains an answer of GitHub's that a permission is missing,
// e.g. "contents: read"; empty: which one is not known.
func MissingPermission(permission, delivery string) Explanation {
	which := "the permission " + permission
	if permission == "" {
		which = "one of the permissions that it needs"
	}
	fix := "An owner of the organisation has to accept the App's permissions under Settings, GitHub Apps, Configure."
	return Explanation{
		Title:    "A permission is missing",
		What:     "GitHub refused a request of this check: " + which + " is missing.",
		Next:     fix + " Then re-run this check.",
		Fix:      fix,
		Delivery: delivery,
	}
}

// RepositoryArchived explains a repository that takes no writes. Nothing can be said in
// it: operators read this.
func RepositoryArchived() Explanation {
	return Explanation{
		Title: "The repository is archived",
		What:  "GitHub accepts no check runs or comments in an archived repository, so nothing is checked there.",
		Next:  "Unarchive the repository. Its open pull requests are then checked again.",
	}
}

// InstallationSuspended explains an installation that was suspended. Nothing can be said
// in its repositories: operators and people who ask over HTTP read this.
func InstallationSuspended() Explanation {
	return Explanation{
		Title: "The App is suspended",
		What:  "The App's installation on this account is suspended, so Plimsoll can't read the account's repositories.",
		Next:  "An owner of the account has to lift the suspension under Settings, GitHub Apps, Configure. Plimsoll then reads everything again.",
	}
}

// OverLimit explains a change that is larger than what is read.
func OverLimit(what, limit, delivery string) Explanation {
	return Explanation{
		Title:    "Too large to check",
		What:     what + " is over the limit (" + limit + ").",
		Next:     "Split the pull request, or remove generated files from it. Then re-run this check.",
		Delivery: delivery,
	}
}

// Unreadable explains a part of the repository that can't be read: a file that is too
// large, or more files than can be listed.
func Unreadable(problem contracts.Problem, delivery string) Explanation {
	what := problem.Message
	if problem.File != "" && problem.File != "." {
		what = problem.Position.String() + ": " + what
	}
	next := "Change that, then re-run this check."
	if problem.Hint != "" {
		next = sentence(problem.Hint) + " Then re-run this check."
	}
	return Explanation{Title: "Part of the repository can't be read", What: sentence(what), Next: next, Delivery: delivery}
}

// sentence has a text begin with a capital, unless it begins with a path, and end with a
// full stop.
func sentence(text string) string {
	if first, _, _ := strings.Cut(text, " "); !strings.ContainsAny(first, "./:") {
		text = checks.UpperFirst(text)
	}
	return strings.TrimSuffix(text, ".") + "."
}

// InternalError explains a fault of our own. It gives away nothing of it.
func InternalError(delivery string) Explanation {
	return Explanation{
		Title:    "Plimsoll could not finish this check",
		What:     "Plimsoll had an internal error. Retries did not help.",
		Next:     "Re-run this check. If it fails again, give the delivery id to the operator of the Plimsoll server.",
		Delivery: delivery,
	}
}

// PermanentError is a check that could not be made. It fails: what was not looked
// at has not passed.
func PermanentError(name, head string, number int, e Explanation) checks.CheckRun {
	sections := []string{checks.Escape(e.What, checks.InProse), "**Next step:** " + checks.Escape(e.Next, checks.InProse)}
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
