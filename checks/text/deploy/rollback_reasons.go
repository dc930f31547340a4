package deploytext

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// How much one reason lists.
const (
	mostRollbackFiles = 5 // files that look like a migration
	mostConflicts     = 5 // consumers that the older contract would break
)

// rollbackLines says each reason in a sentence. Consumers that the repository may not name
// are counted.
func (d Deployed) rollbackLines(reasons []deploy.RollbackReason, w checks.Web) []string {
	var lines []string
	for _, r := range reasons {
		lines = append(lines, rollbackLine(r))
		var said []string
		for _, answer := range contracts.SeenBy(r.CanDeploy, d.Repository.MayNameVersion) {
			if answer.Answer != contracts.AnswerYes && len(said) < mostConflicts {
				said = append(said, contracttext.AnswerMarkdown(answer, w))
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
		return fmt.Sprintf("**Not this deployment:** it is the roll back of deployment %d (%s), to a commit that worked before. The cause is elsewhere, and a roll back is never rolled back.", r.Deployment, checks.Code(checks.Short(r.Commit)))
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
		return "GitHub did not take it: " + checks.Escape(r.Words, checks.InProse)
	case deploy.RollbackDeploymentFailed:
		return fmt.Sprintf("Deployment %d, which goes back, has failed.", r.Deployment)
	case deploy.RollbackSilent:
		if r.Deployment == 0 {
			return "No deployment has come of the workflow " + checks.Code(r.Words) + " within 15 minutes: look at its runs."
		}
		return fmt.Sprintf("Nobody has picked up deployment %d within 15 minutes: is there something that acts on deployments?", r.Deployment)
	case deploy.RollbackNotKnown:
		return "GitHub's answer to the start of the workflow " + checks.Code(r.Words) + " was lost, and it lists no run: look at its runs before it is started again."
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
			files = append(files, checks.Code(file))
		}
		return "What lies between looks like a database migration, which a roll back does not undo: " + checks.Join(files, mostRollbackFiles) + "."
	case deploy.RollbackFilesUnknown:
		return "What lies between the two commits can't be told, so that there may be a database migration."
	case deploy.RollbackIrreversible:
		return "The environment is declared `irreversible: true`."
	case deploy.RollbackSecond:
		return "Plimsoll has rolled back in this environment at " + r.At.UTC().Format("2006-01-02 15:04") + " UTC; a second time within 24 hours is for people to decide."
	}
	return strings.ReplaceAll(string(r.Kind), "-", " ") + "."
}
