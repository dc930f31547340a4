package checks

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// RollbackAction is the button that goes back.
func RollbackAction() Action {
	return Action{Label: "Roll back", Description: "Deploy the last verified commit again", Identifier: "rollback"}
}

// buttons of the check run on a deployment: there is something to go back to, and
// nobody goes back already.
func (d Deployed) buttons() []Action {
	verdict, m, plan := d.Course.Verdict, d.Course.Remedy, d.Course.Plan
	switch {
	case verdict == nil || plan.Response.By == config.ByNone:
		return nil
	case m != nil && m.Outcome == "" && (m.State == deploy.RemedyProposed || m.State == deploy.RemedyFailed || m.Lost != nil),
		m == nil && verdict.Answer == deploy.Investigate && d.Course.Verified != "" && d.Course.Task != deploy.TaskRollback:
		return []Action{RollbackAction()}
	}
	return nil
}

// remedy says what was done about a deployment that went bad, or what to do.
func (d Deployed) remedy() string { return strings.TrimRight(d.remedyWords(), "\n") }

func (d Deployed) remedyWords() string {
	m := d.Course.Remedy
	if m == nil {
		if d.Course.Verdict.Answer != deploy.RollBack || d.byHand {
			return ""
		}
		return "Whether it can be rolled back is looked at now."
	}
	target := web{d.WebURL}.commit(d.Repository, m.Target, inCode)
	by := ""
	if m.AskedBy != "" {
		by = ", as " + code(m.AskedBy) + " has asked"
	}
	switch {
	case m.Outcome != "":
		return d.outcome(*m)
	case m.Lost != nil:
		return paragraphs(lostHead(*m.Lost, target)+by+":", list(rollbackLines([]deploy.RollbackReason{*m.Lost}, d.web())), rollbackHow(*m, target))
	case m.State == deploy.RemedyPerforming || m.State == deploy.RemedyPerformed:
		return paragraphs(fmt.Sprintf("⏪ **Rolling back to %s** %s%s: the last commit that was verified there. It is watched like any deployment.", target, wayWords(*m), by), inSpite(*m))
	case m.State == deploy.RemedyFailed:
		return paragraphs(markBad+" **The roll back to "+target+" was not taken**"+by+":", list(rollbackLines(m.Reasons, d.web())), rollbackHow(*m, target))
	case d.Course.Verdict.Answer != deploy.RollBack:
		return ""
	case m.State == deploy.RemedyProposed:
		return paragraphs("⏪ **Roll back to "+target+"?** It is the last commit that was verified there. Plimsoll does not do it by itself:", list(rollbackLines(m.Reasons, d.web())), rollbackHow(*m, target))
	}
	return paragraphs("**Not rolled back:**", list(rollbackLines(m.Reasons, d.web())), refusedNext(*m, target))
}

func (d Deployed) web() web { return web{d.WebURL} }

// outcome says how it ended.
func (d Deployed) outcome(m deploy.Remedy) string {
	ended := d.web().commit(d.Repository, m.Ended, inCode)
	switch {
	case m.EndedBy != m.Made:
		return markGood + " **Over:** " + d.where(inProse) + " is verified again, with " + ended + "."
	case m.Outcome == deploy.Verified:
		return markGood + " **Rolled back to " + ended + ", verified.**"
	case m.Outcome == deploy.RollBack:
		return markBad + " **Not this deployment:** " + ended + ", to which it was rolled back and which was verified before, is found bad as well. The cause is elsewhere: look at what both depend on."
	}
	return "⏪ Rolled back to " + ended + "; what came of it: " + string(m.Outcome) + "."
}

// lostHead begins what is told of a roll back of which nothing has come.
func lostHead(lost deploy.RollbackReason, target string) string {
	switch lost.Kind {
	case deploy.RollbackNotKnown:
		return verdictMarks[deploy.Inconclusive] + " **It is not known whether the roll back to " + target + " runs**"
	case deploy.RollbackGivenUp:
		return markBad + " **The roll back to " + target + " is not known to have been taken**"
	}
	return markBad + " **The roll back to " + target + " did not arrive**"
}

// wayWords says how it goes back.
func wayWords(m deploy.Remedy) string {
	if m.By == config.ByWorkflow {
		return "by the workflow " + code(m.Workflow)
	}
	if m.Made == 0 {
		return "by a deployment"
	}
	return fmt.Sprintf("by deployment %d", m.Made)
}

// inSpite says what somebody has asked for in spite of.
func inSpite(m deploy.Remedy) string {
	if m.AskedBy == "" || len(m.Reasons) == 0 {
		return ""
	}
	return markWarn + " In spite of this:\n" + list(rollbackLines(m.Reasons, web{}))
}

