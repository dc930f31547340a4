package source

import (
	"plimsoll/contracts"
)

// Asked is an answer with its reasons.
type Asked struct {
	Answer  contracts.Answer         `json:"answer"`
	Reasons []contracts.AnswerReason `json:"reasons"`
}

// DeployQuestion asks whether a commit may go to an environment.
type DeployQuestion struct {
	// Repository as the registry knows it.
	Repository contracts.RepositoryRef
	// Components that go together; none: every one that the commit declares.
	Components  []string
	Commit      string
	Environment string
	// Production: the environment is known to be of the production class; nil: by
	// what is declared and what runs there.
	Production *bool
	// Known: the environment is known to exist.
	Known bool
	// Gate: a gate asks. It knows by itself whether the commit is held there. What the
	// commit does not provide any more counts as removed, a consumer of which no deployment
	// is known counts with its default branch, as on pull requests, and what the commit
	// itself has made unknowable is marked as such.
	Gate bool
	// Former are components that no default branch declares any more and that the
	// deployment ends in the environment: what they provide there counts for a gate.
	Former []string
}
