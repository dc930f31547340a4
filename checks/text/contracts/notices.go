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
		Title:   "No contract touched",
		Summary: "This " + checks.SubjectWords(number) + " changes no API contract and no declaration of what is used.\n",
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

// ContractLeftByFork is what is wrong with a contract that a fork says to lie elsewhere.
func ContractLeftByFork(problem contracts.Problem) *contracts.Problem {
	problem.Hint = "the base branch says that the contract lies here, and this pull request comes from a fork: where it says that it lies counts once that is merged. " +
		"Somebody who may write to this repository can open the same pull request from a branch of it"
	return &problem
}

// NamesTakenBack is what is left of a contracts check that names somebody who may not
// be named there any more.
func NamesTakenBack(head string, number int, conclusion checks.Conclusion) checks.CheckRun {
	return checks.CheckRun{
		Name: checks.ContractsRun, HeadSHA: head, ExternalID: checks.ExternalID(number), Conclusion: conclusion,
		Title:   "Judged again since",
		Summary: "A consumer that this run named may not be named here any more. The latest run of this check tells what is so now.\n",
		Text:    "Taken back.\n",
	}
}