// rollbackHow says how somebody rolls back.
func rollbackHow(m deploy.Remedy, target string) string {
	if m.By == config.ByNone {
		return "**What to do:** deploy " + target + " again."
	}
	return "**What to do:** press *Roll back* on the check run, or comment " + code("/plimsoll rollback "+m.Place.Environment) + " on a pull request that it carried; whoever may write to this repository can."
}

// refusedNext says what to do where there is no way back.
func refusedNext(m deploy.Remedy, target string) string {
	for _, r := range m.Reasons {
		switch r.Kind {
		case deploy.RollbackForbidden:
			return "**What to do:** deploy " + target + " again: it is the last commit that was verified there."
		case deploy.RollbackNoTarget:
			return "**What to do:** look at what fails, and deploy what mends it."
		case deploy.RollbackOfRollback:
			return "**What to do:** look at what both commits depend on: a database, a service, the configuration."
		}
	}
	return ""
}

// mostRollbackFiles are named in one reason.
const mostRollbackFiles = 5

// rollbackLines says each reason in a sentence.
func rollbackLines(reasons []deploy.RollbackReason, w web) []string {
	var lines []string
	for _, r := range reasons {
		lines = append(lines, rollbackLine(r))
		var said []string
		for _, answer := range r.Said {
			if answer.Answer != contracts.AnswerYes && len(said) < mostGateReasons {
				said = append(said, answerSentence(answer, inCode, w))
			}
		}
		lines = append(lines, said...)
	}
	return lines
}

func rollbackLine(r deploy.RollbackReason) string {
	switch r.Kind {
	case deploy.RollbackNoTarget:
		return "No commit was verified there before, so there is none to go back to."
	case deploy.RollbackOfRollback:
		if r.Deployment == 0 {
			return "**Not this deployment:** it is a roll back itself, to a commit that worked before. The cause is elsewhere, and a roll back is never rolled back."
		}
		return fmt.Sprintf("**Not this deployment:** it is the roll back of deployment %d (%s), to a commit that worked before. The cause is elsewhere, and a roll back is never rolled back.", r.Deployment, code(short(r.Commit)))
	case deploy.RollbackNotCurrent:
		if r.Deployment == 0 {
			return "The deployment is not what runs there any more."
		}
		return fmt.Sprintf("Deployment %d is newer there, or has begun: going back would undo that one.", r.Deployment)
	case deploy.RollbackUnderWay:
		if r.Deployment == 0 {
			return "It is being rolled back already."
		}
		return fmt.Sprintf("It is being rolled back already, by deployment %d.", r.Deployment)
	case deploy.RollbackForbidden:
		return "The repository says `rollback: {by: none}`."
	case deploy.RollbackNotTaken:
		return "GitHub did not take it: " + escape(r.Words, inProse)
	case deploy.RollbackFailed:
		return fmt.Sprintf("Deployment %d, which goes back, has failed.", r.Deployment)
	case deploy.RollbackSilent:
		if r.Deployment == 0 {
			return "No deployment has come of the workflow " + code(r.Words) + " within 15 minutes: look at its runs."
		}
		return fmt.Sprintf("Nobody has picked up deployment %d within 15 minutes: is there something that acts on deployments?", r.Deployment)
	case deploy.RollbackNotKnown:
		return "GitHub's answer to the start of the workflow " + code(r.Words) + " was lost, and it lists no run: look at its runs before it is started again."
	case deploy.RollbackGivenUp:
		return "Something has failed inside Plimsoll, again and again. Look at the deployments before you ask again; the operator's log says more."
	case deploy.RollbackNotDeclared:
		return "The environment does not declare it: `on_failure` with `rollback`, and `rollback: {by: deployment}` or `{by: workflow}`."
	case deploy.RollbackBreaks:
		return "Its contract would break somebody who has deployed since:"
	case deploy.RollbackUnclear:
		return "Whether its contract would break somebody who has deployed since can't be told."
	case deploy.RollbackMigration:
		var files []string
		for _, file := range r.Files {
			files = append(files, code(file))
		}
		return "What lies between looks like a database migration, which a roll back does not undo: " + join(files, mostRollbackFiles) + "."
	case deploy.RollbackFilesUnknown:
		return "What lies between the two commits can't be told, so that there may be a database migration."
	case deploy.RollbackIrreversible:
		return "The environment is declared `irreversible: true`."
	case deploy.RollbackSecond:
		return "Plimsoll has rolled back in this environment at " + r.At.UTC().Format("2006-01-02 15:04") + " UTC; a second time within 24 hours is for people to decide."
	}
	return strings.ReplaceAll(string(r.Kind), "-", " ") + "."
}

// RollbackDescription is the description of a deployment that goes back.
func RollbackDescription(m deploy.Remedy) string {
	text := "Back to the last verified commit: deployment " + fmt.Sprint(m.Deployment) + " (" + short(m.Commit) + ") went bad"
	if m.AskedBy != "" {
		text += ", asked by " + clean(m.AskedBy)
	}
	return fit(text, limit{max: MaxStatusDescription, characters: true})
}

