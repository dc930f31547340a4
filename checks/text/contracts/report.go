package contracttext

import (
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// Report is everything that the contracts check knows about one pull request (or merge
// group), as plain values.
type Report struct {
	// WebURL is GitHub's address for people: "https://github.com".
	WebURL string

	// Repository that the pull request is against. Where it is not Private, private
	// consumers are counted and not named.
	Repository contracts.RepositoryRef
	// Number of the pull request; 0 for a merge group.
	Number int
	// Fork: the head lives in another repository. Its files are linked through
	// this one, where GitHub keeps them too.
	Fork bool
	// BaseSHA is the commit that the head was compared with (the merge base),
	// BaseRef the branch.
	BaseSHA, BaseRef, HeadSHA string
	// ChangedFiles are the paths that the pull request changes and that its head holds.
	ChangedFiles []string

	// APIs are the contracts that the pull request touches.
	APIs []APIReport
	// Uses are the declarations of use that the pull request touches.
	Uses []UseReport
	// Taken are the short names of APIs here that belong to other repositories.
	Taken []TakenName
	// Links are the pull requests that this one is evaluated together with.
	Links []Link
	// FileProblems are what is wrong with the repository file (and what it names)
	// at the head; FileBroken: it could not be used at all. Shown now, in force
	// when merged.
	FileProblems []contracts.Problem
	FileBroken   bool
	// Now is when the pull request is evaluated: the ends of acknowledgements are measured with it.
	Now time.Time
	// Before is what blocked this pull request when it was evaluated before; see Blocking.
	Before []Blocked
	// Registry is how far the first reading of the installation's repositories has come.
	Registry RegistryState
	// Actions are the buttons that the server answers.
	Actions []checks.Action
	// Step is set where a workflow step writes the report, and no server.
	Step *Step
}

// TakenName is an API whose short name belongs to the API of another repository, which has
// provided it for longer.
type TakenName struct {
	API string
	By  contracts.APIRef
}

// APIReport is one contract that the pull request touches.
type APIReport struct {
	API       contracts.APIRef
	Component string
	Owner     string
	// OnBreak is "block" (also when empty) or "warn", from the base branch.
	OnBreak string
	// External: consumers exist that no registry knows.
	External bool
	// Spec is the contract's path.
	Spec string
	// Consumers counts the consumer versions that were evaluated.
	Consumers int
	// Changes are every change once; Findings those that were evaluated, with the
	// affected consumers. A change without a finding affects none.
	Changes  []contracts.Change
	Findings []contracts.Finding
	// Acknowledgements are those given on the provider's pull requests, also ended ones.
	Acknowledgements []Acknowledgement
	// Rulings are what the rule settings of the base branch make of the changes, by
	// fingerprint, and RulesSHA the commit whose repository file has them.
	Rulings  map[string]contracts.Ruling
	RulesSHA string
	// Reliefs are what the linked pull requests do for the affected consumers.
	Reliefs []Relief
	// Registrations are uses that do not match the contract they were written for.
	Registrations []contracts.RegistrationProblem
	// BaseProblem and HeadProblem say why that version of the contract could not be read.
	BaseProblem, HeadProblem *contracts.Problem
	// Nearest gives, by fingerprint, the nearest line that is left at the head for
	// a change that has no line there; may be nil.
	Nearest map[string]contracts.Position
}

// ContractMissing is the problem of a contract whose file is not there.
func ContractMissing(spec string) *contracts.Problem {
	return &contracts.Problem{
		Position: contracts.Position{File: spec},
		Message:  "the file does not exist",
		Hint:     "correct `spec` in the repository file, or add the contract",
	}
}

// Blocks reports whether an effect on a consumer blocks the merge. The consumer must
// break, and the provider must not have chosen warnings only. A version live in production
// blocks; one live elsewhere, or only on the default branch, warns. If a consumer is not
// known to run anywhere, its default branch counts as live: a missing deployment record
// does not prove that nothing is deployed. A change that is ignored, or whose level was set
// below breaking, does not block.
func (a *APIReport) Blocks(change contracts.Change, h contracts.AffectedConsumer) bool {
	if a.Rulings[change.Fingerprint].Mild() || h.Verdict != contracts.Breaks || a.OnBreak == "warn" {
		return false
	}
	return h.Consumer.Production || !h.Consumer.Runs
}

// ContractReport writes the check run plimsoll/contracts. The conclusion is failure if a
// use breaks and blocks, or if this pull request leaves a contract or the repository file
// unusable. It is action_required if only an acknowledgement is missing, neutral on
// warnings and unknowns, and success otherwise.
func ContractReport(r Report) checks.CheckRun { return newView(r).run() }

func (v *view) run() checks.CheckRun {
	run := checks.CheckRun{
		Name:       checks.ContractsRun,
		HeadSHA:    v.HeadSHA,
		ExternalID: checks.ExternalID(v.Number),

		Conclusion:  v.conclusion(),
		Title:       v.title(),
		Summary:     v.summary(),
		Text:        v.text(),
		Annotations: v.annotations(),
		Actions:     v.actions(),
	}
	return run.Fitted()
}

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
