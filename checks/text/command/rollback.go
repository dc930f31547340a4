package commandtext

import (
	"slices"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// RollbackAnswer answers a command to roll back one deployment.
func RollbackAnswer(webURL string, run deploy.VerificationRun, m deploy.Rollback) Answer {
	text, taken := deploytext.RollbackTaken(webURL, run, m)
	return Answer{Text: text, Refused: !taken}
}

// RollbackAnswers joins the answers for several targets.
func RollbackAnswers(answers []Answer) Answer {
	var texts []string
	refused := false
	for _, a := range answers {
		texts, refused = append(texts, a.Text), refused || a.Refused
	}
	return Answer{Text: checks.Paragraphs(texts...), Refused: refused}
}

// RollbackNotYours refuses a sender without write access.
func RollbackNotYours(repo contracts.RepositoryRef) Answer {
	return Refusal("Rolling back needs write access to "+checks.Code(repo.FullName())+".", "Ask someone who has it to give the same command.")
}

// RecheckNotYours refuses a sender who neither opened the pull request nor has write access.
func RecheckNotYours(repo contracts.RepositoryRef) Answer {
	return Refusal("A recheck needs write access to "+checks.Code(repo.FullName())+", unless the pull request is yours.", "Ask its author, or someone with write access, to give the same command.")
}

// RollbackNothing refuses if no running deployment contains the pull request.
func RollbackNothing(environment string) Answer {
	if environment != "" {
		return Refusal("The deployment that runs in "+checks.Code(environment)+" did not bring this pull request.", "Write the command on a pull request of that deployment. Its check run `"+checks.DeployRun+"` names them.")
	}
	return Refusal("No running deployment brought this pull request.", "Write the command on a pull request of the deployment.")
}

// RollbackBefore refuses if the pull request was rolled back before.
func RollbackBefore(webURL string, run deploy.VerificationRun) Answer {
	text := deploytext.RolledBackBefore(webURL, run)
	if run.Rollback.Outcome == deploy.RollBack {
		return Refusal(text+" That commit failed verification too, so the cause is elsewhere.", "Check what both commits depend on: a database, a service, the configuration.")
	}
	return Refusal(text, "There is nothing left to roll back.")
}

// RollbackWhich refuses if it is not clear which environment is meant.
func RollbackWhich(environments map[string]bool) Answer {
	var names []string
	for name := range environments {
		names = append(names, checks.Code(name))
	}
	slices.Sort(names)
	return Refusal("It runs in "+checks.Join(names, checks.MostNames)+".", "Name one of them: `/plimsoll rollback ENVIRONMENT`.")
}
