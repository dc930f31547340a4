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
		return "No earlier commit was verified there, or ran there for a day."
	case deploy.RollbackOfRollback:
		if r.Deployment == 0 {
			return "**Not caused by this deployment:** it is a rollback to a commit that was verified before. Plimsoll never rolls back a rollback."
		}
		return fmt.Sprintf("**Not caused by this deployment:** it is the rollback of deployment %d (%s) to a commit that was verified before. Plimsoll never rolls back a rollback.", r.Deployment, checks.Code(checks.Short(r.Commit)))
	case deploy.RollbackNotCurrent:
		if r.Deployment == 0 {
			return "This deployment no longer runs there."
		}
		return fmt.Sprintf("Deployment %d is newer. A rollback would undo it.", r.Deployment)
	case deploy.RollbackUnderWay:
		if r.Deployment == 0 {
			return "A rollback is already in progress."
		}
		return fmt.Sprintf("A rollback is already in progress: deployment %d.", r.Deployment)
	case deploy.RollbackForbidden:
		return "The repository sets `rollback: {by: none}`."
	case deploy.RollbackNotTaken:
		return "GitHub refused it: " + checks.Escape(r.Words, checks.InProse)
	case deploy.RollbackDeploymentFailed:
		return fmt.Sprintf("The rollback, deployment %d, failed.", r.Deployment)
	case deploy.RollbackSilent:
		if r.Deployment == 0 {
			return "The workflow " + checks.Code(r.Words) + " created no deployment within 15 minutes. Check its runs."
		}
		return fmt.Sprintf("Nothing picked up deployment %d within 15 minutes. Check that a workflow or tool reacts to deployments.", r.Deployment)
	case deploy.RollbackNotKnown:
		return "GitHub's response to the start of the workflow " + checks.Code(r.Words) + " was lost, and no run is listed. Check its runs before you start it again."
	case deploy.RollbackGivenUp:
		return "Plimsoll failed repeatedly. Check the deployments before you try again. Details are in the server's log."
	case deploy.RollbackNotDeclared:
		return "Automatic rollback is off. To turn it on, set `on_failure: [rollback]` and `rollback: {by: deployment}` or `{by: workflow}`."
	case deploy.RollbackBreaks:
		return "The older contract would break consumers that deployed since:"
	case deploy.RollbackUnclear:
		return "It is unknown if the older contract would break consumers that deployed since."
	case deploy.RollbackMigration:
		var files []string
		for _, file := range r.Files {
			files = append(files, checks.Code(file))
		}
		return "The changes since include what looks like a database migration, which a rollback does not undo: " + checks.Join(files, mostRollbackFiles) + "."
	case deploy.RollbackFilesUnknown:
		return "The changes between the two commits can't be read. They may include a database migration."
	case deploy.RollbackIrreversible:
		return "The environment sets `irreversible: true`."
	case deploy.RollbackFar:
		return fmt.Sprintf("The commit to go back to (%s) was deployed %s UTC, %s ago. Going back that far needs a person.", checks.Code(checks.Short(r.Commit)),
			r.At.UTC().Format("2006-01-02 15:04"), checks.Count(r.Count, "deployment"))
	case deploy.RollbackOthersToo:
		return "The workflow " + checks.Code(r.Words) + " has no input `component`, so it would roll back " + quotedList(r.Components) + " too."
	case deploy.RollbackDryRun:
		if len(r.Signals) > 0 {
			return "This is a dry run: the only evidence against the deployment is " + quotedList(r.Signals) + ", with `dry_run: true`. A rollback needs a person."
		}
		return "This is a dry run: `on_failure` includes `dry_run`, so a rollback needs a person."
	case deploy.RollbackSecond:
		return "Plimsoll already rolled back this environment at " + r.At.UTC().Format("2006-01-02 15:04") + " UTC. A second rollback within 24 hours needs a person."
	}
	return strings.ReplaceAll(string(r.Kind), "-", " ") + "."
}

// quotedList joins names.
func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = checks.Code(name)
	}
	return checks.Join(quoted, checks.MostNames)
}
