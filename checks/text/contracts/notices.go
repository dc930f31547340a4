package contracttext

import (
	"plimsoll/checks"
	"plimsoll/contracts"
)

// NothingTouched is the contracts check of a pull request that changes neither a
// contract nor a declaration.
func NothingTouched(head string, number int) checks.CheckRun {
	return checks.CheckRun{
		Name: checks.ContractsRun, HeadSHA: head, ExternalID: checks.ExternalID(number), Conclusion: checks.Success,
		Title:   "No contract changed",
		Summary: "This " + checks.SubjectWords(number) + " changes no API contract and no declared use.\n",
	}
}

// NotEnrolled is the contracts check of a repository without a repository file, for those
// who asked for one or require one everywhere.
func NotEnrolled(head string, number int) checks.CheckRun {
	return checks.CheckRun{
		Name: checks.ContractsRun, HeadSHA: head, ExternalID: checks.ExternalID(number), Conclusion: checks.Success,
		Title: "Not enrolled: nothing was checked",
		Summary: "There is no `.github/plimsoll.yml` on the default branch, so Plimsoll does not know which contracts this repository provides or uses.\n\n" +
			"`plimsoll discover` in a checkout prints a draft of the file, with the evidence for each line.\n",
	}
}

// ContractLeftByFork is what is wrong with a contract that a fork declares at another path.
func ContractLeftByFork(problem contracts.Problem) *contracts.Problem {
	problem.Hint = "the base branch declares the contract at this path, and a pull request from a fork can't move it. " +
		"Someone with write access can open the same pull request from a branch of this repository"
	return &problem
}

// NamesTakenBack replaces a contracts check that names a consumer that may no longer be
// named there.
func NamesTakenBack(head string, number int, conclusion checks.Conclusion) checks.CheckRun {
	return checks.CheckRun{
		Name: checks.ContractsRun, HeadSHA: head, ExternalID: checks.ExternalID(number), Conclusion: conclusion,
		Title:   "Replaced by a newer result",
		Summary: "This run named a consumer that may no longer be named here. See the latest run of this check.\n",
		Text:    "Withdrawn.\n",
	}
}

// NamesTakenBackWhenClosed replaces the contracts check of a closed pull request that names a
// repository which may no longer be named there.
func NamesTakenBackWhenClosed(head string, number int, conclusion checks.Conclusion) checks.CheckRun {
	run := NamesTakenBack(head, number, conclusion)
	run.Title = "Result withdrawn"
	run.Summary = "This run named a repository that may no longer be named here. To get a new result, reopen the pull request.\n"
	return run
}

// CommentTakenBack replaces the comment of such a pull request.
func CommentTakenBack() checks.Comment {
	return checks.Comment{Text: "**Withdrawn.** This comment named a repository that may no longer be named here.\n"}
}
