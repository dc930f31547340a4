package commandtext

import (
	"slices"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// RollbackAnswer answers who asked to roll back one deployment.
func RollbackAnswer(webURL string, run deploy.VerificationRun, m deploy.Rollback) Answer {
	text, taken := deploytext.RollbackTaken(webURL, run, m)
	return Answer{Text: text, Refused: !taken}
}

// RollbackAnswers puts the answers for several places together.
func RollbackAnswers(answers []Answer) Answer {
	var texts []string
	refused := false
	for _, a := range answers {
		texts, refused = append(texts, a.Text), refused || a.Refused
	}
	return Answer{Text: checks.Paragraphs(texts...), Refused: refused}
}

// RollbackNotYours refuses somebody who may not.
func RollbackNotYours(repo contracts.RepositoryRef) Answer {
	return Refusal("Rolling back needs write access to "+checks.Code(repo.FullName())+".", "Ask somebody who has it to give the same command.")
}

// RecheckNotYours refuses somebody who neither opened the pull request nor may write.
func RecheckNotYours(repo contracts.RepositoryRef) Answer {
	return Refusal("A recheck needs write access to "+checks.Code(repo.FullName())+", unless the pull request is yours.", "Ask its author, or somebody with write access, to give the same command.")
}

// RollbackNothing refuses where nothing that the pull request changed runs.
func RollbackNothing(environment string) Answer {
	if environment != "" {
		return Refusal("What runs in "+checks.Code(environment)+" now did not bring this pull request.", "Give the command on a pull request that the deployment carried; its check run `"+checks.DeployRun+"` names them.")
	}
	return Refusal("No deployment that runs now brought this pull request.", "Give the command on a pull request that the deployment carried.")
}

// RollbackBefore refuses where what the pull request brought was rolled back before.
func RollbackBefore(webURL string, run deploy.VerificationRun) Answer {
	text := deploytext.RolledBackBefore(webURL, run)
	if run.Rollback.Outcome == deploy.RollBack {
		return Refusal(text+" That is found bad as well: the cause is elsewhere.", "Look at what both commits depend on: a database, a service, the configuration.")
	}
	return Refusal(text, "Nothing is left to roll back there.")
}

// RollbackWhich refuses where it is not clear which environment is meant.
func RollbackWhich(environments map[string]bool) Answer {
	var names []string
	for name := range environments {
		names = append(names, checks.Code(name))
	}
	slices.Sort(names)
	return Refusal("It runs in "+checks.Join(names, checks.MostNames)+".", "Say which: `/plimsoll rollback ENVIRONMENT`.")
}
