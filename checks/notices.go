package checks

import (
	"strconv"
	"strings"

	"plimsoll/contracts"
)

// externalID carries the pull request's number; a merge group's is given by whoever
// knows the group.
func externalID(number int) string {
	if number == 0 {
		return ""
	}
	return "pr/" + strconv.Itoa(number)
}

// subjectWords is what is judged: "pull request", or "merge group" where there is no number.
func subjectWords(number int) string {
	if number == 0 {
		return "merge group"
	}
	return "pull request"
}

// NothingTouched is the contracts check of a pull request that changes neither a
// contract nor a declaration.
func NothingTouched(head string, number int) CheckRun {
	return CheckRun{
		Name: ContractsRun, HeadSHA: head, ExternalID: externalID(number), Conclusion: Success,
		Title:   "No contract touched",
		Summary: "This " + subjectWords(number) + " changes no API contract and no declaration of what is used.\n",
	}
}

// NotEnrolled is the contracts check of a repository without a repository file,
// for those who asked for one.
func NotEnrolled(head string, number int) CheckRun {
	return CheckRun{
		Name: ContractsRun, HeadSHA: head, ExternalID: externalID(number), Conclusion: Neutral,
		Title: "This repository does not take part",
		Summary: "There is no `.github/plimsoll.yml` on the default branch, so Plimsoll does not know which contracts this repository provides or uses.\n\n" +
			"`plimsoll discover` in a checkout prints a draft of the file, with the evidence for each line.\n",
	}
}

// ContractLeftByFork is what is wrong with a contract that a fork says to lie elsewhere.
func ContractLeftByFork(problem contracts.Problem) *contracts.Problem {
	problem.Hint = "the base branch says that the contract lies here, and this pull request comes from a fork: where it says that it lies counts once that is merged. " +
		"Somebody who may write to this repository can open the same pull request from a branch of it"
	return &problem
}

// NamesTakenBack is what is left of a contracts check that names somebody who may not
// be named there any more.
func NamesTakenBack(head string, number int, conclusion Conclusion) CheckRun {
	return CheckRun{
		Name: ContractsRun, HeadSHA: head, ExternalID: externalID(number), Conclusion: conclusion,
		Title:   "Judged again since",
		Summary: "A consumer that this run named may not be named here any more. The latest run of this check tells what is so now.\n",
		Text:    "Taken back.\n",
	}
}

// ConfigurationBroken is a check whose repository file can't be used: every
// problem with its place. The named run fails.
func ConfigurationBroken(name string, r Report) CheckRun {
	r.FileBroken, r.APIs, r.Uses = true, nil, nil
	v := &view{Report: r, web: web{r.WebURL}}
	file := "the repository file"
	if len(r.FileProblems) > 0 && r.FileProblems[0].File != "" {
		file = r.FileProblems[0].File
	}
	run := CheckRun{
		Name: name, HeadSHA: r.HeadSHA, ExternalID: externalID(r.Number), DetailsURL: r.DetailsURL, Conclusion: Failure,
		Title: escape(file, inPlain) + " can't be used: " + count(len(r.FileProblems), "problem"),
		Summary: paragraphs(list(v.problems(r.HeadSHA, r.FileProblems)),
			"Until this is mended, the last good version of the file goes on counting. `plimsoll validate` finds the same in a checkout."),
		Annotations: v.annotations(),
		Actions:     r.Actions,
	}
	return run.fitted()
}

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
func PermanentError(name, head string, number int, e Explanation) CheckRun {
	sections := []string{escape(e.What, inProse), "**What to do:** " + escape(e.Next, inProse)}
	if e.Delivery != "" {
		sections = append(sections, "Delivery "+code(e.Delivery))
	}
	run := CheckRun{
		Name: name, HeadSHA: head, ExternalID: externalID(number), Conclusion: Failure,
		Title: e.Title, Summary: paragraphs(sections...),
	}
	if strings.TrimSpace(run.Title) == "" {
		run.Title = InternalError("").Title
	}
	return run.fitted()
}
