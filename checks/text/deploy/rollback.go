package deploytext

import (
	"errors"
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/config"
	"plimsoll/deploy"
)

// buttons of the check run on a deployment: there is something to go back to, and
// nobody goes back already.
func (d Deployed) buttons() []checks.Action {
	verdict, m, plan := d.Run.Verdict, d.Run.Rollback, d.Run.Plan
	switch {
	case verdict == nil || plan.Response.By == config.ByNone:
		return nil
	case m != nil && m.Outcome == "" && (m.State == deploy.RollbackProposed || m.State == deploy.RollbackFailed || m.Lost != nil),
		m == nil && verdict.Answer == deploy.Investigate && d.Run.Verified != "" && d.Run.Task != deploy.TaskRollback:
		return []checks.Action{checks.RollbackAction()}
	}
	return nil
}

// rollbackText says what was done about a deployment that went bad, or what to do.
func (d Deployed) rollbackText() string { return strings.TrimRight(d.rollbackParagraphs(), "\n") }

func (d Deployed) rollbackParagraphs() string {
	m := d.Run.Rollback
	if m == nil {
		if d.Run.Verdict.Answer != deploy.RollBack || d.byHand {
			return ""
		}
		return "Checking whether a rollback is possible."
	}
	target := checks.Web{Base: d.WebURL}.Commit(d.Repository, m.ToCommit, checks.InCode)
	by := ""
	if m.AskedBy != "" {
		by = ", requested by " + checks.Code(m.AskedBy)
	}
	switch {
	case m.Outcome != "":
		return d.outcome(*m)
	case m.Lost != nil:
		return checks.Paragraphs(lostHead(*m.Lost, target)+by+":", checks.List(d.rollbackLines([]deploy.RollbackReason{*m.Lost}, d.web())), rollbackHow(*m, target))
	case m.State == deploy.RollbackPerforming || m.State == deploy.RollbackPerformed:
		return checks.Paragraphs(fmt.Sprintf("⏪ **Rolling back to %s** %s%s. %s Plimsoll verifies this deployment too.", target, wayWords(*m), by, lastGood(*m)), d.inSpite(*m))
	case m.State == deploy.RollbackFailed:
		return checks.Paragraphs(checks.MarkBad+" **The rollback to "+target+" failed to start**"+by+":", checks.List(d.rollbackLines(m.Reasons, d.web())), rollbackHow(*m, target))
	case d.Run.Verdict.Answer != deploy.RollBack:
		return ""
	case m.WouldHave():
		text := "⏪ **Dry run: Plimsoll would have rolled back to " + target + ".** " + lastGood(*m) + " Nothing was deployed."
		if signals := m.Reasons[0].Signals; len(signals) > 0 {
			text += " The only evidence is " + quotedList(signals) + ", with `dry_run: true`."
		}
		return checks.Paragraphs(text, rollbackHow(*m, target))
	case m.State == deploy.RollbackProposed:
		return checks.Paragraphs("⏪ **Roll back to "+target+"?** "+lastGood(*m)+" Plimsoll does not roll back by itself:", checks.List(d.rollbackLines(m.Reasons, d.web())), rollbackHow(*m, target))
	}
	return checks.Paragraphs("**Not rolled back:**", checks.List(d.rollbackLines(m.Reasons, d.web())), refusedNext(*m, target))
}

// lastGood says why it is this commit.
func lastGood(m deploy.Rollback) string {
	if m.Unverified {
		return "This is the last commit that ran there for a day without complaint; its verification was inconclusive."
	}
	return "This is the last verified commit."
}

func beforeWords(m deploy.Rollback) string {
	if m.Unverified {
		return "ran for a day before"
	}
	return "was verified before"
}

func (d Deployed) web() checks.Web { return checks.Web{Base: d.WebURL} }

// outcome says how it ended.
func (d Deployed) outcome(m deploy.Rollback) string {
	ended := d.web().Commit(d.Repository, m.Ended, checks.InCode)
	switch {
	case m.EndedBy != m.Made && m.Ended == "":
		return checks.MarkGood + " **Resolved:** " + d.where(checks.InProse) + " is verified again."
	case m.EndedBy != m.Made:
		return checks.MarkGood + " **Resolved:** " + d.where(checks.InProse) + " is verified again, with " + ended + "."
	case m.Outcome == deploy.Verified:
		return checks.MarkGood + " **Rolled back to " + ended + " and verified.**"
	case m.Outcome == deploy.RollBack:
		return checks.MarkBad + " **Not caused by this deployment:** after the rollback, " + ended + " fails as well, although it " + beforeWords(m) + ". Check what both commits depend on."
	}
	return "⏪ Rolled back to " + ended + ". Result: " + string(m.Outcome) + "."
}

// lostHead is the headline of a rollback that had no effect.
func lostHead(lost deploy.RollbackReason, target string) string {
	switch lost.Kind {
	case deploy.RollbackNotKnown:
		return verdictMarks[deploy.Inconclusive] + " **Unknown whether the rollback to " + target + " is running**"
	case deploy.RollbackGivenUp:
		return checks.MarkBad + " **Unknown whether the rollback to " + target + " was started**"
	}
	return checks.MarkBad + " **The rollback to " + target + " did not complete**"
}

// wayWords says how it goes back.
func wayWords(m deploy.Rollback) string {
	if m.By == config.ByWorkflow {
		return "by the workflow " + checks.Code(m.Workflow)
	}
	if m.Made == 0 {
		return "by a deployment"
	}
	return fmt.Sprintf("by deployment %d", m.Made)
}

