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
	// HeldApart: who asks knows by itself whether the commit is held there.
	HeldApart bool
}