// RollbackAnswer answers who asked to roll back one deployment.
func RollbackAnswer(webURL string, course deploy.Course, m deploy.Remedy) Answer {
	d := Deployed{WebURL: webURL, Repository: course.Repository, Course: course}
	where := d.where(inProse)
	switch m.State {
	case deploy.RemedyPerforming, deploy.RemedyPerformed:
		text := "⏪ " + where + " goes back to " + d.web().commit(course.Repository, m.Target, inCode) + "."
		return Answer{Text: paragraphs(text, inSpite(m))}
	}
	return Answer{Text: paragraphs(markBad+" "+where+" is not rolled back:", list(rollbackLines(m.Reasons, d.web())), refusedNext(m, d.web().commit(d.Repository, m.Target, inCode))), Refused: true}
}

// RollbackAnswers puts the answers for several places together.
func RollbackAnswers(answers []Answer) Answer {
	var texts []string
	refused := false
	for _, a := range answers {
		texts, refused = append(texts, a.Text), refused || a.Refused
	}
	return Answer{Text: paragraphs(texts...), Refused: refused}
}

// RollbackNotYours refuses somebody who may not.
func RollbackNotYours(repo contracts.RepositoryRef) Answer {
	return Refusal("Rolling back needs write access to "+code(repo.FullName())+".", "Ask somebody who has it to give the same command.")
}

// RollbackNothing refuses where nothing that the pull request changed runs.
func RollbackNothing(environment string) Answer {
	if environment != "" {
		return Refusal("What runs in "+code(environment)+" now did not bring this pull request.", "Give the command on a pull request that the deployment carried; its check run `"+DeployRun+"` names them.")
	}
	return Refusal("No deployment that runs now brought this pull request.", "Give the command on a pull request that the deployment carried.")
}

// RollbackBefore refuses where what the pull request brought was rolled back before.
func RollbackBefore(webURL string, course deploy.Course) Answer {
	d, m := Deployed{WebURL: webURL, Repository: course.Repository, Course: course}, course.Remedy
	text := d.where(inProse) + " was rolled back from this pull request before, to " + d.web().commit(d.Repository, m.Target, inCode) + "."
	if m.Outcome == deploy.RollBack {
		return Refusal(text+" That is found bad as well: the cause is elsewhere.", "Look at what both commits depend on: a database, a service, the configuration.")
	}
	return Refusal(text, "Nothing is left to roll back there.")
}

// RollbackWhich refuses where it is not clear which environment is meant.
func RollbackWhich(environments map[string]bool) Answer {
	var names []string
	for name := range environments {
		names = append(names, code(name))
	}
	slices.Sort(names)
	return Refusal("It runs in "+join(names, mostNames)+".", "Say which: `/plimsoll rollback ENVIRONMENT`.")
}

// IssueMarker is hidden in the issue about a deployment that went bad, so that there is
// one.
func IssueMarker(verification string) string {
	return strings.Replace(AnswerMarker(verification), "answer", "went-bad", 1)
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
		carried = "It carried " + join(numbers, mostNames) + "."
	}
	marker := "\n\n" + IssueMarker(d.Course.ID())
	body = paragraphs(d.verdictSentence(), d.remedy(), d.probeTable(),
		"Deployed as "+d.web().commit(d.Repository, d.Course.Commit, inCode)+" at "+d.Course.Began.UTC().Format("2006-01-02 15:04:05")+" UTC. "+carried,
		"This issue is closed when "+d.where(inProse)+" is verified again.")
	return fit(d.where(inPlain)+" went bad with "+short(d.Course.Commit), limit{max: MaxTitle, characters: true}),
		fit(body, limit{max: MaxComment - len(marker)}) + marker
}

// DeploymentIssueClosed says why the issue is closed.
func DeploymentIssueClosed(d Deployed) string { return d.outcome(*d.Course.Remedy) }

// rollbackProblem is why a roll back can't be asked for, in words for people.
type rollbackProblem string

func (p rollbackProblem) Error() string { return string(p) }

// RollbackRefusal says in words why a roll back was not taken.
func RollbackRefusal(err error) string {
	if problem, ok := errors.AsType[rollbackProblem](err); ok {
		return string(problem)
	}
	return "the App may lack a permission (" + "`deployments: write`, or `actions: write` for a workflow), or the commit is not there any more."
}

// RollbackWorkflowMissing: the declared workflow can't be used.
func RollbackWorkflowMissing(file string) error {
	return rollbackProblem("there is no workflow " + file + " on the default branch, or it can't be read.")
}

// RollbackWorkflowWithoutInput: the declared workflow takes no commit.
func RollbackWorkflowWithoutInput(file string) error {
	return rollbackProblem("no input of `workflow_dispatch` in " + file + " is for a commit: call one `commit` or `sha`.")
}