// inSpite lists the reasons against a rollback that a person overrode.
func (d Deployed) inSpite(m deploy.Rollback) string {
	if m.AskedBy == "" || len(m.Reasons) == 0 {
		return ""
	}
	return checks.MarkWarn + " Despite:\n" + checks.List(d.rollbackLines(m.Reasons, checks.Web{}))
}

// rollbackHow says how somebody rolls back.
func rollbackHow(m deploy.Rollback, target string) string {
	if m.By == config.ByNone {
		return "**Next step:** deploy " + target + " again."
	}
	return "**Next step:** press *Roll back* on the check run, or comment " + checks.Code("/plimsoll rollback "+m.Target.Environment) + " on a pull request of this deployment. This needs write access."
}

// refusedNext says what to do where there is no way back.
func refusedNext(m deploy.Rollback, target string) string {
	for _, r := range m.Reasons {
		switch r.Kind {
		case deploy.RollbackForbidden:
			return "**Next step:** deploy " + target + " again. " + lastGood(m)
		case deploy.RollbackNoTarget:
			return "**Next step:** find the cause and deploy a fix."
		case deploy.RollbackOfRollback:
			return "**Next step:** check what both commits depend on: a database, a service, the configuration."
		}
	}
	return ""
}

// RollbackTaken says whether a roll back that somebody asked for goes ahead, and why not.
func RollbackTaken(webURL string, run deploy.VerificationRun, m deploy.Rollback) (text string, taken bool) {
	d := Deployed{WebURL: webURL, Repository: run.Repository, Run: run}
	where, target := d.where(checks.InProse), d.web().Commit(d.Repository, m.ToCommit, checks.InCode)
	switch m.State {
	case deploy.RollbackPerforming, deploy.RollbackPerformed:
		return checks.Paragraphs("⏪ Rolling back "+where+" to "+target+".", d.inSpite(m)), true
	}
	return checks.Paragraphs(checks.MarkBad+" Not rolling back "+where+":", checks.List(d.rollbackLines(m.Reasons, d.web())), refusedNext(m, target)), false
}

// RolledBackBefore says that what a pull request brought was rolled back already.
func RolledBackBefore(webURL string, run deploy.VerificationRun) string {
	d := Deployed{WebURL: webURL, Repository: run.Repository, Run: run}
	return d.where(checks.InProse) + " was already rolled back from this pull request, to " + d.web().Commit(d.Repository, run.Rollback.ToCommit, checks.InCode) + "."
}

// RollbackDescription is the description of a deployment that goes back.
func RollbackDescription(m deploy.Rollback) string {
	to := "the last verified commit"
	if m.Unverified {
		to = "the last commit that ran for a day"
	}
	text := "Roll back to " + to + ": deployment " + fmt.Sprint(m.Deployment) + " (" + checks.Short(m.Commit) + ") failed verification"
	if m.AskedBy != "" {
		text += ", requested by " + checks.Clean(m.AskedBy)
	}
	return checks.Fit(text, checks.Limit{Max: checks.MaxStatusDescription, Characters: true})
}

// DeploymentIssue is the issue about a deployment that went bad, with the pull requests
// that it carried.
func DeploymentIssue(d Deployed, pulls []int) (title, body string) {
	var numbers []string
	for _, number := range pulls {
		numbers = append(numbers, fmt.Sprintf("#%d", number))
	}
	carried := ""
	if len(numbers) > 0 {
		carried = "It contains " + checks.Join(numbers, checks.MostNames) + "."
	}
	marker := "\n\n" + checks.IssueMarker(d.Run.ID())
	body = checks.Paragraphs(d.headline(), d.probeTable(),
		"Deployed as "+d.web().Commit(d.Repository, d.Run.Commit, checks.InCode)+" at "+d.Run.DeployedAt().UTC().Format("2006-01-02 15:04:05")+" UTC. "+carried,
		"Plimsoll closes this issue when "+d.where(checks.InProse)+" is verified again.")
	return checks.Fit(d.where(checks.InPlain)+" failed verification with "+checks.Short(d.Run.Commit), checks.Limit{Max: checks.MaxIssueTitle, Characters: true}),
		checks.Fit(body, checks.Limit{Max: checks.MaxComment - len(marker)}) + marker
}

// DeploymentIssueClosed says why the issue is closed.
func DeploymentIssueClosed(d Deployed) string { return d.outcome(*d.Run.Rollback) }

// rollbackProblem is why a roll back can't be asked for, in words for people.
type rollbackProblem string

func (p rollbackProblem) Error() string { return string(p) }

// RollbackRefusal says in words why a roll back was not taken.
func RollbackRefusal(err error) string {
	if problem, ok := errors.AsType[rollbackProblem](err); ok {
		return string(problem)
	}
	return "the App may lack a permission (" + "`deployments: write`, or `actions: write` for a workflow), or the commit no longer exists."
}

// RollbackWorkflowMissing: the declared workflow can't be used.
func RollbackWorkflowMissing(file string) error {
	return rollbackProblem("workflow " + file + " does not exist on the default branch, or can't be read.")
}

// RollbackWorkflowWithoutInput: the declared workflow takes no commit.
func RollbackWorkflowWithoutInput(file string) error {
	return rollbackProblem("`workflow_dispatch` in " + file + " has no input for a commit. Name one `commit` or `sha`.")
}
